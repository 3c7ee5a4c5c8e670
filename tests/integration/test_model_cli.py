"""`ehub model` gives what libxgboost gives on the same models, and treats the files that people have as they are meant."""

import csv
import hashlib
import io
import json
import math
import os
import random
import struct
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

from harness import stack, xgb

NAMES = ["Income (k€)", "age", "visits, web", "note \"x\"", "f4", "days_since"]

SVG = "{http://www.w3.org/2000/svg}"


def as_float(v):
    return struct.unpack("f", struct.pack("f", v))[0]


def make_rows(n, features, seed, missing=0.15):
    rng = random.Random(seed)
    return [[math.nan if rng.random() < missing else as_float(round(rng.gauss(0, 2), 3)) for _ in range(features)]
            for _ in range(n)]


def make_labels(rows, kind, seed):
    rng = random.Random(seed)
    labels = []
    for row in rows:
        a, b, c = [0 if math.isnan(v) else v for v in row[:3]]
        s = a * b + math.sin(c) + rng.gauss(0, 0.3)
        labels.append({"two": float(s > 0), "three": float((s > -1) + (s > 1)), "number": s,
                       "count": float(int(abs(s)))}[kind])
    return labels


def cell(v):
    return "" if math.isnan(v) else repr(v)


def write_csv(path, names, rows, delimiter=",", extra=None, order=None):
    order = order or list(range(len(names)))
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, delimiter=delimiter)
        out.writerow([names[i] for i in order] + (["comment"] if extra else []))
        for row in rows:
            out.writerow([cell(row[i]) for i in order] + ([extra] if extra else []))


def ehub(*words, check=True, **kw):
    done = subprocess.run([stack.EHUB, "model", *map(str, words)], capture_output=True, text=True, timeout=300,
                          stdin=subprocess.DEVNULL, **kw)
    if check and done.returncode != 0:
        raise AssertionError(f"ehub model {' '.join(map(str, words))}: status {done.returncode}: {done.stderr}")
    return done


def table(done):
    lines = list(csv.reader(io.StringIO(done.stdout)))
    return lines[0], [[float(v) for v in line] for line in lines[1:]]


@unittest.skipUnless(xgb.available(), "libxgboost is not installed")
class AgainstXgboost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="ehub-model-")))
        cls.rows = make_rows(300, 6, 7)
        cls.test = make_rows(200, 6, 8)
        cls.data = cls.dir / "rows.csv"
        write_csv(cls.data, NAMES, cls.test)
        cls.models = {}
        for name, kind, params in (
                ("binary", "two", {"objective": "binary:logistic", "max_depth": 4}),
                ("classes", "three", {"objective": "multi:softprob", "num_class": 3, "max_depth": 3}),
                ("class", "three", {"objective": "multi:softmax", "num_class": 3, "max_depth": 3}),
                ("number", "number", {"objective": "reg:squarederror", "max_depth": 6, "base_score": 0.25}),
                ("count", "count", {"objective": "count:poisson", "max_depth": 3}),
                ("dart", "two", {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.3, "max_depth": 4})):
            b = xgb.train(cls.rows, make_labels(cls.rows, kind, 3), params, 15, NAMES)
            b.save(cls.dir / f"{name}.json")
            b.save(cls.dir / f"{name}.ubj")
            cls.models[name] = b

    def assert_same_floats(self, expected, got):
        self.assertEqual(len(expected), len(got))
        for i, (a, b) in enumerate(zip(expected, got)):
            self.assertEqual(a, [as_float(v) for v in b], f"row {i}")

    def assert_near(self, expected, got, tolerance):
        self.assertEqual(len(expected), len(got))
        for i, (a, b) in enumerate(zip(expected, got)):
            self.assertEqual(len(a), len(b))
            for k, (x, y) in enumerate(zip(a, b)):
                self.assertAlmostEqual(x, y, delta=tolerance, msg=f"row {i}, column {k}")

    def test_margins_are_those_of_xgboost_bit_for_bit(self):
        for name, b in self.models.items():
            for ending in ("json", "ubj"):
                with self.subTest(model=name, file=ending):
                    head, got = table(ehub("predict", "--model", self.dir / f"{name}.{ending}", "--data", self.data,
                                           "--margin"))
                    expected = b.predict(self.test, xgb.MARGIN)
                    self.assertEqual(head, [f"m{k}" for k in range(len(expected[0]))])
                    self.assert_same_floats(expected, got)

    def test_predictions_are_those_of_xgboost(self):
        for name, b in self.models.items():
            with self.subTest(model=name):
                head, got = table(ehub("predict", "--model", self.dir / f"{name}.json", "--data", self.data))
                expected = b.predict(self.test)
                self.assertEqual(head, [f"p{k}" for k in range(len(expected[0]))])
                self.assert_near(expected, got, 2e-6)

    def test_contributions_are_named_and_those_of_xgboost(self):
        for name in ("binary", "number", "classes", "dart"):
            with self.subTest(model=name):
                head, got = table(ehub("predict", "--model", self.dir / f"{name}.json", "--data", self.data,
                                       "--contribs"))
                one = NAMES + ["bias"]
                self.assertEqual(head, one if name != "classes" else [f"{f}@{k}" for k in range(3) for f in one])
                self.assert_near(self.models[name].predict(self.test, xgb.CONTRIBS), got, 1e-4)
                margins = self.models[name].predict(self.test, xgb.MARGIN)
                sums = [[math.fsum(row[k:k + 7]) for k in range(0, len(row), 7)] for row in got]
                self.assert_near(margins, sums, 2e-5)

    def test_interactions_add_up_to_the_contributions(self):
        for name in ("binary", "classes"):
            with self.subTest(model=name):
                words = ("predict", "--model", self.dir / f"{name}.json", "--data", self.data)
                head, got = table(ehub(*words, "--interactions"))
                _, contribs = table(ehub(*words, "--contribs"))
                pairs = [f"{a}*{b}" for a in NAMES + ["bias"] for b in NAMES + ["bias"]]
                self.assertEqual(head, pairs if name == "binary" else [f"{p}@{k}" for k in range(3) for p in pairs])
                self.assert_near(contribs, [[math.fsum(r[i:i + 7]) for i in range(0, len(r), 7)] for r in got], 1e-6)
                self.assert_near(self.models[name].predict(self.test, xgb.INTERACTIONS), got, 1e-3)

    def test_columns_are_matched_by_name_whatever_their_order(self):
        words = ("predict", "--model", self.dir / "binary.ubj", "--margin", "--data")
        plain = ehub(*words, self.data)
        self.assertEqual(plain.stderr, "")
        other = self.dir / "shuffled.csv"
        write_csv(other, NAMES, self.test, delimiter=";", extra="a;b\n\"c\"", order=[3, 0, 5, 4, 1, 2])
        shuffled = ehub(*words, other)
        self.assertEqual(plain.stdout, shuffled.stdout)
        self.assertIn(f"1 column of {other} not used by the model: comment", shuffled.stderr)

    def test_a_missing_column_is_named(self):
        other = self.dir / "short.csv"
        write_csv(other, [n if n != "age" else "Age" for n in NAMES], self.test)
        done = ehub("predict", "--model", self.dir / "binary.ubj", "--data", other, check=False)
        self.assertEqual((done.returncode, done.stdout), (65, ""))
        self.assertEqual(done.stderr, f"ehub model predict: {other} has no column \"age\"\n")

    def test_a_bad_cell_is_named_with_its_line(self):
        other = self.dir / "bad.csv"
        write_csv(other, NAMES, self.test[:2])
        with open(other, "a", encoding="utf-8") as f:
            f.write("1,2,3,4,abc,6\n")
        out = self.dir / "never.csv"
        done = ehub("predict", "--model", self.dir / "binary.ubj", "--data", other, "--out", out, check=False)
        self.assertEqual(done.returncode, 65)
        self.assertIn("line 4, column \"f4\": \"abc\" is not a number", done.stderr)
        self.assertEqual([p.name for p in self.dir.iterdir() if p.name.startswith("never")], [])

    def test_json_is_one_object_with_the_same_numbers(self):
        words = ("predict", "--model", self.dir / "classes.json", "--data", self.data)
        head, rows = table(ehub(*words))
        out = self.dir / "out.json"
        self.assertEqual(ehub(*words, "--json", "--out", out).stdout, "")
        self.assertEqual(json.loads(out.read_text()), {"columns": head, "rows": rows})
        self.assertEqual(out.stat().st_mode & 0o077, 0)

    def test_rounds_are_those_asked_for(self):
        b = self.models["binary"]
        words = ("predict", "--data", self.data, "--margin", "--model")
        self.assert_same_floats(b.predict(self.test, xgb.MARGIN, rounds=4),
                                table(ehub(*words, self.dir / "binary.json", "--rounds", 4))[1])
        best = xgb.train(self.rows, make_labels(self.rows, "two", 3), {"objective": "binary:logistic"}, 9, NAMES)
        best.set_attr("best_iteration", "5")
        best.save(self.dir / "best.ubj")
        self.assert_same_floats(best.predict(self.test, xgb.MARGIN, rounds=6),
                                table(ehub(*words, self.dir / "best.ubj", "--rounds", "best"))[1])
        self.assert_same_floats(best.predict(self.test, xgb.MARGIN),
                                table(ehub(*words, self.dir / "best.ubj"))[1])
        for wrong, status in (("0", 64), ("x", 64), ("99", 65)):
            done = ehub(*words, self.dir / "binary.json", "--rounds", wrong, check=False)
            self.assertEqual(done.returncode, status, done.stderr)

    def test_a_model_without_names_takes_f0_f1_or_the_position(self):
        b = xgb.train(self.rows, make_labels(self.rows, "two", 3), {"objective": "binary:logistic"}, 9)
        model = self.dir / "unnamed.json"
        b.save(model)
        expected = b.predict(self.test, xgb.MARGIN)
        other = self.dir / "by-name.csv"
        write_csv(other, [f"f{i}" for i in range(6)], self.test, order=[5, 4, 3, 2, 1, 0], extra="x")
        self.assert_same_floats(expected, table(ehub("predict", "--model", model, "--data", other, "--margin"))[1])
        write_csv(other, list("uvwxyz"), self.test)
        done = ehub("predict", "--model", model, "--data", other, "--margin")
        self.assert_same_floats(expected, table(done)[1])
        self.assertIn("by position", done.stderr)
        write_csv(other, list("uvwxyz"), self.test, extra="x")
        done = ehub("predict", "--model", model, "--data", other, check=False)
        self.assertEqual(done.returncode, 65)
        self.assertIn("must have the columns f0 ... f5, or exactly 6 columns", done.stderr)

    def test_codes_of_categories_are_numbers(self):
        rng = random.Random(5)
        rows = [[float(rng.randrange(9)), as_float(rng.random())] for _ in range(400)]
        labels = [float(row[0] in (1, 4, 8)) for row in rows]
        b = xgb.train(rows, labels, {"objective": "binary:logistic", "tree_method": "approx", "max_cat_to_onehot": 1},
                      5, ["kind", "x"], ["c", "float"])
        model, data = self.dir / "categories.json", self.dir / "categories.csv"
        b.save(model)
        probe = rows[:50] + [[math.nan, 0.5]]
        write_csv(data, ["x", "kind"], [[row[1], row[0]] for row in probe])
        self.assert_same_floats(b.predict(probe, xgb.MARGIN),
                                table(ehub("predict", "--model", model, "--data", data, "--margin"))[1])

    def test_explain_gives_the_means_of_the_contributions(self):
        for name, groups in (("binary", 1), ("classes", 3)):
            with self.subTest(model=name):
                found = json.loads(ehub("explain", "--model", self.dir / f"{name}.json", "--data", self.data,
                                        "--json").stdout)
                contribs = self.models[name].predict(self.test, xgb.CONTRIBS)
                self.assertEqual((found["rows"], len(found["groups"])), (len(self.test), groups))
                for k, group in enumerate(found["groups"]):
                    self.assertEqual({f["name"] for f in group["features"]}, set(NAMES))
                    for f in group["features"]:
                        column = [row[k * 7 + NAMES.index(f["name"])] for row in contribs]
                        self.assertAlmostEqual(f["mean_abs"], math.fsum(map(abs, column)) / len(column), delta=1e-4)
                        self.assertAlmostEqual(f["mean"], math.fsum(column) / len(column), delta=1e-4)
                    self.assertAlmostEqual(group["bias"], contribs[0][k * 7 + 6], delta=1e-4)
                totals = [sum(f["mean_abs"] for g in found["groups"] for f in g["features"] if f["name"] == n["name"])
                          for n in found["groups"][0]["features"]]
                self.assertEqual(totals, sorted(totals, reverse=True))

    def test_explain_shows_how_a_row_comes_to_its_answer(self):
        for name in ("binary", "classes"):
            with self.subTest(model=name):
                b = self.models[name]
                words = ("explain", "--model", self.dir / f"{name}.ubj", "--data", self.data, "--row", 200)
                row = json.loads(ehub(*words, "--json").stdout)["row"]
                margins = b.predict(self.test, xgb.MARGIN)[199]
                group = margins.index(max(margins))
                self.assertEqual((row["row"], row["group"]), (200, group))
                self.assertAlmostEqual(row["margin"], margins[group], delta=1e-6)
                self.assertAlmostEqual(row["prediction"], b.predict(self.test)[199][group], delta=1e-6)
                sums = row["bias"] + math.fsum(c["contribution"] for c in row["contributions"])
                self.assertAlmostEqual(sums, margins[group], delta=1e-5)
                for c in row["contributions"]:
                    value = self.test[199][NAMES.index(c["feature"])]
                    self.assertEqual(c["value"] if c["value"] is None else as_float(c["value"]),
                                     None if math.isnan(value) else value)
                text = ehub(*words).stdout
                self.assertIn("(bias)", text)
                self.assertIn("row 200", text)
                for n in NAMES:
                    self.assertIn(n, text)
        done = ehub("explain", "--model", self.dir / "binary.ubj", "--data", self.data, "--row", 201, check=False)
        self.assertEqual(done.returncode, 65)
        self.assertIn("has 200 rows, there is no row 201", done.stderr)

    def test_explain_draws_pictures_of_every_feature_and_row(self):
        out = self.dir / "pictures" / "deep"
        done = ehub("explain", "--model", self.dir / "binary.ubj", "--data", self.data, "--row", 7, "--out-dir", out)
        for name in ("bar.svg", "beeswarm.svg", "waterfall.svg"):
            self.assertIn(str(out / name), done.stdout)
            root = xml.etree.ElementTree.parse(out / name).getroot()
            texts = ["".join(t.itertext()) for t in root.iter(SVG + "text")]
            for feature in NAMES:
                self.assertIn(feature, texts)
            if name == "beeswarm.svg":
                dots = "".join(p.get("d") for p in root.iter(SVG + "path")).count("h0")
                self.assertEqual(dots, len(self.test) * len(NAMES) + 1)
                missing = "".join(p.get("d") for p in root.iter(SVG + "path") if p.get("class") == "p na").count("h0")
                self.assertEqual(missing, sum(math.isnan(v) for row in self.test for v in row) + 1)
        few = self.dir / "few"
        ehub("explain", "--model", self.dir / "binary.ubj", "--data", self.data, "--out-dir", few, "--sample", 20,
             "--top", 2)
        self.assertEqual(sorted(p.name for p in few.iterdir()), ["bar.svg", "beeswarm.svg"])
        self.assertIn("4 other features", (few / "bar.svg").read_text())
        self.assertEqual((few / "beeswarm.svg").read_text().count("h0"), 2 * 20 + 1)

    def test_inspect_counts_what_xgboost_counts(self):
        for name, groups in (("binary", 1), ("classes", 3), ("dart", 1)):
            with self.subTest(model=name):
                b, path = self.models[name], self.dir / f"{name}.ubj"
                found = json.loads(ehub("inspect", "--model", path, "--json").stdout)
                self.assertEqual(found["sha256"], hashlib.sha256(path.read_bytes()).hexdigest())
                self.assertEqual((found["kind"], found["bytes"]), ("xgboost", path.stat().st_size))
                self.assertEqual((found["rounds"], found["trees"], found["groups"]), (15, 15 * groups, groups))
                self.assertEqual(found["booster"], "dart" if name == "dart" else "gbtree")
                self.assertEqual(sum(found["depths"]), found["trees"])
                self.assertEqual(found["nodes"] - found["leaves"], sum(f["splits"] for f in found["features"]))
                self.assertEqual([f["name"] for f in found["features"]], NAMES)
                for ours, theirs in (("splits", "weight"), ("gain", "gain"), ("total_gain", "total_gain"),
                                     ("cover", "cover"), ("total_cover", "total_cover")):
                    expected = b.score(theirs)
                    for f in found["features"]:
                        self.assertAlmostEqual(f[ours] / max(expected.get(f["name"], 0), 1e-9), 1, delta=1e-4, msg=ours)
                text = ehub("inspect", "--model", path).stdout
                for word in NAMES + [found["sha256"], found["objective"]]:
                    self.assertIn(word, text)

    def test_memory_does_not_grow_with_the_file(self):
        def peak(n):
            path = self.dir / "long.csv"
            with open(path, "w", encoding="utf-8", newline="") as f:
                out = csv.writer(f)
                out.writerow(NAMES)
                lines = [[cell(v) for v in row] for row in self.test]
                for i in range(n // len(lines)):
                    out.writerows(lines)
            out = self.dir / "long.out"
            child = subprocess.Popen([stack.EHUB, "model", "predict", "--model", self.dir / "binary.ubj", "--data", path,
                                      "--out", out], stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(child.returncode, 0)
            with open(out, encoding="utf-8") as f:
                self.assertEqual(sum(1 for _ in f), n + 1)
            return usage.ru_maxrss

        small, large = peak(10_000), peak(400_000)
        self.assertLess(large, small + 4096, "KiB")

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        for restore in (True, False):  # with and without SIGPIPE
            child = subprocess.Popen([stack.EHUB, "model", "predict", "--model", self.dir / "binary.ubj", "--data",
                                      self.data, "--contribs"], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, restore_signals=restore)
            child.stdout.close()
            self.assertEqual(child.stderr.read(), b"")
            child.stderr.close()
            self.assertIn(child.wait(timeout=60), (0, -13))

    def test_files_that_are_no_models_or_no_rows_are_refused(self):
        model, cut, text = self.dir / "binary.ubj", self.dir / "cut.ubj", self.dir / "text.json"
        cut.write_bytes(model.read_bytes()[:1000])
        text.write_text("{\"learner\": 5}")
        empty, no_rows = self.dir / "empty.csv", self.dir / "no-rows.csv"
        empty.write_text("")
        write_csv(no_rows, NAMES, [])
        for words, status, says in (
                ((self.dir / "none.ubj", self.data), 66, "none.ubj"),
                ((cut, self.data), 65, "cut.ubj"),
                ((text, self.data), 65, "text.json"),
                ((self.data, self.data), 65, "rows.csv"),
                ((model, self.dir / "none.csv"), 66, "none.csv"),
                ((model, empty), 65, "is empty"),
                ((model, no_rows), 65, "no rows"),
                ((model, self.dir), 65, "not a regular file")):
            with self.subTest(says=says):
                done = ehub("predict", "--model", words[0], "--data", words[1], check=False)
                self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
                self.assertIn(says, done.stderr)
        done = ehub("predict", "--model", model, "--data", self.data, "--margin", "--contribs", check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn("--margin and --contribs exclude each other", done.stderr)

    def test_a_bundle_is_asked_like_a_model(self):
        rng = random.Random(11)
        people = [{"source": rng.choice(["web", "phone, direct", "friend"]), "age": rng.choice(["", "20", "35.5"])}
                  for _ in range(600)]
        for p in people:
            p["bought"] = "yes" if (p["source"] == "friend") != (rng.random() < 0.1) else "no"
        data, bundle = self.dir / "people.csv", self.dir / "people.ehub"
        with open(data, "w", newline="", encoding="utf-8") as f:
            out = csv.DictWriter(f, ["source", "age", "bought"], delimiter=";")
            out.writeheader()
            out.writerows(people)
        ehub("train", "--data", data, "--target", "bought", "--out", bundle, "--param", "num_boost_round=20")
        done = ehub("predict", "--model", bundle, "--data", data)
        head, rows = table(done)
        self.assertEqual((head, len(rows)), (["p0"], 600))
        self.assertIn("not used by the model: bought", done.stderr)
        for p, row in zip(people, rows):
            self.assertEqual(row[0] > 0.5, p["source"] == "friend")
        fax = self.dir / "fax.csv"
        fax.write_text("age,source\n20,fax\n20,\n20,friend\n")
        done = ehub("predict", "--model", bundle, "--data", fax)
        rows = table(done)[1]
        self.assertEqual(rows[0], rows[1])
        self.assertGreater(rows[2][0], 0.5)
        self.assertIn("column \"source\": 1 cell with a category that was not learned", done.stderr)
        found = json.loads(ehub("inspect", "--model", bundle, "--json").stdout)
        self.assertEqual((found["kind"], found["schema"]["target"]["classes"]), ("bundle", ["no", "yes"]))
        self.assertIn("report", found)
        self.assertIn("source", ehub("inspect", "--model", bundle).stdout)
        row = json.loads(ehub("explain", "--model", bundle, "--data", fax, "--row", 3, "--json").stdout)["row"]
        self.assertEqual({c["feature"]: c["value"] for c in row["contributions"]}, {"source": "friend", "age": 20})
        self.assertAlmostEqual(row["prediction"], rows[2][0], delta=1e-6)
        broken = bytearray(bundle.read_bytes())
        broken[len(broken) // 2] ^= 1
        (self.dir / "broken.ehub").write_bytes(broken)
        done = ehub("predict", "--model", self.dir / "broken.ehub", "--data", fax, check=False)
        self.assertEqual((done.returncode, done.stdout), (65, ""))
        self.assertIn("SHA-256", done.stderr)


if __name__ == "__main__":
    unittest.main()
