"""Training is measured forward in time, accepts only what beats the naive forecast, and predictions explain themselves."""

import csv
import hashlib
import json
import math
import tempfile
import unittest
from datetime import date
from pathlib import Path

from harness import stack

CONTROL_MAPPING = """kind: opportunities
dates: YYYY-MM-DD
decimal: "."
columns:
  id: opportunity_id
  agent: sales_agent
  product: product_id
  account: account_id
  stage: deal_stage
  opened: engage_date
  closed: close_date
  value: deal_value
statuses:
  open: [Prospecting, Qualification, Proposal, Negotiation]
  won: [Closed Won]
  lost: [Closed Lost]
teams:
  agent: sales_agent
  office: office
"""


def note(text):
    print(f"# {text}", flush=True)


def shards(s, query):
    return [row for k in range(4) for row in s.sql(f"ehub_shard_{k}", query)]


def training_data():
    data = stack.shared_data()
    return data / "tabular" if data and (data / "tabular").is_dir() else None


class OnASimulatedBrokerage(unittest.TestCase):
    """One stack for the class; the tests run in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.context = stack.fresh(database_only=True)
        cls.s = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.s.cli("demo", "generate", "--agents", "40", "--months", "15", "--until", "2026-03-01", "--tenant", "sim")
        cls.s.cli("demo", "generate", "--agents", "4", "--months", "5", "--until", "2026-03-01", "--tenant", "tiny")
        cls.trained = cls.s.cli("coach", "train", "--tenant", "sim", json=True)

    def models(self, columns, where="true"):
        return self.s.sql("ehub_control", f"select {columns} from model m join tenant t on t.id = m.tenant_id "
                                          f"where t.slug = 'sim' and {where} order by m.created_at, m.kind")

    def test_1_a_signal_that_is_there_is_found_and_the_model_becomes_active(self):
        self.assertEqual([(t["report"]["kind"], t["status"], t["label"]) for t in self.trained],
                         [("goal", "active", "simulated"), ("closings", "active", "simulated")])
        for t in self.trained:
            r = t["report"]
            loss = r["scores"]["brier" if r["kind"] == "goal" else "poisson_deviance"]
            note(f"{r['kind']}: {r['test_rows']} rows, loss {loss['model']['estimate']:.4f}, naive {loss['naive']['estimate']:.4f}")
            self.assertLess(loss["difference"]["high"], 0)
            for who in ("model", "naive", "difference"):
                self.assertLessEqual(loss[who]["low"], loss[who]["estimate"])
                self.assertLessEqual(loss[who]["estimate"], loss[who]["high"])
            self.assertGreaterEqual(len(r["folds"]), 2)
            for f in r["folds"]:
                gap = (date.fromisoformat(f["test_from"]) - date.fromisoformat(f["train_to"])).days
                self.assertGreaterEqual(gap, 30, "label days of a training row reach into the test")
            self.assertEqual(sum(b["rows"] for b in r["calibration"]["bins"]), r["test_rows"])

    def test_2_the_stored_model_matches_its_hash_and_is_listed(self):
        rows = self.models("m.kind, m.status, encode(m.model, 'hex'), encode(m.sha256, 'hex'), jsonb_array_length(m.features)")
        self.assertEqual(len(rows), 2)
        for kind, status, model, sha, n in rows:
            self.assertEqual(status, "active")
            self.assertEqual(hashlib.sha256(bytes.fromhex(model)).hexdigest(), sha)
            self.assertEqual(n, "46")
        listed = self.s.cli("coach", "models", "--tenant", "sim", json=True)
        self.assertEqual({(m["kind"], m["version"], m["status"]) for m in listed}, {("goal", 1, "active"), ("closings", 1, "active")})
        self.assertIn("simulated", self.s.cli("coach", "models", "--tenant", "sim").stdout)

    def test_3_predictions_add_up_and_are_told_to_live_streams(self):
        out = self.s.cli("coach", "predict", "--tenant", "sim").stdout
        note(out.strip())
        self.assertIn("as of 2026-03-01", out)
        rows = shards(self.s, "select p.kind, p.value, p.margin, p.bias, (select sum(v) from unnest(p.shap) v), p.id, "
                              "p.agent_id, p.as_of, array_length(p.x, 1), array_length(p.office_median, 1) from prediction p")
        agents = len(shards(self.s, "select f.agent_id from feature_snapshot f join agent a on a.id = f.agent_id "
                                    "where f.as_of = '2026-03-01'"))
        self.assertGreater(agents, 20)
        self.assertEqual(len(rows), 2 * agents)
        for kind, value, margin, bias, shap, _, _, _, nx, nm in rows:
            value, margin, bias, shap = map(float, (value, margin, bias, shap))
            self.assertAlmostEqual(shap + bias, margin, delta=1e-5)
            # The link is computed in float, as XGBoost does: seven digits.
            link = 1 / (1 + math.exp(-margin)) if kind == "goal" else math.exp(margin)
            self.assertAlmostEqual(value, link, delta=1e-6 * max(1, link))
            self.assertEqual((nx, nm), ("46", "46"))
        events = shards(self.s, "select payload->>'kind', payload->>'agent_name' from live_event where kind = 'prediction'")
        self.assertEqual(len(events), 2 * agents)
        self.assertTrue(all(name for _, name in events))

        self.s.cli("coach", "predict", "--tenant", "sim")
        again = shards(self.s, "select id from prediction")
        self.assertEqual({r[0] for r in again}, {r[5] for r in rows}, "a prediction of the same day keeps its id")

    def test_4_the_past_is_predicted_quietly(self):
        before = len(shards(self.s, "select 1 from live_event"))
        out = self.s.cli("coach", "predict", "--tenant", "sim", "--as-of", "2026-01-10").stdout
        self.assertIn("as of 2026-01-10", out)
        self.assertGreater(len(shards(self.s, "select 1 from prediction where as_of = '2026-01-10'")), 20)
        self.assertEqual(len(shards(self.s, "select 1 from live_event")), before)

    def test_5_one_agent_is_predicted_from_the_data_of_this_moment(self):
        agent = shards(self.s, "select agent_id from prediction where as_of = '2026-03-01'")[0][0]
        p = json.loads(self.s.cli("coach", "predict", "--tenant", "sim", "--agent", agent).stdout)
        self.assertEqual(p["label"], "simulated")
        goal = p["goal"]
        base = 1 / (1 + math.exp(-goal["bias"]))
        self.assertAlmostEqual(sum(c["points"] for c in goal["contributions"]), 100 * (goal["value"] - base), delta=1e-3)
        self.assertEqual(len(goal["contributions"]), 46)
        sizes = [abs(d["shap"]) for d in goal["drivers"]]
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        for d in goal["drivers"]:
            self.assertRegex(d["text"], r"(lowers|raises) the chance by|hardly changes the chance")
        nightly = shards(self.s, f"select value from prediction where agent_id = '{agent}' and kind = 'goal' and as_of = '2026-03-01'")
        self.assertAlmostEqual(float(nightly[0][0]), goal["value"], delta=1e-6, msg="nightly and live disagree")
        missing = self.s.cli("coach", "predict", "--tenant", "sim", "--agent", "01890000-0000-7000-8000-000000000001", check=False)
        self.assertEqual(missing.returncode, 66, missing.stderr)

    def test_6_training_again_gives_the_same_model_and_retires_the_old_one(self):
        # The snapshots of the days that were predicted meanwhile are no training rows: they lie between the dates.
        self.s.cli("coach", "train", "--tenant", "sim", "--keep-features")
        rows = self.models("m.kind, m.version, m.status, encode(m.sha256, 'hex')")
        self.assertEqual([r[:3] for r in rows if r[0] == "goal"], [["goal", "1", "retired"], ["goal", "2", "active"]])
        self.assertEqual(len({r[3] for r in rows if r[0] == "goal"}), 1, "the same rows gave another model")

    def test_7_without_a_signal_it_is_rejected_and_the_former_model_stays_active(self):
        # Every feature becomes noise but the last period's closings, from which the naive forecast is made.
        keep = 28  # closings_30d
        for k in range(4):
            self.s.sql(f"ehub_shard_{k}", "update feature_snapshot f set x = (select array_agg(case when i = "
                       f"{keep} then v else random() end order by i) from unnest(f.x) with ordinality u(v, i))")
        names = json.loads(self.models("m.features")[0][0])
        self.assertEqual(names[keep - 1], "closings_30d")
        again = self.s.cli("coach", "train", "--tenant", "sim", "--keep-features", json=True)
        self.assertEqual([t["status"] for t in again], ["rejected", "rejected"])
        for t in again:
            self.assertRegex(t["report"]["reason"], r"^Rejected: .*\d+ rows of \d+ agents")
        self.assertEqual(sorted(self.models("m.kind, m.version", "m.status = 'active'")), [["closings", "2"], ["goal", "2"]])

    def test_8_too_little_to_learn_from_is_said_with_numbers(self):
        done = self.s.cli("coach", "train", "--tenant", "tiny", check=False)
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertRegex(done.stderr, r"\d+ rows with a known outcome, at least 200 are needed")
        self.assertEqual(self.s.sql("ehub_control", "select count(*) from model m join tenant t on t.id = m.tenant_id "
                                                    "where t.slug = 'tiny'"), [["0"]])
        out = self.s.cli("coach", "predict", "--tenant", "tiny").stdout
        self.assertIn("no model is active", out)

    def test_9_no_request_file_is_left_behind(self):
        self.assertEqual(list((self.s.data / "work").iterdir()), [])


@unittest.skipUnless(training_data(), "no data directory (EHUB_DATA)")
class OnOthersData(unittest.TestCase):
    def test_the_file_without_a_signal_is_rejected_and_the_real_pipeline_gets_an_honest_report(self):
        tabular = training_data()
        with stack.fresh(database_only=True) as s, tempfile.TemporaryDirectory() as d:
            control = tabular / "crm_synthetic_negative_control.csv"
            (Path(d) / "control.yaml").write_text(CONTROL_MAPPING)
            with open(control, newline="") as f:
                agents = sorted({r["sales_agent"] for r in csv.DictReader(f) if r["sales_agent"]})
            with open(Path(d) / "teams.csv", "w", newline="") as f:
                w = csv.writer(f)
                w.writerow(["sales_agent", "office"])
                w.writerows([a, f"Office {i % 3}"] for i, a in enumerate(agents))
            s.cli("import", "opportunities", "--tenant", "control", "--mapping", f"{d}/control.yaml", "--teams",
                  f"{d}/teams.csv", "--rejects", f"{d}/rejects.csv", control)
            s.cli("import", "opportunities", "--tenant", "maven", "--teams", tabular / "crm_sales_teams.csv", "--rejects",
                  f"{d}/rejects2.csv", tabular / "crm_sales_pipeline.csv")
            for t in s.cli("coach", "train", "--all", json=True):
                note(f"{t['tenant']} {t['report']['kind']}: {t['report']['reason']}")
                self.assertEqual(t["label"], "measured")
                if t["tenant"] == "control":
                    self.assertEqual(t["status"], "rejected")
                difference = t["report"]["scores"]["brier" if t["report"]["kind"] == "goal" else "poisson_deviance"]["difference"]
                if difference["high"] >= 0:
                    self.assertEqual(t["status"], "rejected")


if __name__ == "__main__":
    unittest.main()
