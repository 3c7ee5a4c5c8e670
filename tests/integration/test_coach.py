"""Features, labels, playbook and choice on a simulated brokerage; the features are computed again here, from the raw rows."""

import datetime as dt
import json
import math
import statistics
import unittest

from harness import stack
from harness.stack import Stack

AGENTS, MONTHS, SEED, UNTIL = 40, 12, 5, "2026-10-20"
AS_OF = dt.date(2026, 9, 15)
SHARDS = [f"ehub_shard_{i}" for i in range(4)]
GENERATE = ["demo", "generate", "--agents", str(AGENTS), "--months", str(MONTHS), "--seed", str(SEED), "--until", UNTIL]


def setUpModule():
    global S, TRUTH
    S = Stack(database_only=True).start()
    TRUTH = S.data / "truth.json"
    S.cli(*GENERATE, "--truth", str(TRUTH))


def tearDownModule():
    S.close()


def rows(query):
    """Of all shards."""
    return [row for shard in SHARDS for row in S.sql(shard, query)]


def tenant_of_truth():
    return S.sql("ehub_control", "select id from tenant where slug = 'demo'")[0][0]


def shard_of(agent):
    """The last byte of an id is the logical slot; a new stack's map is slot modulo 4."""
    return SHARDS[int(agent[-2:], 16) % 4]


def when(text):
    """A timestamp of psql in UTC, or None."""
    if text == "":
        return None
    head, _, fraction = text.partition("+")[0].partition(".")
    t = dt.datetime.strptime(head, "%Y-%m-%d %H:%M:%S")
    return t + dt.timedelta(microseconds=int((fraction + "000000")[:6])) if fraction else t


def midnight(day):
    return dt.datetime(day.year, day.month, day.day)


def days(n):
    return dt.timedelta(days=n)


def seconds(d):
    return d.total_seconds()


class Raw:
    """The raw rows of one agent, and features computed from them with the rules of coach_feature.h."""

    def __init__(self, agent):
        self.agent = agent

        def rows(query):
            return S.sql(shard_of(agent), query)

        q = f"where agent_id = '{agent}'"
        self.leads = [(when(a), when(b), when(c)) for a, b, c in
                      rows(f"select received_at, first_response_at, contacted_at from lead {q}")]
        self.acts = [(k, d, when(a), when(n), int(s or 0), o) for k, d, a, n, s, o in
                     rows(f"select kind, direction, at, known_at, duration_s, outcome from activity {q}")]
        self.opps = [(st, when(o), when(c), int(v), int(m or 0)) for st, o, c, v, m in
                     rows(f"select status, opened_at, closed_at, value_cents, commission_cents from opportunity {q}")]
        self.coached = [(when(a), int(m)) for a, m in rows(f"select at, minutes from coaching_session {q}")]
        self.goals = [(dt.date.fromisoformat(f), dt.date.fromisoformat(t) if t else None, float(g)) for f, t, g in
                      rows(f"select valid_from, valid_to, target from goal {q}")]
        self.started = dt.date.fromisoformat(rows(f"select started_on from agent where id = '{agent}'")[0][0])

    def features(self, day):
        t, nan = midnight(day), math.nan
        f = {}
        known = [a for a in self.acts if a[3] < t]
        past = [a for a in known if a[2] < t]

        def acts(kind, n, **want):
            return [a for a in past if a[0] == kind and a[2] >= t - days(n) and
                    all(a[{"direction": 1, "outcome": 5}[k]] == v for k, v in want.items())]

        leads = [x for x in self.leads if t - days(30) <= x[0] < t]
        answered = [seconds(x[1] - x[0]) / 60 for x in leads if x[1] and x[1] < t]
        f["speed_to_lead_min_30d"] = statistics.median(answered) if answered else nan
        f["contact_rate_30d"] = sum(bool(x[2] and x[2] < t) for x in leads) / len(leads) if leads else nan
        ripe = [x for x in leads if x[0] < t - days(1)]
        f["followup_day_rate_30d"] = sum(bool(x[1] and x[1] < x[0] + days(1)) for x in ripe) / len(ripe) if ripe else nan
        f["leads_30d"] = len(leads)
        f["leads_90d"] = sum(t - days(90) <= x[0] < t for x in self.leads)
        for n in (7, 30):
            f[f"calls_{n}d"] = sum(a[1] != "in" for a in acts("call", n))
            f[f"talk_time_s_{n}d"] = sum(a[4] for a in acts("call", n))
        dialled = [a for a in acts("call", 30) if a[1] != "in" and a[5]]
        f["call_connect_rate_30d"] = sum(a[5] == "connected" for a in dialled) / len(dialled) if dialled else nan
        f["texts_30d"] = sum(a[1] != "in" for a in acts("text", 30))
        f["emails_30d"] = sum(a[1] != "in" for a in acts("email", 30))
        own = [a for a in past if a[0] not in ("closing", "training") and a[1] != "in"]
        own30 = [a for a in own if a[2] >= t - days(30)]
        f["active_days_30d"] = len({a[2].date() for a in own30})
        own7 = [a for a in own if a[2] >= t - days(7)]
        f["momentum_activity"] = (len(own7) * 30 / 7) / len(own30) if own30 else nan
        f["days_since_activity"] = seconds(t - max(a[2] for a in own)) / 86400 if own else nan
        booked = [a for a in known if a[0] == "appointment" and t - days(30) <= min(a[2], a[3]) and a[2] < t + days(180)]
        f["appointments_set_30d"] = len(booked)
        f["appointments_held_30d"] = len(acts("appointment", 30, outcome="held"))
        held, missed = len(acts("appointment", 90, outcome="held")), len(acts("appointment", 90, outcome="no_show"))
        f["show_rate_90d"] = held / (held + missed) if held + missed else nan
        f["showings_30d"] = len(acts("showing", 30))
        f["offers_30d"] = len(acts("offer", 30))
        yes, no = len(acts("offer", 180, outcome="accepted")), len(acts("offer", 180, outcome="rejected"))
        f["offer_accept_rate_180d"] = yes / (yes + no) if yes + no else nan
        f["training_done_90d"] = len(acts("training", 90))
        begun = [o for o in self.opps if o[1] < t]
        f["opportunities_opened_30d"] = sum(o[1] >= t - days(30) for o in begun)
        alive = [o for o in begun if not o[2] or o[2] >= t]
        f["pipeline_count"] = len(alive)
        f["pipeline_value_cents"] = sum(o[3] for o in alive)
        f["pipeline_age_days"] = statistics.median(seconds(t - o[1]) / 86400 for o in alive) if alive else nan

        def ended(n, won=False):
            return [o for o in self.opps if o[2] and t - days(n) <= o[2] < t and (not won or o[0] == "won")]

        for n in (90, 365):
            f[f"win_rate_{n}d"] = len(ended(n, True)) / len(ended(n)) if ended(n) else nan
        for n in (30, 90, 365):
            f[f"closings_{n}d"] = len(ended(n, True))
            f[f"commission_cents_{n}d"] = sum(o[4] for o in ended(n, True))
        cycle = [seconds(o[2] - o[1]) / 86400 for o in ended(180, True)]
        f["cycle_time_days_180d"] = statistics.median(cycle) if cycle else nan
        deals = [o[3] for o in ended(365, True)]
        f["deal_value_cents_365d"] = statistics.median(deals) if deals else nan
        f["momentum_closings"] = 3 * f["closings_30d"] / f["closings_90d"] if f["closings_90d"] else nan
        won = [o[2] for o in self.opps if o[0] == "won" and o[2] < t]
        f["days_since_closing"] = seconds(t - max(won)) / 86400 if won else nan
        f["tenure_days"] = (day - self.started).days
        f["coaching_min_30d"] = sum(m for a, m in self.coached if t - days(30) <= a < t)
        f["coaching_sessions_90d"] = sum(t - days(90) <= a < t for a, m in self.coached)
        goal = [g for g in self.goals if g[0] <= day and (g[1] is None or day < g[1])]
        f["goal_target_30d"] = max(goal)[2] if goal else nan
        f["goal_pace"] = f["closings_30d"] / f["goal_target_30d"] if goal else nan
        angle = 2 * math.pi * day.timetuple().tm_yday / 365.25
        f["season_sin"], f["season_cos"] = math.sin(angle), math.cos(angle)
        return f


def same(a, b):
    if a is None or math.isnan(a) or b is None or math.isnan(b):
        return (a is None or math.isnan(a)) and (b is None or math.isnan(b))
    return math.isclose(a, b, rel_tol=2e-6, abs_tol=1e-6)  # stored as real


NAMES = None


def stored(day):
    """{agent: {feature: value}} of the snapshots of a date."""
    global NAMES
    if NAMES is None:
        any_agent = rows("select id from agent limit 1")[0][0]
        NAMES = list(live(any_agent, day))
    out = {}
    for agent, x in rows(f"select agent_id, x from feature_snapshot where as_of = '{day}'"):
        out[agent] = dict(zip(NAMES, (float(v) for v in x.strip("{}").split(","))))
    return out


def live(agent, day):
    done = S.cli("coach", "features", "--tenant", "demo", "--agent", agent, "--as-of", str(day))
    return json.loads(done.stdout)["features"]


class Features(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        S.cli("coach", "features", "--tenant", "demo", "--as-of", str(AS_OF))
        cls.stored = stored(AS_OF)

    def test_every_agent_in_office_has_the_values_of_an_independent_computation(self):
        self.assertGreater(len(self.stored), AGENTS // 2)
        checked = 0
        for agent in sorted(self.stored)[:20]:
            want = Raw(agent).features(AS_OF)
            self.assertGreaterEqual(len(want), 45)
            for name, value in want.items():
                self.assertTrue(same(value, self.stored[agent][name]),
                                f"{agent} {name}: expected {value}, got {self.stored[agent][name]}")
                checked += 1
        self.assertGreaterEqual(checked, 45 * 20)

    def test_stale_share_is_against_the_usual_cycle_of_the_office(self):
        t = midnight(AS_OF)
        offices = {loc for loc, in rows("select distinct location_id from agent")}
        seen = 0
        for office in offices:
            opps = [(a, st, when(o), when(c)) for a, st, o, c in rows(
                f"select agent_id, status, opened_at, closed_at from opportunity where location_id = '{office}'")]
            won = [seconds(c - o) / 86400 for _, st, o, c in opps if st == "won" and t - days(365) <= c < t]
            usual = statistics.median(won)
            for agent in {a for a, _, _, _ in opps} & set(self.stored):
                alive = [seconds(t - o) / 86400 for a, _, o, c in opps if a == agent and o < t and (not c or c >= t)]
                want = sum(age > usual for age in alive) / len(alive) if alive else math.nan
                self.assertTrue(same(want, self.stored[agent]["stale_pipeline_rate"]))
                seen += bool(alive)
        self.assertGreater(seen, 10)

    def test_one_agent_live_has_the_stored_values(self):
        agent = sorted(self.stored)[3]
        for name, value in live(agent, AS_OF).items():
            self.assertTrue(same(value, self.stored[agent][name]), name)

    def test_what_happens_or_is_entered_later_changes_nothing(self):
        agent = sorted(self.stored)[5]
        shard = shard_of(agent)
        before = live(agent, AS_OF)
        loc, tenant = S.sql(shard, f"select location_id, tenant_id from agent where id = '{agent}'")[0]
        lead, opp = (S.sql(shard, f"select id from {table} where agent_id = '{agent}' {more} limit 1")[0][0] for table, more in
                     (("lead", "and first_response_at is not null and received_at between '2026-08-20' and '2026-09-10'"),
                      ("opportunity", "and opened_at < '2026-09-10' and (closed_at is null or closed_at >= '2026-09-15')")))
        late_lead = S.sql(shard, f"select first_response_at, contacted_at from lead where id = '{lead}'")[0]

        def new(n):
            return f"('{loc}', '00000000-0000-7000-8000-0000000000{n:02d}', '{tenant}', '{agent}'"

        plant = f"""
          insert into activity (location_id, id, tenant_id, agent_id, kind, direction, at, known_at, duration_s, outcome) values
            {new(1)}, 'call', 'out', '2026-09-15 00:00', '2026-09-15 00:00', 600, 'connected'),
            {new(2)}, 'call', 'out', '2026-09-14 10:00', '2026-09-15 00:00', 600, 'connected'),
            {new(3)}, 'appointment', null, '2026-09-14 10:00', '2026-09-16 00:00', 600, 'held'),
            {new(4)}, 'appointment', null, '2026-09-20 10:00', '2026-09-15 09:00', 600, 'held'),
            {new(5)}, 'offer', null, '2026-09-15 10:00', '2026-09-15 10:00', null, 'accepted'),
            {new(6)}, 'training', null, '2026-09-15 10:00', '2026-09-15 10:00', null, 'tcpa_consent');
          insert into lead (location_id, id, tenant_id, agent_id, external_id, received_at, first_response_at, contacted_at) values
            {new(7)}, 'future', '2026-09-15 00:00', '2026-09-15 00:01', '2026-09-15 00:01');
          insert into opportunity (location_id, id, tenant_id, agent_id, external_id, stage, status, opened_at, closed_at,
                                   value_cents, commission_cents) values
            {new(8)}, 'future', 'Closed', 'won', '2026-09-15 00:00', '2026-09-16', 90000000, 900000);
          insert into coaching_session (location_id, id, tenant_id, agent_id, at, minutes, topic) values
            {new(9)}, '2026-09-15 00:00', 60, 'x');
          insert into goal (location_id, id, tenant_id, agent_id, metric, target, valid_from) values
            {new(10)}, 'closings', 77, '2026-09-16');
          update opportunity set status = 'won', stage = 'Closed', closed_at = '2026-09-15 00:00:00', commission_cents = 5
            where id = '{opp}';"""
        S.sql(shard, plant)
        after = live(agent, AS_OF)
        self.assertEqual(before, after)
        # the same rows do count once their time has come, so the test could have failed
        later = live(agent, dt.date(2026, 9, 17))
        self.assertEqual(later["goal_target_30d"], 77)
        self.assertEqual(later["coaching_sessions_90d"] >= 1, True)
        # an answer that moves behind the date is no answer yet
        S.sql(shard, f"update lead set first_response_at = '2026-09-15 08:00', contacted_at = '2026-09-15 08:00' "
                     f"where id = '{lead}'")
        moved = live(agent, AS_OF)
        want = Raw(agent).features(AS_OF)
        for name in ("contact_rate_30d", "speed_to_lead_min_30d", "followup_day_rate_30d"):
            self.assertTrue(same(want[name], moved[name]), name)
        S.sql(shard, f"""
          delete from activity where id::text like '00000000-0000-7000-8000-%';
          delete from lead where id::text like '00000000-0000-7000-8000-%';
          delete from opportunity where id::text like '00000000-0000-7000-8000-%';
          delete from coaching_session where id::text like '00000000-0000-7000-8000-%';
          delete from goal where id::text like '00000000-0000-7000-8000-%';
          update lead set first_response_at = '{late_lead[0]}', contacted_at = nullif('{late_lead[1]}', '')::timestamptz
            where id = '{lead}'""")


class Sources(unittest.TestCase):
    """A tenant whose CRM has opportunities only."""

    TENANT = "0e000000-0000-7000-8000-000000000001"
    OFFICE = "0e000000-0000-7000-8000-0000000000a0"  # last byte a0: slot 160, shard 0

    def test_a_source_the_tenant_does_not_have_is_unknown_and_a_silent_agent_is_zero(self):
        t, loc = self.TENANT, self.OFFICE
        S.sql("ehub_control", f"insert into tenant (id, slug, name) values ('{t}', 'bare', 'Bare')")
        a, b = (f"0e000000-0000-7000-8000-00000000{n}a0" for n in ("01", "02"))
        S.sql("ehub_shard_0", f"""
          insert into agent (location_id, id, tenant_id, external_id, name) values
            ('{loc}', '{a}', '{t}', 'a', 'A'), ('{loc}', '{b}', '{t}', 'b', 'B');
          insert into opportunity (location_id, id, tenant_id, agent_id, external_id, stage, status, opened_at, closed_at, value_cents)
            select '{loc}', ('0e000000-0000-7000-8000-0000010' || lpad(to_hex(i), 3, '0') || 'a0')::uuid, '{t}', '{a}', 'o' || i, 'Won', 'won',
                   '2025-01-01'::timestamptz + i * interval '3 days', '2025-02-15'::timestamptz + i * interval '3 days', 100000
            from generate_series(0, 99) i""")

        def bare(agent, day):
            return json.loads(S.cli("coach", "features", "--tenant", "bare", "--agent", agent, "--as-of", day).stdout)["features"]

        for agent in (a, b):
            f = bare(agent, "2025-09-01")
            for name in ("calls_30d", "texts_30d", "leads_30d", "contact_rate_30d", "appointments_set_30d", "offers_30d",
                         "active_days_30d", "coaching_min_30d", "training_done_90d", "commission_cents_30d", "tenure_days",
                         "pipeline_value_cents", "days_since_activity", "goal_target_30d"):
                self.assertIsNone(f[name], name)
        self.assertEqual(bare(a, "2025-09-01")["closings_30d"], 10)
        self.assertEqual(bare(b, "2025-09-01")["closings_30d"], 0)
        self.assertIsNone(bare(b, "2025-09-01")["win_rate_90d"])
        self.assertIsNone(bare(a, "2025-02-10")["closings_30d"])  # before anything was ever closed
        # one call of one agent: the tenant has calls from then on, and the silent agent has made none
        S.sql("ehub_shard_0", f"""insert into activity (location_id, id, tenant_id, agent_id, kind, direction, at, known_at)
          values ('{loc}', '0e000000-0000-7000-8000-0000020000a0', '{t}', '{a}', 'call', 'out', '2025-08-30', '2025-08-30')""")
        self.assertEqual(bare(a, "2025-09-01")["calls_30d"], 1)
        self.assertEqual(bare(b, "2025-09-01")["calls_30d"], 0)
        self.assertIsNone(bare(b, "2025-08-30")["calls_30d"])

        # goals come from the office's history: median of (30 or 31 closings, 0) / 90 days
        out = S.cli("coach", "features", "--tenant", "bare", "--as-of", "2025-09-01").stdout
        self.assertIn("goals derived", out)
        goals = S.sql("ehub_shard_0", f"select agent_id, target, derived from goal where tenant_id = '{t}' and valid_from = '2025-09-01'")
        closed = int(S.sql("ehub_shard_0", f"select count(*) from opportunity where tenant_id = '{t}' and closed_at >= "
                                           "date '2025-09-01' - 90 and closed_at < '2025-09-01'")[0][0])
        want = max(1, round((closed + 0) / 2 / 3))
        self.assertEqual(sorted(goals), [[a, str(want), "t"], [b, str(want), "t"]])
        self.assertNotIn("goals derived", S.cli("coach", "features", "--tenant", "bare", "--as-of", "2025-09-01").stdout)


class Choose(unittest.TestCase):
    def choose(self):
        return S.cli("coach", "choose", "--tenant", "demo").stdout

    def suggested(self, more=""):
        return rows("select agent_id, rank, playbook_key, score, reason, location_id from intervention where status = 'suggested' "
                    + more)

    def test_suggestions_respect_the_limits(self):
        self.assertIn("by rule", self.choose())
        first = self.suggested()
        agents = {r[0] for r in first}
        self.assertGreater(len(agents), 20)
        for agent in agents:
            own = sorted((int(r[1]), -float(r[3]), r[2]) for r in first if r[0] == agent)
            self.assertEqual([r[0] for r in own], list(range(1, len(own) + 1)))
            self.assertLessEqual(len(own), 3)
            self.assertEqual([r[1] for r in own], sorted(r[1] for r in own))  # the best first
            self.assertEqual(len({r[2] for r in own}), len(own))
        for _, _, _, score, reason, _ in first:
            reason = json.loads(reason)
            self.assertEqual(reason["method"], "rule")
            self.assertGreater(float(score), 0)
            self.assertTrue(reason["drivers"] and reason["text"])

        # sent ones: three in the week of one agent, one refused of another
        busy, refused = sorted(agents)[:2]
        for shard in SHARDS:
            S.sql(shard, f"""update intervention set status = 'accepted', decided_at = now(), sent_at = now() - interval '1 day'
                             where agent_id = '{busy}' and status = 'suggested';
                             update intervention set status = 'refused', decided_at = now(), decision_reason = 'no'
                             where agent_id = '{refused}' and status = 'suggested' and rank = 1""")
        refused_key = next(r[2] for r in first if r[0] == refused and r[1] == "1")
        out = self.choose()
        second = self.suggested()
        self.assertEqual([r for r in second if r[0] == busy], [], "three were sent this week and no limit is higher")
        self.assertNotIn(refused_key, [r[2] for r in second if r[0] == refused])
        self.assertGreater(int(out.split(" withheld")[0].split()[-1]), 0)
        expired = rows("select count(*) from intervention where status = 'expired'")
        self.assertEqual(sum(int(r[0]) for r in expired), len(first) - len([r for r in first if r[0] == busy]) - 1)
        self.assertEqual(len({(r[0], r[1]) for r in second}), len(second), "one open suggestion for a rank")

    def test_the_best_suggestion_of_each_agent_is_told_to_live_streams(self):
        before = sum(int(r[0]) for r in rows("select count(*) from live_event where kind = 'intervention'"))
        self.choose()
        best = self.suggested("and rank = 1")
        told = rows("select payload->>'agent_id', payload->>'key', payload->>'status', payload->>'title' from live_event "
                    "where kind = 'intervention' order by seq")
        self.assertEqual(len(told) - before, len(best))
        newest = {t[0]: t for t in told}
        for agent, _, key, *_ in best:
            self.assertEqual(newest[agent][1:3], [key, "suggested"])


class Simulation(unittest.TestCase):
    def dump(self):
        tables = ("agent", "goal", "lead", "opportunity", "activity", "coaching_session", "source_seen")
        tenant = tenant_of_truth()
        return [rows(f"select md5(string_agg(t::text, ';' order by t::text)) from {table} t where tenant_id = '{tenant}'")
                for table in tables] + S.sql("ehub_control", "select id, external_id, created_at from location order by 2")

    def test_the_truth_is_written_and_says_what_coaching_did(self):
        truth = json.loads(TRUTH.read_text())
        self.assertEqual(truth["label"], "simulated")
        effects = {t["key"]: t["shift"] for t in truth["topics"]}
        self.assertEqual(effects["pipeline_cleanup"], 0)
        self.assertGreater(effects["speed_to_lead"], 0)
        self.assertGreater(truth["closings"]["with_coaching"], truth["closings"]["without_coaching"])
        won = sum(int(r[0]) for r in rows("select count(*) from opportunity where status = 'won' and tenant_id = "
                                          "(select tenant_id from agent where external_id = 'A00001' limit 1)"))
        self.assertLessEqual(won, truth["closings"]["with_coaching"])
        sessions = sum(t["sessions"] for t in truth["topics"])
        self.assertEqual(sessions, sum(int(r[0]) for r in rows("select count(*) from coaching_session where tenant_id = "
                                                               f"'{tenant_of_truth()}'")))

    def test_the_same_seed_gives_the_same_rows_and_replacing_is_asked_for(self):
        refused = S.cli(*GENERATE, check=False)
        self.assertEqual(refused.returncode, 75)
        self.assertIn("--replace", refused.stderr)
        S.cli(*GENERATE, "--replace")
        first = self.dump()
        S.cli(*GENERATE, "--replace")
        self.assertEqual(first, self.dump())

    def money(self, *options):
        return json.loads(S.cli("tenant", "money", "--tenant", "money-demo", "--json", *options).stdout)

    def test_money_is_set_once_is_simulated_and_what_somebody_set_stays(self):
        generate = ["demo", "generate", "--tenant", "money-demo", "--agents", "3", "--months", "2", "--until", UNTIL]
        S.cli(*generate)
        made = self.money()
        self.assertTrue(made["simulated"])
        self.assertEqual([k for k, v in made.items() if v is None], ["commission_cents"])  # the mean of the closings
        of_it = "object = (select id::text from tenant where slug = 'money-demo')"
        self.assertEqual(S.sql("ehub_control", f"select actor, action, detail->'after'->>'split' from audit where {of_it} and action = 'tenant.money'"),
                         [["ehub", "tenant.money", str(made["split"])]])
        self.money("--split", "0.4", "--licence", "none")
        S.cli(*generate, "--replace")
        self.assertEqual(self.money(), {**made, "split": 0.4, "licence_cents": None})

    def test_a_tenant_with_real_data_is_never_replaced(self):
        S.sql("ehub_control", "insert into tenant (id, slug, name) values ('0e000000-0000-7000-8000-000000000009', 'real', 'Real')")
        done = S.cli("demo", "generate", "--tenant", "real", "--replace", "--agents", "3", "--months", "1", check=False)
        self.assertEqual(done.returncode, 77)
        self.assertIn("never replaced", done.stderr)
        self.assertEqual(S.sql("ehub_control", "select name, simulated from tenant where slug = 'real'"), [["Real", "f"]])


if __name__ == "__main__":
    unittest.main()
