"""stack.py - starts `ehub up` in a directory of its own and gives tests what they need to talk to it.

    with stack.fresh(database_only=True) as s:  a stack for this test alone
    s = stack.shared()                          the demo stack that all tests of a run share; leave its data usable

    s.cli("agents", "list", json=True)   s.sql("ehub_control", "select 1")   s.client().login(email, password)

Ports are chosen below 32768, where no outgoing connection of another program can take them. stop() fails when a process
of the stack is left.
"""

import atexit
import contextlib
import glob
import http.client
import http.cookies
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EHUB = Path(os.environ.get("EHUB_TEST_PROGRAM", ROOT / "build" / "ehub"))
START_LIMIT_S = 90
DEMO_LIMIT_S = 900


class StackError(Exception):
    pass


def free_port():
    """A port between 20000 and 31999 that nothing listens on now."""
    for _ in range(200):
        port = random.randint(20000, 31999)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise StackError("no free port between 20000 and 31999")


def has_command(name):
    """True when the program has the command (or "family sub")."""
    done = subprocess.run([EHUB, *name.split(), "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode == 0


def shared_data():
    """The directory with other data than ours, or None: tests that need it then skip themselves."""
    path = Path(os.environ.get("EHUB_DATA", ROOT / ".." / "shared" / "data")).resolve()
    return path if path.is_dir() else None


def processes_of(data):
    """Pids whose command line or working directory lies in the data directory, but for our own."""
    found, mark = [], str(data)
    for proc in glob.glob("/proc/[0-9]*"):
        pid = int(proc[6:])
        if pid == os.getpid():
            continue
        try:
            line = Path(proc, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            cwd = os.readlink(f"{proc}/cwd")
            state = Path(proc, "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z" and (mark in line or cwd == mark or cwd.startswith(mark + "/")):
            found.append((pid, line.strip()))
    return found


def wait_until(what, seconds=20.0, every=0.05, because="it did not happen"):
    """Calls until the result is true, and returns it."""
    by = time.monotonic() + seconds
    while True:
        got = what()
        if got:
            return got
        if time.monotonic() > by:
            raise StackError(f"{because} within {seconds} s")
        time.sleep(every)


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Client:
    """An HTTP client with cookies, CSRF token or bearer token. Connections are not kept."""

    def __init__(self, url, bearer=None, timeout=30):
        self.url, self.bearer, self.timeout = url, bearer, timeout
        self.cookies, self.csrf = {}, None
        scheme, _, rest = url.partition("://")
        self.tls, self.address = scheme == "https", rest

    def connect(self):
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return http.client.HTTPSConnection(self.address, timeout=self.timeout, context=context)
        return http.client.HTTPConnection(self.address, timeout=self.timeout)

    def headers(self, method, more=None):
        h = {"Accept": "application/json"}
        if self.bearer:
            h["Authorization"] = f"Bearer {self.bearer}"
        if self.cookies:
            h["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if self.csrf and method not in ("GET", "HEAD"):
            h["X-CSRF-Token"] = self.csrf
        h.update(more or {})
        return h

    def request(self, method, path, body=None, headers=None):
        """body: bytes as they are, anything else as JSON."""
        h = self.headers(method, headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            h.setdefault("Content-Type", "application/json")
        c = self.connect()
        try:
            c.request(method, path, body=body, headers=h)
            r = c.getresponse()
            answer = Response(r.status, r.headers, r.read())
        finally:
            c.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def post(self, path, body=None, **kw):
        return self.request("POST", path, body, **kw)

    def put(self, path, body=None, **kw):
        return self.request("PUT", path, body, **kw)

    def delete(self, path, **kw):
        return self.request("DELETE", path, **kw)

    def login(self, email, password):
        answer = self.post("/v1/login", {"email": email, "password": password})
        if answer.status != 200:
            raise StackError(f"login of {email}: {answer}")
        self.csrf = answer.json()["csrf"]
        return self

    @contextlib.contextmanager
    def events(self, path="/v1/live", last_id=None):
        """The server-sent events of a stream, as dicts with event, id and data (parsed JSON); comments have only "comment"."""
        c = self.connect()
        more = {"Accept": "text/event-stream"}
        if last_id is not None:
            more["Last-Event-ID"] = last_id
        try:
            c.request("GET", path, headers=self.headers("GET", more))
            r = c.getresponse()
            if r.status != 200:
                raise StackError(f"stream {path}: {r.status} {r.read()[:300]!r}")
            yield self._parse_events(r)
        finally:
            c.close()

    @staticmethod
    def _parse_events(r):
        event = {}
        for raw in r:
            line = raw.decode().rstrip("\r\n")
            if line == "":
                if event:
                    yield event
                event = {}
            elif line.startswith(":"):
                yield {"comment": line[1:].strip()}
            else:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                event[name] = json.loads(value) if name == "data" else value


class Stack:
    def __init__(self, *, demo=False, tls=False, database_only=False, port=None, args=(), env=None, user=None, data=None,
                 program=None, fsync=False):
        self.made_dir = None
        if data is None:
            self.made_dir = Path(tempfile.mkdtemp(prefix="ehub-test-"))
            self.made_dir.chmod(0o755)  # PostgreSQL's account must pass when we are root
            data = self.made_dir / "d"
        self.data, self.user, self.program = Path(data), user, Path(program or EHUB)
        if user and self.made_dir:
            shutil.chown(self.made_dir, user)
        self.port = port or free_port()
        self.args = [*(["--demo"] if demo else []), *(["--tls"] if tls else []),
                     *(["--database-only"] if database_only else []), *args]
        self.limit_s = DEMO_LIMIT_S if demo else START_LIMIT_S
        self.fsync = fsync  # False: faster; what is written survives kill -9 all the same, only not a power cut
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("EHUB_")}
        self.env.update(env or {})
        self.process = self.url = self.ready_line = self.started_in_s = None
        self.out, self.err = [], []

    # --- life

    def command(self, *words):
        line = [str(self.program), *words, "--data", str(self.data)]
        if self.user:
            line = ["setpriv", "--reuid", self.user, "--regid", self.gid(), "--clear-groups", "--no-new-privs", "--", *line]
        return line

    def gid(self):
        import pwd
        return str(pwd.getpwnam(self.user).pw_gid)

    def start(self):
        """Returns when it is ready; StackError with what it printed when it is not."""
        self.launch()
        by = time.monotonic() + self.limit_s
        while self.ready_line is None:
            if self.process.poll() is not None:
                self.reader.join(5)
                self.err_reader.join(5)
                if self.ready_line is None:
                    raise StackError(f"ehub up ended with {self.process.returncode}: {''.join(self.err)}")
            if time.monotonic() > by:
                self.kill()
                raise StackError(f"not ready within {self.limit_s} s: {''.join(self.err)}")
            time.sleep(0.01)
        self.started_in_s = time.monotonic() - self.began
        return self

    def launch(self):
        """Starts without waiting."""
        self.began = time.monotonic()
        self.url = self.ready_line = None
        self.out, self.err = [], []
        if not self.fsync and self.made_dir and not self.data.exists():
            self.data.mkdir(mode=0o755)
            (self.data / "postgresql.local.conf").write_text("fsync = off\n")
            if self.user:
                shutil.chown(self.data, self.user)
        env = dict(self.env)
        if self.user:
            env["HOME"] = str(self.made_dir or self.data)
        self.process = subprocess.Popen(self.command("up", "--port", str(self.port), *self.args), env=env, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        cwd="/")
        self.reader = threading.Thread(target=self._read_out, args=(self.process,), daemon=True)
        self.err_reader = threading.Thread(target=self._read_err, args=(self.process,), daemon=True)
        self.reader.start()
        self.err_reader.start()

    def _read_out(self, process):
        for line in process.stdout:
            self.out.append(line)
            if line.startswith("ready "):
                self.url = line.split()[1]
                self.ready_line = line.strip()

    def _read_err(self, process):
        for line in process.stderr:
            self.err.append(line)

    def stop(self, limit_s=60):
        """SIGTERM; its exit status. Fails when something of it is left running."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise StackError(f"did not stop within {limit_s} s: {''.join(self.err)}")
        self.process = None
        left = processes_of(self.data)
        if left:
            raise StackError(f"left running: {left}")
        return status

    def kill(self):
        """SIGKILL to the supervisor alone."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def close(self):
        try:
            self.stop()
        finally:
            if self.made_dir:
                for pid, _ in processes_of(self.data):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                shutil.rmtree(self.made_dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # --- talking to it

    def children(self):
        """{name: {"pid", "restarts", ...}} as the supervisor wrote it down."""
        state = json.loads((self.data / "run" / "children.json").read_text())
        return {c["name"]: c for c in state["children"]}

    def cli(self, *words, check=True, input=None, json=False, timeout=300, env=None):
        """Runs a command of the program on this data directory. json=True adds --json and parses the output."""
        done = subprocess.run(self.command(*words, *(["--json"] if json else [])), env=dict(self.env, **(env or {})),
                              text=True, capture_output=True, input=input if input is not None else "", timeout=timeout,
                              cwd="/")
        if check and done.returncode != 0:
            raise StackError(f"ehub {' '.join(words)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        if not json:
            return done
        import json as parser
        return parser.loads(done.stdout)

    def sql(self, database, query, role="ehub_su", tenant=None, check=True):
        """Rows as lists of text, through psql. role: ehub_su (sees all), ehub_owner, ehub_app (with tenant: as it)."""
        env = dict(os.environ, PGPASSWORD=(self.data / "secrets" / role).read_text().strip(), HOME="/", PGOPTIONS="")
        if tenant:
            env["PGOPTIONS"] = f"-c ehub.tenant_id={tenant}"
        psql = shutil.which("psql") or sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]
        done = subprocess.run([psql, "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h",
                               str(self.data / "run"), "-p", "21432", "-U", role, "-d", database, "-c", query],
                              env=env, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
        if done.returncode != 0:
            if check:
                raise StackError(f"psql: {done.stderr.strip()}")
            return done
        return [line.split("\t") for line in done.stdout.splitlines()]

    def client(self, bearer=None, timeout=30):
        return Client(self.url, bearer=bearer, timeout=timeout)


@contextlib.contextmanager
def fresh(**options):
    """A started stack of its own, stopped and removed at the end."""
    s = Stack(**options)
    try:
        yield s.start()
    finally:
        s.close()


_shared = None


def shared():
    """The demo stack of this run, started when first asked for. EHUB_TEST_STACK=DIR: one that runs already."""
    global _shared
    if _shared is None:
        running = os.environ.get("EHUB_TEST_STACK")
        if running:
            _shared = Stack(data=running)
            _shared.url = (Path(running) / "run" / "ready").read_text().strip()
            return _shared
        s = Stack(demo=True)
        atexit.register(s.close)
        _shared = s.start()
    return _shared
