"""ehub serve as a process: starts, tells whether it is ready, reads its settings again, does its nightly work, stops whole."""

import contextlib
import hashlib
import signal
import socket
import subprocess
import threading
import time
import unittest
import uuid
from datetime import datetime, timezone

from harness import stack
from harness.api_check import Members, other_tenant

PASSWORD = "a long enough password"


class Server:
    """`ehub serve` by hand on a stack that has only the database."""

    def __init__(self, s, *sets, config=None, env=None):
        self.stack, self.port = s, stack.free_port()
        words = s.command("serve", *[w for one in (f"http.port={self.port}", *sets) for w in ("--set", one)],
                          *(["--config", str(config)] if config else []))
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/",
                                        env=dict(s.env, **(env or {})), stdin=subprocess.DEVNULL)
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True)
        self.reader.start()
        self.url = self.process.stdout.readline().strip()

    def client(self, **kw):
        return stack.Client(self.url, **kw)

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        status = self.process.wait(30)
        self.reader.join(5)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def setUpModule():
    global S
    S = stack.Stack(database_only=True).start()
    unittest.addModuleCleanup(S.close)
    S.cli("tenant", "add", "demo", "--name", "Demo")
    for role in ("admin", "auditor"):
        S.cli("user", "add", f"{role}@demo.example", "--role", role, input=PASSWORD + "\n")


def token():
    return S.cli("token", "add", "admin@demo.example", "--tenant", "demo").stdout.strip()


class Serve(unittest.TestCase):
    def test_it_prints_its_address_and_answers(self):
        with Server(S) as v:
            self.assertEqual(v.url, f"http://127.0.0.1:{v.port}")
            self.assertEqual(v.client().get("/healthz").json(), {"status": "ok"})
            self.assertEqual(v.client().get("/readyz").status, 200)
            self.assertEqual(v.stop(), 0)

    def test_sigterm_lets_running_streams_end_and_exits_with_0(self):
        with Server(S) as v:
            ended = threading.Event()
            opened = threading.Event()

            def read():
                with contextlib.suppress(Exception), v.client(bearer=token()).events() as events:
                    for _ in events:
                        opened.set()
                ended.set()
            threading.Thread(target=read, daemon=True).start()
            self.assertTrue(opened.wait(30))
            codes = []

            def watch():
                while v.process.poll() is None:
                    with contextlib.suppress(OSError):
                        codes.append(v.client(timeout=2).get("/readyz").status)
                    time.sleep(0.02)
            watcher = threading.Thread(target=watch)
            watcher.start()
            stack.wait_until(lambda: 200 in codes, 30)
            self.assertEqual(v.stop(), 0)
            watcher.join()
            self.assertTrue(ended.wait(30))
            self.assertIn(503, codes, "a balancer is told before connections are refused")

    def test_a_port_in_use_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = S.cli("serve", "--set", f"http.port={port}", check=False, timeout=60)
            self.assertEqual(done.returncode, 69, done.stderr)
            self.assertIn(str(port), done.stderr)

    def test_sighup_reads_the_settings_again_and_a_bad_file_changes_nothing(self):
        path = S.data / "test-serve.yaml"
        path.write_text(f"data:\n  dir: {S.data}\napi:\n  login:\n    per_minute: 1000\n")

        def tries(v):
            return [v.client().post("/v1/login", {"email": "x@demo.example", "password": "wrong password"}).status
                    for _ in range(4)]
        with Server(S, config=path) as v:
            self.assertEqual(tries(v), [401] * 4)
            path.write_text("api:\n  login:\n    per_minutes: 1\n")
            v.process.send_signal(signal.SIGHUP)
            stack.wait_until(lambda: any("per_minutes" in l for l in v.lines), 30)
            self.assertEqual(tries(v), [401] * 4)
            path.write_text(f"data:\n  dir: {S.data}\napi:\n  login:\n    per_minute: 1\n")
            v.process.send_signal(signal.SIGHUP)
            stack.wait_until(lambda: any("read again" in l for l in v.lines), 30)
            self.assertEqual(tries(v)[1:], [429] * 3)
            self.assertEqual(v.stop(), 0)

    def test_without_the_database_it_is_alive_and_not_ready(self):
        drop = ("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'ehub_app'",)
        with Server(S, "pg.pool.wait=500ms", "pg.connect_timeout=500ms") as v:
            self.assertEqual(v.client().get("/readyz").status, 200)
            try:
                S.sql("postgres", "alter role ehub_app nologin")
                S.sql("postgres", *drop)
                stack.wait_until(lambda: v.client().get("/readyz").status == 503, 20)
                self.assertEqual(v.client().get("/healthz").status, 200)
            finally:
                S.sql("postgres", "alter role ehub_app login")
            stack.wait_until(lambda: v.client().get("/readyz").status == 200, 30)
            self.assertEqual(v.stop(), 0)

    def test_metrics_are_there_in_both_formats(self):
        with Server(S) as v:
            c = v.client(bearer=token())
            c.get("/v1/me")
            c.get("/v1/agents")
            text = c.get("/metrics").text
            for name in ("ehub_http_requests_total", "ehub_http_request_seconds_bucket", "ehub_rt_pool_jobs",
                         "ehub_api_session_lookups_total", "ehub_live_listen_connects_total", "ehub_pg_pool_in_use"):
                self.assertIn(name, text)
            opened = c.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
            self.assertTrue(opened.headers["Content-Type"].startswith("application/openmetrics-text"))
            self.assertTrue(opened.text.endswith("# EOF\n"))
            v.stop()

    def test_the_console_and_its_headers(self):
        with Server(S) as v:
            for path in ("/", "/agents/some-page"):
                page = v.client().get(path)
                self.assertEqual(page.status, 200)
                self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
                self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
            self.assertEqual(v.client().get("/assets/none.js").status, 404)
            self.assertEqual(v.client().get("/v1/nothing").status, 404)
            self.assertEqual(v.client().post("/v1/me").status, 405)
            again = v.client().get("/", headers={"If-None-Match": page.headers["ETag"]})
            self.assertEqual((again.status, again.body), (304, b""))
            v.stop()

    def test_silent_streams_get_heartbeats(self):
        with Server(S, "live.heartbeat=300ms") as v:
            with v.client(bearer=token()).events() as events:
                began, beats = time.monotonic(), 0
                for e in events:
                    beats += e.get("comment") == "heartbeat"
                    if beats == 3:
                        break
                self.assertLess(time.monotonic() - began, 10)
            v.stop()

    @staticmethod
    def nightly_now():
        now = datetime.now(timezone.utc)
        if now.minute >= 58:  # the hour must not change before the server has looked at it
            time.sleep((60 - now.minute) * 60 - now.second)
        return f"coach.nightly_hour={datetime.now(timezone.utc).hour}"

    def test_the_nightly_run_passes_over_a_tenant_without_data(self):
        with Server(S, self.nightly_now()) as v:
            def ended():
                return [l for l in v.client().get("/metrics").text.splitlines() if l.startswith("ehub_jobs_runs_total{")
                        and "nightly" in l]
            stack.wait_until(ended, 60)
            self.assertEqual(ended(), ['ehub_jobs_runs_total{job="nightly",result="ok"} 1'], v.lines)
            self.assertEqual(v.stop(), 0)
            self.assertEqual(sum("the nightly run begins" in l for l in v.lines), 1)

    def test_the_nightly_run_is_left_to_the_server_that_holds_the_lock(self):
        setting = self.nightly_now()
        holder = threading.Thread(target=lambda: S.sql(
            "ehub_control", "select pg_advisory_lock(hashtextextended('ehub nightly', 0)); select pg_sleep(100)",
            role="ehub_app", check=False))
        holder.start()
        try:
            stack.wait_until(lambda: S.sql("ehub_control", "select 1 from pg_locks where locktype = 'advisory'"), 30)
            with Server(S, setting) as v:
                stack.wait_until(lambda: any("done by another server" in l for l in v.lines), 60)
                self.assertEqual(v.stop(), 0)
                self.assertFalse(any("the nightly run begins" in l for l in v.lines))
        finally:
            S.sql("ehub_control", "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
            holder.join()


class LostAnswers(unittest.TestCase):
    """A request that may have been carried out is not carried out again under the same Idempotency-Key."""

    def setUp(self):
        self.tenant = other_tenant(S, "lostanswers")
        self.path = f"/v1/agents/{self.tenant['ids']['agent']}/messages"
        self.key = {"Idempotency-Key": uuid.uuid4().hex}
        self.body = {"body": uuid.uuid4().hex}

    def post(self, server):
        return server.client(bearer=self.tenant["admin"].bearer).post(self.path, self.body, headers=self.key)

    def stored(self):
        return int(S.sql("ehub_shard_3", f"select count(*) from message where body = '{self.body['body']}'")[0][0])

    def set_row(self, what):
        hashed = hashlib.sha256(self.key["Idempotency-Key"].encode()).hexdigest()
        S.sql("ehub_control", f"update idempotency set {what} where key = '{hashed}'")

    def test_a_commit_whose_answer_is_lost_keeps_the_key(self):
        with Server(S, env={"EHUB_FAULT": "pg.commit.lost"}) as v:
            self.assertEqual(self.post(v).status, 503)
            self.assertEqual(self.stored(), 1)
            again = self.post(v)
            self.assertEqual(again.status, 409, again)
            self.assertIn("not known", again.json()["detail"])
        with Server(S) as v:
            self.assertEqual(self.post(v).status, 409)
            self.set_row("created_at = now() - interval '1 hour'")
            self.assertEqual(self.post(v).status, 409, "neither does time free it")
        self.assertEqual(self.stored(), 1)

    def test_a_request_that_died_with_its_process_is_not_repeated(self):
        with Server(S) as v:
            self.assertEqual(self.post(v).status, 201)
            self.set_row("status = null, body = null")
            self.assertIn("still running", self.post(v).json()["detail"])
            self.set_row("created_at = now() - interval '1 hour'")
            again = self.post(v)
            self.assertEqual(again.status, 409, again)
            self.assertIn("not known", again.json()["detail"])
        self.assertEqual(self.stored(), 1)


class Night(unittest.TestCase):
    def test_the_nightly_run_predicts_finds_effects_and_chooses(self):
        s, setting = stack.shared(), Serve.nightly_now()
        began = s.sql("ehub_control", "select now()")[0][0]
        with Server(s, setting) as v:
            ok = 'ehub_jobs_runs_total{job="nightly",result="ok"} 1'
            try:
                stack.wait_until(lambda: ok in v.client().get("/metrics").text.splitlines(), 300)
            except stack.StackError as e:
                self.fail(f"{e}: {v.lines}")
            figures = v.client().get("/metrics").text
            self.assertIn('ehub_jobs_runs_total{job="effects",result="ok"} 1', figures.splitlines())
            self.assertIn('ehub_jobs_last_success_seconds{job="effects"} ', figures)
            self.assertEqual(v.stop(), 0)
        self.assertIn(["demo"], s.sql("ehub_control", f"select distinct t.slug from effect_estimate e join tenant t on t.id = e.tenant_id "
                                      f"where made_at > '{began}'"))
        made = [int(s.sql(f"ehub_shard_{i}", f"select count(*) from prediction where made_at > '{began}'")[0][0])
                for i in range(4)]
        self.assertGreater(sum(made), 50)


class EffectUpdate(unittest.TestCase):
    """POST /v1/insight/update: what an update finds is in test_insight_store.py; here how it runs."""

    @classmethod
    def setUpClass(cls):
        S.cli("demo", "generate", "--tenant", "tiny", "--agents", "6", "--months", "6", "--seed", "3")
        cls.who = {role: S.cli("token", "add", f"{role}@tiny.example", "--tenant", "tiny").stdout.strip() for role in ("admin", "manager", "auditor")}
        cls.tenant = S.sql("ehub_control", "select id from tenant where slug = 'tiny'")[0][0]

    def client(self, v, role="admin"):
        return v.client(bearer=self.who[role])

    def state(self, v, who=None):
        answer = (who or self.client(v)).get("/v1/insight/update")
        return answer.json()

    def ended(self, v, who=None):
        stack.wait_until(lambda: self.state(v, who)["state"] != "running", 120)
        return self.state(v, who)

    def leave(self, state, beat, ended="null", reason="null"):
        S.sql("ehub_control", f"""delete from effect_update where tenant_id = '{self.tenant}'; insert into effect_update
          (tenant_id, state, asked_by, started_at, beat_at, ended_at, reason) values ('{self.tenant}', '{state}', 'ehub', {beat}, {beat}, {ended}, {reason})""")

    def audited(self):
        return int(S.sql("ehub_control", f"select count(*) from audit where tenant_id = '{self.tenant}' and action = 'insight.update'")[0][0])

    def test_it_is_accepted_at_once_and_finds_the_effects(self):
        before = self.audited()
        with Server(S) as v:
            answer = self.client(v).post("/v1/insight/update", {})
            self.assertEqual((answer.status, answer.json()["state"], answer.json()["may_update"]), (202, "running", True), answer)
            done = self.ended(v)
            self.assertEqual((done["state"], done["reason"]), ("done", None), v.lines)
            self.assertGreaterEqual(done["ended_at"], done["started_at"])
            made = {i["made_at"] for i in self.client(v).get("/v1/insight/effects").json()["items"]}
            self.assertEqual(len(made), 1)
            self.assertGreaterEqual(made.pop(), done["started_at"])
        self.assertEqual(self.audited(), before + 1)

    def test_one_runs_at_a_time_and_one_whose_server_is_gone_counts_as_failed(self):
        before = self.audited()
        with Server(S) as v:
            self.leave("running", "now()")
            refused = self.client(v).post("/v1/insight/update", {})
            self.assertEqual((refused.status, refused.json()["detail"]), (409, "an update of the effects is running already"))
            self.assertEqual(self.state(v)["state"], "running")
            self.assertEqual(self.audited(), before)
            self.leave("running", "now() - interval '2 minutes'")
            self.assertEqual((self.state(v)["state"], self.state(v)["reason"]), ("failed", "the server that ran it is gone"))
            self.assertEqual(self.client(v).post("/v1/insight/update", {}).status, 202)
            self.assertEqual(self.ended(v)["state"], "done")

    def test_of_several_who_ask_at_the_same_instant_one_is_taken(self):
        with Server(S) as v:
            self.leave("done", "now()", "now()")
            status = []
            threads = [threading.Thread(target=lambda: status.append(self.client(v).post("/v1/insight/update", {}).status)) for _ in range(6)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(sorted(status), [202] + [409] * 5)
            self.assertEqual(self.ended(v)["state"], "done")

    def test_a_failure_is_told_with_its_reason(self):
        with Server(S) as v:
            empty = v.client(bearer=token())  # a tenant without data
            self.assertEqual(self.state(v, empty)["state"], "never")
            self.assertEqual(empty.post("/v1/insight/update", {}).status, 202)
            failed = self.ended(v, empty)
            self.assertEqual((failed["state"], failed["reason"]), ("failed", "there are no data yet"), v.lines)
            self.assertTrue(failed["may_update"])

    def test_a_server_that_stops_leaves_nothing_running(self):
        with Server(S) as v:
            self.assertEqual(self.client(v).post("/v1/insight/update", {}).status, 202)
            self.assertEqual(v.stop(), 0)
        with Server(S) as v:
            self.assertIn(self.state(v)["state"], ("failed", "done"))  # it may have been quicker

    def test_whoever_sees_one_office_and_whoever_only_reads_may_not_ask(self):
        with Server(S) as v:
            self.assertEqual(self.client(v, "manager").post("/v1/insight/update", {}).status, 403)
            self.assertEqual(self.client(v, "auditor").post("/v1/insight/update", {}).status, 403)
            for role in ("manager", "auditor"):
                self.assertFalse(self.client(v, role).get("/v1/insight/update").json()["may_update"])


class Streams(unittest.TestCase):
    def test_a_user_has_so_many_streams_and_others_have_theirs(self):
        with Server(S, "live.streams_per_user=3", "live.heartbeat=200ms") as v, contextlib.ExitStack() as held:
            admin, auditor = token(), S.cli("token", "add", "auditor@demo.example", "--tenant", "demo").stdout.strip()
            opened = [held.enter_context(v.client(bearer=admin).events()) for _ in range(3)]
            self.assertEqual(len(opened), 3)
            refused = v.client(bearer=admin).get("/v1/live")
            self.assertEqual((refused.status, refused.headers["Retry-After"]), (429, "5"))
            self.assertIn("live.streams_per_user", refused.json()["detail"])
            with v.client(bearer=auditor).events():
                pass
            held.close()

            def free():
                try:
                    with v.client(bearer=admin).events():
                        return True
                except stack.StackError:
                    return False
            stack.wait_until(free, 20)

    def test_a_thousand_idle_streams_cost_no_thread_and_little_memory(self):
        with Server(S, "live.heartbeat=500ms", "live.streams_per_user=2000") as v:
            bearer, count = token(), 1000
            status = lambda name: int(next(l for l in open(f"/proc/{v.process.pid}/status") if l.startswith(name)).split()[1])
            v.client(bearer=bearer).get("/v1/me")
            threads, rss = status("Threads"), status("VmRSS")
            request = f"GET /v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\n\r\n".encode()
            sockets = []
            try:
                for _ in range(count):
                    s = socket.create_connection(("127.0.0.1", v.port), timeout=30)
                    s.sendall(request)
                    sockets.append(s)
                for s in sockets:
                    self.assertIn(b" 200 ", s.recv(300))
                self.assertEqual(status("Threads"), threads)
                kib = (status("VmRSS") - rss) / count
                print(f"# {kib:.1f} KiB for each idle stream", flush=True)
                self.assertLess(kib, 64)
            finally:
                for s in sockets:
                    s.close()
            gone = lambda: "ehub_live_streams 0" in v.client().get("/metrics").text.splitlines()
            stack.wait_until(gone, 60)
            self.assertEqual(v.stop(), 0)


if __name__ == "__main__":
    unittest.main()
