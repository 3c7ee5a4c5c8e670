/* fuzz.h - the one function of a fuzz target, called by libFuzzer or by replay.c. */
#ifndef EHUB_TESTS_FUZZ_FUZZ_H
#define EHUB_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
