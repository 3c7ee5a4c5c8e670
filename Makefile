# A menu; the build itself is Meson's.
.DEFAULT_GOAL := help
.PHONY: help console build build-asan run test check lint fmt bench docs ci clean

# What `make run` is given beside --demo: make run ARGS="--port 9000 --data ~/hub"
ARGS ?=
PARTS ?=
sources = $(shell git ls-files '*.c' '*.h')

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## install what is missing, build, start everything with simulated data, print the address
	build/ehub up --demo $(ARGS)

build: ## build/ehub
	@tools/bootstrap run
	@tools/build-console || echo 'make: warning: the console could not be built; the program is built without it' >&2
	@[ -f build/build.ninja ] || out=$$(meson setup build 2>&1) || { echo "$$out"; exit 1; }
	@ninja -C build --quiet ehub

console: ## web/dist, when something in web/ changed
	@tools/bootstrap run
	@tools/build-console

build-asan: ## the same with AddressSanitizer and UndefinedBehaviorSanitizer, for the unit tests
	@tools/bootstrap run test
	@[ -f build-asan/build.ninja ] || out=$$(meson setup build-asan -Dconsole=false -Db_sanitize=address,undefined \
	  -Db_lundef=false -Dc_args=-fno-sanitize-recover=undefined 2>&1) || { echo "$$out"; exit 1; }
	@ninja -C build-asan --quiet

test: ## every test; the last line counts them. One part: make test PARTS=unit (unit, integration, e2e, meta)
	@tools/bootstrap run test
	@tools/run-tests $(PARTS)

check: ## formatting and the meta-checks, without building
	@tools/bootstrap test
	@tools/run-tests meta

lint: build ## clang-tidy over all sources, or FILES="src/a.c ..."
	@tools/bootstrap lint
	@tools/lint build $(FILES)

fmt: ## format the C sources in place
	@tools/bootstrap test
	clang-format -i $(sources)

bench: build ## the benchmarks (JSON on standard output)
	@tools/bootstrap run bench
	@bench/run $(PARTS)

docs: build ## the generated reference pages
	@tools/gen-docs

ci: ## what the build server runs
	@.ci/run

clean: ## remove what was built
	rm -rf build build-asan web/dist
