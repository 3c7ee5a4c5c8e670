"""ehub scaling beside a real Prometheus (Debian's package), a private child of the test: a load that an exporter shows is asked by
query_range, decided on, and the wanted number published and scraped; a Prometheus that goes, and comes back without its history."""

import http.server
import json
import math
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

from harness import stack

DAYS = 3
STEP = 15


class Exporter(http.server.BaseHTTPRequestHandler):
    """The load of now, and what `ehub scaling export` publishes."""
    load = staticmethod(lambda t: 0)
    config = None

    def log_message(self, *args):
        pass

    def do_GET(self):
        text = f"# TYPE shop_load gauge\nshop_load {Exporter.load(time.time()):.4f}\n"
        if Exporter.config:
            done = subprocess.run([stack.EHUB, "scaling", "export", "--config", Exporter.config, "--format", "prometheus"],
                                  capture_output=True, text=True, timeout=30)
            text += done.stdout
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@unittest.skipUnless(shutil.which("prometheus") and shutil.which("promtool"), "no prometheus")
class Prometheus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = Path(holder.name)
        self.port, self.prometheus = stack.free_port(), None
        self.addCleanup(self.stop_prometheus)
        (self.dir / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: shop\n    static_configs:\n"
            f"      - targets: ['127.0.0.1:{self.server.server_port}']\n")

    def start_prometheus(self, storage):
        log = open(self.dir / "prometheus.log", "a")
        self.addCleanup(log.close)
        self.prometheus = subprocess.Popen(
            ["prometheus", f"--config.file={self.dir}/prometheus.yml", f"--storage.tsdb.path={storage}",
             f"--web.listen-address=127.0.0.1:{self.port}", "--storage.tsdb.retention.time=30d"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        stack.wait_until(lambda: self.ask("vector(1)"), 60, 0.2, "Prometheus does not answer")

    def stop_prometheus(self):
        if self.prometheus and self.prometheus.poll() is None:
            self.prometheus.send_signal(signal.SIGTERM)
            self.prometheus.wait(30)

    def ask(self, query):
        """The values of an instant query; [] while Prometheus is not there."""
        url = f"http://127.0.0.1:{self.port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return [float(r["value"][1]) for r in json.load(answer)["data"]["result"]]
        except OSError:
            return []

    def backfill(self, storage):
        """Three days of the load as blocks of Prometheus."""
        now = int(time.time())
        lines = [f"shop_load{{job=\"shop\",instance=\"127.0.0.1:{self.server.server_port}\"}} {Exporter.load(t):.4f} {t}"
                 for t in range(now - DAYS * 86400, now, STEP)]
        text = self.dir / "past.txt"
        text.write_text("# TYPE shop_load gauge\n" + "\n".join(lines) + "\n# EOF\n")
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", text, storage], check=True,
                       capture_output=True, timeout=120)

    def configure(self):
        path = self.dir / "scaling.json"
        path.write_text(json.dumps({
            "service": "shop", "source": {"kind": "prometheus", "url": f"http://127.0.0.1:{self.port}", "query": "sum(shop_load)"},
            "step": f"{STEP}s", "history": f"{DAYS}d", "capacity": 10, "replicas": {"min": 1, "max": 40}, "startup": "30s",
            "metric_delay": "15s", "price": {"on_demand": 0.5}, "state": str(self.dir / "state")}))
        return str(path)

    def last(self):
        path = self.dir / "state" / "decisions.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return json.loads(lines[-1]) if lines else None

    def test_a_load_is_asked_and_decided_on_and_the_wanted_number_is_scraped_back(self):
        Exporter.load = staticmethod(lambda t: 45)
        conf = Exporter.config = self.configure()
        self.addCleanup(setattr, Exporter, "config", None)
        self.start_prometheus(self.dir / "tsdb")
        process = self.start_scaling(conf)
        decided = stack.wait_until(self.last, 60, 0.5, "nothing was decided")
        # A minute of history: as the reactive autoscaler at 80 % of 10 a replica would.
        self.assertEqual((decided["replicas"], decided["cause"]), (math.ceil(45 / 8), "cold start"))
        scraped = stack.wait_until(lambda: self.ask('ehub_scale_wanted_replicas{service="shop"}'), 60, 0.5, "nothing was scraped")
        self.assertEqual(scraped, [6.0])
        self.end_scaling(process)

    def test_a_prometheus_that_comes_back_without_its_history_gives_reactive_with_a_reason(self):
        peak = time.time()
        Exporter.load = staticmethod(lambda t: 100 + 60 * math.cos(2 * math.pi * (t - peak) / 86400))
        self.backfill(self.dir / "tsdb")
        conf = self.configure()
        self.start_prometheus(self.dir / "tsdb")
        process = self.start_scaling(conf)
        planned = stack.wait_until(self.last, 60, 0.5, "nothing was decided")
        self.assertNotEqual(planned["cause"], "cold start", planned["words"])
        self.assertTrue(16 <= planned["replicas"] <= 22, planned)  # a load of 160, 10 a replica

        self.stop_prometheus()
        kept = stack.wait_until(lambda: self.last() if self.last()["cause"] == "no load" else None, 60, 0.5, "nothing was said")
        self.assertEqual(kept["replicas"], planned["replicas"])
        self.assertRegex(kept["words"], r"as before; the load cannot be read: http://127\.0\.0\.1:\d+.*refused")
        report = json.loads((self.dir / "state/report.json").read_text())
        self.assertIn("refused", report["trouble"])

        self.start_prometheus(self.dir / "empty")
        reactive = stack.wait_until(lambda: self.last() if self.last()["cause"] == "cold start" else None, 90, 0.5, "no decision")
        self.assertEqual(reactive["replicas"], math.ceil(160 / 8))
        self.assertRegex(reactive["words"], "as the reactive autoscaler wants .* no better forecast yet")
        self.end_scaling(process)

    def start_scaling(self, conf):
        log = open(self.dir / "scaling.log", "w")
        self.addCleanup(log.close)
        process = subprocess.Popen([stack.EHUB, "scaling", "start", "--config", conf, "--every", "1s"], stderr=log,
                                   stdin=subprocess.DEVNULL)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        return process

    def end_scaling(self, process):
        self.assertIsNone(process.poll(), (self.dir / "scaling.log").read_text())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
