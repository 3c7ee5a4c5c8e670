"""Experiments on a simulated brokerage: drawn, kept by the choice of coaching, measured, stopped, recorded."""

import json
import unittest

from harness.stack import Stack

SHARDS = [f"ehub_shard_{i}" for i in range(4)]
CREATE = ["insight", "experiment", "create"]


def setUpModule():
    global S
    S = Stack(database_only=True).start()
    S.cli("demo", "generate", "--agents", "60", "--months", "14", "--seed", "5", "--until", "2026-10-20")


def tearDownModule():
    S.close()


def rows(query):
    return [row for shard in SHARDS for row in S.sql(shard, query)]


def status(name):
    return json.loads(S.cli("insight", "experiment", "status", "--name", name, "--json").stdout)


class Experiments(unittest.TestCase):
    def test_a_split_is_drawn_held_back_measured_and_stopped(self):
        done = S.cli(*CREATE, "--name", "all-plays", "--keys", ",".join(self.keys()), "--start", "2026-06-01", "--seed", "4",
                     "--guard", "none", "--json")
        plan = json.loads(done.stdout)
        self.assertTrue(plan["stored"])
        self.assertLessEqual(abs(plan["n_treated"] - plan["n_control"]), 1)
        arms = dict(rows("select agent_id, arm from experiment_arm where jsonb_array_length(keys) > 1"))
        self.assertEqual(len(arms), plan["n_treated"] + plan["n_control"])
        # the hold-out gets nothing that is under test, here: nothing at all
        S.cli("coach", "choose")
        suggested = {a for a, in rows("select agent_id from intervention where status = 'suggested'")}
        self.assertTrue(suggested)
        self.assertFalse({a for a in suggested if arms.get(a) == "0"})
        # nothing was done to these agents: no effect, and the interval says so
        st = status("all-plays")
        self.assertEqual((st["state"], st["label"], st["effect"]["method"]), ("running", "simulated", "cuped"))
        self.assertLess(st["always_low"], st["effect"]["ci_low"])
        self.assertGreater(st["always_high"], st["effect"]["ci_high"])
        self.assertLess(abs(st["effect"]["estimate"]), 4 * st["effect"]["se"])
        treated = [int(n) for a, n in rows("""select m.agent_id, (select count(*) from opportunity o where o.agent_id = m.agent_id
            and o.status = 'won' and o.closed_at >= '2026-06-01' and o.closed_at < '2026-08-30') from experiment_arm m
            where m.arm > 0 and jsonb_array_length(m.keys) > 1""")]
        control = [int(n) for a, n in rows("""select m.agent_id, (select count(*) from opportunity o where o.agent_id = m.agent_id
            and o.status = 'won' and o.closed_at >= '2026-06-01' and o.closed_at < '2026-08-30') from experiment_arm m
            where m.arm = 0 and jsonb_array_length(m.keys) > 1""")]
        self.assertAlmostEqual(st["effect"]["naive"]["estimate"],
                               sum(treated) / len(treated) - sum(control) / len(control), 9)
        # the end
        S.cli("insight", "experiment", "stop", "--name", "all-plays", "--reason", "told to")
        self.assertEqual(status("all-plays")["stop_reason"], "told to")
        S.cli("coach", "choose")
        suggested = {a for a, in rows("select agent_id from intervention where status = 'suggested'")}
        self.assertTrue({a for a in suggested if arms.get(a) == "0"})
        again = S.cli("insight", "experiment", "stop", "--name", "all-plays", check=False)
        self.assertNotEqual(again.returncode, 0)
        self.assertEqual([r[0] for r in S.sql("ehub_control", "select action from audit where action like 'experiment%' and "
                                              "detail->>'name' = 'all-plays' order by seq")],
                         ["experiment.create", "experiment.stop"])

    def test_a_guard_rail_stops_and_says_why(self):
        S.cli(*CREATE, "--name", "harm", "--keys", "goal_reset", "--start", "2026-06-01", "--seed", "2", "--guard", "calls:5")
        for shard in SHARDS:  # the treated stop calling
            S.sql(shard, """delete from activity v using experiment_arm m where m.agent_id = v.agent_id and m.arm > 0 and not m.closed and v.kind = 'call' and v.at >= '2026-06-01'""")
        st = status("harm")
        self.assertEqual(st["state"], "stopped")
        self.assertIn("guard-rail: calls", st["stop_reason"])
        self.assertEqual(rows("select 1 from experiment_arm where keys ? 'goal_reset' and not closed and jsonb_array_length(keys) = 1"), [])

    def test_a_roll_out_is_measured_by_waves(self):
        done = S.cli(*CREATE, "--name", "phased", "--keys", "speed_to_lead", "--waves", "2026-05-01,2026-06-26", "--share",
                     "0.6", "--seed", "3", "--json")
        self.assertTrue(json.loads(done.stdout)["stored"])
        self.assertEqual({a for a, in rows("select distinct arm from experiment_arm where not closed and keys ? 'speed_to_lead' "
                                           "and jsonb_array_length(keys) = 1")}, {"0", "1", "2"})
        st = status("phased")
        self.assertIsNotNone(st["effect"], st.get("refusal"))
        self.assertEqual(st["effect"]["method"], "staggered-did")

    def test_what_cannot_be_planned_is_refused(self):
        for args, words in ([["--keys", "no_such_play"], "no_such_play"],
                            [["--keys", "goal_reset", "--waves", "2026-06-01,2026-05-01"], "one after the other"],
                            [["--keys", "goal_reset", "--guard", "luck:5"], "luck"],
                            [["--keys", "goal_reset", "--start", "1990-01-01"], "two of each"]):
            done = S.cli(*CREATE, "--name", "refused", *args, check=False)
            self.assertNotEqual(done.returncode, 0, args)
            self.assertIn(words, done.stderr)
        self.assertEqual(S.sql("ehub_control", "select 1 from experiment where name = 'refused'"), [])

    def keys(self):
        return [p["key"] for p in json.loads(S.cli("coach", "playbook", "list", "--json").stdout)]


if __name__ == "__main__":
    unittest.main()
