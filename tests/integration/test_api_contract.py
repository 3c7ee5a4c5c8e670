"""The API keeps its contract: the document is true, roles and offices bound what is seen, tenants never meet."""

import json
import unittest
import uuid

from harness import stack
from harness.api_check import Document, Members, other_tenant, walk

EVERYBODY = {"admin", "manager", "coach", "agent", "auditor"}
STAFF = {"admin", "manager", "coach"}
PUBLIC = None

# Written by hand from the contract, not from the program's table.
ROLES = {
    "GET /healthz": PUBLIC, "GET /readyz": PUBLIC, "GET /metrics": PUBLIC, "GET /v1/openapi.json": PUBLIC,
    "POST /v1/login": PUBLIC,
    "POST /v1/logout": EVERYBODY, "GET /v1/me": EVERYBODY,
    "GET /v1/tokens": EVERYBODY, "POST /v1/tokens": EVERYBODY, "DELETE /v1/tokens/{id}": EVERYBODY,
    "GET /v1/today": STAFF | {"auditor"}, "GET /v1/live": EVERYBODY,
    "GET /v1/agents": EVERYBODY, "GET /v1/agents/{id}": EVERYBODY, "GET /v1/agents/{id}/performance": EVERYBODY,
    "POST /v1/agents/{id}/predict": STAFF | {"agent"}, "GET /v1/agents/{id}/trend": EVERYBODY,
    "GET /v1/agents/{id}/activities": EVERYBODY, "GET /v1/agents/{id}/sessions": EVERYBODY,
    "POST /v1/agents/{id}/sessions": STAFF, "GET /v1/agents/{id}/goals": EVERYBODY, "POST /v1/agents/{id}/goals": STAFF,
    "GET /v1/agents/{id}/interventions": EVERYBODY, "GET /v1/agents/{id}/messages": EVERYBODY,
    "POST /v1/agents/{id}/messages": STAFF | {"agent"}, "POST /v1/messages/{id}/read": {"agent"},
    "POST /v1/interventions/{id}/decision": STAFF, "POST /v1/interventions/{id}/outcome": STAFF | {"agent"},
    "GET /v1/locations": STAFF | {"auditor"}, "GET /v1/locations/{id}": STAFF | {"auditor"},
    "GET /v1/playbook": EVERYBODY, "PUT /v1/playbook/{key}": {"admin", "manager"}, "GET /v1/training-modules": EVERYBODY,
    "GET /v1/models": {"admin", "manager", "auditor"}, "GET /v1/audit": {"admin", "auditor"}, "GET /v1/scaling": {"admin"}, "GET /v1/pii/report": {"admin", "manager", "auditor"},
    "POST /v1/pii/restore": {"admin"}, "POST /v1/pii/erase": {"admin"},
    "GET /v1/insight/rampup": STAFF | {"auditor"}, "GET /v1/insight/leaderboard": STAFF | {"auditor"},
    "GET /v1/insight/effects": STAFF | {"auditor"}, "GET /v1/insight/effects/{scope}/{name}": STAFF | {"auditor"},
    "GET /v1/insight/experiments": STAFF | {"auditor"}, "GET /v1/insight/experiments/{name}": STAFF | {"auditor"},
    "GET /v1/insight/roi": STAFF | {"auditor"}, "GET /v1/insight/money": STAFF | {"auditor"}, "PUT /v1/insight/money": {"admin", "manager"},
    "GET /v1/insight/update": STAFF | {"auditor"}, "POST /v1/insight/update": {"admin", "manager"},
    "POST /v1/insight/experiments": {"admin", "manager"}, "POST /v1/insight/experiments/{name}/stop": {"admin", "manager"},
}


def setUpModule():
    global S, WHO, DOC, OTHER, TRIAL, EFFECTS
    S = stack.shared()
    WHO = Members(S)
    DOC = Document(S.client().get("/v1/openapi.json").json())
    OTHER = other_tenant(S, "othertenant")
    TRIAL = trial("trial-" + uuid.uuid4().hex)
    store_effects()


def trial(name):
    """An experiment that began and ended: nobody is held back for it."""
    body = {"name": name, "keys": [WHO["admin"].get("/v1/playbook").json()["items"][0]["key"]], "seed": 3}
    began = WHO["admin"].request("POST", "/v1/insight/experiments", body)
    DOC.check(DOC.find("POST", "/v1/insight/experiments"), began)
    ended = WHO["admin"].request("POST", f"/v1/insight/experiments/{name}/stop", {"reason": "Only a test"})
    DOC.check(DOC.find("POST", "/v1/insight/experiments/{name}/stop"), ended)
    return began.json()


EFFECT_DETAIL = """{"method_text": "m", "assumptions": ["a"], "warnings": [], "naive": {"estimate": 0.3, "se": 0.1, "ci_low": 0.1,
  "ci_high": 0.5, "p": 0.01}, "balance": [], "event_study": [{"event_time": 0, "estimate": 0.1, "se": null, "ci_low": null,
  "ci_high": null, "band_low": null, "band_high": null, "n_treated": 1, "n_control": 9}], "diagnostics": {"design": "staggered"}}"""


def store_effects():
    """Rows as an update writes them: in two thirds an answer, in the third a refusal."""
    global EFFECTS
    tenant = WHO["admin"].get("/v1/me").json()["tenant"]["id"]
    EFFECTS = [("all", "all"), ("programme", TRIAL["name"]), ("coach", WHO["coach"].get("/v1/me").json()["user"]["id"]),
               ("coach", "Nobody's Login")] + [("office", l["id"]) for l in WHO["admin"].get("/v1/locations").json()["items"]]
    found = "'staggered-did', 'att', 0.25, 0.125, 0, 0.5, 0.05, 1.5, 20, 30, 28, '2026-01-01', '2026-06-01', null"
    refused = "null, null, null, null, null, null, null, null, 3, 2, 28, null, null, 'too few'"
    S.sql("ehub_control", f"delete from effect_estimate where tenant_id = '{tenant}'; insert into effect_estimate values " + ", ".join(
        f"('{tenant}', '{s}', '{n.replace(chr(39), chr(39) * 2)}', '{o}', {t}, 'history', {found if t < 2 else refused}, "
        f"'{EFFECT_DETAIL}', 'simulated', now())" for s, n in EFFECTS for o in ("closings", "commission") for t in (-1, 0, 1, 2)))


def open_stream(client, **headers):
    """Status of /v1/live without reading it."""
    c = client.connect()
    try:
        c.request("GET", "/v1/live", headers=client.headers("GET", headers))
        return c.getresponse().status
    finally:
        c.close()


def own_id(op, role):
    """An id that the path can have, of the role's own tenant and scope."""
    if op.path.startswith("/v1/agents/"):
        return WHO[role].get("/v1/agents?limit=1").json()["items"][0]["id"]
    if op.path.startswith("/v1/locations/"):
        rows = WHO["admin"].get("/v1/locations").json()["items"] if role in ("agent", "auditor") else \
            WHO[role].get("/v1/locations").json()["items"]
        return rows[0]["id"]
    if op.path.startswith("/v1/interventions/"):
        return own_intervention(role)
    return str(uuid.uuid4())


def own_intervention(role):
    agent = WHO[role].get("/v1/me").json()["user"]["agent_id"]
    for a in [{"id": agent}] if agent else walk(WHO[role], "/v1/agents", 200):
        items = WHO[role].get(f"/v1/agents/{a['id']}/interventions?limit=1").json()["items"]
        if items:
            return items[0]["id"]
    return str(uuid.uuid4())


class Contract(unittest.TestCase):
    def test_the_document_holds_the_contracts_operations_and_no_others(self):
        self.assertEqual({o.name for o in DOC.operations}, set(ROLES))

    def test_the_document_names_the_contracts_roles(self):
        for op in DOC.operations:
            with self.subTest(op.name):
                self.assertEqual(op.public, ROLES[op.name] is PUBLIC)
                self.assertEqual(op.roles, ROLES[op.name] or set())

    def test_every_operation_lets_in_exactly_its_roles(self):
        """A body that no shape takes proves that a role was let in, without changing anything."""
        for op in DOC.operations:
            if op.public or op.path == "/v1/live":
                continue
            for role in EVERYBODY:
                with self.subTest(op.name, role=role):
                    path = op.url(id=own_id(op, role), key="no_such_play", name=TRIAL["name"], scope="programme")
                    body = {"no such member": 1} if op.method in ("POST", "PUT") and op.request else None
                    if op.name in ("POST /v1/agents/{id}/predict", "POST /v1/insight/update"):
                        body = {"no such member": 1}
                    answer = WHO[role].request(op.method, path, body)
                    if role in ROLES[op.name]:
                        self.assertIn(answer.status, (200, 404, 422), answer)
                        if op.method == "GET":
                            DOC.check(op, answer)
                    else:
                        self.assertEqual(answer.status, 403, answer)
        for role in EVERYBODY:
            self.assertEqual(open_stream(WHO[role]), 200)

    def test_nothing_is_answered_without_a_session(self):
        nobody, wrong = S.client(), S.client(bearer="ehub_" + "A" * 64)
        for op in DOC.operations:
            if op.public:
                continue
            for client in (nobody, wrong):
                with self.subTest(op.name):
                    answer = client.request(op.method, op.url(id=str(uuid.uuid4()), key="k", name="n", scope="all"), {} if op.request else None)
                    self.assertEqual(answer.status, 401, answer)
                    self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
                    DOC.fits(answer.json(), {"$ref": "#/components/schemas/Problem"}, op.name)

    def test_every_agents_answers_fit_the_document(self):
        agents = walk(WHO["admin"], "/v1/agents", 200)
        self.assertGreater(len(agents), 20)
        for op in [o for o in DOC.operations if o.method == "GET" and o.path.startswith("/v1/agents/{id}")]:
            for a in agents[:12]:
                DOC.check(op, WHO["admin"].get(op.url(id=a["id"])))

    def test_other_answers_fit_the_document(self):
        for path in ("/healthz", "/readyz", "/v1/me", "/v1/today", "/v1/locations", "/v1/playbook", "/v1/models",
                     "/v1/training-modules", "/v1/audit", "/v1/tokens", "/v1/agents"):
            DOC.check(DOC.find("GET", path), WHO["admin"].get(path))
        for l in WHO["admin"].get("/v1/locations").json()["items"]:
            DOC.check(DOC.find("GET", "/v1/locations/{id}"), WHO["admin"].get(f"/v1/locations/{l['id']}"))


class Effects(unittest.TestCase):
    """Rows as an update writes them; what the update itself finds: test_insight_store.py."""

    def names_of(self, role, query=""):
        answer = WHO[role].get("/v1/insight/effects" + query)
        DOC.check(DOC.find("GET", "/v1/insight/effects"), answer)
        return [(i["scope"], i["name"]) for i in answer.json()["items"]]

    def test_a_question_is_one_item_with_its_tiers(self):
        items = WHO["admin"].get("/v1/insight/effects?scope=all&outcome=commission").json()["items"]
        self.assertEqual([(i["scope"], i["tier"], i["outcome"], i["estimate"], i["per_days"], i["title"]) for i in items],
                         [("all", -1, "commission", 0.25, 28, "All coaching")])
        self.assertEqual([(t["tier"], t["estimate"], t["refusal"]) for t in items[0]["tiers"]],
                         [(0, 0.25, None), (1, 0.25, None), (2, None, "too few")])
        self.assertNotIn("detail", items[0])

    def test_one_effect_has_its_detail(self):
        answer = WHO["auditor"].get("/v1/insight/effects/all/all")
        DOC.check(DOC.find("GET", "/v1/insight/effects/{scope}/{name}"), answer)
        self.assertEqual((answer.json()["outcome"], answer.json()["detail"]), ("closings", json.loads(EFFECT_DETAIL)))
        self.assertEqual(WHO["admin"].get("/v1/insight/effects/coach/Nobody%27s%20Login").json()["title"], "Nobody's Login")
        for path in ("all/other", "nothing/all", "intervention/secret_play"):
            self.assertEqual(WHO["admin"].get("/v1/insight/effects/" + path).status, 404)

    def test_who_sees_one_office_sees_its_rows_and_a_coach_no_other_coach(self):
        office = WHO["manager"].get("/v1/me").json()["user"]["location_id"]
        self.assertEqual(set(self.names_of("admin", "?outcome=closings")), set(EFFECTS))
        seen = self.names_of("manager", "?outcome=closings")
        self.assertEqual({n for s, n in seen if s == "office"}, {office})
        self.assertNotIn(("coach", "Nobody's Login"), seen)
        self.assertEqual({n for s, n in self.names_of("coach") if s == "coach"}, {EFFECTS[2][1]})
        other = next(n for s, n in EFFECTS if s == "office" and n != office)
        self.assertEqual(WHO["manager"].get(f"/v1/insight/effects/office/{other}").status, 404)
        self.assertEqual(WHO["coach"].get("/v1/insight/effects/coach/Nobody%27s%20Login").status, 404)

    def test_another_tenants_effects_are_not_seen(self):
        self.assertNotIn("secret", WHO["admin"].get("/v1/insight/effects").body.decode().lower())
        self.assertEqual([i["refusal"] for i in OTHER["admin"].get("/v1/insight/effects").json()["items"]], ["Secret refusal"])


class Experiments(unittest.TestCase):
    def post(self, role="admin", **body):
        return WHO[role].request("POST", "/v1/insight/experiments", {"name": "t-" + uuid.uuid4().hex, "keys": TRIAL["keys"], **body})

    def test_every_agent_of_the_plan_stands_in_one_stratum_and_one_arm(self):
        st = WHO["auditor"].get(f"/v1/insight/experiments/{TRIAL['name']}").json()
        self.assertEqual(sum(s["n_treated"] for s in st["strata"]), TRIAL["n_treated"])
        self.assertEqual(sum(s["n_control"] for s in st["strata"]), TRIAL["n_control"])
        self.assertTrue(all(abs(s["n_treated"] - s["n_control"]) <= 1 for s in st["strata"]))
        self.assertEqual((st["state"], st["stop_reason"], st["effect"]), ("stopped", "Only a test", None))

    def test_strata_of_other_offices_are_not_shown_to_a_manager_of_one(self):
        office = WHO["manager"].get("/v1/me").json()["user"]["location_id"]
        seen = {s["location_id"] for s in WHO["manager"].get(f"/v1/insight/experiments/{TRIAL['name']}").json()["strata"]}
        self.assertEqual(seen, {office})

    def test_a_manager_of_one_office_may_not_draw_agents_of_all(self):
        self.assertEqual(self.post("manager").status, 403)

    def test_a_plan_stores_nothing(self):
        before = WHO["admin"].get("/v1/insight/experiments").json()["items"]
        plan = self.post(dry_run=True, effect=0.5)
        self.assertEqual(plan.status, 201)
        self.assertFalse(plan.json()["stored"])
        self.assertEqual(WHO["admin"].get("/v1/insight/experiments").json()["items"], before)

    def test_what_cannot_be_begun_or_ended_is_refused_in_words(self):
        for body, words in (({"waves": ["2020-01-01"]}, "in the past"), ({"keys": ["no_such"]}, "no_such"),
                            ({"name": "Not A Name"}, "a-z"), ({"keys": []}, "keys")):
            with self.subTest(body):
                answer = self.post(**body)
                self.assertEqual(answer.status, 422, answer)
                self.assertIn(words, answer.json()["detail"])
        self.assertEqual(self.post(name=TRIAL["name"]).status, 409)
        again = WHO["admin"].request("POST", f"/v1/insight/experiments/{TRIAL['name']}/stop", {"reason": "again"})
        self.assertEqual(again.status, 409, again)
        self.assertEqual(WHO["admin"].get("/v1/insight/experiments/secret-trial").status, 404)


class Money(unittest.TestCase):
    PATH = "/v1/insight/money"
    SET = {"currency": "EUR", "fiscal_start": 7, "split": 0.3, "commission_cents": None, "coach_hour_cents": 6000,
           "agent_hour_cents": 4000, "coach_hours": 0.5, "agent_hours": 1.25, "licence_cents": 4900}

    def put(self, role="admin", **changes):
        return WHO[role].request("PUT", self.PATH, {**self.SET, **changes})

    def changes(self):
        return [r for r in WHO["auditor"].get("/v1/audit?limit=200").json()["items"] if r["action"] == "tenant.money"]

    def test_what_is_set_is_told_recorded_once_and_taken_back(self):
        was = WHO["admin"].get(self.PATH).json()
        self.addCleanup(self.put, **{k: was[k] for k in self.SET})
        done = self.put()
        DOC.check(DOC.find("PUT", self.PATH), done)
        self.assertEqual(done.json(), {**self.SET, "may_change": True, "simulated": True})
        self.assertEqual(WHO["coach"].get(self.PATH).json(), {**self.SET, "may_change": False, "simulated": True})
        self.assertEqual(WHO["coach"].get("/v1/me").json()["tenant"]["currency"], "EUR")
        recorded = self.changes()
        self.assertEqual(recorded[0]["detail"]["after"], self.SET)
        self.assertEqual(recorded[0]["detail"]["before"], {k: was[k] for k in self.SET})
        self.put()  # the same again is no change
        self.assertEqual(self.changes(), recorded)
        self.assertEqual(self.put(split=None).json()["split"], None)
        self.assertNotEqual(OTHER["admin"].get(self.PATH).json()["currency"], "EUR")

    def test_what_cannot_be_is_refused_in_words_and_changes_nothing(self):
        was = WHO["admin"].get(self.PATH).json()
        for change in ({"split": 1.2}, {"fiscal_start": 13}, {"licence_cents": -1}, {"currency": "XTS"}, {"coach_hours": 1e9}):
            answer = self.put(**change)
            self.assertEqual(answer.status, 422, answer)
            self.assertIn(list(change)[0], answer.json()["detail"])
        self.assertEqual(WHO["admin"].get(self.PATH).json(), was)

    def test_a_manager_of_one_office_may_not_set_what_holds_for_all(self):
        self.assertEqual(self.put("manager").status, 403)
        self.assertFalse(WHO["manager"].get(self.PATH).json()["may_change"])

    def test_the_command_sets_and_shows_the_same_in_units_of_the_currency(self):
        S.cli("tenant", "money", "--tenant", "othertenant", "--licence", "49.50", "--split", "0.25", "--fiscal-start", "4")
        seen = OTHER["admin"].get(self.PATH).json()
        self.assertEqual((seen["licence_cents"], seen["split"], seen["fiscal_start"]), (4950, 0.25, 4))
        self.assertIn("49.50", S.cli("tenant", "money", "--tenant", "othertenant").stdout)
        S.cli("tenant", "money", "--tenant", "othertenant", "--split", "none")
        self.assertIsNone(S.cli("tenant", "money", "--tenant", "othertenant", json=True)["split"])
        for option, value in (("--licence", "1.005"), ("--split", "half"), ("--currency", "EURO"), ("--split", "2")):
            lost = S.cli("tenant", "money", "--tenant", "othertenant", option, value, check=False)
            self.assertNotEqual(lost.returncode, 0)
            self.assertIn(option.strip("-"), lost.stderr)


class Figures(unittest.TestCase):
    def test_contributions_and_bias_add_up_to_the_margin(self):
        seen = 0
        for a in walk(WHO["admin"], "/v1/agents", 200)[:20]:
            for p in (lambda r: (r["goal"], r["closings"]))(WHO["admin"].get(f"/v1/agents/{a['id']}/performance").json()):
                if p:
                    self.assertAlmostEqual(sum(c["shap"] for c in p["contributions"]) + p["bias"], p["margin"], places=4)
                    self.assertEqual(len(p["contributions"]), 46)
                    seen += 1
        self.assertGreater(seen, 0)

    def test_figures_of_a_simulated_tenant_are_labelled_so(self):
        for path in ("/v1/today", "/v1/agents", "/v1/locations", "/v1/models"):
            self.assertEqual(WHO["admin"].get(path).json()["label"], "simulated")
        self.assertEqual(OTHER["admin"].get("/v1/agents").json()["label"], "measured")

    def test_closings_of_the_list_are_those_of_the_database(self):
        for a in walk(WHO["admin"], "/v1/agents", 200)[:15]:
            want = S.sql(f"ehub_shard_{int(a['id'][-2:], 16) % 4}", f"""
              select count(*) from opportunity o,
                (select coalesce((select max(as_of) from prediction where agent_id = '{a["id"]}' and kind = 'goal'),
                  (now() at time zone 'UTC')::date)::timestamp at time zone 'UTC' as midnight) d
              where o.agent_id = '{a["id"]}' and o.status = 'won' and o.closed_at < d.midnight
                and o.closed_at >= d.midnight - interval '30 days'""")[0][0]
            self.assertEqual(a["closings_30d"], int(want), a)


class Pages(unittest.TestCase):
    def test_pages_of_agents_are_the_whole_list_in_order(self):
        whole = walk(WHO["admin"], "/v1/agents", 200)
        for limit in (1, 7):
            self.assertEqual(walk(WHO["admin"], "/v1/agents", limit), whole)
        self.assertEqual([a["name"].encode() for a in whole], sorted(a["name"].encode() for a in whole))

    def test_pages_of_today_hold_every_agent_once_best_first(self):
        whole = walk(WHO["admin"], "/v1/today", 200)
        ids = [t["agent"]["id"] for t in whole]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(set(ids), {a["id"] for a in walk(WHO["admin"], "/v1/agents", 200)})
        self.assertEqual([t["agent"]["id"] for t in walk(WHO["admin"], "/v1/today", 3)], ids)
        gains = [max((i["score"] for i in t["interventions"]), default=-1) for t in whole]
        self.assertEqual(gains, sorted(gains, reverse=True))

    def test_pages_of_activities_have_no_gap(self):
        agent = WHO["admin"].get("/v1/agents?limit=1").json()["items"][0]["id"]
        path = f"/v1/agents/{agent}/activities"
        whole = walk(WHO["admin"], path, 200)
        self.assertEqual(walk(WHO["admin"], path, 37), whole)
        shard = int(agent[-2:], 16) % 4
        self.assertEqual(len(whole), int(S.sql(f"ehub_shard_{shard}", "select count(*) from activity where agent_id = "
                                               f"'{agent}'")[0][0]))

    def test_a_damaged_cursor_is_refused(self):
        cursor = WHO["admin"].get("/v1/agents?limit=1").json()["next"]
        for bad in ("x", cursor[:-3], cursor[:5] + ("A" if cursor[5] != "A" else "B") + cursor[6:]):
            self.assertEqual(WHO["admin"].get(f"/v1/agents?cursor={bad}").status, 400)
        self.assertEqual(WHO["admin"].get(f"/v1/today?cursor={cursor}").status, 400)

    def test_queries_are_checked(self):
        for query in ("limit=0", "limit=201", "limit=x", "location=here", "nothing=1"):
            answer = WHO["admin"].get(f"/v1/agents?{query}")
            self.assertEqual(answer.status, 422, answer)
            self.assertIn(query.split("=")[0], answer.json()["detail"])

    def test_a_name_is_found_by_a_part_of_it(self):
        one = WHO["admin"].get("/v1/agents?limit=1").json()["items"][0]
        found = walk(WHO["admin"], f"/v1/agents?q={one['name'].split()[0].lower()}", 50)
        self.assertIn(one["id"], [a["id"] for a in found])
        self.assertEqual(walk(WHO["admin"], "/v1/agents?q=%25", 50), [])


class TodayKept(unittest.TestCase):
    """Why-lines and reasons are written once and kept; the rows of this moment decide what is shown."""

    def top(self, client=None):
        page = (client or WHO["admin"]).get("/v1/today?limit=200").json()
        return next(t for t in page["items"] if t["drivers"] and t["interventions"]), page

    def sql(self, agent, query):
        return S.sql(f"ehub_shard_{int(agent[-2:], 16) % 4}", query)

    def test_what_is_kept_is_what_was_written_first(self):
        first, again = (WHO["admin"].get("/v1/today?limit=200").body for _ in range(2))
        self.assertEqual(first, again)
        _, page = self.top()
        for t in page["items"]:
            for i in t["interventions"]:
                [[reason]] = self.sql(i["id"], f"select reason::text from intervention where id = '{i['id']}'")
                self.assertEqual(i["reason"], json.loads(reason))

    def test_the_drivers_are_those_of_the_agents_page(self):
        for t in self.top()[1]["items"][:12]:
            page = WHO["admin"].get(f"/v1/agents/{t['agent']['id']}/performance").json()
            goal = page["goal"]
            self.assertEqual(t["drivers"], goal["drivers"][:3])
            self.assertEqual(t["goal"]["probability"], goal["value"])
            self.assertEqual(t["why"], page["summary"])

    def test_a_prediction_that_was_made_again_shows_at_once(self):
        item, _ = self.top()
        agent = item["agent"]["id"]
        where = f"agent_id = '{agent}' and kind = 'goal' and as_of = (select max(as_of) from prediction " \
                f"where agent_id = '{agent}' and kind = 'goal')"
        [[old]] = self.sql(agent, f"select shap::text from prediction where {where}")
        change = "update prediction set made_at = clock_timestamp(), shap = {} where " + where
        try:
            self.sql(agent, change.format("(select array_agg(-2 * v order by n) from unnest(shap) with ordinality u (v, n))"))
            now = next(t for t in self.top()[1]["items"] if t["agent"]["id"] == agent)
            self.assertEqual([d["feature"] for d in now["drivers"]], [d["feature"] for d in item["drivers"]])
            for was, new in zip(item["drivers"], now["drivers"]):
                self.assertAlmostEqual(new["shap"], -2 * was["shap"], places=5)
        finally:
            self.sql(agent, change.format(f"'{old}'::double precision[]"))
        back = next(t for t in self.top()[1]["items"] if t["agent"]["id"] == agent)
        self.assertEqual(back["drivers"], item["drivers"])

    def test_a_changed_reason_shows_at_once(self):
        item, _ = self.top()
        one = item["interventions"][0]
        change = "update intervention set reason = jsonb_set(reason, '{text}', to_jsonb('%s'::text)) where id = '%s'"
        try:
            self.sql(one["id"], change % ("Other words", one["id"]))
            now = next(i for t in self.top()[1]["items"] for i in t["interventions"] if i["id"] == one["id"])
            self.assertEqual(now["reason"]["text"], "Other words")
        finally:
            self.sql(one["id"], change % (one["reason"]["text"].replace("'", "''"), one["id"]))

    def test_each_play_of_the_page_stands_once(self):
        page = WHO["admin"].get("/v1/today?limit=5").json()
        keys = [p["key"] for p in page["plays"]]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(set(keys), {i["key"] for t in page["items"] for i in t["interventions"]})
        book = {p["key"]: p for p in WHO["admin"].get("/v1/playbook").json()["items"]}
        for p in page["plays"]:
            self.assertEqual(p, {k: book[p["key"]][k] for k in p})

    def test_an_offices_page_is_its_part_of_the_whole(self):
        whole = walk(WHO["admin"], "/v1/today", 200)
        for l in WHO["admin"].get("/v1/locations").json()["items"]:
            part = walk(WHO["admin"], f"/v1/today?location={l['id']}", 7)
            self.assertEqual(part, [t for t in whole if t["agent"]["location_id"] == l["id"]])
            self.assertGreater(len(part), 0)

    def test_another_tenants_ids_are_never_on_the_page(self):
        self.top()
        theirs = OTHER["admin"].get("/v1/today").body
        for t in self.top()[1]["items"]:
            self.assertNotIn(t["agent"]["id"].encode(), theirs)
        self.assertNotIn(b"Secret", WHO["admin"].get("/v1/today?limit=200").body)
        self.assertEqual(walk(WHO["admin"], f"/v1/today?location={OTHER['ids']['location']}", 50), [])


class Scope(unittest.TestCase):
    def check_office(self, client, location):
        self.assertEqual({a["location_id"] for a in walk(client, "/v1/agents", 50)}, {location})
        self.assertEqual({t["agent"]["location_id"] for t in walk(client, "/v1/today", 50)}, {location})
        self.assertEqual([l["id"] for l in client.get("/v1/locations").json()["items"]], [location])
        self.assertEqual([l["id"] for l in client.get("/v1/me").json()["locations"]], [location])
        foreign = next(a for a in walk(WHO["admin"], "/v1/agents", 200) if a["location_id"] != location)
        for op in DOC.operations:
            if op.path.startswith("/v1/agents/{id}") and op.method == "GET":
                self.assertEqual(client.get(op.url(id=foreign["id"])).status, 404, op.name)
        self.assertEqual(client.post(f"/v1/agents/{foreign['id']}/messages", {"body": "x"}).status, 404)
        self.assertEqual(client.post(f"/v1/agents/{foreign['id']}/goals", {"metric": "closings", "target": 1}).status, 404)
        self.assertEqual(client.post(f"/v1/agents/{foreign['id']}/predict").status, 404)
        self.assertEqual(client.get(f"/v1/locations/{foreign['location_id']}").status, 404)
        self.assertEqual(walk(client, f"/v1/today?location={foreign['location_id']}", 50), [])

    def test_a_coach_of_an_office_sees_that_office_and_nothing_else(self):
        location = WHO["admin"].get("/v1/locations").json()["items"][0]["id"]
        for role in ("coach", "manager"):
            email = f"scope-{role}-{uuid.uuid4().hex[:8]}@demo.example"
            S.cli("user", "add", email, "--tenant", "demo", "--role", role, "--location", location,
                  input="a long enough password\n")
            token = S.cli("token", "add", email, "--tenant", "demo").stdout.strip()
            self.check_office(S.client(bearer=token), location)

    def test_an_agent_sees_only_the_own_page(self):
        own = WHO["agent"].get("/v1/me").json()["user"]["agent_id"]
        self.assertEqual([a["id"] for a in walk(WHO["agent"], "/v1/agents", 50)], [own])
        self.assertEqual(WHO["agent"].get(f"/v1/agents/{own}/performance").status, 200)
        foreign = next(a["id"] for a in walk(WHO["admin"], "/v1/agents", 200) if a["id"] != own)
        for op in DOC.operations:
            if op.path.startswith("/v1/agents/{id}") and op.method == "GET":
                self.assertEqual(WHO["agent"].get(op.url(id=foreign)).status, 404, op.name)
        self.assertEqual(WHO["agent"].post(f"/v1/agents/{foreign}/messages", {"body": "x"}).status, 404)
        self.assertEqual(WHO["agent"].post(f"/v1/agents/{foreign}/predict").status, 404)


class Tenants(unittest.TestCase):
    """Whoever is logged in at one tenant gets nothing of another, whatever they ask for."""

    def bodies(self, op, ids):
        return {"LoginRequest": None, "TokenRequest": None,
                "SessionRequest": {"at": "2026-01-01T00:00:00Z", "minutes": 5, "topic": "t"},
                "GoalRequest": {"metric": "closings", "target": 3}, "MessageRequest": {"body": "intruder"},
                "DecisionRequest": {"decision": "accept"}, "OutcomeRequest": {"outcome": "improved"},
                "PlayRequest": None}.get((op.request or "").rpartition("/")[2])

    def each_foreign_call(self, client, ids):
        for op in DOC.operations:
            if op.public or "{id}" not in op.path:
                continue
            for kind, foreign in ids.items():
                body = self.bodies(op, ids)
                yield op, kind, client.request(op.method, op.url(id=foreign, key="secret_play"), body)

    def test_no_route_answers_for_another_tenants_ids(self):
        before = self.counts(OTHER["tenant"])
        for role in Members.ROLES:
            for op, kind, answer in self.each_foreign_call(WHO[role], OTHER["ids"]):
                with self.subTest(op.name, role=role, id=kind):
                    self.assertIn(answer.status, (404,) if role in ROLES[op.name] else (403,), answer)
                    self.assertNotIn(b"Secret", answer.body)
        self.assertEqual(self.counts(OTHER["tenant"]), before)

    def test_the_other_way_round_too(self):
        demo = {"agent": WHO["admin"].get("/v1/agents?limit=1").json()["items"][0]["id"],
                "location": WHO["admin"].get("/v1/locations").json()["items"][0]["id"],
                "intervention": own_intervention("admin")}
        for op, kind, answer in self.each_foreign_call(OTHER["admin"], demo):
            if op.path.startswith("/v1/messages/"):
                continue
            with self.subTest(op.name, id=kind):
                self.assertEqual(answer.status, 404, answer)

    def test_no_list_holds_a_row_of_another_tenant(self):
        lists = [o for o in DOC.operations if o.method == "GET" and "{" not in o.path and not o.public
                 and o.path != "/v1/live"]
        for role in Members.ROLES:
            for op in lists:
                if role not in ROLES[op.name]:
                    continue
                text = WHO[role].get(op.path).text
                for secret in ("Secret", "secret_play", OTHER["slug"], OTHER["tenant"], *OTHER["ids"].values()):
                    self.assertNotIn(secret, text, op.name)
        self.assertIn("Secret Agent", OTHER["admin"].get("/v1/agents").text)
        self.assertIn("Secret Play", OTHER["admin"].get("/v1/playbook").text)

    def test_a_cursor_of_another_tenant_shows_only_own_rows(self):
        cursor = WHO["admin"].get("/v1/agents?limit=1").json()["next"]
        answer = OTHER["admin"].get(f"/v1/agents?cursor={cursor}")
        self.assertEqual(answer.status, 200)
        self.assertTrue({a["id"] for a in answer.json()["items"]} <= {OTHER["ids"]["agent"]})

    def test_a_secret_with_another_tenants_name_on_it_is_refused(self):
        import base64
        raw = base64.urlsafe_b64decode(OTHER["admin"].bearer[5:] + "==")
        demo = next(t["id"] for t in S.cli("tenant", "list", json=True) if t["slug"] == "demo")
        forged = base64.urlsafe_b64encode(uuid.UUID(demo).bytes + raw[16:]).decode().rstrip("=")
        self.assertEqual(S.client(bearer="ehub_" + forged).get("/v1/me").status, 401)

    def test_every_table_shows_the_programs_role_only_the_tenants_rows(self):
        for database in ("ehub_control", "ehub_shard_3"):
            tables = [r[0] for r in S.sql(database, "select table_name from information_schema.columns where column_name = "
                                          "'tenant_id' and table_schema = 'public' order by 1")]
            self.assertGreater(len(tables), 8)
            for table in tables:
                with self.subTest(database, table=table):
                    rows = S.sql(database, f"select distinct tenant_id from {table}", role="ehub_app", tenant=OTHER["tenant"])
                    self.assertTrue({r[0] for r in rows} <= {OTHER["tenant"]}, rows)
                    if table not in ("session",):
                        self.assertEqual([r[0] for r in rows], [OTHER["tenant"]], "the test's tenant has a row here")
                    self.assertEqual(S.sql(database, f"select 1 from {table}", role="ehub_app"), [])

    def counts(self, tenant):
        return {t: S.sql("ehub_shard_3", f"select count(*), coalesce(md5(string_agg(x::text, '' order by x::text)), '') from "
                         f"{t} x where tenant_id = '{tenant}'")[0]
                for t in ("agent", "goal", "coaching_session", "intervention", "message", "prediction")}


class Bodies(unittest.TestCase):
    BAD = [
        ("sessions", {"at": "2026-01-01T00:00:00Z", "minutes": 5}, "topic"),
        ("sessions", {"at": "2026-01-01T00:00:00Z", "minutes": "5", "topic": "t"}, "minutes"),
        ("sessions", {"at": "2026-01-01T00:00:00Z", "minutes": 5, "topic": "t", "colour": "red"}, "colour"),
        ("sessions", {"at": "today", "minutes": 5, "topic": "t"}, "at"),
        ("sessions", {"at": "2026-01-01T00:00:00Z", "minutes": 5, "topic": "t", "playbook_key": "no_such"}, "playbook_key"),
        ("goals", {"metric": "fame", "target": 1}, "metric"),
        ("goals", {"metric": "closings", "target": 0}, "target"),
        ("goals", {"metric": "closings", "target": 1, "valid_from": "2026-02-30"}, "valid_from"),
        ("messages", {"body": ""}, "body"),
        ("messages", {"body": "x" * 4001}, "body"),
        ("messages", [], "object"),
    ]

    def test_a_wrong_member_is_named(self):
        agent = WHO["admin"].get("/v1/agents?limit=1").json()["items"][0]["id"]
        for what, body, named in self.BAD:
            with self.subTest(what, named=named):
                answer = WHO["admin"].post(f"/v1/agents/{agent}/{what}", body)
                self.assertEqual(answer.status, 422, answer)
                self.assertIn(named, answer.json()["detail"])

    def test_what_is_not_json_is_refused(self):
        agent = WHO["admin"].get("/v1/agents?limit=1").json()["items"][0]["id"]
        path, js = f"/v1/agents/{agent}/messages", {"Content-Type": "application/json"}
        for raw in (b"{", b'{"body":"a","body":"b"}', b'{"body":"\xff"}', b"", b'{"body":"a"} x', b"[" * 1000):
            self.assertEqual(WHO["admin"].post(path, raw, headers=js).status, 400, raw[:40])
        self.assertEqual(WHO["admin"].post(path, b'{"body":"a"}', headers={"Content-Type": "text/plain"}).status, 422)
        self.assertEqual(self.announce(path, 2_000_000), 413)

    def announce(self, path, length):
        """The answer to a body that is announced and not sent."""
        c = WHO["admin"].connect()
        c.putrequest("POST", path)
        for name, value in WHO["admin"].headers("POST", {"Content-Type": "application/json"}).items():
            c.putheader(name, value)
        c.putheader("Content-Length", str(length))
        c.endheaders()
        try:
            return c.getresponse().status
        finally:
            c.close()


if __name__ == "__main__":
    unittest.main()
