"""ehub model train: from a CSV file to a bundle, with dirty files, texts as targets, bad parameters and interruptions."""

import csv
import json
import math
import os
import random
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EHUB = Path(os.environ.get("EHUB_TEST_PROGRAM", ROOT / "build/ehub"))


class ModelTrain(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ehub-model-train-")
        self.dir = Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def write(self, name, head, rows, **more):
        with open(self.dir / name, "w", newline="", encoding="utf-8") as f:
            csv.writer(f, **more).writerows([head, *rows])
        return self.dir / name

    def run_ehub(self, *args):
        return subprocess.run([EHUB, *map(str, args)], capture_output=True, text=True, timeout=300)

    def train(self, data, *args, target="y"):
        run = self.run_ehub("model", "train", "--data", data, "--target", target, "--out", self.dir / "m.bundle", "--json", *args)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout), run.stderr

    def refused(self, data, *args, target="y", status=65):
        run = self.run_ehub("model", "train", "--data", data, "--target", target, "--out", self.dir / "m.bundle", *args)
        self.assertEqual(run.returncode, status, run.stderr)
        self.assertFalse((self.dir / "m.bundle").exists())
        self.nothing_left()
        return run.stderr.splitlines()[-1]

    def nothing_left(self):
        self.assertEqual([p.name for p in self.dir.iterdir() if p.name.startswith("fit-")], [])

    def predict(self, data):
        run = self.run_ehub("model", "predict", "--model", self.dir / "m.bundle", "--data", data)
        self.assertEqual(run.returncode, 0, run.stderr)
        lines = run.stdout.split()
        return lines[0], [[float(v) for v in line.split(",")] for line in lines[1:]], run.stderr

    @staticmethod
    def people(n, seed=1):
        """won with probability 0.9 in the city and 0.2 elsewhere, whatever the age."""
        rng = random.Random(seed)
        rows = []
        for _ in range(n):
            place = rng.choice(["city", "coast", "hills"])
            won = rng.random() < (0.9 if place == "city" else 0.2)
            rows.append([place, rng.randrange(20, 80), "won" if won else "lost"])
        return ["place", "age", "y"], rows

    def test_texts_as_features_and_target(self):
        head, rows = self.people(1500)
        report, notes = self.train(self.write("a.csv", head, rows), "--report", self.dir / "report.json")
        self.assertEqual(report["objective"], "binary:logistic")
        self.assertEqual(report["data"]["classes"], ["lost", "won"])
        self.assertIn('y: 1 is "won", 0 is "lost"', notes)
        self.assertEqual(json.loads((self.dir / "report.json").read_text()), report)
        self.assertEqual(report["importance"]["features"][0]["feature"], "place")
        self.assertEqual(report["data"]["rows"], 1500)
        self.assertEqual(report["data"]["test_rows"], 300)
        new = self.write("new.csv", ["age", "place"], [[50, "city"], [50, "coast"], [50, "moon"], [50, ""]])
        head, values, notes = self.predict(new)
        self.assertEqual(head, "p0")
        self.assertAlmostEqual(values[0][0], 0.9, delta=0.08)
        self.assertAlmostEqual(values[1][0], 0.2, delta=0.08)
        self.assertEqual(values[2], values[3])  # a category that was never seen is missing
        self.nothing_left()

    def test_several_classes(self):
        rng = random.Random(2)
        rows = [[i % 3, rng.random(), ["red", "green", "blue"][i % 3] if rng.random() < 0.9 else "red"] for i in range(900)]
        report, notes = self.train(self.write("a.csv", ["x", "noise", "y"], rows))
        self.assertEqual(report["objective"], "multi:softprob")
        self.assertEqual(report["data"]["classes"], ["blue", "green", "red"])
        self.assertEqual(report["parameters"]["num_class"], 3)
        head, values, _ = self.predict(self.write("b.csv", ["x", "noise"], [[2, 0.5], [1, 0.5]]))
        self.assertEqual(head, "p0,p1,p2")
        self.assertGreater(values[0][0], 0.8)
        self.assertGreater(values[1][1], 0.7)
        self.assertAlmostEqual(sum(values[0]), 1, places=5)

    def test_quantiles_cover_their_share(self):
        rng = random.Random(3)
        rows = [[x := rng.randrange(10), 1000 * x + rng.random() * 500] for _ in range(3000)]
        data = self.write("a.csv", ["x", "y"], rows)
        for q in (0.1, 0.9):
            report, _ = self.train(data, "--objective", f"quantile:{q}")
            self.assertAlmostEqual(report["test_share_at_or_below"], q, delta=0.04)
            _, values, _ = self.predict(self.write("b.csv", ["x"], [[x] for x in range(10)]))
            for x, (value,) in enumerate(values):
                self.assertAlmostEqual(value, 1000 * x + q * 500, delta=120)

    def test_forward_in_time(self):
        head, rows = self.people(600)
        rows = [[f"2026-{1 + i // 60:02d}-{1 + i % 28:02d}", *r] for i, r in enumerate(rows)]
        report, _ = self.train(self.write("a.csv", ["day", *head], rows), "--time", "day")
        days = sorted(r[0] for r in rows)
        data = report["data"]
        self.assertEqual(data["split"], "time")
        self.assertEqual((data["from"][:10], data["to"][:10]), (days[0], days[-1]))
        self.assertEqual(data["test_rows"], sum(d >= data["test_from"][:10] for d in days))
        self.assertAlmostEqual(data["test_rows"], 120, delta=5)
        self.assertNotIn("day", [f["feature"] for f in report["importance"]["features"]])

    def test_a_file_of_its_own_judges(self):
        a, b = self.people(800, 1), self.people(300, 2)
        report, _ = self.train(self.write("a.csv", *a), "--valid", self.write("b.csv", *b))
        self.assertEqual((report["data"]["train_rows"], report["data"]["test_rows"]), (800, 300))

    def test_monotone_directions_hold(self):
        rng = random.Random(4)
        rows = [[x := rng.random(), math.sin(9 * x) + x] for _ in range(1000)]
        self.train(self.write("a.csv", ["x", "y"], rows), "--param", 'monotone_constraints={"x":1}')
        _, values, _ = self.predict(self.write("b.csv", ["x"], [[i / 200] for i in range(200)]))
        values = [v[0] for v in values]
        self.assertEqual(values, sorted(values))
        self.assertGreater(values[-1] - values[0], 0.5)

    def test_the_same_request_gives_the_same_predictions(self):
        head, rows = self.people(600)
        data, outs = self.write("a.csv", head, rows), []
        for seed in (5, 5, 6):
            self.train(data, "--seed", seed, "--calibrate", "none")
            outs.append(self.predict(data)[1])
        self.assertEqual(outs[0], outs[1])
        self.assertNotEqual(outs[0], outs[2])

    def test_dirty_files(self):
        head, rows = self.people(400)
        rows[3][1], rows[4][1], rows[5][0], rows[6][2] = "", "N/A", "", ""
        path = self.dir / "a.csv"
        text = "\r\n".join(";".join(map(str, r)) for r in [["", *head], *[[i, *r] for i, r in enumerate(rows)]])
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
        report, notes = self.train(path)
        self.assertEqual(report["data"]["rows"], 399)
        self.assertIn("1 rows without a target are left out", notes)
        self.assertEqual(report["data"]["columns"], 2)

    def test_what_cannot_be_trained_on_is_refused_by_name(self):
        head, rows = self.people(200)
        good = self.write("good.csv", head, rows)
        self.assertIn('no column "z"', self.refused(good, target="z"))
        self.assertIn('there is no parameter "etaa"', self.refused(good, "--param", "etaa=1"))
        self.assertIn("parameter eta: 7 is not in 1e-06 .. 1", self.refused(good, "--param", "eta=7"))
        self.assertIn("exact takes categories for numbers", self.refused(good, "--param", "tree_method=exact"))
        run = self.run_ehub("model", "train", "--data", good, "--target", "y", "--out", self.dir / "m.bundle", "--param", "eta")
        self.assertEqual((run.returncode, "is not NAME=VALUE" in run.stderr), (64, True))
        self.assertIn("rank:ndcg", self.refused(good, "--objective", "rank:ndcg", status=69))
        self.assertIn("needs objective binary:logistic", self.refused(
            self.write("n.csv", ["x", "y"], [[i, i * 1.5] for i in range(100)]), "--calibrate", "platt"))
        few = self.write("few.csv", ["x", "y"], [[1, 0.5], [2, 0.7]])
        self.assertIn("2 rows with a target, at least 20 are needed", self.refused(few))
        self.assertIn("leave 2 to train on", self.refused(
            self.write("n.csv", ["x", "y"], [[i, i * 1.5] for i in range(20)]), "--valid-fraction", "0.9"))
        self.assertIn("one value only", self.refused(self.write("one.csv", ["x", "y"], [[1, 0.5]])))
        self.assertIn("one value only", self.refused(self.write("same.csv", ["x", "y"], [[i, 3] for i in range(100)])))
        self.assertIn("has column names but no rows", self.refused(self.write("none.csv", ["x", "y"], [])))
        self.assertIn("line 52", self.refused(self.write("cut.csv", ["x", "y"], [[i, i % 2] for i in range(50)] + [["only one"]])))
        self.assertIn("no-such.csv", self.refused(self.dir / "no-such.csv", status=66))
        run = self.run_ehub("model", "train", "--data", good, "--target", "y", "--out", self.dir / "no/dir/m.bundle")
        self.assertEqual(run.returncode, 66)

    def test_an_interrupt_leaves_nothing(self):
        rng = random.Random(1)
        rows = [[rng.random() for _ in range(20)] for _ in range(8000)]
        data = self.write("a.csv", [*[f"x{i}" for i in range(19)], "y"], rows)
        for sent in (signal.SIGINT, signal.SIGTERM):
            child = subprocess.Popen([EHUB, "model", "train", "--data", data, "--target", "y", "--out", self.dir / "m.bundle",
                                      "--param", "num_boost_round=20000", "--param", "early_stopping_rounds=0", "--param",
                                      "max_depth=12"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            until = time.monotonic() + 60
            while time.monotonic() < until and not any(self.dir.glob("fit-*")):
                time.sleep(0.02)
            self.assertTrue(any(self.dir.glob("fit-*")))
            time.sleep(0.5)
            self.assertEqual([p for p in self.dir.glob("fit-*/request")], [])  # the figures are gone once they were read
            child.send_signal(sent)
            _, errors = child.communicate(timeout=30)
            self.assertEqual(child.returncode, 130, errors)
            self.nothing_left()
            self.assertFalse((self.dir / "m.bundle").exists())


if __name__ == "__main__":
    unittest.main()
