"""Effects of a simulated brokerage, found by `ehub insight update` and stored: the known truth, experiments, refusals, tenants."""

import json
import shutil
import tempfile
import unittest
from datetime import date, timedelta
from pathlib import Path

from harness.stack import Stack

SHARDS = [f"ehub_shard_{i}" for i in range(4)]
UNTIL = date(2026, 10, 20)
COLUMNS = ("scope, name, outcome, tier, source, method, estimand, estimate, se, ci_low, ci_high, p, control_mean, n_treated, n_control, "
           "per_days, first_day, last_day, refusal, detail, label")


def setUpModule():
    global S, TRUTH, FIRST
    S = Stack(database_only=True).start()
    truth = Path(tempfile.mkdtemp()) / "truth.json"
    S.cli("demo", "generate", "--agents", "150", "--months", "20", "--seed", "7", "--until", str(UNTIL), "--truth", str(truth))
    S.cli("demo", "generate", "--agents", "30", "--months", "14", "--seed", "8", "--until", str(UNTIL), "--tenant", "other")
    TRUTH = json.loads(truth.read_text())
    shutil.rmtree(truth.parent)
    FIRST = update()


def tearDownModule():
    S.close()


def update(tenant="demo"):
    return json.loads(S.cli("insight", "update", "--tenant", tenant, "--json").stdout)


def effects(*args, tenant="demo"):
    done = json.loads(S.cli("insight", "effects", "--tenant", tenant, "--json", *args).stdout)
    return {(i["scope"], i["name"], i["outcome"]): i for i in done["items"]}


def rows(query):
    return [row for shard in SHARDS for row in S.sql(shard, query)]


def tenant_id(slug):
    return S.sql("ehub_control", f"select id from tenant where slug = '{slug}'")[0][0]


def stored(slug="demo"):
    return S.sql("ehub_control", f"select {COLUMNS} from effect_estimate where tenant_id = '{tenant_id(slug)}' order by 1, 2, 3, 4")


def create(name, keys, *args):
    S.cli("insight", "experiment", "create", "--tenant", "demo", "--name", name, "--keys", keys, "--seed", "4", "--guard", "none", *args)


def status(name):
    return json.loads(S.cli("insight", "experiment", "status", "--tenant", "demo", "--name", name, "--json").stdout)


def held_out_mean(name, since, until):
    """Closings of an agent of the hold-out, counted by hand."""
    ident = S.sql("ehub_control", f"select id from experiment where name = '{name}'")[0][0]
    n = [int(r[0]) for r in rows(f"""select (select count(*) from opportunity o where o.agent_id = m.agent_id and o.status = 'won'
        and o.closed_at >= '{since}' and o.closed_at < '{until}') from experiment_arm m where m.experiment_id = '{ident}' and m.arm = 0""")]
    return sum(n) / len(n)


class History(unittest.TestCase):
    def test_every_question_has_all_tiers_and_each_row_an_answer_or_a_reason(self):
        plays = json.loads(S.cli("coach", "playbook", "list", "--tenant", "demo", "--json").stdout)
        found = effects()
        self.assertEqual({n for s, n, _ in found if s == "intervention"}, {p["key"] for p in plays})
        offices = S.sql("ehub_control", f"select id from location where tenant_id = '{tenant_id('demo')}'")
        self.assertEqual({n for s, n, _ in found if s == "office"}, {o for o, in offices})
        coaches = {r[0] for r in rows(f"select distinct coach_name from agent where tenant_id = '{tenant_id('demo')}'")}
        self.assertEqual({n for s, n, _ in found if s == "coach"}, coaches)
        self.assertEqual(len(found) * 4, FIRST["rows"])
        for key, i in found.items():
            self.assertEqual([t["tier"] for t in i["tiers"]], [0, 1, 2], key)
            self.assertEqual((i["per_days"], i["label"], i["source"]), (28, "simulated", "history"))
            for r in [i] + i["tiers"]:
                answer = [r[c] is not None for c in ("estimate", "se", "ci_low", "ci_high", "method")]
                self.assertEqual(answer, [r["refusal"] is None] * 5, key)
                if r["refusal"] is None:
                    self.assertTrue(r["ci_low"] < r["estimate"] < r["ci_high"] and r["se"] > 0, key)
                    self.assertGreaterEqual(min(r["n_treated"], r["n_control"]), 10 if r["tier"] >= 0 else 2)

    def test_the_known_effect_lies_within_the_interval(self):
        """Over all agents and periods since their first session, of those who were there: what coaching added, per period. Sessions of
        before the records add to it too, so it is an upper bound of what a session within them did, well inside of the interval."""
        periods = sum(float(r[0]) for r in rows(f"""select (least(coalesce(a.left_on, '{UNTIL}'), '{UNTIL}') - min(s.at)::date) / 28.0
            from agent a join coaching_session s on s.agent_id = a.id where a.tenant_id = '{tenant_id('demo')}' group by a.id, a.left_on"""))
        truth = (TRUTH["closings"]["with_coaching"] - TRUTH["closings"]["without_coaching"]) / periods
        self.assertGreater(truth, 0.05)
        e = effects("--scope", "all")[("all", "all", "closings")]
        self.assertTrue(e["ci_low"] < truth < e["ci_high"], (e, truth))
        for nothing in ("pipeline_cleanup", "goal_reset"):  # the simulator's negative controls
            e = effects("--name", nothing)[("intervention", nothing, "closings")]
            self.assertTrue(e["ci_low"] < 0 < e["ci_high"], e)

    def test_who_counts_as_treated_is_who_began_after_a_whole_period_of_being_there(self):
        i = effects("--name", "speed_to_lead", "--detail")[("intervention", "speed_to_lead", "closings")]
        first_day = date.fromisoformat(FIRST["first_day"])
        self.assertEqual((UNTIL - first_day).days % 28, 0)
        treated = 0
        for started, left, begun, seen in rows(f"""select a.started_on, a.left_on, (select min(s.at at time zone 'UTC')::date from
            coaching_session s where s.agent_id = a.id and s.playbook_key = 'speed_to_lead'), (select min(first_at at time zone 'UTC')::date
            from source_seen k where k.location_id = a.location_id and k.kind = 'closed') from agent a
            where a.tenant_id = '{tenant_id('demo')}'"""):
            if not begun:
                continue
            there = max(date.fromisoformat(started), date.fromisoformat(seen), first_day)
            period = (date.fromisoformat(begun) - first_day).days // 28
            begin = first_day + timedelta(days=28 * period)
            stays = date.fromisoformat(left) if left else UNTIL
            # a whole period before the one in which it began, and that one to its end
            treated += begin - timedelta(days=28) >= there and begin + timedelta(days=28) <= stays
        self.assertEqual(i["n_treated"], treated)
        self.assertEqual(i["detail"]["diagnostics"]["design"], "staggered")
        base = next(p for p in i["detail"]["event_study"] if p["event_time"] == -1)
        self.assertEqual(base["estimate"], 0)

    def test_what_was_never_delivered_is_a_refusal(self):
        i = effects("--scope", "intervention")[("intervention", "listing_presentation", "closings")]
        self.assertEqual((i["estimate"], i["n_treated"], i["control_mean"]), (None, 0, None))
        self.assertIn("began it after a whole period of 28 days without it: 0", i["refusal"])

    def test_the_same_data_give_the_same_rows_again(self):
        before = stored()
        update()
        self.assertEqual(stored(), before)

    def test_a_tenant_has_its_own_rows_only(self):
        mine = stored()
        update("other")
        self.assertEqual(stored(), mine)
        other = stored("other")
        self.assertTrue(other)
        self.assertFalse({r[1] for r in other if r[0] in ("coach", "office")} & {r[1] for r in mine if r[0] in ("coach", "office")})
        self.assertIn("no effects are stored", S.cli("insight", "effects", "--tenant", self.empty_tenant()).stdout)

    def test_a_brokerage_that_is_made_anew_has_no_effects_of_the_old_one(self):
        again = ["demo", "generate", "--agents", "5", "--months", "2", "--seed", "9", "--until", str(UNTIL), "--tenant", "anew"]
        S.cli(*again)
        update("anew")
        self.assertTrue(stored("anew"))
        S.cli(*again, "--replace")
        self.assertFalse(stored("anew"))

    def empty_tenant(self):
        S.cli("tenant", "add", "empty", "--name", "Empty")
        done = S.cli("insight", "update", "--tenant", "empty", check=False)
        self.assertEqual(done.returncode, 66, done.stderr)  # not found: no events yet
        return "empty"

    def test_what_is_asked_wrongly_is_refused(self):
        for args, words in ((["--scope", "team"], "--scope"), (["--outcome", "calls"], "--outcome"), (["--tenant", "nobody"], "nobody")):
            done = S.cli("insight", "effects", *(args if "--tenant" in args else ["--tenant", "demo", *args]), check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)


class Trials(unittest.TestCase):
    def test_an_experiment_takes_the_place_of_the_history_of_its_keys_and_outcome_only(self):
        before = {k: v for k, v in effects().items()}
        create("all", "speed_to_lead", "--start", "2026-06-01", "--days", "90")
        update()
        now, st = effects(), status("all")
        e, key = now[("intervention", "speed_to_lead", "closings")], 28 / 90
        self.assertEqual((e["source"], e["method"], e["estimand"], e["first_day"], e["last_day"]),
                         ("experiment", "cuped", "ate", "2026-06-01", "2026-08-29"))
        # it has reached its planned end: the interval for one look there, per 28 days
        self.assertTrue(st["past_end"])
        for mine, its in (("estimate", "estimate"), ("se", "se"), ("ci_low", "ci_low"), ("ci_high", "ci_high")):
            self.assertAlmostEqual(e[mine], st["effect"][its] * key, 9)
        self.assertAlmostEqual(e["p"], st["effect"]["p"], 9)
        self.assertAlmostEqual(e["control_mean"], held_out_mean("all", "2026-06-01", "2026-08-30") * key, 9)
        self.assertEqual((e["n_treated"], e["n_control"]), (st["n_treated"], st["n_control"]))
        self.assertEqual([t["source"] for t in e["tiers"]], ["experiment"] * 3)
        self.assertEqual(sum(t["n_treated"] + t["n_control"] for t in e["tiers"]), st["n_treated"] + st["n_control"])
        self.assertIn("planned end", S.cli("insight", "experiment", "status", "--tenant", "demo", "--name", "all").stdout)
        changed = {k for k in now if {**now[k], "made_at": 0, "tiers": 0} != {**before.get(k, {}), "made_at": 0, "tiers": 0}}
        self.assertEqual(changed, {("intervention", "speed_to_lead", "closings")})

    def test_a_running_ones_interval_holds_at_every_look(self):
        create("runs-on", "goal_reset", "--start", "2026-08-01", "--days", "300")
        update()
        e, st = effects("--name", "goal_reset", "--detail")[("intervention", "goal_reset", "closings")], status("runs-on")
        days = (UNTIL - date(2026, 8, 1)).days
        self.assertAlmostEqual(e["ci_low"], st["always_low"] * 28 / days, 9)
        self.assertAlmostEqual(e["ci_high"], st["always_high"] * 28 / days, 9)
        self.assertEqual((e["p"], e["detail"]["diagnostics"]["experiment"], st["past_end"]), (None, "runs-on", False))
        self.assertEqual([b["metric"] for b in e["detail"]["balance"]], ["closings", "commission", "calls"])

    def test_one_that_began_lately_leaves_the_history_with_a_note(self):
        create("began-lately", "pipeline_cleanup", "--start", "2026-10-10", "--days", "90")
        update()
        e = effects("--name", "pipeline_cleanup", "--detail")[("intervention", "pipeline_cleanup", "closings")]
        self.assertEqual(e["source"], "history")
        self.assertIn("began-lately", e["detail"]["warnings"][0])

    def test_several_keys_are_a_programme_named_like_the_newest_and_waves_are_measured_in_periods(self):
        keys = "buyer_consultation,offer_strategy"
        create("first-try", keys, "--start", "2026-04-01", "--days", "60")
        create("second-try", "offer_strategy,buyer_consultation", "--waves", "2026-05-01,2026-07-01", "--days", "60")
        update()
        found = effects("--scope", "programme")
        self.assertEqual(set(found), {("programme", "second-try", o) for o in ("closings", "commission")})
        e, st = found[("programme", "second-try", "closings")], status("second-try")
        self.assertEqual((e["source"], e["method"], e["estimand"]), ("experiment", "staggered-did", "att"))
        self.assertAlmostEqual(e["estimate"], st["effect"]["estimate"], 9)
        self.assertEqual(found[("programme", "second-try", "commission")]["source"], "history")

    def test_the_update_stops_what_a_guard_rail_stops_and_the_record_says_so(self):
        S.cli("insight", "experiment", "create", "--tenant", "demo", "--name", "guarded", "--keys", "followup_cadence", "--seed", "4",
              "--start", "2026-06-01", "--days", "400", "--guard", "closings:20")
        ident = S.sql("ehub_control", "select id from experiment where name = 'guarded'")[0][0]
        for shard in SHARDS:  # the hold-out closes far more, whatever the cause
            S.sql(shard, f"""insert into opportunity (location_id, id, tenant_id, agent_id, external_id, stage, status, opened_at, closed_at,
                commission_cents) select a.location_id, (left(md5(a.agent_id::text || k), 30) || right(a.location_id::text, 2))::uuid,
                a.tenant_id, a.agent_id, 'guard-' || a.agent_id || k, 'Closed', 'won', '2026-06-02', '2026-09-02', 100 from experiment_arm a,
                generate_series(1, 30) k where a.experiment_id = '{ident}' and a.arm = 0""")
        self.assertGreaterEqual(update()["experiments_stopped"], 1)
        self.assertEqual(status("guarded")["state"], "stopped")
        self.assertIn("guard-rail: closings", status("guarded")["stop_reason"])
        self.assertEqual(S.sql("ehub_control", f"select actor from audit where object = '{ident}' order by seq"),
                         [["ehub insight experiment"], ["ehub insight update"]])
        self.assertFalse(rows(f"select 1 from experiment_arm where experiment_id = '{ident}' and not closed"))


if __name__ == "__main__":
    unittest.main()
