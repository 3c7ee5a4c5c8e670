"""GET /v1/scaling shows what `ehub scaling start` has written, to administrators only, and says how things stand without it."""

import json
import math
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import stack
from harness.api_check import Document, other_tenant
from test_api_serve import Server


def setUpModule():
    global S
    S = stack.Stack(database_only=True).start()
    unittest.addModuleCleanup(S.close)
    other_tenant(S, "acme")
    S.cli("user", "add", "manager@acme.example", "--tenant", "acme", "--role", "manager", input="a long enough password\n")


def client(v, role="admin"):
    return v.client(bearer=S.cli("token", "add", f"{role}@acme.example", "--tenant", "acme").stdout.strip())


class ScalingPage(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = Path(holder.name)
        self.conf = self.dir / "scaling.json"

    def put_conf(self, **changes):
        """Eight days of a load whose last minute is now."""
        end = int(time.time()) // 60 * 60
        rows = [f"{t},{100 + 60 * math.sin(2 * math.pi * t / 86400):.3f}" for t in range(end - 8 * 86400, end, 60)]
        (self.dir / "load.csv").write_text("time,load\n" + "\n".join(rows) + "\n")
        self.conf.write_text(json.dumps({
            "service": "shop", "source": {"kind": "file", "path": str(self.dir / "load.csv")}, "capacity": 10,
            "replicas": {"min": 1, "max": 40}, "price": {"on_demand": 0.5, "currency": "EUR"}, "state": str(self.dir / "state"),
            **changes}))

    def scaling(self, *args):
        return subprocess.run([stack.EHUB, "scaling", *args, "--config", self.conf], check=True, capture_output=True, timeout=60)

    def test_nothing_configured_nothing_decided_and_a_wrong_configuration_are_told(self):
        with Server(S) as v:
            doc = Document(v.client().get("/v1/openapi.json").json())
            self.assertEqual(client(v, "manager").get("/v1/scaling").status, 403)
            answer = client(v).get("/v1/scaling")
            doc.check(doc.find("GET", "/v1/scaling"), answer)
            self.assertEqual((answer.json()["configured"], answer.json()["report"]), (False, None))
        with Server(S, f"scaling.config={self.conf}") as v:
            admin = client(v)
            self.assertIn("scaling.json", admin.get("/v1/scaling").json()["wrong"])
            self.put_conf(capacity=-1)
            self.assertIn("$.capacity", admin.get("/v1/scaling").json()["wrong"])
            self.put_conf()
            answer = admin.get("/v1/scaling").json()
            self.assertEqual((answer["configured"], answer["wrong"], answer["running"], answer["report"]), (True, None, False, None))

    def test_load_forecast_decisions_and_cost_are_those_of_the_command_line(self):
        self.put_conf()
        self.scaling("start", "--once")
        self.scaling("configure", "--override", "7", "--for", "10m")
        decided = json.loads(self.scaling("status", "--json").stdout)["last"]
        ahead = json.loads(self.scaling("evaluate", "--ahead", "48", "--json").stdout)
        cost = json.loads(self.scaling("cost-analysis", "--hours", "24", "--json").stdout)
        with Server(S, f"scaling.config={self.conf}") as v:
            doc = Document(v.client().get("/v1/openapi.json").json())
            answer = client(v).get("/v1/scaling")
            doc.check(doc.find("GET", "/v1/scaling"), answer)
            self.assertIn(f'\nehub_scale_wanted_replicas{{service="shop"}} {decided["replicas"]}\n', v.client().get("/metrics").text)
        got, report = answer.json(), answer.json()["report"]
        self.assertEqual(report["decisions"], [decided])
        self.assertEqual([h["replicas"] for h in report["ahead"]["hours"]], [h["replicas"] for h in ahead["hours"]])
        self.assertEqual(report["cost"]["static_replicas"], cost["static_replicas"])
        self.assertAlmostEqual(report["cost"]["reactive"], cost["reactive"], 6)
        seen = [y for y in report["history"]["demand"] if y is not None]
        self.assertGreaterEqual(len(seen), 287)
        start = json.loads(json.dumps(report["history"]["from"]))
        t = time.mktime(time.strptime(start[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        middle = 100 + 60 * math.sin(2 * math.pi * (t + 270) / 86400)  # of the first ten minutes
        self.assertAlmostEqual(seen[0], middle, 1)
        self.assertEqual((got["override_replicas"], got["running"], got["paused"]), (7, False, False))


if __name__ == "__main__":
    unittest.main()
