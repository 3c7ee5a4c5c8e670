"""What coaching returned: figures of a small brokerage reckoned by hand, what is missing, who sees what."""

import datetime
import json
import unittest

from harness import stack
from harness.api_check import Document, Members, other_tenant

MONEY = {"currency": "USD", "fiscal_start": 7, "split": 0.3, "commission_cents": None, "coach_hour_cents": 6000,
         "agent_hour_cents": 4000, "coach_hours": 0.5, "agent_hours": 1, "licence_cents": 3000}
MONTH = 365.25 / 12
AGENT = "00000000-0000-7000-8000-00000000aa03"


def day(ago):
    return (datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=ago)).isoformat()


def setUpModule():
    global S, WHO, DOC, MINE, OFFICE
    S = stack.shared()
    WHO = Members(S)
    DOC = Document(S.client().get("/v1/openapi.json").json())
    MINE = other_tenant(S, "returns")
    OFFICE = MINE["ids"]["location"]
    fill(MINE["tenant"])


def fill(tenant):
    """One agent is coached 80 and 60 days ago and closes three times; the agent of the seed is coached today only."""
    S.sql("ehub_shard_3", f"""
      set ehub.tenant_id = '{tenant}';
      insert into agent (location_id, id, tenant_id, external_id, name, started_on, coach_name)
        values ('{OFFICE}', '{AGENT}', '{tenant}', 'a2', 'Agent Two', '{day(400)}', 'Pat Quill') on conflict do nothing;
      insert into coaching_session (location_id, id, tenant_id, agent_id, at, minutes, topic, playbook_key) values
        ('{OFFICE}', '00000000-0000-7000-8000-00000000c103', '{tenant}', '{AGENT}', '{day(80)}T15:00Z', 30, 't', 'secret_play'),
        ('{OFFICE}', '00000000-0000-7000-8000-00000000c203', '{tenant}', '{AGENT}', '{day(60)}T15:00Z', 30, 't', 'secret_play'),
        ('{OFFICE}', '00000000-0000-7000-8000-00000000c303', '{tenant}', '{AGENT}', '{day(60)}T17:00Z', 30, 't', 'secret_play')
        on conflict do nothing;
      insert into opportunity (location_id, id, tenant_id, agent_id, external_id, stage, status, closed_at, commission_cents)
        select '{OFFICE}', ('00000000-0000-7000-8000-0000000' || lpad(n::text, 3, '0') || '03')::uuid, '{tenant}', '{AGENT}',
          'c' || n, 'Won', 'won', '{day(70)}', 800000 + 100000 * n from generate_series(1, 3) n on conflict do nothing;""")
    row = "('{}', '{}', '{}', 'closings', {}, 'history', 'staggered-did', 'att', {}, {}, 0.2, 0.6, 0.01, 0.5, 30, 40, 28, '{}', '{}', null, '{{}}', 'measured', now())"
    rows = [row.format(tenant, scope, name, tier, 0.4 if tier < 0 else 0.9, 0.1, day(300), day(30))
            for scope, name, tier in (("all", "all", -1), ("all", "all", 2), ("coach", "Pat Quill", -1), ("office", OFFICE, -1), ("programme", "two-plays", -1))]
    S.sql("ehub_control", f"""
      insert into experiment (tenant_id, id, name, keys, outcome, share, seed, waves, starts_on, ends_on, guards, n_agents, state)
        values ('{tenant}', '00000000-0000-7000-8000-00000000e003', 'two-plays', '["secret_play", "no_play"]', 'closings', 0.5, 1,
        '["2026-01-01"]', '2026-01-01', '2026-06-01', '[]', 2, 'running') on conflict do nothing;
      delete from effect_estimate where tenant_id = '{tenant}' and (scope <> 'intervention' or name <> 'secret_play');
      insert into effect_estimate (tenant_id, scope, name, outcome, tier, source, method, estimand, estimate, se, ci_low, ci_high, p,
        control_mean, n_treated, n_control, per_days, first_day, last_day, refusal, detail, label, made_at) values {", ".join(rows)};""")


def returns(who=None, **query):
    answer = (who or MINE["admin"]).get("/v1/insight/roi?" + "&".join(f"{k}={v}" for k, v in query.items()))
    if answer.status == 200:
        DOC.check(DOC.find("GET", "/v1/insight/roi"), answer)
    return answer


class Returns(unittest.TestCase):
    WINDOW = {"from": day(100), "to": day(40)}

    def setUp(self):
        self.money()

    def money(self, **changes):
        self.assertEqual(MINE["admin"].put("/v1/insight/money", {**MONEY, **changes}).status, 200)

    def one(self, **query):
        [item] = returns(**{**self.WINDOW, **query}).json()["items"]
        return item

    def test_the_figures_are_those_reckoned_by_hand(self):
        # 40 days since the first coaching; two coachings (two on one day are one); both agents of the office have a licence.
        r = self.one()
        self.assertEqual((r["n_agents"], r["n_coachings"], r["refusal"]), (1, 2, None))
        self.assertAlmostEqual(r["agent_months"], 40 / MONTH, 9)
        self.assertEqual((r["commission"]["source"], r["commission"]["cents"], r["commission"]["n_closings"]), ("all", 1000000, 3))
        self.assertEqual(r["commission"]["se_cents"], round(100000 / 3 ** 0.5))
        value, coach, agent, licence = 0.4 * 40 / 28 * 1e6 * 0.3, 2 * 0.5 * 6000, 2 * 1 * 4000, 120 / MONTH * 3000
        steps = {s["name"]: s["estimate"] for s in r["steps"]}
        self.assertEqual(steps, {"value": round(value), "coach_hours": -coach, "agent_hours": -agent, "licence": -round(licence),
                                 "net": round(value - coach - agent - licence)})
        self.assertAlmostEqual(r["ratio"]["estimate"], (value - coach - agent - licence) / (coach + agent + licence), 6)
        self.assertAlmostEqual(r["break_even_effect"], (coach + agent + licence) / (40 / 28 * 1e6 * 0.3), 9)
        self.assertEqual(r["break_even_licence"], round((value - coach - agent) / (120 / MONTH)))
        # delta method: both unsure inputs move the value by themselves
        se = ((0.1 * 40 / 28 * 1e6 * 0.3) ** 2 + (0.4 * 40 / 28 * 0.3 * 100000 / 3 ** 0.5) ** 2) ** 0.5
        for got, want in ((r["net"]["ci_low"], steps["net"] - 1.96 * se), (r["net"]["ci_high"], steps["net"] + 1.96 * se)):
            self.assertLess(abs(got - want), 0.06 * se)
        self.assertGreater(r["p_payback"], 0.99)
        self.assertEqual(r, self.one())  # the draws have a fixed seed

    def test_a_coach_pays_licences_only_for_the_agents_coached(self):
        r = self.one(scope="coach")
        self.assertEqual(r["title"], "Pat Quill")
        self.assertEqual({s["name"]: s["estimate"] for s in r["steps"]}["licence"], -round(40 / MONTH * 3000))

    def test_a_programme_is_delivered_with_any_of_its_keys(self):
        r = self.one(scope="programme", name="two-plays")
        self.assertEqual((r["n_agents"], r["n_coachings"]), (1, 2))
        self.assertAlmostEqual(r["agent_months"], 40 / MONTH, 9)

    def test_a_set_commission_is_taken_as_exact(self):
        self.money(commission_cents=500000)
        r = self.one(scope="office")
        self.assertEqual(r["commission"], {"source": "setting", "cents": 500000, "se_cents": 0, "n_closings": 0})
        self.assertEqual(r["value"]["estimate"], round(0.4 * 40 / 28 * 5e5 * 0.3))

    def test_what_is_not_set_is_named_and_nothing_is_guessed(self):
        self.money(split=None, agent_hours=None)
        body = returns(**self.WINDOW).json()
        self.assertEqual([m["member"] for m in body["missing"]], ["split", "agent_hours"])
        [r] = body["items"]
        self.assertIn("2 of the settings", r["refusal"])
        self.assertEqual((r["value"], r["net"], r["p_payback"], r["steps"]), (None, None, None, []))
        self.assertEqual(r["effect"]["estimate"], 0.4)  # what is known is told

    def test_a_ratio_to_no_cost_is_refused(self):
        self.money(coach_hour_cents=0, agent_hour_cents=0, licence_cents=0)
        r = self.one()
        self.assertIsNone(r["ratio"])
        self.assertIn("cost nothing", r["ratio_refusal"])
        self.assertEqual(r["net"], r["value"])

    def test_without_an_effect_or_a_delivery_it_says_why(self):
        r = self.one(scope="intervention", name="secret_play")
        self.assertIn("Secret refusal", r["refusal"])
        self.assertEqual((r["n_coachings"], r["effect"]["estimate"]), (2, None))
        r = self.one(**{"from": day(200), "to": day(150)})
        self.assertIn("None of it was delivered", r["refusal"])

    def test_the_time_is_the_running_fiscal_year_unless_asked_for(self):
        body = returns().json()
        today = datetime.date.fromisoformat(day(0))
        self.assertEqual(body["to"], body["as_of"])
        last = today - datetime.timedelta(days=1)
        self.assertEqual(body["from"], f"{last.year if last.month >= 7 else last.year - 1}-07-01")
        self.assertEqual(returns(**{"from": day(50), "to": day(-500)}).json()["to"], body["as_of"])

    def test_a_time_that_cannot_be_is_refused_in_words(self):
        for query, word in (({"from": day(10), "to": day(20)}, "before"), ({"from": day(-20)}, "from"), ({"from": "2001-01-01"}, "at most")):
            answer = returns(**query)
            self.assertEqual(answer.status, 422, answer)
            self.assertIn(word, answer.json()["detail"])
        self.assertEqual(returns(scope="coach", name="nobody").status, 404)

    def command(self, *options, check=True):
        return S.cli("insight", "returns", "--tenant", "returns", *options, check=check)

    def test_the_command_says_what_the_api_says(self):
        window = ("--from", self.WINDOW["from"], "--to", self.WINDOW["to"])
        for scope in ("all", "office", "coach", "programme", "intervention"):
            printed = json.loads(self.command("--by", scope, *window, "--json").stdout)
            self.assertEqual(printed.pop("tenant"), "returns")
            self.assertEqual(printed, returns(scope=scope, **self.WINDOW).json())
        text = self.command("--by", "coach", *window).stdout
        self.assertIn("Pat Quill", text)
        net = self.one(scope="coach")["net"]
        self.assertIn(f"{net['estimate'] / 100:.0f}", text)
        self.assertIn("none: There is no effect to reckon with", self.command("--by", "intervention", "--name", "secret_play", *window).stdout)

    def test_the_command_names_what_is_not_set_and_what_cannot_be(self):
        self.money(split=None)
        self.assertIn("not set: share of a commission", self.command().stdout)
        for options, status, word in ((("--by", "team"), 64, "office"), (("--by", "coach", "--name", "nobody"), 66, "no such effect"),
                                      (("--from", "soon"), 64, "YYYY-MM-DD")):
            done = self.command(*options, check=False)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(word, done.stderr)

    def test_who_sees_an_effect_sees_its_return_and_no_other(self):
        for role in ("admin", "manager", "coach", "auditor"):
            for scope in ("all", "coach", "office", "intervention"):
                effects = WHO[role].get(f"/v1/insight/effects?scope={scope}&outcome=closings").json()["items"]
                seen = returns(WHO[role], scope=scope).json()["items"]
                self.assertEqual([r["name"] for r in seen], [e["name"] for e in effects])
        self.assertEqual(returns(WHO["agent"]).status, 403)


if __name__ == "__main__":
    unittest.main()
