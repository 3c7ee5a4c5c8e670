"""Live delivery: what happens reaches whoever may see it, in order, once, also after interruptions; decisions are sent."""

import contextlib
import json
import queue
import threading
import time
import unittest
import uuid

from harness import stack
from harness.api_check import Document, Members, other_tenant, walk

PASSWORD = "a long enough password"


def setUpModule():
    global S, WHO, DOC, OTHER
    S = stack.shared()
    WHO = Members(S)
    DOC = Document(S.client().get("/v1/openapi.json").json())
    OTHER = other_tenant(S, "othertenant")


class Reader:
    """Reads a stream in a thread; get() waits for the next event, skipping comments."""

    def __init__(self, client, last_id=None):
        self.events, self.last_id, self.all = queue.Queue(), last_id, []
        self.comments = 0
        self.ended = threading.Event()
        self.ready = threading.Event()
        self.error = None
        self.thread = threading.Thread(target=self.run, args=(client, last_id), daemon=True)
        self.thread.start()
        if not self.ready.wait(30):
            raise stack.StackError(f"no stream within 30 s: {self.error}")

    def run(self, client, last_id):
        try:
            with client.events(last_id=last_id) as events:
                for e in events:
                    if "comment" in e:
                        self.comments += 1
                    elif "data" in e:
                        self.last_id = e["id"]
                        self.events.put(e)
                    else:
                        self.last_id = e["id"]
                        self.ready.set()
        except Exception as e:  # a stream may end in any way; what came is what counts
            self.error = e
        self.ended.set()

    def get(self, timeout=30):
        e = self.events.get(timeout=timeout)
        self.all.append(e)
        return e

    def nothing(self, seconds=0.7):
        with contextlib.suppress(queue.Empty):
            raise AssertionError(f"unexpected event {self.events.get(timeout=seconds)}")


def agents():
    return walk(WHO["admin"], "/v1/agents", 200)


def publish(stack_, agent, tenant, number, kind="message"):
    shard = int(agent["id"][-2:], 16) % 4
    payload = json.dumps({"number": number, "agent_id": agent["id"], "location_id": agent["location_id"]})
    stack_.sql(f"ehub_shard_{shard}", f"set ehub.tenant_id = '{tenant}'; select live_publish('{agent['location_id']}', "
               f"'{agent['id']}', '{kind}', '{payload}')")


def tenant_id(slug="demo"):
    return next(t["id"] for t in S.cli("tenant", "list", json=True) if t["slug"] == slug)


class Streams(unittest.TestCase):
    def test_a_message_arrives_with_type_id_and_the_contracts_data(self):
        agent = agents()[0]
        r = Reader(WHO["admin"])
        sent = WHO["coach"].post(f"/v1/agents/{agent['id']}/messages", {"body": "the price is fine\nthe date as well é"})
        DOC.check(DOC.find("POST", "/v1/agents/{id}/messages"), sent)
        e = r.get()
        self.assertEqual(e["event"], "message")
        self.assertRegex(e["id"], r"^\d+\.\d+\.\d+\.\d+$")
        self.assertEqual(e["data"], {"id": sent.json()["id"], "agent_id": agent["id"], "location_id": agent["location_id"],
                                     "from_name": sent.json()["from_name"], "body": "the price is fine\nthe date as well é",
                                     "at": sent.json()["at"]})

    def test_a_prediction_made_now_arrives(self):
        agent = agents()[1]
        r = Reader(WHO["admin"])
        made = WHO["admin"].post(f"/v1/agents/{agent['id']}/predict")
        DOC.check(DOC.find("POST", "/v1/agents/{id}/predict"), made)
        kinds = {}
        for _ in range(2):
            e = r.get()
            self.assertEqual(e["event"], "prediction")
            self.assertEqual(set(e["data"]), {"agent_id", "location_id", "kind", "value", "as_of", "agent_name"})
            kinds[e["data"]["kind"]] = e["data"]["value"]
        self.assertAlmostEqual(kinds["goal"], made.json()["goal"]["value"])

    def test_streams_are_bounded_by_tenant_office_and_agent(self):
        own = WHO["agent"].get("/v1/me").json()["user"]["agent_id"]
        mine = next(a for a in agents() if a["id"] == own)
        colleague = next(a for a in agents() if a["location_id"] == mine["location_id"] and a["id"] != own)
        elsewhere = next(a for a in agents() if a["location_id"] != mine["location_id"])
        email = f"live-{uuid.uuid4().hex[:8]}@demo.example"
        S.cli("user", "add", email, "--tenant", "demo", "--role", "coach", "--location", mine["location_id"],
              input=PASSWORD + "\n")
        office = S.client(bearer=S.cli("token", "add", email, "--tenant", "demo").stdout.strip())
        readers = {"admin": Reader(WHO["admin"]), "office": Reader(office), "agent": Reader(WHO["agent"]),
                   "other": Reader(OTHER["admin"])}
        for n, a in enumerate((mine, colleague, elsewhere)):
            publish(S, a, tenant_id(), n)
        numbers = {name: [readers[name].get()["data"]["number"] for _ in range(count)]
                   for name, count in (("admin", 3), ("office", 2), ("agent", 1))}
        self.assertEqual({k: sorted(v) for k, v in numbers.items()}, {"admin": [0, 1, 2], "office": [0, 1], "agent": [0]})
        for r in readers.values():
            r.nothing()

    def test_a_stream_resumes_without_gap_or_repetition(self):
        tenant = tenant_id()
        some = agents()[:8]  # of several offices, so of several shards
        r = Reader(WHO["admin"])
        for n in range(8):
            publish(S, some[n % 8], tenant, n)
        got = [r.get() for _ in range(8)]
        half = got[3]["id"]
        want = [e["data"]["number"] for e in got[4:]]
        for n in range(8, 12):
            publish(S, some[n % 8], tenant, n)
        again = Reader(WHO["admin"], last_id=half)
        seen = [again.get()["data"]["number"] for _ in range(8)]
        self.assertEqual(sorted(seen), sorted(want + [8, 9, 10, 11]))
        again.nothing()
        quiet = Reader(WHO["admin"])  # a stream that saw no event has a position too
        position = quiet.last_id
        publish(S, some[0], tenant, 99)
        self.assertEqual(Reader(WHO["admin"], last_id=position).get()["data"]["number"], 99)

    def test_reconnecting_at_any_moment_of_a_storm_loses_and_repeats_nothing(self):
        tenant, some, count = tenant_id(), agents()[:6], 240
        start = Reader(WHO["admin"]).last_id

        def storm():
            by_shard = {}
            for n in range(count):
                a = some[n % len(some)]
                by_shard.setdefault(int(a["id"][-2:], 16) % 4, []).append((n, a))
            threads = [threading.Thread(target=self.burst, args=(shard, items, tenant)) for shard, items in by_shard.items()]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        writer = threading.Thread(target=storm)
        writer.start()
        seen, last, connections, by = [], start, 0, time.monotonic() + 60
        while len(seen) < count and time.monotonic() < by:
            connections += 1
            with WHO["admin"].events(last_id=last) as events:
                for e in events:
                    if "id" in e:
                        last = e["id"]
                    if "data" in e and "number" in e["data"]:
                        seen.append(e["data"]["number"])
                        if len(seen) % 17 == 0 or len(seen) == count:
                            break  # leave in the middle
        writer.join()
        self.assertGreater(connections, 10)
        self.assertEqual(sorted(seen), list(range(count)))

    @staticmethod
    def burst(shard, items, tenant):
        statements = "".join(
            f"begin; select live_publish('{a['location_id']}', '{a['id']}', 'message', '{{\"number\": {n}}}'); commit; "
            f"select pg_sleep(0.005);" for n, a in items)
        S.sql(f"ehub_shard_{shard}", f"set ehub.tenant_id = '{tenant}'; {statements}")

    def test_an_id_ahead_of_every_event_is_told_to_read_anew(self):
        r = Reader(WHO["admin"], last_id=".".join(["999999999"] * 4))
        first = r.get()
        self.assertEqual((first["event"], first["data"]), ("resync", {}))
        publish(S, agents()[0], tenant_id(), 77)
        self.assertEqual(r.get()["data"]["number"], 77)
        again = Reader(WHO["admin"], last_id=first["id"])  # the position that came with it is a good one
        self.assertEqual(again.get()["data"]["number"], 77)
        again.nothing()

    def test_a_long_backlog_comes_in_portions_without_gap_or_repetition(self):
        agent, tenant, count = agents()[0], tenant_id(), 400
        shard, last = int(agent["id"][-2:], 16) % 4, Reader(WHO["admin"]).last_id
        S.sql(f"ehub_shard_{shard}", f"set ehub.tenant_id = '{tenant}'; select live_publish('{agent['location_id']}', "
              f"'{agent['id']}', 'message', jsonb_build_object('number', n, 'body', repeat('x', 2000))) "
              f"from generate_series(1, {count}) n")
        seen, portions = [], 0
        while len(seen) < count and portions < 10:
            portions, size = portions + 1, 0
            with WHO["admin"].events(last_id=last) as events:
                for e in events:
                    last = e.get("id", last)
                    if "data" in e:
                        seen.append(e["data"]["number"])
                        size += len(e["data"]["body"])
                    if len(seen) == count:
                        break
            self.assertLess(size, 300_000)
        self.assertEqual(seen, list(range(1, count + 1)))
        self.assertGreater(portions, 2)

    def test_an_old_id_goes_on_although_the_events_after_it_are_deleted(self):
        agent, tenant = agents()[0], tenant_id()
        shard, watcher = int(agent["id"][-2:], 16) % 4, Reader(WHO["admin"])
        old = watcher.last_id
        publish(S, agent, tenant, 5)
        watcher.get()  # the hub has gone past it
        S.sql(f"ehub_shard_{shard}", f"delete from live_event where tenant_id = '{tenant}'")
        r = Reader(WHO["admin"], last_id=old)
        publish(S, agent, tenant, 6)
        self.assertEqual(r.get()["data"]["number"], 6)

    def test_a_foreign_last_event_id_is_refused(self):
        for bad in ("x", "1.2.3", "1.2.3.4.5", "-1.0.0.0", "1.2.3.9999999999999999999999"):
            with self.assertRaisesRegex(stack.StackError, "400"):
                with WHO["admin"].events(last_id=bad):
                    pass

    def test_a_lost_listening_connection_is_made_again_and_nothing_is_missed(self):
        agent, tenant = agents()[0], tenant_id()
        r = Reader(WHO["admin"])
        shard = int(agent["id"][-2:], 16) % 4
        killed = S.sql("postgres", "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = "
                       f"'ehub_shard_{shard}' and usename = 'ehub_app'")
        self.assertGreaterEqual(int(killed[0][0]), 1)
        publish(S, agent, tenant, 4242)
        self.assertEqual(r.get()["data"]["number"], 4242)
        publish(S, agent, tenant, 4243)
        self.assertEqual(r.get()["data"]["number"], 4243)

    def test_a_stream_ends_when_its_token_is_revoked(self):
        made = WHO["auditor"].post("/v1/tokens", {"name": "short"}).json()
        r = Reader(S.client(bearer=made["token"]))
        WHO["auditor"].delete(f"/v1/tokens/{made['id']}")
        self.assertTrue(r.ended.wait(20))


class Decisions(unittest.TestCase):
    """Each takes a suggestion of its own from the demo and leaves the others."""

    def open_suggestion(self):
        for t in walk(WHO["admin"], "/v1/today", 200):
            if t["interventions"]:
                return t["interventions"][0]
        self.fail("the demo has no open suggestion left")

    def row(self, i):
        shard = int(i["id"][-2:], 16) % 4
        return json.loads(S.sql(f"ehub_shard_{shard}", f"select to_jsonb(i) from intervention i where id = '{i['id']}'")[0][0])

    def decide(self, i, body, who="coach", **kw):
        return WHO[who].post(f"/v1/interventions/{i['id']}/decision", body, **kw)

    def test_what_is_accepted_is_stored_with_who_and_what_was_seen_and_is_sent_live(self):
        i = self.open_suggestion()
        r = Reader(WHO["admin"])
        answer = self.decide(i, {"decision": "accept", "message": "Please try this"})
        DOC.check(DOC.find("POST", "/v1/interventions/{id}/decision"), answer)
        self.assertEqual(answer.json()["status"], "accepted")
        row = self.row(i)
        self.assertEqual(row["decided_by"], WHO["coach"].get("/v1/me").json()["user"]["id"])
        self.assertEqual(row["explanation_seen"]["reason"]["text"], i["reason"]["text"])
        self.assertAlmostEqual(row["explanation_seen"]["score"], i["score"])
        self.assertIsNotNone(row["sent_at"])
        events = {(e := r.get())["event"]: e["data"] for _ in range(2)}
        self.assertEqual(events["message"]["body"], "Please try this")
        self.assertEqual(events["intervention"]["status"], "accepted")
        self.assertEqual(set(events["intervention"]), {"id", "agent_id", "location_id", "key", "title", "status", "agent_name"})
        messages = WHO["admin"].get(f"/v1/agents/{i['agent_id']}/messages").json()["items"]
        self.assertEqual(messages[0]["intervention_id"], i["id"])
        second = self.decide(i, {"decision": "refuse", "reason": "too late"})
        self.assertEqual(second.status, 409, second)
        audit = WHO["auditor"].get("/v1/audit?limit=20").json()["items"]
        self.assertIn(("intervention.accept", i["id"]), [(a["action"], a["object"]) for a in audit])
        outcome = WHO["coach"].post(f"/v1/interventions/{i['id']}/outcome", {"outcome": "improved", "note": "n"})
        DOC.check(DOC.find("POST", "/v1/interventions/{id}/outcome"), outcome)
        self.assertEqual((outcome.json()["status"], outcome.json()["outcome"]), ("done", "improved"))
        self.assertEqual(WHO["coach"].post(f"/v1/interventions/{i['id']}/outcome", {"outcome": "worse"}).status, 409)

    def test_refusing_needs_a_reason_and_sends_nothing(self):
        i = self.open_suggestion()
        before = WHO["admin"].get(f"/v1/agents/{i['agent_id']}/messages").json()["items"]
        self.assertEqual(self.decide(i, {"decision": "refuse"}).status, 422)
        answer = self.decide(i, {"decision": "refuse", "reason": "On leave"})
        self.assertEqual(answer.json()["status"], "refused")
        self.assertEqual(answer.json()["decision_reason"], "On leave")
        self.assertIsNone(answer.json()["sent_at"])
        self.assertEqual(WHO["admin"].get(f"/v1/agents/{i['agent_id']}/messages").json()["items"], before)
        self.assertEqual(WHO["coach"].post(f"/v1/interventions/{i['id']}/outcome", {"outcome": "same"}).status, 409)

    def test_changing_sends_the_other_entry(self):
        i = self.open_suggestion()
        other = next(p for p in WHO["coach"].get("/v1/playbook").json()["items"] if p["key"] != i["key"])
        self.assertEqual(self.decide(i, {"decision": "change", "reason": "r"}).status, 422)
        self.assertEqual(self.decide(i, {"decision": "change", "reason": "r", "key": "no_such_key"}).status, 422)
        answer = self.decide(i, {"decision": "change", "reason": "r", "key": other["key"]})
        self.assertEqual((answer.json()["status"], answer.json()["replaced_key"]), ("changed", other["key"]))
        body = WHO["admin"].get(f"/v1/agents/{i['agent_id']}/messages").json()["items"][0]["body"]
        self.assertTrue(body.startswith(other["title"]), body)

    def test_a_disabled_entry_is_not_sent_in_place_of_another(self):
        i = self.open_suggestion()
        other = next(p for p in WHO["coach"].get("/v1/playbook").json()["items"] if p["key"] != i["key"])
        path = f"/v1/playbook/{other['key']}"
        self.assertEqual(WHO["manager"].put(path, dict(other, enabled=False)).status, 200)
        try:
            answer = self.decide(i, {"decision": "change", "reason": "r", "key": other["key"]})
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (422, "application/problem+json"))
            self.assertIn("disabled", answer.json()["detail"])
            self.assertIn(other["key"], answer.json()["detail"])
            self.assertEqual(self.row(i)["status"], "suggested")
        finally:
            WHO["manager"].put(path, dict(other, enabled=True))

    def test_of_two_that_decide_at_once_one_wins(self):
        i = self.open_suggestion()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.decide(i, {"decision": "accept"}).status))
                   for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sorted(answers), [200] + [409] * 7)

    def test_the_same_idempotency_key_is_done_once(self):
        agent = agents()[2]["id"]
        path, key = f"/v1/agents/{agent}/messages", {"Idempotency-Key": uuid.uuid4().hex}
        body = uuid.uuid4().hex
        first = WHO["coach"].post(path, {"body": body}, headers=key)
        again = WHO["coach"].post(path, {"body": body}, headers=key)
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(first.json(), again.json())
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(WHO["coach"].post(path, {"body": "other"}, headers=key).status, 422)
        self.assertEqual(WHO["admin"].post(path, {"body": "other"}, headers=key).status, 201, "keys are a user's own")
        self.assertEqual([m["body"] for m in walk(WHO["admin"], path, 50)].count(body), 1)

    def test_after_a_failure_the_key_is_free_again(self):
        key = {"Idempotency-Key": uuid.uuid4().hex}
        path = f"/v1/agents/{agents()[2]['id']}/sessions"
        session = {"at": "2026-01-01T00:00:00Z", "minutes": 5, "topic": "t", "playbook_key": "no_such"}
        self.assertEqual(WHO["coach"].post(path, session, headers=key).status, 422)
        del session["playbook_key"]
        self.assertEqual(WHO["coach"].post(path, session, headers=key).status, 201)

    def test_the_same_key_sent_at_once_from_many_is_done_once(self):
        agent = agents()[3]["id"]
        path, key, answers = f"/v1/agents/{agent}/messages", {"Idempotency-Key": uuid.uuid4().hex}, []
        body = uuid.uuid4().hex
        threads = [threading.Thread(target=lambda: answers.append(WHO["coach"].post(path, {"body": body}, headers=key).status))
                   for _ in range(10)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertTrue(set(answers) <= {201, 409}, answers)
        self.assertEqual([m["body"] for m in walk(WHO["admin"], path, 50)].count(body), 1)

    def test_an_agent_reads_and_answers(self):
        own = WHO["agent"].get("/v1/me").json()["user"]["agent_id"]
        sent = WHO["admin"].post(f"/v1/agents/{own}/messages", {"body": "to you"}).json()
        self.assertEqual(WHO["agent"].post(f"/v1/messages/{sent['id']}/read").status, 204)
        self.assertIsNotNone(WHO["admin"].get(f"/v1/agents/{own}/messages").json()["items"][0]["read_at"])
        self.assertEqual(WHO["agent"].post(f"/v1/agents/{own}/messages", {"body": "thank you"}).status, 201)
        self.assertEqual(WHO["agent"].post(f"/v1/messages/{uuid.uuid4()}/read").status, 404)

    def test_sessions_and_goals_are_stored_and_shown(self):
        agent = agents()[4]["id"]
        at = "2026-01-15T10:30:00.000Z"
        made = WHO["coach"].post(f"/v1/agents/{agent}/sessions", {"at": at, "minutes": 30, "topic": "Scripts", "notes": "n"})
        DOC.check(DOC.find("POST", "/v1/agents/{id}/sessions"), made)
        shown = next(s for s in walk(WHO["coach"], f"/v1/agents/{agent}/sessions", 50) if s["id"] == made.json()["id"])
        self.assertEqual(shown, made.json())
        goal = WHO["coach"].post(f"/v1/agents/{agent}/goals", {"metric": "closings", "target": 4.5})
        DOC.check(DOC.find("POST", "/v1/agents/{id}/goals"), goal)
        again = WHO["coach"].post(f"/v1/agents/{agent}/goals", {"metric": "closings", "target": 5})
        self.assertEqual(again.status, 201)
        open_ones = [g for g in WHO["coach"].get(f"/v1/agents/{agent}/goals").json()["items"]
                     if g["metric"] == "closings" and g["valid_to"] is None]
        self.assertEqual([g["target"] for g in open_ones], [5])

    def test_the_playbook_is_changed_whole_and_only_with_known_features(self):
        item = WHO["manager"].get("/v1/playbook").json()["items"][0]
        changed = dict(item, title="A better title", drivers=[{"feature": "calls_7d", "when": "low"}])
        answer = WHO["manager"].put(f"/v1/playbook/{item['key']}", changed)
        DOC.check(DOC.find("PUT", "/v1/playbook/{key}"), answer)
        self.assertEqual(answer.json(), changed)
        self.assertEqual(WHO["manager"].put(f"/v1/playbook/{item['key']}", item).json(), item)
        for wrong, named in (({"drivers": [{"feature": "luck", "when": "low"}]}, "luck"), ({"key": "another"}, "key"),
                             ({"effort_agent_min": -1}, "effort_agent_min"), ({"limits": {"per_day": 1}}, "per_day")):
            answer = WHO["manager"].put(f"/v1/playbook/{item['key']}", dict(item, **wrong))
            self.assertEqual(answer.status, 422, answer)
            self.assertIn(named, answer.json()["detail"])


@contextlib.contextmanager
def no_audit():
    """While it lasts, no audit row can be written."""
    function = "on function audit_append(text, text, text, jsonb)"
    S.sql("ehub_control", f"revoke execute {function} from ehub_app", role="ehub_owner")
    try:
        yield
    finally:
        S.sql("ehub_control", f"grant execute {function} to ehub_app", role="ehub_owner")


class PlainWords(unittest.TestCase):
    """What PostgreSQL refuses is said in the field's words; names of its tables and constraints stay in the log."""

    def test_a_constraint_is_told_by_its_field(self):
        item = WHO["manager"].get("/v1/playbook").json()["items"][0]
        S.sql("ehub_control", "alter table playbook add constraint playbook_summary_check check (summary <> 'no good') "
              "not valid", role="ehub_owner")
        try:
            answer = WHO["manager"].put(f"/v1/playbook/{item['key']}", dict(item, summary="no good"))
        finally:
            S.sql("ehub_control", "alter table playbook drop constraint playbook_summary_check", role="ehub_owner")
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual(answer.json()["detail"], 'member "summary": the value is not allowed')

    def test_names_of_the_database_are_not_told(self):
        with no_audit():
            answer = WHO["auditor"].post("/v1/tokens", {"name": "t"})
        self.assertEqual(answer.status, 403, answer)
        for name in ("audit", "function", "permission"):
            self.assertNotIn(name, answer.json()["detail"])


class WithoutAudit(unittest.TestCase):
    """What cannot be written into the audit is not done."""

    def test_an_entry_of_the_playbook_stays_as_it_was(self):
        item = WHO["manager"].get("/v1/playbook").json()["items"][0]
        with no_audit():
            answer = WHO["manager"].put(f"/v1/playbook/{item['key']}", dict(item, title="Nobody saw who did it"))
        self.assertGreaterEqual(answer.status, 400, answer)
        [[title]] = S.sql("ehub_control", f"select title from playbook where key = '{item['key']}' and tenant_id = '{tenant_id()}'")
        self.assertEqual(title, item["title"])

    def test_no_token_is_made_and_none_is_revoked(self):
        made = WHO["auditor"].post("/v1/tokens", {"name": "kept"}).json()
        before = WHO["auditor"].get("/v1/tokens").json()["items"]
        with no_audit():
            self.assertGreaterEqual(WHO["auditor"].post("/v1/tokens", {"name": "not made"}).status, 400)
            self.assertGreaterEqual(WHO["auditor"].delete(f"/v1/tokens/{made['id']}").status, 400)
        self.assertEqual(WHO["auditor"].get("/v1/tokens").json()["items"], before)
        self.assertEqual(S.client(bearer=made["token"]).get("/v1/me").status, 200)
        self.assertEqual(WHO["auditor"].delete(f"/v1/tokens/{made['id']}").status, 204)


if __name__ == "__main__":
    unittest.main()
