"""ehub up keeps its promises: starts from nothing, keeps data, excludes a second one, stops whole, survives kill -9."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import stack
from harness.stack import Stack, StackError, wait_until

HAS_SERVE = stack.has_command("serve")
AS_ROOT = os.geteuid() == 0


def plain(**options):
    """A stack with the server when the program has one."""
    return Stack(database_only=not HAS_SERVE, **options)


def takes_sigterm(pid):
    """True when the program handles or holds back SIGTERM: before that, it would simply die of it."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return any(int(status[mask], 16) >> (signal.SIGTERM - 1) & 1 for mask in ("SigBlk", "SigCgt"))


def note(text):
    print(f"# {text}", flush=True)


def insert_tenant(s):
    s.sql("ehub_control", "insert into tenant (id, slug, name) values ('01890000-0000-7000-8000-000000000001', 'kept', 'Kept')")


def tenants(s):
    return [row[0] for row in s.sql("ehub_control", "select slug from tenant order by 1")]


class Life(unittest.TestCase):
    def test_first_start_is_ready_and_second_start_keeps_the_data(self):
        with plain(fsync=True) as s:
            s.start()
            note(f"first start {s.started_in_s:.2f} s")
            self.assertTrue(s.ready_line.endswith(f"data={s.data}"), s.ready_line)
            self.assertIn(f"pid={s.process.pid}", s.ready_line)
            insert_tenant(s)
            self.assertEqual(s.stop(), 0)
            self.assertFalse((s.data / "run" / "ready").exists())
            s.start()
            note(f"second start {s.started_in_s:.2f} s")
            self.assertEqual(tenants(s), ["kept"])
            if HAS_SERVE:
                self.assertEqual(s.client().get("/readyz").status, 200)

    def test_of_two_ups_at_the_same_instant_exactly_one_runs(self):
        with plain() as s:
            other = Stack(data=s.data, database_only=True)
            s.launch()
            other.launch()
            wait_until(lambda: s.process.poll() is not None or other.process.poll() is not None, 60)
            loser, winner = (s, other) if s.process.poll() is not None else (other, s)
            self.assertEqual(loser.process.wait(), 75)
            wait_until(lambda: winner.ready_line, 60, because="the winner was not ready")
            loser.process = None
            self.assertEqual(winner.stop(), 0)

    def test_sigterm_while_starting_leaves_nothing_behind_and_the_next_start_works(self):
        for delay in (0, 0.4, 0.9):
            with self.subTest(delay=delay), plain() as s:
                s.launch()
                wait_until(lambda: takes_sigterm(s.process.pid), 30, every=0.005)
                time.sleep(delay)
                self.assertEqual(s.stop(), 0)
                s.start()
                self.assertEqual(tenants(s), [])

    def test_down_stops_it_and_status_shows_it(self):
        with plain() as s:
            s.start()
            shown = s.cli("status").stdout
            self.assertIn(f"pid {s.process.pid}", shown)
            self.assertIn("postgres", shown)
            self.assertIn("stopped process", s.cli("down").stdout)
            self.assertEqual(s.process.wait(5), 0)
            self.assertEqual(s.stop(), 0)
            self.assertEqual(s.cli("down", check=False).returncode, 66)
            self.assertEqual(s.cli("status", check=False).returncode, 69)


class Running(unittest.TestCase):
    """What can be seen on one that runs."""

    @classmethod
    def setUpClass(cls):
        cls.s = plain()
        cls.addClassCleanup(cls.s.close)
        cls.s.start()

    def test_a_second_up_in_the_same_directory_is_refused_and_names_the_first(self):
        s = self.s
        other = Stack(data=s.data, database_only=True)
        with self.assertRaises(StackError) as caught:
            other.start()
        self.assertIn(f"process {s.process.pid}", str(caught.exception))
        self.assertEqual(other.process.returncode, 75)
        other.process = None
        self.assertEqual(sorted(s.children()), sorted(["postgres"] + (["serve"] if HAS_SERVE else [])))
        self.assertEqual(tenants(s), [])

    def test_secrets_and_sockets_are_closed_to_others(self):
        s = self.s
        for name in ("run", "secrets", "logs", "pg"):
            self.assertEqual((s.data / name).stat().st_mode & 0o077, 0, name)
        for secret in (s.data / "secrets").iterdir():
            self.assertEqual(secret.stat().st_mode & 0o777, 0o600, secret)
        if AS_ROOT:
            self.assertNotEqual((s.data / "pg").stat().st_uid, 0)

    def test_the_application_role_owns_nothing_and_cannot_pass_row_level_security(self):
        s = self.s
        rows = s.sql("ehub_control", "select rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles "
                                     "where rolname in ('ehub_app', 'ehub_owner') order by 1")
        self.assertEqual(rows, [["ehub_app", "f", "f", "f", "f"], ["ehub_owner", "f", "f", "f", "f"]])
        refused = s.sql("ehub_control", "create table mine (a int)", role="ehub_app", check=False)
        self.assertIn("permission denied", refused.stderr)

    def test_the_port_is_recorded_for_other_commands(self):
        s = self.s
        self.assertIn(f"http.port: {s.port}\n", (s.data / "ehub.yaml").read_text())
        rows = {r["key"]: r["value"] for r in s.cli("conf", "show", json=True)}
        self.assertEqual(rows["http.port"], str(s.port))

    def test_postgresql_listens_on_no_port(self):
        s = self.s
        self.assertEqual(s.sql("ehub_control", "show listen_addresses"), [[""]])


class Killed(unittest.TestCase):
    def test_kill_9_of_the_supervisor_takes_the_children_down_and_blocks_nothing(self):
        with plain() as s:
            s.start()
            insert_tenant(s)
            s.kill()
            s.start()  # at once: the old server may still be stopping
            note(f"start after kill -9: {s.started_in_s:.2f} s")
            self.assertEqual(tenants(s), ["kept"])
            s.kill()
            wait_until(lambda: not stack.processes_of(s.data), 60, because="children outlived the supervisor")

    def test_kill_9_of_postgresql_is_repaired_and_counted(self):
        with plain() as s:
            s.start()
            insert_tenant(s)
            before = s.children()["postgres"]
            os.kill(before["pid"], signal.SIGKILL)
            began = time.monotonic()
            wait_until(lambda: s.children()["postgres"]["pid"] not in (0, before["pid"]), 60)

            def answers():
                try:
                    return tenants(s) == ["kept"]
                except StackError:
                    return False

            wait_until(answers, 60, because="PostgreSQL did not answer again")
            note(f"PostgreSQL answered again after {time.monotonic() - began:.2f} s")
            after = s.children()["postgres"]
            self.assertEqual(after["restarts"] - before["restarts"] >= 1, True)
            self.assertEqual(after["last_end"] in ("signal 9", "exit status 1"), True, after)
            if HAS_SERVE:
                wait_until(lambda: s.client().get("/readyz").status == 200, 60, because="the server did not recover")

    @unittest.skipUnless(HAS_SERVE, "the program has no server")
    def test_kill_9_of_the_server_is_repaired_and_shown_in_its_metrics(self):
        with plain() as s:
            s.start()
            before = s.children()["serve"]
            os.kill(before["pid"], signal.SIGKILL)
            began = time.monotonic()

            def ready():
                try:
                    return s.client().get("/readyz").status == 200
                except OSError:
                    return False

            wait_until(lambda: s.children()["serve"]["pid"] not in (0, before["pid"]) and ready(), 60)
            note(f"the server answered again after {time.monotonic() - began:.2f} s")
            self.assertEqual(s.children()["serve"]["restarts"], 1)
            self.assertIn('ehub_stack_restarts_total{child="serve"} 1', s.client().get("/metrics").text)

    def test_an_interrupted_initdb_is_done_again(self):
        with plain() as s:
            s.launch()
            wait_until(lambda: (s.data / "pg.new" / "PG_VERSION").exists(), 20, every=0.005)
            s.kill()
            self.assertFalse((s.data / "pg").exists())
            s.start()
            self.assertFalse((s.data / "pg.new").exists())
            self.assertEqual(tenants(s), [])

    def test_a_postmaster_pid_of_a_stranger_does_not_block(self):
        with plain() as s:
            s.start()
            s.stop()
            pid_file = s.data / "pg" / "postmaster.pid"
            stranger = subprocess.Popen(["sleep", "60"])
            try:
                pid_file.write_text(f"{stranger.pid}\n{s.data}/pg\n1\n21432\n{s.data}/run\n\n0 0\nready\n")
                s.start()
                self.assertEqual(tenants(s), [])
                self.assertIsNone(stranger.poll())
            finally:
                stranger.kill()
                stranger.wait()


class Refused(unittest.TestCase):
    def fails(self, s, status, *words):
        with self.assertRaises(StackError) as caught:
            s.start()
        self.assertEqual(s.process.returncode, status, str(caught.exception))
        s.process = None
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.assertEqual(stack.processes_of(s.data), [])

    def test_a_taken_port_is_named(self):
        with socket.socket() as taken, Stack(database_only=not HAS_SERVE) as s:
            taken.bind(("127.0.0.1", s.port))
            taken.listen()
            self.fails(s, 75, f"port {s.port}", "--port")

    def test_a_damaged_cluster_is_named_and_not_touched(self):
        with plain() as s:
            s.start()
            s.stop()
            (s.data / "pg" / "global" / "pg_control").unlink()
            self.fails(s, 65, f"{s.data}/pg")
            self.assertTrue((s.data / "pg" / "base").exists())

    def test_a_data_directory_that_is_a_file_is_named(self):
        with plain() as s:
            s.data.write_text("not a directory")
            self.fails(s, 74, str(s.data))

    def test_a_path_too_long_for_the_socket_is_named(self):
        with plain() as s:
            s.data = s.made_dir / ("x" * 90)
            self.fails(s, 65, "longer than")

    @unittest.skipUnless(AS_ROOT, "only root starts PostgreSQL as another account")
    def test_as_root_a_directory_that_postgresql_cannot_reach_is_named(self):
        with plain() as s:
            hidden = s.made_dir / "hidden"
            hidden.mkdir(mode=0o700)
            s.data = hidden / "d"
            self.fails(s, 77, str(hidden), "--data")

    @unittest.skipUnless(AS_ROOT, "needs root to become another user")
    def test_an_unwritable_directory_is_named(self):
        with plain(user="nobody") as s:
            s.data.mkdir(mode=0o755)
            self.fails(s, 77, str(s.data))

    def test_another_profile_and_another_postgresql_are_refused(self):
        with plain(args=["--profile", "cluster"]) as s:
            self.fails(s, 69, "cluster")
        with plain(args=["--set", "pg.host=127.0.0.1"]) as s:
            self.fails(s, 64, "pg.host")


class Accounts(unittest.TestCase):
    def run_as(self, user):
        with tempfile.TemporaryDirectory() as d:
            os.chmod(d, 0o755)
            program = Path(d) / "ehub"
            shutil.copy(stack.EHUB, program)
            with plain(user=user, program=program) as s:
                s.start()
                owner = (s.data / "pg").stat().st_uid
                self.assertEqual(tenants(s), [])
                self.assertEqual(s.stop(), 0)
                return owner

    @unittest.skipUnless(AS_ROOT, "needs root to become another user")
    def test_an_ordinary_user_can_run_it(self):
        import pwd
        self.assertEqual(self.run_as("nobody"), pwd.getpwnam("nobody").pw_uid)


class Choices(unittest.TestCase):
    def test_own_settings_in_the_directory_are_kept(self):
        with plain() as s:
            s.data.mkdir()
            if AS_ROOT:
                s.data.chmod(0o755)
            (s.data / "ehub.yaml").write_text("# mine\nlog.level: debug\nhttp.port: 1234\n")
            (s.data / "postgresql.local.conf").write_text("work_mem = '11MB'\n")
            s.start()
            self.assertEqual((s.data / "ehub.yaml").read_text(), f"# mine\nlog.level: debug\nhttp.port: {s.port}\n")
            self.assertEqual(s.sql("ehub_control", "show work_mem"), [["11MB"]])

    @unittest.skipUnless(HAS_SERVE, "the program has no server")
    def test_tls_serves_https_with_a_certificate_for_localhost(self):
        with plain(tls=True) as s:
            s.start()
            self.assertTrue(s.url.startswith("https://"), s.url)
            self.assertEqual(s.client().get("/readyz").status, 200)
            self.assertEqual((s.data / "tls" / "key.pem").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
