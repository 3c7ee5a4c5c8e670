"""ehub insight effect on observed data: answers of published studies, and truths that were put in, are found; what cannot be told
is refused. The public data lie in EHUB_DATA; without it these tests are skipped."""

import csv
import json
import os
import statistics
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import stack

DATA = stack.shared_data() and stack.shared_data() / "causal"
NHEFS = "sex,race,age,education,smokeintensity,smokeyrs,exercise,active,wt71"


def effect(path, outcome, treatment, method, covariates="all", *options):
    return subprocess.run([stack.EHUB, "insight", "effect", "--data", path, "--outcome", outcome, "--treatment", treatment, "--method",
                           method, "--covariates", covariates, "--json", *options], capture_output=True, text=True)


@unittest.skipUnless(DATA and DATA.is_dir(), "no data directory (EHUB_DATA)")
class Published(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def answer(self, *args):
        done = effect(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def write(self, name, rows):
        path = os.path.join(self.dir.name, name)
        with open(path, "w", newline="") as f:
            csv.writer(f).writerows(rows)
        return path

    def test_stopping_to_smoke_adds_the_textbook_weight(self):
        # Hernan, Robins, "Causal Inference: What If", chapters 12 to 15: 3.4 to 3.5 kg, interval 2.4 to 4.5.
        for method in ("aipw", "match"):
            a = self.answer(DATA / "nhefs_complete.csv", "wt82_71", "qsmk", method, NHEFS)
            self.assertTrue(2.4 < a["estimate"] < 4.5, a["estimate"])
            self.assertTrue(a["ci_low"] < 3.4 < a["ci_high"], (a["ci_low"], a["ci_high"]))
            self.assertLess(a["naive"]["estimate"], 2.7)

    def test_the_experiments_answer_is_found_among_those_who_were_not_in_it(self):
        # LaLonde 1986; Dehejia, Wahba 1999: the experiment says 1,794, the naive comparison with the survey about -8,500.
        nsw, cps = ([*csv.reader(open(DATA / "lalonde" / f"{n}_mixtape.csv"))] for n in ("nsw", "cps"))
        rows = [nsw[0]] + [r for r in nsw[1:] if float(r[2]) == 1] + cps[1:]
        path = self.write("observed.csv", rows)
        for method in ("aipw", "match"):
            a = self.answer(path, "re78", "treat", method, "age,educ,black,hisp,marr,nodegree,re74,re75", "--estimand", "att")
            self.assertLess(a["naive"]["estimate"], -8000)
            self.assertTrue(a["ci_low"] < 1794 < a["ci_high"] and a["estimate"] > 500, a["estimate"])

    def test_the_average_effects_of_ihdp_are_met(self):
        # Hill 2011; the mark: mean absolute error at most 0.15.
        errors = []
        for path in sorted((DATA / "ihdp").glob("ihdp_npci_*.csv")):
            rows = [[float(v) for v in r] for r in csv.reader(open(path))]
            names = ["t", "y"] + [f"x{k}" for k in range(1, 26)]
            ours = self.write(path.name, [names] + [r[:2] + r[5:] for r in rows])
            truth = statistics.fmean(r[4] - r[3] for r in rows)
            errors.append(abs(self.answer(ours, "y", "t", "aipw")["estimate"] - truth))
        self.assertLessEqual(statistics.fmean(errors), 0.15, errors)

    def test_the_average_effects_of_acic_2016_are_met(self):
        # Dorie et al. 2019; the mark: mean error at most 0.03 standard deviations of the outcome.
        errors = []
        covariates = [*csv.reader(open(DATA / "acic2016" / "x.csv"))]
        for path in sorted((DATA / "acic2016").glob("zymu_*.csv")):
            rows = [[float(v) for v in r] for r in [*csv.reader(open(path))][1:]]
            y = [r[2] if r[0] else r[1] for r in rows]
            ours = self.write(path.name, [["z", "y", *covariates[0]]] +
                              [[int(r[0]), v, *x] for r, v, x in zip(rows, y, covariates[1:])])
            truth = statistics.fmean(r[4] - r[3] for r in rows)
            errors.append(abs(self.answer(ours, "y", "z", "aipw")["estimate"] - truth) / statistics.pstdev(y))
        self.assertLessEqual(statistics.fmean(errors), 0.03, errors)


class Refused(unittest.TestCase):
    """Rows made here: forty of each arm, x without meaning."""

    def ask(self, rows, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as f:
            csv.writer(f).writerows([["y", "t", "x", "after"]] + rows)
            f.flush()
            return effect(f.name, "y", "t", *options)

    def rows(self, after):
        return [[i * 7 % 11 + i % 2, i % 2, i * 5 % 13, after(i)] for i in range(80)]

    def test_a_column_that_gives_the_treatment_away_is_named(self):
        for method in ("aipw", "match"):
            done = self.ask(self.rows(lambda i: "a" if i % 2 else "b"), method)
            self.assertEqual(done.returncode, 65)
            self.assertIn("after=", done.stderr)
            self.assertIn("without exception", done.stderr)

    def test_a_column_that_is_the_outcome_is_named(self):
        done = self.ask(self.rows(lambda i: 2 * (i * 7 % 11 + i % 2) + 1), "aipw")
        self.assertEqual(done.returncode, 65)
        self.assertIn("after is the outcome itself", done.stderr)

    def test_without_covariates_there_is_nothing_to_hold_equal(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as f:
            csv.writer(f).writerows([["y", "t", "same"]] + [[i, i % 2, 3] for i in range(40)])
            f.flush()
            done = effect(f.name, "y", "t", "aipw")
        self.assertEqual(done.returncode, 65)
        self.assertIn("what should be held equal", done.stderr)

    def test_wrong_options_are_named(self):
        for options, word in ((("--distance", "near"), "--distance"), (("--caliper", "-1"), "--caliper"), (("--neighbours", "0"), "--neighbours")):
            done = self.ask(self.rows(lambda i: i % 3), "match", "x", *options)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(word, done.stderr)

    def test_more_columns_than_rows_of_an_arm_are_a_warning(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as f:
            names = [f"x{k}" for k in range(60)]
            csv.writer(f).writerows([["y", "t", *names]] +
                                    [[i * 7 % 11, int(i * 13 % 29 < 9), *[(i * (k + 3) ** 2 + k) % 17 for k in range(60)]] for i in range(120)])
            f.flush()
            done = effect(f.name, "y", "t", "aipw")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(any("columns to hold equal and 37 rows" in w for w in json.loads(done.stdout)["warnings"]), done.stdout)


if __name__ == "__main__":
    unittest.main()
