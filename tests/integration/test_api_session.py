"""Logging in and out: passwords, cookies, CSRF, tokens, rates; and what the command line does to users."""

import hashlib
import time
import unittest
import uuid

from harness import stack
from harness.api_check import Document

PASSWORD = "a long enough password"


def setUpModule():
    global S
    S = stack.Stack(args=("--set", "api.login.per_minute=1000", "--set", "api.session.cache=300ms")).start()
    unittest.addModuleCleanup(S.close)
    S.cli("tenant", "add", "t1", "--name", "Tenant One")
    for role in ("admin", "auditor"):
        S.cli("user", "add", f"{role}@t1.example", "--role", role, "--name", role.title(), input=PASSWORD + "\n")


def cookie_client():
    return S.client().login("admin@t1.example", PASSWORD)


class Login(unittest.TestCase):
    def test_the_right_password_gives_a_cookie_that_scripts_and_other_sites_cannot_use(self):
        answer = S.client().post("/v1/login", {"email": "Admin@T1.example", "password": PASSWORD})
        self.assertEqual(answer.status, 200, answer)
        cookie = answer.headers["Set-Cookie"]
        for part in ("ehub_session=", "HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie)
        self.assertNotIn("Secure", cookie)
        over_tls = S.client().post("/v1/login", {"email": "admin@t1.example", "password": PASSWORD},
                                   headers={"X-Forwarded-Proto": "https"})
        self.assertIn("Secure", over_tls.headers["Set-Cookie"])
        doc = Document(S.client().get("/v1/openapi.json").json())
        doc.check(doc.find("POST", "/v1/login"), answer)

    def test_wrong_password_unknown_and_disabled_user_look_the_same(self):
        S.cli("user", "add", "gone@t1.example", "--role", "coach", input=PASSWORD + "\n")
        S.cli("user", "disable", "gone@t1.example")
        answers = [S.client().post("/v1/login", {"email": e, "password": p}) for e, p in (
            ("admin@t1.example", "the wrong password"), ("nobody@t1.example", PASSWORD), ("gone@t1.example", PASSWORD))]
        self.assertEqual([a.status for a in answers], [401] * 3)
        self.assertEqual(len({a.json()["detail"] for a in answers}), 1)

    def test_an_account_has_one_name_and_not_one_more_for_each_letter_that_looks_the_same(self):
        S.cli("user", "add", "kim@t1.example", "--role", "coach", input=PASSWORD + "\n")
        statuses = [S.client().post("/v1/login", {"email": e, "password": PASSWORD}).status
                    for e in ("Kim@t1.example", "\u212aim@t1.example", "k\u0130m@t1.example")]
        self.assertEqual(statuses, [200, 401, 401])

    def test_an_unknown_user_costs_as_much_time_as_a_known_one(self):
        def median_ms(email):
            times = []
            for _ in range(9):
                began = time.perf_counter()
                S.client().post("/v1/login", {"email": email, "password": "the wrong password"})
                times.append((time.perf_counter() - began) * 1000)
            return sorted(times)[4]
        known, unknown = median_ms("admin@t1.example"), median_ms("nobody@t1.example")
        print(f"# wrong password {known:.1f} ms, unknown user {unknown:.1f} ms", flush=True)
        self.assertGreater(unknown, known / 3, "the hash is computed for both")

    def test_only_hashes_of_secrets_are_stored(self):
        import base64
        c = cookie_client()
        raw = base64.urlsafe_b64decode(c.cookies["ehub_session"] + "==")
        want = hashlib.sha256(raw[16:]).hexdigest()
        rows = [r[0] for r in S.sql("ehub_control", "select encode(token_hash, 'hex') from session")]
        self.assertIn(want, rows)
        text = str(S.sql("ehub_control", "select * from session")) + str(S.sql("ehub_control", "select * from app_user"))
        self.assertNotIn(c.cookies["ehub_session"], text)
        self.assertNotIn(PASSWORD, text)
        self.assertIn("$argon2id$", text)

    def test_logging_out_ends_the_session_at_once(self):
        c = cookie_client()
        self.assertEqual(c.get("/v1/me").status, 200)
        kept = c.cookies["ehub_session"]
        self.assertEqual(c.post("/v1/logout", {}).status, 204)
        self.assertNotEqual(c.cookies["ehub_session"], kept)
        c.cookies["ehub_session"] = kept
        self.assertEqual(c.get("/v1/me").status, 401)

    def test_a_disabled_user_is_out_within_the_cache_time(self):
        S.cli("user", "add", "leaver@t1.example", "--role", "coach", input=PASSWORD + "\n")
        c = S.client().login("leaver@t1.example", PASSWORD)
        self.assertEqual(c.get("/v1/me").status, 200)
        S.cli("user", "disable", "leaver@t1.example")
        stack.wait_until(lambda: c.get("/v1/me").status == 401, 20)

    def test_an_expired_session_is_refused(self):
        c = cookie_client()
        S.sql("ehub_control", "update session set expires_at = now() - interval '1 second'")
        stack.wait_until(lambda: c.get("/v1/me").status == 401, 20)


class Csrf(unittest.TestCase):
    def test_a_change_needs_the_token(self):
        c = cookie_client()
        good, c.csrf = c.csrf, None
        for headers in ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": good[:-1]}, {"X-CSRF-Token": ""}):
            self.assertEqual(c.post("/v1/tokens", {"name": "t"}, headers=headers).status, 403)
        self.assertEqual(c.post("/v1/tokens", {"name": "t"}, headers={"X-CSRF-Token": good}).status, 201)
        self.assertEqual(c.get("/v1/me").json()["csrf"], good)

    def test_a_change_from_another_origin_is_refused(self):
        c = cookie_client()
        for origin, status in (("https://evil.example", 403), ("null", 403), (S.url, 201)):
            self.assertEqual(c.post("/v1/tokens", {"name": "t"}, headers={"Origin": origin}).status, status, origin)
        self.assertEqual(S.client().post("/v1/login", {"email": "admin@t1.example", "password": PASSWORD},
                                         headers={"Origin": "https://evil.example"}).status, 403)


class Tokens(unittest.TestCase):
    def test_a_token_works_without_csrf_until_it_is_revoked(self):
        c = cookie_client()
        made = c.post("/v1/tokens", {"name": "program", "expires_in_days": 30}).json()
        program = S.client(bearer=made["token"])
        self.assertEqual(program.get("/v1/me").json()["user"]["email"], "admin@t1.example")
        self.assertEqual(program.post("/v1/tokens", {"name": "another"}).status, 201)
        listed = c.get("/v1/tokens").json()["items"]
        self.assertIn(made["id"], [t["id"] for t in listed])
        self.assertNotIn(made["token"], str(listed))
        self.assertEqual(c.delete(f"/v1/tokens/{made['id']}").status, 204)
        self.assertEqual(program.get("/v1/me").status, 401)
        self.assertEqual(c.delete(f"/v1/tokens/{made['id']}").status, 404)

    def test_nobody_revokes_anothers_token(self):
        made = cookie_client().post("/v1/tokens", {"name": "mine"}).json()
        other = S.client().login("auditor@t1.example", PASSWORD)
        self.assertEqual(other.delete(f"/v1/tokens/{made['id']}").status, 404)
        self.assertEqual(S.client(bearer=made["token"]).get("/v1/me").status, 200)

    def test_the_answer_with_a_secret_is_never_kept_for_a_repetition(self):
        answer = cookie_client().post("/v1/tokens", {"name": "x"}, headers={"Idempotency-Key": "k1"})
        self.assertEqual(answer.status, 422)
        self.assertNotIn("ehub_", str(S.sql("ehub_control", "select * from idempotency")))

    def test_tokens_of_the_command_line(self):
        token = S.cli("token", "add", "auditor@t1.example", "--name", "nightly export").stdout.strip()
        c = S.client(bearer=token)
        self.assertEqual(c.get("/v1/me").json()["user"]["role"], "auditor")
        ident = next(t["id"] for t in c.get("/v1/tokens").json()["items"] if t["name"] == "nightly export")
        S.cli("token", "revoke", ident)
        stack.wait_until(lambda: c.get("/v1/me").status == 401, 20)


class Rates(unittest.TestCase):
    def test_too_many_tries_are_told_when_to_come_back(self):
        with stack.Stack(args=("--set", "api.login.per_minute=3")) as s:
            s.start()
            s.cli("tenant", "add", "r1", "--name", "R")
            answers = [s.client().post("/v1/login", {"email": "a@r1.example", "password": "x" * 12}) for _ in range(5)]
            self.assertEqual([a.status for a in answers], [401, 401, 401, 429, 429])
            self.assertIn(int(answers[-1].headers["Retry-After"]), range(1, 22))


class Proxies(unittest.TestCase):
    """Everybody behind a trusted proxy has a limit of their own; nobody else can choose an address."""

    def tries(self, s, client, count):
        """Each for another account, so that only the address counts."""
        return [s.client().post("/v1/login", {"email": f"{uuid.uuid4().hex}@r1.example", "password": "x" * 12},
                                headers={"X-Forwarded-For": client}).status for _ in range(count)]

    def test_clients_behind_a_trusted_proxy_do_not_share_a_limit(self):
        with stack.fresh(args=("--set", "api.login.per_minute=3", "--set", "http.trusted_proxies=127.0.0.0/8")) as s:
            s.cli("tenant", "add", "r1", "--name", "R")
            s.cli("user", "add", "a@r1.example", "--role", "admin", input=PASSWORD + "\n")
            self.assertEqual(self.tries(s, "203.0.113.1", 5), [401] * 3 + [429] * 2)
            self.assertEqual(self.tries(s, "198.51.100.7, 203.0.113.2", 5), [401] * 3 + [429] * 2)
            self.assertEqual(self.tries(s, "198.51.100.8, 203.0.113.2", 1), [429], "what the client claims is not looked at")
            self.assertEqual(self.tries(s, "damaged", 4), [401] * 3 + [429])
            c = s.client()
            c.post("/v1/login", {"email": "a@r1.example", "password": PASSWORD}, headers={"X-Forwarded-For": "203.0.113.3"})
            row = next(a for a in c.get("/v1/audit").json()["items"] if a["action"] == "user.login")
            self.assertEqual(row["detail"], {"address": "203.0.113.3"})

    def test_without_trusted_proxies_the_header_counts_for_nothing(self):
        with stack.fresh(args=("--set", "api.login.per_minute=3")) as s:
            self.assertEqual([self.tries(s, f"203.0.113.{n}", 1)[0] for n in range(5)], [401] * 3 + [429] * 2)

    def test_a_wrong_network_is_refused_at_the_start(self):
        done = S.cli("serve", "--set", "http.trusted_proxies=10.0.0.0/99", "--set", f"http.port={stack.free_port()}",
                     check=False, timeout=30)
        self.assertEqual(done.returncode, 65)
        self.assertIn("10.0.0.0/99", done.stderr)


class Commands(unittest.TestCase):
    def test_users_and_tenants_are_listed(self):
        self.assertIn("t1", [t["slug"] for t in S.cli("tenant", "list", json=True)])
        self.assertIn("admin@t1.example", [u["email"] for u in S.cli("user", "list", json=True)])

    def test_wrong_input_is_refused_with_its_place(self):
        for words, text, status in (
                (("user", "add", "x@t1.example", "--role", "king"), "--role", 64),
                (("user", "add", "x@t1.example", "--role", "agent"), "--agent", 64),
                (("user", "disable", "nobody@t1.example"), "nobody@t1.example", 66),
                (("tenant", "add", "Not A Slug", "--name", "x"), "Not A Slug", 65),
                (("tenant", "add", "t1", "--name", "x"), "t1", 75),
                (("user", "list", "--tenant", "none"), "none", 66)):
            done = S.cli(*words, check=False, input=PASSWORD + "\n")
            self.assertIn(text, done.stderr, words)
            self.assertEqual(done.returncode, status, (words, done.stderr))
        done = S.cli("user", "add", "x@t1.example", "--role", "coach", check=False, input="short\n")
        self.assertEqual(done.returncode, 65, done.stderr)

    def test_a_new_password_ends_the_old_one(self):
        S.cli("user", "add", "changer@t1.example", "--role", "coach", input=PASSWORD + "\n")
        c = S.client().login("changer@t1.example", PASSWORD)
        S.cli("user", "password", "changer@t1.example", input="another long password\n")
        stack.wait_until(lambda: c.get("/v1/me").status == 401, 20)
        self.assertEqual(S.client().post("/v1/login", {"email": "changer@t1.example", "password": PASSWORD}).status, 401)
        S.client().login("changer@t1.example", "another long password")


class Audit(unittest.TestCase):
    def test_the_chain_is_whole_and_a_changed_row_is_named(self):
        cookie_client()
        whole = S.cli("audit", "verify", "--tenant", "t1").stdout
        self.assertRegex(whole, r"^t1: \d+ rows, whole; head [0-9a-f]{64}\n$")
        self.assertIn("user.login", S.cli("audit", "list").stdout)
        denied = S.sql("ehub_control", "update audit set actor = 'x'", role="ehub_app", check=False)
        self.assertIn("permission denied", denied.stderr)
        kept = S.sql("ehub_control", "select actor from audit where seq = 2")[0][0]
        S.sql("ehub_control", "update audit set actor = 'somebody else' where seq = 2")
        broken = S.cli("audit", "verify", "--tenant", "t1", check=False)
        self.assertEqual(broken.returncode, 65)
        self.assertIn("row 2", broken.stderr)
        S.sql("ehub_control", f"update audit set actor = '{kept}' where seq = 2")
        S.cli("audit", "verify", "--tenant", "t1")
        S.sql("ehub_control", "create table cut as select * from audit where seq = 3; delete from audit where seq = 3")
        self.assertEqual(S.cli("audit", "verify", "--tenant", "t1", check=False).returncode, 65)
        S.sql("ehub_control", "insert into audit select * from cut; drop table cut")
        S.cli("audit", "verify", "--tenant", "t1")


if __name__ == "__main__":
    unittest.main()
