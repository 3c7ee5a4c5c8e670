"""ehub scaling and services behind TLS: a Deployment scaled through a fake API of Kubernetes with a token and an authority of its own,
what goes wrong by its name, and a counter scraped without a Prometheus."""

import http.server
import json
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import stack

SCALE = "/apis/apps/v1/namespaces/prod/deployments/shop/scale"
TOKEN = "header.payload.signature"


class Fake(http.server.BaseHTTPRequestHandler):
    """The scale sub-resource; and /metrics with a counter that grows evenly."""
    protocol_version = "HTTP/1.1"
    replicas, patched, status, delay, counter = 3, [], 200, 0, lambda: 0

    def log_message(self, *args):
        pass

    def answer(self, status, text, media="application/json"):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refused(self):
        time.sleep(Fake.delay)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.answer(401, '{"kind":"Status","message":"Unauthorized"}') or True
        if self.path != SCALE:
            return self.answer(404, '{"kind":"Status","message":"deployments.apps not found"}') or True
        if Fake.status != 200:
            return self.answer(Fake.status, '{"kind":"Status","message":"the object has been modified"}') or True
        return False

    def do_GET(self):
        if self.path == "/metrics":
            return self.answer(200, f'# TYPE hits_total counter\nhits_total{{code="200"}} {Fake.counter()}\n', "text/plain")
        if not self.refused():
            self.answer(200, json.dumps({"kind": "Scale", "spec": {"replicas": Fake.replicas}, "status": {"replicas": Fake.replicas}}))

    def do_PATCH(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.refused():
            Fake.patched.append((self.headers["Content-Type"], body))
            Fake.replicas = body["spec"]["replicas"]
            self.answer(200, "{}")


class Server(http.server.ThreadingHTTPServer):
    """The handshake belongs to the thread of the connection: one that fails must not stop the others."""
    context = None

    def finish_request(self, request, address):
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, address)

    def handle_error(self, request, address):
        pass


def certificate(folder, name, *names):
    """A certificate that signs itself; the paths of it and of its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=" + ",".join(names), "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return cert, key


class Tls(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = Path(holder.name)
        Fake.replicas, Fake.patched, Fake.status, Fake.delay = 3, [], 200, 0
        self.token = self.dir / "token"
        self.token.write_text(TOKEN + "\n")
        self.cert, key = certificate(self.dir, "api", "IP:127.0.0.1", "DNS:localhost")
        self.server = self.serve(self.cert, key)

    def serve(self, cert=None, key=None):
        server = Server(("127.0.0.1", 0), Fake)
        if cert:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(cert, key)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def conf(self, host="127.0.0.1", source=None, **actuator):
        now = int(time.time()) // 60 * 60
        (self.dir / "load.csv").write_text("time,load\n" + "".join(f"{now - 60 * k},45\n" for k in range(60, 0, -1)))
        path = self.dir / "scaling.json"
        path.write_text(json.dumps({
            "service": "shop", "source": source or {"kind": "file", "path": str(self.dir / "load.csv")}, "capacity": 10,
            "step": "1s" if source else "1m", "history": "1h", "replicas": {"min": 1, "max": 40}, "price": {"on_demand": 1},
            "state": str(self.dir / "state"),
            **({} if source else {"actuator": {
                "kind": "kubernetes", "url": f"https://{host}:{self.server.server_port}", "deployment": "prod/shop",
                "token_file": str(self.token), "ca_file": str(self.cert), **actuator}})}))
        return path

    def once(self, conf):
        return subprocess.run([stack.EHUB, "scaling", "start", "--once", "--config", conf], capture_output=True, text=True, timeout=60)

    def test_a_deployment_is_scaled_with_token_and_authority_by_address_and_by_name(self):
        for host in ("127.0.0.1", "localhost"):
            Fake.patched = []
            done = self.once(self.conf(host))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(Fake.patched, [("application/merge-patch+json", {"spec": {"replicas": 6}})])  # ceil(45 / (0.8 * 10))
            report = json.loads((self.dir / "state/report.json").read_text())
            self.assertEqual((report["replicas_present"], report["decisions"][0]["acted"]), (6, True))

    def test_what_goes_wrong_is_named_and_the_decision_is_stored_as_not_acted(self):
        other, _ = certificate(self.dir, "other", "IP:127.0.0.1")
        elsewhere, key = certificate(self.dir, "elsewhere", "DNS:elsewhere.example")
        named = self.serve(elsewhere, key).server_port
        plain = self.serve().server_port
        (self.dir / "wrong").write_text("nobody\n")
        (self.dir / "empty").write_text("")
        rows = [
            ({"token_file": str(self.dir / "wrong")}, 77, "status 401.*Unauthorized"),
            ({"deployment": "prod/no-such"}, 66, "status 404.*not found"),
            ({"ca_file": str(other)}, 77, "certificate is not accepted"),
            ({"url": f"https://127.0.0.1:{named}", "ca_file": str(elsewhere)}, 77, "certificate is not accepted.*mismatch"),
            ({"url": f"https://127.0.0.1:{plain}"}, 69, "TLS: "),
            ({"ca_file": str(self.dir / "none.pem")}, 65, "none.pem: no certificates"),
            ({"token_file": str(self.dir / "empty")}, 65, "is empty"),
        ]
        for changes, status, words in rows:
            with self.subTest(words):
                done = self.once(self.conf(**changes))
                self.assertRegex(done.stderr, words)
                self.assertEqual(done.returncode, status, done.stderr)
        for code, status in ((409, 75), (403, 77), (500, 69)):
            Fake.status = code
            done = self.once(self.conf())
            self.assertRegex(done.stderr, f"status {code}")
            self.assertEqual(done.returncode, status)
        self.assertEqual(Fake.patched, [])
        Fake.status, Fake.delay = 200, 11
        done = self.once(self.conf())
        self.assertEqual((done.returncode, "no answer in time" in done.stderr), (75, True), done.stderr)
        decided = [json.loads(line) for line in (self.dir / "state/decisions.jsonl").read_text().splitlines()]
        self.assertEqual({(d["replicas"], d["acted"]) for d in decided}, {(6, False)})

    def test_a_token_is_not_sent_in_the_clear(self):
        done = self.once(self.conf(url="http://127.0.0.1:1"))
        self.assertEqual((done.returncode, "$.actuator.token_file: only with https://" in done.stderr), (65, True), done.stderr)

    def test_a_counter_is_scraped_without_a_prometheus_across_a_restart_of_what_counts(self):
        began = time.time()
        Fake.counter = staticmethod(lambda: 1000 + 38 * (time.time() - began))
        conf = self.conf(source={"kind": "own", "url": f"https://localhost:{self.server.server_port}/metrics", "metric": "hits_total",
                                 "ca_file": str(self.cert)})
        first = self.once(conf)
        self.assertEqual((first.returncode, "1 samples so far" in first.stderr), (69, True), first.stderr)
        time.sleep(2.5)
        self.assertEqual(self.once(conf).returncode, 0)
        last = json.loads((self.dir / "state/decisions.jsonl").read_text().splitlines()[-1])
        self.assertAlmostEqual(last["demand"], 38, delta=3)
        self.assertEqual(last["replicas"], 5)  # ceil(38 / (0.8 * 10))
        again = time.time()
        Fake.counter = staticmethod(lambda: 38 * (time.time() - again))
        time.sleep(2.5)
        self.assertEqual(self.once(conf).returncode, 0)
        history = json.loads((self.dir / "state/report.json").read_text())["history"]["demand"]
        self.assertTrue(all(0 <= y < 60 for y in history if y is not None), history)  # no fall below 0, no jump
        done = self.once(self.conf(source={"kind": "own", "url": f"https://localhost:{self.server.server_port}/metrics",
                                           "metric": "no_such", "ca_file": str(self.cert)}))
        self.assertEqual((done.returncode, "no value of no_such" in done.stderr), (66, True), done.stderr)


if __name__ == "__main__":
    unittest.main()
