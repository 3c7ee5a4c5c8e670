"""With pii.vault the platform seals what it would redact: the values come back for those with the right, in the API and on the command
line, and for nobody any more once the key of their subject is destroyed."""
import re
import subprocess
import unittest

from harness import stack
from harness.api_check import other_tenant
from test_api_serve import Server

TEXT = "Please call Maria Lopez at (212) 736-5000 before Friday."
TOKENS = re.compile(r"\[(?:PERSON|PHONE_NUMBER):e1\.[A-Za-z0-9_-]+\]")


def setUpModule():
    global S, ACME, VAULT, KEY
    S = stack.Stack(database_only=True).start()
    unittest.addModuleCleanup(S.close)
    ACME = other_tenant(S, "acme")
    for role in ("manager", "auditor"):
        S.cli("user", "add", f"{role}@acme.example", "--tenant", "acme", "--role", role, input="a long enough password\n")
    VAULT, KEY = S.data / "vault", S.data / "secrets/pii.key"


def client(v, role="admin"):
    return v.client(bearer=S.cli("token", "add", f"{role}@acme.example", "--tenant", "acme").stdout.strip())


def restore(text, tenant="acme"):
    return subprocess.run([stack.EHUB, "pii", "restore", "--vault", VAULT, "--key", KEY, "--tenant", tenant], input=text,
                          text=True, capture_output=True, timeout=60)


class Vault(unittest.TestCase):
    def test_values_are_sealed_come_back_for_those_with_the_right_and_are_gone_when_erased(self):
        agent = ACME["ids"]["agent"]
        with Server(S, f"pii.vault={VAULT}") as v:
            admin = client(v)
            sent = admin.post(f"/v1/agents/{agent}/messages", {"body": TEXT})
            self.assertEqual(sent.status, 201, sent)
            stored = S.sql("ehub_shard_3", f"select body from message where id = '{sent.json()['id']}'")[0][0]
            self.assertEqual(len(TOKENS.findall(stored)), 2, stored)
            self.assertNotIn("Lopez", stored)

            back = admin.post("/v1/pii/restore", {"text": stored})
            self.assertEqual((back.status, back.json()), (200, {"text": TEXT, "restored": 2, "left": 0}))
            for role in ("manager", "auditor"):
                self.assertEqual(client(v, role).post("/v1/pii/restore", {"text": stored}).status, 403)
                self.assertEqual(client(v, role).post("/v1/pii/erase", {"subject": agent}).status, 403)
            self.assertEqual(restore(stored).stdout, TEXT)
            self.assertNotEqual(restore(stored, "demo").stdout, TEXT)

            # Another agent's text, or one of no agent, is of another subject.
            other = admin.post("/v1/tokens", {"name": "for Maria Lopez"})
            self.assertEqual(other.status, 201, other)
            name = [t["name"] for t in admin.get("/v1/tokens").json()["items"] if t["name"].startswith("for ")][0]

            self.assertEqual(admin.post("/v1/pii/erase", {"subject": "nobody"}).status, 404)
            self.assertEqual(admin.post("/v1/pii/erase", {"subject": agent}).json(), {"subject": agent})
            self.assertEqual(admin.post("/v1/pii/restore", {"text": stored}).json(), {"text": stored, "restored": 0, "left": 2})
            self.assertEqual(restore(stored).stdout, stored)
            self.assertEqual(admin.post("/v1/pii/restore", {"text": name}).json()["text"], "for Maria Lopez")
            self.assertEqual(admin.post("/v1/pii/erase", {"subject": agent}).status, 404)

            # What the command destroys, the running server does not use any more.
            again = admin.post(f"/v1/agents/{agent}/messages", {"body": TEXT}).json()["body"]
            own = ("pii", "restore", "--set", f"pii.vault={VAULT}", "--tenant", "acme")  # the platform's vault and key
            self.assertEqual(S.cli(*own, input=again).stdout, TEXT)
            self.assertIn("no vault", S.cli("pii", "restore", "--tenant", "acme", check=False).stderr)
            S.cli("pii", "erase", "--set", f"pii.vault={VAULT}", "--tenant", "acme", "--agent", agent)
            self.assertEqual(admin.post("/v1/pii/restore", {"text": again}).json()["left"], 2)

            rows = admin.get("/v1/audit?limit=50").json()["items"]
            self.assertIn({"restored": 2, "left": 0}, [r["detail"] for r in rows if r["action"] == "pii.restore"])
            self.assertEqual([r["object"] for r in rows if r["action"] == "pii.erase"], [agent])
            self.assertNotIn("Lopez", str(rows) + "".join(v.lines))
            self.assertEqual(v.stop(), 0)
        report = {(r["type"], r["action"]) for r in S.cli("pii", "report", "--tenant", "acme", json=True)}
        self.assertIn(("PERSON", "tokenise"), report)

    def test_without_a_vault_it_is_redacted_and_nothing_can_come_back(self):
        with Server(S) as v:
            admin = client(v)
            sent = admin.post(f"/v1/agents/{ACME['ids']['agent']}/messages", {"body": TEXT})
            self.assertEqual(sent.json()["body"], "Please call [PERSON] at [PHONE_NUMBER] before Friday.")
            self.assertEqual(admin.post("/v1/pii/restore", {"text": "x"}).status, 501)
            self.assertEqual(admin.post("/v1/pii/erase", {"subject": "x"}).status, 501)


if __name__ == "__main__":
    unittest.main()
