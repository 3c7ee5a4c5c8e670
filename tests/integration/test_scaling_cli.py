"""ehub scaling: replay of a load, and predictive scaling at work beside a fake Prometheus, a fake Kubernetes and a real HAProxy."""

import csv
import http.server
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EHUB = Path(os.environ.get("EHUB", ROOT / "build/ehub"))


def load(t):
    """Requests a second at a time: a day's wave between 40 and 160."""
    return 100 + 60 * math.sin(2 * math.pi * t / 86400)


class Fake(http.server.BaseHTTPRequestHandler):
    """Prometheus' query_range (the load above) and the scale sub-resource of Kubernetes."""
    patched, queries, fail = [], [], False

    def log_message(self, *args):
        pass

    def answer(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(0, len(data), 1000):
            part = data[i:i + 1000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.endswith("/scale"):
            return self.answer(200, '{"status":{"replicas":4}}')
        q = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        Fake.queries.append(q["query"][0])
        if Fake.fail:
            return self.answer(503, "down")
        start, end, step = (int(q[k][0]) for k in ("start", "end", "step"))
        assert (end - start) / step < 11000
        shape = {"replicas": lambda t: 20, "busy": lambda t: load(t) / (20 * 12.5), "unknown": lambda t: math.nan, "cores": lambda t: load(t) / 100}.get(Fake.queries[-1], load)
        values = [[t, "NaN" if t % 7200 == 0 else f"{shape(t):.4f}"] for t in range(start, end + 1, step)]
        self.answer(200, json.dumps({"status": "success", "data": {"resultType": "matrix",
                                                                   "result": [{"metric": {}, "values": values}]}}))

    def do_PATCH(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Fake.patched.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.answer(200, "{}")


class Scaling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fake)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        self.dir = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)
        Fake.patched, Fake.queries, Fake.fail = [], [], False

    def conf(self, **changes):
        c = {"service": "shop", "source": {"kind": "prometheus", "url": self.url, "query": 'sum(rate(hits{job="a b"}[1m]))'},
             "step": "1m", "history": "8d", "capacity": 10, "replicas": {"min": 1, "max": 40},
             "price": {"on_demand": 0.5, "currency": "EUR"}, "state": str(self.dir / "state"), **changes}
        path = self.dir / "scaling.json"
        path.write_text(json.dumps(c))
        return str(path)

    def run_it(self, *args, status=0):
        done = subprocess.run([EHUB, "scaling", *args], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_a_load_is_replayed_under_four_policies(self):
        path = self.dir / "load.csv"
        with open(path, "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["time", "requests"])
            for k in range(14 * 288):
                out.writerow([1700000000 // 300 * 300 + 300 * k, f"{load(300 * k):.3f}"])
        r = json.loads(self.run_it("replay", "--series", str(path), "--capacity", "20", "--price", "0.5", "--json").stdout)
        q = {p["policy"]: p for p in r["policies"]}
        self.assertEqual(set(q), {"predictive", "reactive", "static", "oracle"})
        self.assertEqual(q["static"]["replicas_peak"], 8)  # 160 of 20 each
        self.assertAlmostEqual(q["static"]["cost"], 8 * 14 * 24 * 0.5)
        self.assertTrue(r["slo_met"])
        self.assertLessEqual(q["oracle"]["cost"], r["cost"])
        self.assertLess(r["cost"], q["reactive"]["cost"])
        self.assertAlmostEqual(r["saving_vs_static"], 1 - r["cost"] / q["static"]["cost"], 5)
        for wrong in (["--capacity", "0"], ["--min", "5", "--max", "4"], ["--slo", "2"], ["--policy", "best"],
                      ["--startup", "soon"]):
            self.assertIn(wrong[0], self.run_it("replay", "--series", str(path), *wrong, status=64).stderr)

    def test_a_load_is_forecast_from_its_past_and_scored(self):
        path = self.dir / "seasons.csv"
        with open(path, "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["time", "requests"])
            for k in range(28 * 288):
                out.writerow([1700000000 // 300 * 300 + 300 * k, f"{load(300 * k) * (1 + 0.1 * math.sin(k * k)):.3f}"])
        args = ["backtest", "--series", str(path), "--horizon", "1h", "--json"]
        r = json.loads(self.run_it(*args).stdout)
        self.assertEqual((r["n"], r["horizon_s"], r["label"]), (28 * 288 // 3, 3600, "measured"))
        self.assertAlmostEqual(r["accuracy"], 1 - r["wape"], 6)
        self.assertLess(r["wape"], r["seasonal_naive_wape"])
        self.assertLess(r["wape"], r["naive_wape"])
        self.assertTrue(0.87 <= r["coverage_90"] <= 0.93, r["coverage_90"])
        at = json.loads(self.run_it(*args, "--season", "1d", "--from", "2023-12-05T00:00Z").stdout)
        self.assertEqual((at["seasons_s"], at["from"][:16]), ([86400], "2023-12-05T00:00"))
        (self.dir / "events.csv").write_text("start,end,name\n2023-12-05T10:00,2023-12-05T12:00,sale\n")
        told = json.loads(self.run_it(*args, "--holidays", "us", "--events", str(self.dir / "events.csv")).stdout)
        self.assertNotEqual(told["wape"], r["wape"])
        for wrong in (["--holidays", "mars"], ["--events", str(path)]):
            done = subprocess.run([EHUB, "scaling", *args, *wrong], capture_output=True, text=True, timeout=60)
            self.assertIn("holidays" if wrong[0] == "--holidays" else 'no column "start"', done.stderr)
            self.assertIn(done.returncode, (64, 65))
        for wrong in (["--horizon", "soon"], ["--horizon", "400d"], ["--season", "7m"], ["--season", "90d"], ["--from", "never"],
                      ["--from", "2030-01-01"]):
            done = subprocess.run([EHUB, "scaling", *args, *wrong], capture_output=True, text=True, timeout=60)
            self.assertIn(wrong[0], done.stderr)
            self.assertIn(done.returncode, (64, 65))

    def test_a_scenario_is_drawn_and_the_same_for_a_seed(self):
        first = self.run_it("simulate", "traffic_spike", "--duration", "60", "--seed", "4", "--json").stdout
        self.assertEqual(first, self.run_it("simulate", "traffic_spike", "--duration", "60", "--seed", "4", "--json").stdout)
        self.assertEqual(json.loads(first)["label"], "simulated")
        self.assertEqual(len(json.loads(first)["minute"]), 60)
        self.run_it("simulate", "high_load", "--duration", "60", "--plot", str(self.dir / "a.svg"))
        self.assertIn("</svg>", (self.dir / "a.svg").read_text())

    def test_wrong_configurations_are_refused_by_their_place(self):
        for changes, place in (({"replicas": {"min": 9, "max": 4}}, "$.replicas.min: 9 is above $.replicas.max, 4"),
                               ({"price": {}}, "$.price.on_demand: missing"), ({"capacity": 0}, "$.capacity")):
            self.assertIn(place, self.run_it("configure", "--config", self.conf(**changes), status=65).stderr)

    def test_prometheus_is_asked_and_the_decision_covers_the_load(self):
        d = json.loads(self.run_it("evaluate", "--config", self.conf(), "--json").stdout)
        self.assertEqual(set(Fake.queries), {'sum(rate(hits{job="a b"}[1m]))'})
        self.assertGreater(len(Fake.queries), 1)  # 11,520 steps: more than one answer holds
        now = load(time.time())
        self.assertGreaterEqual(d["replicas"], math.floor(now / 10))
        self.assertLessEqual(d["replicas"], math.ceil(1.35 * now / 10) + 1)
        self.assertIn("replica", d["words"])
        a = json.loads(self.run_it("evaluate", "--config", self.conf(step="15m"), "--ahead", "24", "--json").stdout)
        self.assertEqual((a["label"], len(a["hours"])), ("projection", 24))
        self.assertAlmostEqual(a["cost"], sum(0.5 * h["replicas"] for h in a["hours"]), 6)
        Fake.fail = True
        self.assertIn("503", self.run_it("evaluate", "--config", self.conf(), status=69).stderr)

    def test_the_capacity_is_learned_from_how_busy_the_replicas_were_or_refused_with_the_reason(self):
        """20 replicas that are saturated at 12.5 each; at most 80 % of it: 10."""
        learn = {"replicas": "replicas", "utilisation": "busy", "fallback": 4}
        d = json.loads(self.run_it("evaluate", "--config", self.conf(capacity="auto", learn=learn), "--json").stdout)
        self.assertRegex(d["words"], r"A replica is taken to serve 10: saturated at 12\.5 \(\d{4} samples\), at 80 %\.$")
        known = json.loads(self.run_it("evaluate", "--config", self.conf(capacity=10), "--json").stdout)
        self.assertEqual(d["replicas"], known["replicas"])
        refused = self.conf(capacity="auto", learn={**learn, "utilisation": "unknown"})
        d = json.loads(self.run_it("evaluate", "--config", refused, "--json").stdout)
        self.assertRegex(d["words"], "A replica is taken to serve 4, as configured: 0 of the 60 samples")
        self.run_it("start", "--once", "--config", refused)
        report = json.loads((self.dir / "state/report.json").read_text())
        self.assertEqual(report["capacity"], 4)
        self.assertIn("as configured", report["decisions"][0]["words"])

    def test_a_replica_is_sized_by_what_replicas_used(self):
        """A wave between 0.4 and 1.6 cores: its 90th percentile is 1 + 0.6 cos(0.1 pi), for a sine lies above that a tenth of the time."""
        conf = self.conf(sizing={"cpu": "cores", "memory": "replicas"})
        s = json.loads(self.run_it("evaluate", "--sizing", "--config", conf, "--json").stdout)
        self.assertAlmostEqual(s["cpu"]["used"], 1 + 0.6 * math.cos(0.1 * math.pi), 2)
        self.assertAlmostEqual(s["cpu"]["ask"], 1.15 * s["cpu"]["used"], 4)
        self.assertEqual(s["memory"]["used"], 20)
        self.assertIn("should ask", self.run_it("evaluate", "--sizing", "--config", conf).stdout)
        self.assertIn("$.sizing", self.run_it("evaluate", "--sizing", "--config", self.conf(), status=65).stderr)
        short = self.conf(sizing={"cpu": "unknown"})
        self.assertIn("a day is needed", self.run_it("evaluate", "--sizing", "--config", short, status=65).stderr)

    def test_kubernetes_is_patched_unless_dry_or_paused(self):
        conf = self.conf(actuator={"kind": "kubernetes", "url": self.url, "deployment": "prod/shop"})
        self.run_it("start", "--config", conf, "--once", "--dry-run")
        self.run_it("configure", "--config", conf, "--pause", "--for", "10m")
        self.run_it("start", "--config", conf, "--once")
        self.assertEqual(Fake.patched, [])
        self.run_it("configure", "--config", conf, "--override", "7", "--for", "10m")
        self.run_it("start", "--config", conf, "--once")
        self.assertEqual(Fake.patched, [("/apis/apps/v1/namespaces/prod/deployments/shop/scale", "application/merge-patch+json",
                                         {"spec": {"replicas": 7}})])
        status = json.loads(self.run_it("status", "--config", conf, "--json").stdout)
        self.assertEqual((status["last"]["replicas"], status["last"]["cause"], status["last"]["acted"]), (7, "override", True))
        self.run_it("configure", "--config", conf, "--resume")
        self.assertIsNone(json.loads(self.run_it("status", "--config", conf, "--json").stdout)["override_until"])
        metric = self.run_it("export", "--config", conf, "--format", "prometheus").stdout
        self.assertIn('ehub_scale_wanted_replicas{service="shop"} 7\n', metric)

    def test_one_process_acts_is_seen_and_stopped(self):
        conf = self.conf()
        with open(self.dir / "log", "w") as log:
            first = subprocess.Popen([EHUB, "scaling", "start", "--config", conf, "--every", "1s"], stderr=log)
        try:
            for _ in range(200):
                if json.loads(self.run_it("status", "--config", conf, "--json").stdout)["last"]:
                    break
                time.sleep(0.1)
            status = json.loads(self.run_it("status", "--config", conf, "--json").stdout)
            self.assertEqual((status["running"], status["pid"]), (True, first.pid))
            self.assertIn("another process", self.run_it("start", "--config", conf, "--once", status=75).stderr)
            self.run_it("stop", "--config", conf)
            self.assertEqual(first.wait(15), 0)
        finally:
            if first.poll() is None:
                first.send_signal(signal.SIGKILL)
                first.wait()
        self.assertIn("nobody", self.run_it("stop", "--config", conf, status=66).stderr)

    def test_costs_are_shown_beside_static_and_reactive(self):
        conf = self.conf()
        c = json.loads(self.run_it("cost-analysis", "--hours", "24", "--config", conf, "--json").stdout)
        self.assertEqual((c["hours"], c["label"], c["currency"]), (24, "simulated", "EUR"))
        self.assertAlmostEqual(c["static_peak"], 24 * 0.5 * c["static_replicas"], 6)
        self.assertAlmostEqual(sum(h["spent"] for h in c["by_hour"]), c["spent"], 4)
        self.assertAlmostEqual(sum(c["by_cause"].values()), c["spent"], 4)
        s = c["saving_vs_static"]
        self.assertTrue(s["low"] <= s["estimate"] <= s["high"])

    @unittest.skipUnless(shutil.which("haproxy") or Path("/usr/sbin/haproxy").exists(), "no haproxy")
    def test_servers_of_haproxy_are_made_ready_and_drained(self):
        sock, cfg = self.dir / "h.sock", self.dir / "h.cfg"
        servers = "\n".join(f"  server s{i} 127.0.0.1:{20000 + i}" for i in range(1, 6))
        cfg.write_text(f"global\n  stats socket {sock} mode 600 level admin\ndefaults\n  mode http\n  timeout connect 1s\n"
                       f"  timeout client 1s\n  timeout server 1s\nbackend pool\n{servers}\n")
        binary = shutil.which("haproxy") or "/usr/sbin/haproxy"
        proxy = subprocess.Popen([binary, "-db", "-f", str(cfg)], stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                if sock.exists():
                    break
                time.sleep(0.05)
            conf = self.conf(actuator={"kind": "haproxy", "socket": str(sock), "backend": "pool"})
            for wanted in (3, 2, 5):
                self.run_it("configure", "--config", conf, "--override", str(wanted))
                self.run_it("start", "--config", conf, "--once")
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(str(sock))
                    s.sendall(b"show servers state pool\n")
                    text = b"".join(iter(lambda: s.recv(65536), b"")).decode()
                admin = [int(line.split()[6]) for line in text.splitlines()[2:] if line.strip()]
                self.assertEqual([a & 0x08 == 0 for a in admin], [i < wanted for i in range(5)])  # SRV_ADMF_FDRAIN
            self.run_it("configure", "--config", conf, "--override", "6")
            self.assertIn("5 servers, 6", self.run_it("start", "--config", conf, "--once", status=65).stderr)
        finally:
            proxy.terminate()
            proxy.wait()


if __name__ == "__main__":
    unittest.main()
