"""ehub model evaluate and drift: figures against plain Python over libxgboost's own predictions."""

import csv
import json
import math
import os
import random
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import xgb

ROOT = Path(__file__).resolve().parents[2]
EHUB = Path(os.environ.get("EHUB_TEST_PROGRAM", ROOT / "build/ehub"))
DATA = Path(os.environ.get("EHUB_DATA", ROOT / "../shared/data")) / "tabular"
FEATURES = ["speed", "contact rate", "größe", "rooms"]


def auc(p, y):
    wins = sum(1 if a > b else 0.5 if a == b else 0 for a, i in zip(p, y) if i for b, k in zip(p, y) if not k)
    return wins / (sum(y) * (len(y) - sum(y)))


def log_loss(p, y):
    return -sum(math.log(a if i else 1 - a) for a, i in zip(p, y)) / len(y)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def fit(x, y, path, rounds=30, names=FEATURES, **params):
    """Saves the model and gives its predictions of x, row by row."""
    booster = xgb.train(x, y, {"max_depth": 3, **params}, rounds, names=names)
    booster.save(path)
    return booster.predict(x)


@unittest.skipUnless(xgb.available(), "libxgboost is not installed")
class ModelJudge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="ehub-model-judge-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.dir = Path(cls.folder.name)
        rng = random.Random(7)
        cls.x = [[rng.gauss(0, 1), rng.random(), rng.choice([1.0, 2.0, math.nan]), float(rng.randrange(6))]
                 for _ in range(700)]
        z = [a + 2 * b + 0.3 * d - 2 for a, b, _, d in cls.x]
        cls.won = [int(rng.random() < 1 / (1 + math.exp(-v))) for v in z]
        cls.kind = [0 if v < -1 else 1 if v < 0.8 else 2 for v in (v + rng.gauss(0, 0.7) for v in z)]
        cls.count = [sum(rng.random() < 1 / (1 + math.exp(-v)) for _ in range(5)) for v in z]
        cls.p = [r[0] for r in fit(cls.x, cls.won, cls.dir / "won.ubj", objective="binary:logistic")]
        cls.write("won.csv", cls.x, won=cls.won)

    @classmethod
    def write(cls, name, x, **columns):
        with open(cls.dir / name, "w", newline="", encoding="utf-8") as f:
            out = csv.writer(f)
            out.writerow([*columns, *FEATURES])
            for i, row in enumerate(x):
                out.writerow([*(c[i] for c in columns.values()), *("" if math.isnan(v) else repr(v) for v in row)])

    def ehub(self, *args, status=0):
        run = subprocess.run([EHUB, "model", *map(str, args)], capture_output=True, text=True, timeout=300)
        self.assertEqual(run.returncode, status, run.stderr)
        return run

    def evaluate(self, model, data, *args, **more):
        return json.loads(self.ehub("evaluate", "--model", self.dir / model, "--data", self.dir / data, "--json",
                                    *args, **more).stdout)

    def test_scores_of_two_outcomes_are_those_of_plain_python(self):
        got = self.evaluate("won.ubj", "won.csv", "--target", "won")
        self.assertAlmostEqual(got["metrics"]["auc"], auc(self.p, self.won), places=6)
        self.assertAlmostEqual(got["metrics"]["log_loss"], log_loss(self.p, self.won), places=6)
        brier = mean((a - i) ** 2 for a, i in zip(self.p, self.won))
        self.assertAlmostEqual(got["metrics"]["brier"], brier, places=6)
        rate = mean(self.won)
        scores = got["evaluation"]["scores"]
        self.assertAlmostEqual(scores["brier"]["naive"], rate * (1 - rate), places=6)
        self.assertAlmostEqual(got["evaluation"]["mean_target"], rate, places=9)
        # Hanley and McNeil (1982): standard error of an AUC; a 95 % interval is about four of them wide
        a, n1, n0 = got["metrics"]["auc"], sum(self.won), len(self.won) - sum(self.won)
        q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
        error = math.sqrt((a * (1 - a) + (n1 - 1) * (q1 - a * a) + (n0 - 1) * (q2 - a * a)) / (n1 * n0))
        width = scores["auc"]["model"]["high"] - scores["auc"]["model"]["low"]
        self.assertAlmostEqual(width / (3.92 * error), 1, delta=0.2)
        bins = got["evaluation"]["reliability"]
        self.assertEqual(sum(b["rows"] for b in bins), 700)
        self.assertAlmostEqual(sum(b["rows"] * b["mean_observed"] for b in bins), sum(self.won), places=6)

    def test_the_same_seed_gives_the_same_report_and_the_file_is_it(self):
        report = self.dir / "report.json"
        first = self.ehub("evaluate", "--model", self.dir / "won.ubj", "--data", self.dir / "won.csv", "--target", "won",
                          "--permutation", "--json", "--report", report).stdout
        again = self.ehub("evaluate", "--model", self.dir / "won.ubj", "--data", self.dir / "won.csv", "--target", "won",
                          "--permutation", "--json").stdout
        self.assertEqual(first, again)
        self.assertEqual(report.read_text(), first)
        features = json.loads(first)["permutation"]["features"]
        self.assertEqual({f["feature"] for f in features}, set(FEATURES))
        self.assertEqual(features[0]["feature"], "speed")  # the largest share of the variance
        self.assertGreater(features[0]["low"], 0)

    def test_texts_and_gaps_in_the_target(self):
        texts = ["" if i % 10 == 0 else ("Yes" if v else "No") for i, v in enumerate(self.won)]
        self.write("texts.csv", self.x, won=texts)
        got = self.evaluate("won.ubj", "texts.csv", "--target", "won")
        kept = [i for i in range(700) if i % 10]
        self.assertEqual((got["rows"], got["rows_without_target"]), (630, 70))
        self.assertAlmostEqual(got["metrics"]["auc"], auc([self.p[i] for i in kept], [self.won[i] for i in kept]), places=6)

    def test_a_model_without_names_takes_the_columns_beside_the_target_in_order(self):
        fit(self.x, self.won, self.dir / "plain.ubj", names=None, objective="binary:logistic")
        self.write("middle.csv", self.x, won=self.won, day=list(range(700)))
        got = self.evaluate("plain.ubj", "middle.csv", "--target", "won", "--time", "day")
        self.assertAlmostEqual(got["metrics"]["auc"], auc(self.p, self.won), places=6)

    def test_classes_numbers_and_counts(self):
        p = fit(self.x, self.kind, self.dir / "kind.json", objective="multi:softprob", num_class=3)
        fit(self.x, self.kind, self.dir / "best.json", objective="multi:softmax", num_class=3)
        self.write("kind.csv", self.x, kind=self.kind)
        right = mean(max(range(3), key=lambda c: row[c]) == k for row, k in zip(p, self.kind))
        loss = -mean(math.log(row[k]) for row, k in zip(p, self.kind))
        for model in ("kind.json", "best.json"):
            got = self.evaluate(model, "kind.csv", "--target", "kind")
            self.assertAlmostEqual(got["metrics"]["accuracy"], right, places=6)
            self.assertAlmostEqual(got["metrics"]["log_loss"], loss, places=5)
        q = [r[0] for r in fit(self.x, self.count, self.dir / "count.ubj", objective="count:poisson")]
        self.write("count.csv", self.x, n=self.count)
        got = self.evaluate("count.ubj", "count.csv", "--target", "n")["metrics"]
        deviance = mean(2 * ((k * math.log(k / a) if k else 0) - k + a) for a, k in zip(q, self.count))
        self.assertAlmostEqual(got["poisson_deviance"], deviance, places=5)
        self.assertAlmostEqual(got["mae"], mean(abs(a - k) for a, k in zip(q, self.count)), places=5)
        self.assertAlmostEqual(got["rmse"], math.sqrt(mean((a - k) ** 2 for a, k in zip(q, self.count))), places=5)

    def test_periods_go_forward_in_time(self):
        days = [f"2026-{1 + i % 8:02}-01" for i in range(700)]
        self.write("days.csv", self.x, day=days, won=self.won)
        got = self.evaluate("won.ubj", "days.csv", "--target", "won", "--time", "day", "--rounds-bootstrap", "0")
        periods = got["periods"]
        self.assertEqual([(p["from"][:10], p["to"][:10]) for p in periods],
                         [("2026-01-01", "2026-02-01"), ("2026-03-01", "2026-04-01"),
                          ("2026-05-01", "2026-06-01"), ("2026-07-01", "2026-08-01")])
        inside = [i for i in range(700) if i % 8 in (2, 3)]
        self.assertAlmostEqual(periods[1]["evaluation"]["scores"]["auc"]["model"]["estimate"],
                               auc([self.p[i] for i in inside], [self.won[i] for i in inside]), places=6)

    def test_what_cannot_be_judged_is_an_error_that_says_why(self):
        def refused(status, says, model, data, *args):
            err = self.ehub("evaluate", "--model", self.dir / model, "--data", self.dir / data, *args,
                            status=status).stderr
            self.assertIn(says, err)

        refused(64, "--target", "won.ubj", "won.csv")
        refused(65, "gone", "won.ubj", "won.csv", "--target", "gone")
        refused(64, "is a feature", "won.ubj", "won.csv", "--target", "speed")
        refused(66, "nothing.csv", "won.ubj", "nothing.csv", "--target", "won")
        self.write("three.csv", self.x, won=self.kind)
        refused(65, "not 0 or 1", "won.ubj", "three.csv", "--target", "won")
        self.write("none.csv", self.x, won=[""] * 700)
        refused(65, "target", "won.ubj", "none.csv", "--target", "won")
        fit(self.x, self.won, self.dir / "rank.json", rounds=2, objective="rank:pairwise")
        refused(69, "rank:pairwise", "rank.json", "won.csv", "--target", "won")

    def test_drift_of_an_xgboost_file_needs_the_rows_of_before(self):
        err = self.ehub("drift", "--model", self.dir / "won.ubj", "--data", self.dir / "won.csv", status=64).stderr
        self.assertIn("--reference", err)

        def drift(data):
            return json.loads(self.ehub("drift", "--model", self.dir / "won.ubj", "--data", self.dir / data,
                                        "--reference", self.dir / "won.csv", "--json").stdout)

        same = drift("won.csv")
        self.assertEqual((same["stable"], same["shifted"], same["score"]["psi"]), (4, 0, 0))
        self.write("moved.csv", [[a + 1, b, c, d] for a, b, c, d in self.x], won=self.won)
        moved = drift("moved.csv")
        first = moved["features"][0]
        self.assertEqual((first["name"], first["verdict"], moved["shifted"]), ("speed", "shifted", 1))
        before = sorted(a for a, *_ in self.x)
        now = [a + 1 for a in before]
        ks = max(abs(sum(a <= v for a in before) - sum(a <= v for a in now)) / 700 for v in before + now)
        self.assertAlmostEqual(first["ks"], ks, delta=0.002)  # of 700 values 500 quantiles are kept
        self.assertNotEqual(moved["score"]["verdict"], "stable")
        half = [[a, b, math.nan if i % 2 else c, d] for i, (a, b, c, d) in enumerate(self.x)]
        self.write("gaps.csv", half, won=self.won)
        gone = drift("gaps.csv")["features"][0]
        self.assertEqual(gone["name"], "größe")
        self.assertAlmostEqual(gone["missing_now"], mean(math.isnan(r[2]) for r in half), places=9)
        table = self.ehub("drift", "--model", self.dir / "won.ubj", "--data", self.dir / "moved.csv", "--reference",
                          self.dir / "won.csv").stdout
        self.assertIn("1 features shifted", table)

    def bundle(self, data, target, *args):
        out = self.dir / "model.bundle"
        self.ehub("train", "--data", data, "--target", target, "--out", out, *args)
        return out

    def test_a_bundle_knows_its_target_and_its_rows(self):
        model = self.bundle(self.dir / "won.csv", "won", "--calibrate", "platt")
        got = self.evaluate(model, "won.csv")
        self.assertEqual(got["target"], "won")
        lines = self.ehub("predict", "--model", model, "--data", self.dir / "won.csv").stdout.split()
        self.assertAlmostEqual(got["metrics"]["log_loss"], log_loss([float(v) for v in lines[1:]], self.won), places=5)
        margins = self.ehub("predict", "--model", model, "--data", self.dir / "won.csv", "--margin").stdout.split()
        before = got["before_calibration"]["scores"]["brier"]["model"]["estimate"]
        expected = mean((1 / (1 + math.exp(-float(m))) - y) ** 2 for m, y in zip(margins[1:], self.won))
        self.assertAlmostEqual(before, expected, places=5)
        drift = json.loads(self.ehub("drift", "--model", model, "--data", self.dir / "won.csv", "--json").stdout)
        self.assertEqual((drift["stable"], drift["rows_now"]), (4, 700))

    def test_a_changed_bundle_is_refused(self):
        model = self.bundle(self.dir / "won.csv", "won", "--param", "rounds=3")
        good = model.read_bytes()
        rng = random.Random(3)
        for at in [0, 7, 8, 16, 24, len(good) - 1, *(rng.randrange(len(good)) for _ in range(20))]:
            model.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1:])
            err = self.ehub("evaluate", "--model", model, "--data", self.dir / "won.csv", status=65).stderr
            self.assertIn(str(model), err)
        for damaged in (good[:-1], good[:30], good + b"\0"):
            model.write_bytes(damaged)
            self.ehub("evaluate", "--model", model, "--data", self.dir / "won.csv", status=65)

    def test_a_public_table_from_training_to_drift(self):
        data = DATA / "telco_wa_churn.csv"
        if not data.exists():
            self.skipTest(f"{data} is not there")
        model = self.bundle(data, "churn", "--ignore", "rownames")
        got = self.evaluate(model, data)
        self.assertGreater(got["metrics"]["auc"], 0.8)
        self.assertLess(got["evaluation"]["scores"]["brier"]["difference"]["high"], 0)
        drift = json.loads(self.ehub("drift", "--model", model, "--data", data, "--json").stdout)
        self.assertEqual((drift["moved"], drift["shifted"]), (0, 0))


if __name__ == "__main__":
    unittest.main()
