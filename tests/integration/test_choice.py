"""The choice of coaching that learns: off it changes nothing; on it draws with known chances, within limits and experiments,
learns from what came of it once, and can be judged from its log."""

import json
import math
import unittest

from harness.stack import Stack

SHARDS = [f"ehub_shard_{i}" for i in range(4)]
BEFORE, AFTER = "2026-08-01", "2026-08-29"
TIERS = ("new", "low", "middle", "top")


def setUpModule():
    global S
    S = Stack(database_only=True).start()
    S.cli("demo", "generate", "--agents", "90", "--months", "14", "--seed", "5", "--until", "2026-10-20")
    S.cli("coach", "train")
    for day in (BEFORE, AFTER):
        S.cli("coach", "predict", "--as-of", day)


def tearDownModule():
    S.close()


def rows(query):
    return [row for shard in SHARDS for row in S.sql(shard, query)]


def run(statement):
    for shard in SHARDS:
        S.sql(shard, statement)


def suggested():
    return sorted(rows("select agent_id, rank, playbook_key, score, coalesce(policy, '-'), coalesce(propensity::text, '-') "
                       "from intervention where status = 'suggested'"))


def learn(*args):
    return json.loads(S.cli("coach", "learn", "--json", *args).stdout)


def choose(day=BEFORE):
    return S.cli("coach", "choose", "--as-of", day).stdout


class Choice(unittest.TestCase):
    def setUp(self):
        run("delete from coach_outcome; delete from intervention; delete from experiment_arm")
        S.sql("ehub_control", "delete from experiment")
        S.cli("coach", "learn", "--switch", "off")

    def decide(self, how="accepted", more="true"):
        """Half of the agents' first suggestions."""
        sent = "now()" if how == "accepted" else "null"
        run(f"update intervention set status = '{how}', decided_at = now(), sent_at = {sent} where status = 'suggested' "
            f"and rank = 1 and get_byte(uuid_send(agent_id), 9) % 2 = 0 and {more}")

    def test_off_nothing_changes_whatever_was_learned(self):
        choose()
        before = suggested()
        self.assertEqual({r[4] for r in before}, {"-"})
        self.decide()
        self.assertGreater(learn()["outcomes"], 0)
        run("delete from intervention")
        choose()
        self.assertEqual(suggested(), before)
        refused = S.cli("coach", "evaluate-choice", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("no decision of known chance", refused.stderr)

    def test_on_every_first_suggestion_has_its_chance_and_the_same_day_gives_the_same_draws(self):
        self.assertTrue(learn("--switch", "on")["learned_choice"])
        self.assertIn("went by what was learned", choose())
        first = suggested()
        self.assertEqual({r[4] for r in first}, {"thompson"})
        choices = dict(rows("select agent_id, choice::text from intervention where rank = 1 and status = 'suggested'"))
        for agent, rank, key, _, _, p in first:
            if rank != "1":
                self.assertEqual(p, "-")
                continue
            chances = {o["key"]: o["p"] for o in json.loads(choices[agent])["open"]}
            self.assertEqual(chances[key], float(p))
            self.assertLessEqual(sum(chances.values()), 1 + 1e-9)
            self.assertGreaterEqual(min(chances.values()), 0.02 / len(chances) - 1e-12)
            self.assertLessEqual(max(chances.values()), 0.98 + 0.02 / len(chances) + 1e-12)
        choose()
        self.assertEqual(suggested(), first)
        explored = [r for r, in rows("select reason->>'learned' from intervention where status = 'suggested' and rank = 1")]
        self.assertTrue(any("Chosen to learn more" in (r or "") for r in explored))
        self.assertEqual(S.sql("ehub_control", "select action from audit where action like 'choice%' order by seq desc limit 1"),
                         [["choice.learn_on"]])

    def test_an_outcome_counts_once_and_beliefs_are_the_same_to_the_last_bit(self):
        choose()
        self.decide()
        sent = int(sum(int(r[0]) for r in rows("select count(*) from intervention where sent_at is not null")))
        one = learn()
        self.assertEqual(one["measured"] + one["unmeasured"], sent)
        self.assertGreater(one["measured"], sent // 2)
        two = learn()
        self.assertEqual((two["measured"], two["unmeasured"]), (0, 0))
        self.assertEqual(two["beliefs"], one["beliefs"])
        # by hand, for the tiers of each intervention that has outcomes: the Kalman steps as one normal equation
        got = {(b["key"], b["tier"]): b for b in one["beliefs"]}
        seen = {}
        for key, tier, share, change, variance in rows("select playbook_key, tier, share, change, variance from coach_outcome "
                                                       "where sent and share > 0 and change is not null"):
            seen.setdefault(key, []).append((TIERS.index(tier), float(share), float(change), float(variance)))
        self.assertTrue(seen)
        self.assertEqual(one["outcomes"], sum(len(v) for v in seen.values()))
        for key, outcomes in seen.items():
            mean, sd = posterior(got[key, "new"]["prior"], outcomes)
            for t, tier in enumerate(TIERS):
                self.assertAlmostEqual(got[key, tier]["mean"], mean[t], 8)
                self.assertAlmostEqual(got[key, tier]["sd"], sd[t], 8)
                self.assertEqual(got[key, tier]["n"], sum(o[0] == t for o in outcomes))

    def test_who_catches_up_is_found_to_have_gained_and_the_belief_rises(self):
        choose()
        self.decide()
        plain = learn()
        changes = [float(r[0]) for r in rows("select change from coach_outcome where change is not null")]
        run("delete from coach_outcome")
        try:  # everybody who was sent something stands, four weeks later, where the best of the tenant stands
            best = max(rows(f"select value, x, office_median from prediction where kind = 'goal' and as_of = '{AFTER}'"),
                       key=lambda r: float(r[0]))
            run(f"update prediction p set x = '{best[1]}' where kind = 'goal' and as_of = '{AFTER}' and agent_id in "
                "(select agent_id from intervention where sent_at is not null)")
            caught_up = learn()
            gains = [float(r[0]) for r in rows("select gain from coach_outcome where gain is not null")]
            risen = [float(r[0]) for r in rows("select change from coach_outcome where change is not null")]
            self.assertEqual(len(risen), len(changes))
            self.assertGreater(sum(gains) / len(gains), 0.1)
            self.assertGreater(sum(risen) / len(risen), sum(changes) / len(changes) + 0.05)
            up = [b["mean"] - a["mean"] for a, b in zip(plain["beliefs"], caught_up["beliefs"]) if b["n"] > 0]
            self.assertGreater(sum(up) / len(up), 0.02)
        finally:
            S.cli("coach", "predict", "--as-of", AFTER)

    def test_what_was_sent_instead_is_what_is_learned_about(self):
        choose()
        self.decide()
        run("update intervention set status = 'changed', replaced_key = 'goal_reset' where sent_at is not null")
        learn()
        self.assertEqual({r[0] for r in rows("select distinct playbook_key from coach_outcome")}, {"goal_reset"})

    def test_what_is_not_four_weeks_old_waits(self):
        choose()
        self.decide()
        early = learn("--as-of", "2026-08-28")
        self.assertEqual((early["measured"], early["outcomes"]), (0, 0))
        self.assertGreater(early["waiting"], 0)
        self.assertGreater(learn("--as-of", AFTER)["measured"], 0)

    def test_a_hold_out_gets_nothing_of_it_and_an_experiment_stands_for_its_outcomes(self):
        S.cli("coach", "learn", "--switch", "on")
        S.cli("insight", "experiment", "create", "--name", "offers", "--keys", "offer_strategy", "--start", "2026-07-15",
              "--days", "60", "--seed", "2", "--guard", "none")
        try:
            arms = dict(rows("select agent_id, arm from experiment_arm where not closed"))
            choose()
            taken = {r[0] for r in suggested() if r[2] == "offer_strategy"}
            self.assertTrue(taken)
            self.assertFalse({a for a in taken if arms.get(a) == "0"})
            for open_keys, agent in rows("select choice->'open', agent_id from intervention where rank = 1 and status = 'suggested'"):
                if arms.get(agent) == "0":
                    self.assertNotIn("offer_strategy", [o["key"] for o in json.loads(open_keys)])
            self.decide()
            both = learn()
            self.assertEqual(both["experiments"], 1)
            own = rows("select count(*) from coach_outcome o where o.playbook_key <> 'offer_strategy' and o.change is not null "
                       "and o.share > 0")
            outside = rows("select count(*) from coach_outcome o where o.playbook_key = 'offer_strategy' and o.change is not null "
                           "and o.share > 0 and not exists (select from experiment_arm m where m.agent_id = o.agent_id)")
            self.assertEqual(both["outcomes"], sum(int(r[0]) for r in own + outside))
        finally:
            S.cli("insight", "experiment", "stop", "--name", "offers", "--reason", "done")

    def test_the_log_judges_what_was_done_and_refuses_what_it_cannot_know(self):
        S.cli("coach", "learn", "--switch", "on")
        choose()
        run("update intervention set status = 'accepted', decided_at = now(), sent_at = now() where status = 'suggested' and "
            "rank = 1 and get_byte(uuid_send(agent_id), 9) % 2 = 0")
        run("update intervention set status = 'refused', decided_at = now() where status = 'suggested' and rank = 1 "
            "and get_byte(uuid_send(agent_id), 9) % 4 = 1")
        learn()
        done = json.loads(S.cli("coach", "evaluate-choice", "--json").stdout)
        gains = [float(r[0]) for r in rows("select gain from coach_outcome where gain is not null")]
        self.assertEqual((done["decisions"], done["label"]), (len(gains), "simulated"))
        by = {c["choice"]: c for c in done["choices"]}
        self.assertAlmostEqual(by["done"]["ratio"]["estimate"], sum(gains) / len(gains), 9)
        self.assertAlmostEqual(by["done"]["robust"]["estimate"], sum(gains) / len(gains), 9)
        self.assertAlmostEqual(by["done"]["effective"], len(gains), 6)
        for c in by.values():
            if c["effective"] < 30:
                self.assertIn("at least 30", c["refusal"])
            else:
                self.assertLess(c["robust"]["ci_low"], c["robust"]["ci_high"])
        run("delete from coach_outcome where ctid not in (select ctid from coach_outcome limit 3)")
        few = json.loads(S.cli("coach", "evaluate-choice", "--json").stdout)
        self.assertTrue(all("at least 30" in c["refusal"] for c in few["choices"]))


def posterior(prior, outcomes):
    """Of e ~ N(prior, 0.15^2 everywhere + 0.25^2 on the diagonal), given r_i = z_i e_t + N(0, v_i): by the precision matrix."""
    mean_variance = sum(o[3] for o in outcomes) / len(outcomes)
    a = inverse([[0.15 ** 2 + (0.25 ** 2 if i == j else 0) for j in range(4)] for i in range(4)])
    b = [sum(row) * prior for row in a]
    for t, z, r, _ in outcomes:
        v = max(mean_variance, (0.25 * z) ** 2)
        a[t][t] += z * z / v
        b[t] += z * r / v
    cov = inverse(a)
    return [sum(c * x for c, x in zip(row, b)) for row in cov], [math.sqrt(cov[i][i]) for i in range(4)]


def inverse(m):
    """Gauss, Jordan."""
    n = len(m)
    a = [list(row) + [1.0 if i == j else 0.0 for j in range(n)] for i, row in enumerate(m)]
    for i in range(n):
        p = max(range(i, n), key=lambda k: abs(a[k][i]))
        a[i], a[p] = a[p], a[i]
        a[i] = [x / a[i][i] for x in a[i]]
        for k in range(n):
            if k != i:
                a[k] = [x - a[k][i] * y for x, y in zip(a[k], a[i])]
    return [row[n:] for row in a]


if __name__ == "__main__":
    unittest.main()
