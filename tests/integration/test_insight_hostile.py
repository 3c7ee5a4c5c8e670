"""ehub insight on bad tables: each gets an answer of finite numbers or an error that names the place, never a crash or silence; and
where the rows tell nothing, nothing is told."""

import json
import os
import random
import subprocess
import tempfile
import unittest

from harness import stack

ROWS = 80
HEADER = ["unit", "month", "office", "y", "t", "x", "z", "first", "dur", "ev", "count"]
COMMANDS = {
    "rct": "effect --outcome y --treatment t --method rct --covariates x,z --cluster unit",
    "cuped": "effect --outcome y --treatment t --method cuped --pre x",
    "aipw": "effect --outcome y --treatment t --method aipw --covariates x,z,office",
    "match": "effect --outcome y --treatment t --method match --covariates x,z,office --estimand att",
    "did": "effect --outcome y --treatment t --method did --unit unit --time month",
    "staggered-did": "effect --outcome y --treatment t --method staggered-did --unit unit --time month --first-treated first",
    "uplift": "uplift --outcome y --treatment t --covariates x,z,office",
    "doses": "uplift --outcome y --treatment z --covariates x,office --doses",
    "survival": "survival --time dur --event ev --treatment t --covariates x,z",
    "productivity": "productivity --outcome count --unit unit --time month --office office --covariates x,z --treatment t",
    "power": "power --effect 0.5 --outcome y --pre x --cluster unit",
}
SLOW = ("aipw", "uplift", "doses", "match")  # models are fitted: only on columns that they read, and whole files
VALUES = {
    "empty": lambda i: "", "nan": lambda i: "nan", "inf": lambda i: "inf" if i == 9 else 1, "huge": lambda i: 1e308 if i % 2 else -1e308,
    "tiny": lambda i: "1e-320", "text": lambda i: "abc", "constant": lambda i: 1, "negative": lambda i: -i,
    "gaps": lambda i: "" if i % 3 else 1, "one text": lambda i: "x" if i == 40 else i % 2, "quoted": lambda i: '"a ""q"", b"',
    "direction": lambda i: "é\u202e", "long": lambda i: "9" * 5000, "no day": lambda i: "2024-02-30", "unique": lambda i: f"k{i}",
}


def row(i, chance):
    treated_unit = i // 4 % 2
    return [i // 4, i % 4 + 1, "abc"[i // 4 % 3], round(chance.gauss(5, 2), 3), int(treated_unit and i % 4 >= 2), round(chance.gauss(0, 1), 3),
            i % 5, 3 if treated_unit else 0, chance.randint(1, 20), i % 2, chance.randint(0, 9)]


def table(column=None, value=None):
    chance, lines = random.Random(3), [",".join(HEADER)]
    for i in range(ROWS):
        cells = row(i, chance)
        if column:
            cells[HEADER.index(column)] = value(i)
        lines.append(",".join(str(c) for c in cells))
    return "\n".join(lines) + "\n"


def whole_files():
    good, chance = table(), random.Random(4)
    first, second = good.split("\n")[:2]
    return {
        "good": good, "nothing": "", "header": first + "\n", "one row": f"{first}\n{second}\n", "twice": "y,y,t,x\n1,2,0,1\n2,3,1,2\n",
        "bytes": bytes(chance.randrange(256) for _ in range(5000)), "zero bytes": good.replace("3", "\0", 2), "mark": "\ufeff" + good,
        "crlf": good.replace("\n", "\r\n"), "ragged": good + "1,2\n", "unclosed": good + '"a', "latin 1": good.replace("a", "\xe9").encode("latin-1"),
        "semicolons": good.replace(",", ";"), "no name": good.replace("office", "", 1),
        "wide": ",".join(f"c{i}" for i in range(6000)) + "\n" + ",".join("1" for _ in range(6000)) + "\n",
    }


def not_finite(text):
    raise ValueError(f"{text} is no JSON")


class Insight(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "rows.csv")

    def ask(self, command, content):
        with open(self.path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return subprocess.run([stack.EHUB, "insight", *COMMANDS[command].split(), "--data", self.path, "--json"], capture_output=True, timeout=300)

    def holds(self, command, name, content):
        with self.subTest(command=command, table=name):
            done = self.ask(command, content)
            said = done.stderr.decode(errors="strict")
            self.assertIn(done.returncode, (0, 64, 65), said)
            if done.returncode:
                self.assertRegex(said, r"^ehub insight \w+: .{10,}")
                self.assertEqual(done.stdout, b"")
            else:
                json.loads(done.stdout, parse_constant=not_finite)

    def sweep(self, commands):
        for command in commands:
            options = COMMANDS[command].replace(",", " ").split()
            for name, content in whole_files().items():
                self.holds(command, name, content)
            for column in HEADER:
                if column in options:
                    for name, value in VALUES.items():
                        self.holds(command, f"{column} {name}", table(column, value))

    def test_methods_of_experiments_and_panels_answer_or_refuse(self):
        self.sweep(c for c in COMMANDS if c not in SLOW)

    def test_methods_that_fit_models_answer_or_refuse(self):
        self.sweep(SLOW)

    def refused(self, command, words, content):
        done = self.ask(command, content)
        self.assertEqual(done.returncode, 65, (command, done.stdout[:300]))
        self.assertIn(words, done.stderr.decode())

    def answer(self, command, content):
        done = self.ask(command, content)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_an_outcome_that_never_varies_has_no_effect_to_find(self):
        for command in ("rct", "cuped", "aipw", "match", "did", "staggered-did", "uplift"):
            self.refused(command, "in every row", table("y", lambda i: 7.1))

    def test_nobody_to_compare_with_is_refused(self):
        for command in ("rct", "cuped", "aipw", "match", "did", "uplift"):
            self.refused(command, "nobody to compare with", table("t", lambda i: 1))

    def test_what_rounding_alone_moves_is_not_told_as_an_effect(self):
        treated = [int(i // 4 % 2 and i % 4 >= 2) for i in range(ROWS)]
        for command in ("rct", "aipw", "match", "did", "staggered-did"):
            a = self.answer(command, table("y", lambda i: 0.1 + treated[i]))
            self.assertAlmostEqual(a["estimate"], 1, 9)
            self.assertEqual((a["se"], a["p"]), (0, None), command)
            self.assertTrue(any("for want of variation" in w for w in a["warnings"]), a["warnings"])
            self.assertFalse(any("already changed" in w for w in a["warnings"]), a["warnings"])

    def test_a_row_that_is_most_of_the_variation_is_named(self):
        a = self.answer("rct", table("y", lambda i: 1e9 if i == 5 else i % 7))
        self.assertTrue(any("line 7 " in w and "1e+09" in w for w in a["warnings"]), a["warnings"])
        self.assertFalse(any("line " in w for w in self.answer("rct", table())["warnings"]))

    def asked(self, command, content=None):
        with open(self.path, "w") as f:
            f.write(content or table("t", lambda i: i % 2))
        return subprocess.run([stack.EHUB, "insight", *command.split(), "--json"], capture_output=True, timeout=300)

    def test_outcomes_of_before_and_strata_are_held_equal_where_columns_are(self):
        base = f"effect --data {self.path} --outcome y --treatment t --method match "
        with_roles = self.asked(base + "--covariates x --pre z --strata office")
        with_names = self.asked(base + "--covariates x,z,office")
        self.assertEqual((with_roles.returncode, with_names.returncode), (0, 0), with_roles.stderr)
        self.assertEqual(json.loads(with_roles.stdout)["estimate"], json.loads(with_names.stdout)["estimate"])
        unused = json.loads(self.asked(f"effect --data {self.path} --outcome y --treatment t --method rct --pre x").stdout)
        self.assertIn("the outcomes of before are not used by rct: cuped uses them", unused["warnings"])

    def test_blanks_around_names_in_a_list_do_not_count(self):
        with open(self.path, "w") as f:
            f.write(table("t", lambda i: i % 2))
        said = [subprocess.run([stack.EHUB, "insight", *f"effect --data {self.path} --outcome y --treatment t --method rct".split(), "--json",
                                "--covariates", names], capture_output=True, timeout=300).stdout for names in ("x,z", " x , z")]
        self.assertIn(b"estimate", said[0])
        self.assertEqual(said[0], said[1])

    def test_an_option_of_another_method_is_refused_not_ignored(self):
        with open(self.path, "w") as f:
            f.write(table("t", lambda i: i % 2))
        done = subprocess.run([stack.EHUB, "insight", *f"effect --data {self.path} --outcome y --treatment t --method rct --wild".split()],
                              capture_output=True, timeout=300)
        self.assertEqual((done.returncode, done.stdout), (64, b""))
        self.assertIn("--wild: did has a wild bootstrap, rct has none", done.stderr.decode())

    def test_an_end_of_an_interval_that_is_not_reached_is_told_in_words(self):
        with open(self.path, "w") as f:  # the Kaplan-Meier curve of a falls to a half at 6, its upper limit never does
            f.write("t,e,g\n1,1,a\n2,1,a\n4,0,a\n6,1,a\n8,0,a\n3,1,b\n5,0,b\n9,0,b\n10,0,b\n11,0,b\n")
        done = subprocess.run([stack.EHUB, "insight", *f"survival --data {self.path} --time t --event e --by g".split()],
                              capture_output=True, timeout=300, text=True)
        self.assertIn("6 (1 to not reached)", done.stdout)
        self.assertNotIn("nan", done.stdout)

    def test_a_plan_for_shares_goes_by_the_share_of_each_group(self):
        # R 4.2: power.prop.test(p1 = 0.1, p2 = 0.15, power = 0.8): 685.6 in each group.
        self.assertAlmostEqual(json.loads(self.asked("power --rate 0.1 --effect 0.05").stdout)["n"], 1371, delta=14)
        no_share = self.asked("power --rate 0.1 --effect 0.95")
        self.assertEqual((no_share.returncode, no_share.stdout), (65, b""))
        self.assertIn("1.05, which is no share", no_share.stderr.decode())
        of_rows = f"power --data {self.path} --outcome y --effect 0.05"
        rows = self.asked(of_rows, "y\n" + "1\n0\n0\n0\n0\n0\n0\n0\n0\n0\n" * 20)
        self.assertAlmostEqual(json.loads(rows.stdout)["n"], 1371, delta=14)

    def test_a_tier_that_rests_on_few_rows_is_named(self):
        with open(self.path, "w") as f:
            f.write(table("t", lambda i: i % 2))
        done = subprocess.run([stack.EHUB, "insight", *COMMANDS["uplift"].replace(",office", "").split(), "--tier", "office", "--data", self.path,
                               "--json"], capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        few = [w for w in json.loads(done.stdout)["warnings"] if "on a side: the interval may be too narrow" in w]
        self.assertEqual(sorted(w.split(":")[0] for w in few), ["tier a", "tier b", "tier c"])

    def test_a_covariate_that_is_mostly_missing_is_named(self):
        a = self.answer("aipw", table("x", lambda i: i if i % 5 == 0 else ""))
        self.assertTrue(any(w.startswith("covariate x: 64 of 80 rows") for w in a["warnings"]), a["warnings"])


if __name__ == "__main__":
    unittest.main()
