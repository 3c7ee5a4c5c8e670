#!/usr/bin/env python3
"""The API's read path beside pgbench, on the same PostgreSQL and the same cores; and the memory of idle live streams.

    bench/api/api.py [--data DIR] [--seconds 10] [--rounds 5] [--streams 2000] [--build build] [--only-users]

Without --data a demo stack is started and removed. Needs wrk and pgbench. Runs alternate (API, pgbench, API ...), medians
are printed as JSON. pgbench sends what the server sends: set_config and the query in one pipeline, prepared. Both ask for
random agents of one shard. ratio = requests/s of the API / transactions/s of pgbench, with as many connections to
PostgreSQL as the server's pool has (pg.pool.size). Saturating clients show how much the server can do; what people feel
shows the open loop: --users of them, each with a connection of its own, ask every --every seconds at independent times,
whether or not the others have got their answers, and the time counts from the moment at which they wanted to ask.
"""

import argparse
import asyncio
import glob
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

PGBENCH_CLIENTS = 8  # the default of pg.pool.size
UNITS = {"us": 1e-3, "ms": 1, "s": 1000, "m": 60000}
LUA = """
local ids = {%s}
math.randomseed(%d)
wrk.headers["Authorization"] = "Bearer %s"
request = function() return wrk.format("GET", (%s)) end
"""


def ms(text):
    parts = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    return float(parts[1]) * UNITS[parts[2]] if parts else float("nan")  # nothing was answered


def wrk(url, script, connections, seconds):
    done = subprocess.run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", script,
                           url], capture_output=True, text=True, check=True)
    out = done.stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: (.*)", out)
    return {"per_s": float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1]),
            "p50_ms": ms(re.search(r"^\s+50%\s+(\S+)", out, re.M)[1]), "p99_ms": ms(re.search(r"^\s+99%\s+(\S+)", out, re.M)[1]),
            "not_200": int(bad[1]) if bad else 0, "socket_errors": errors[1] if errors else ""}


def pgbench(stack, shard, scripts, clients, seconds):
    program = shutil.which("pgbench") or sorted(glob.glob("/usr/lib/postgresql/*/bin/pgbench"))[-1]
    words = [program, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-h",
             str(stack.data / "run"), "-p", "21432", "-U", "ehub_app"]
    for s in scripts:
        words += ["-f", s]
    env = dict(os.environ, PGPASSWORD=(stack.data / "secrets" / "ehub_app").read_text().strip())
    done = subprocess.run([*words, f"ehub_shard_{shard}"], capture_output=True, text=True, env=env)
    if done.returncode != 0:
        sys.exit(f"pgbench: {done.stderr[-2000:]}")
    return {"per_s": float(re.search(r"tps = ([\d.]+)", done.stdout)[1]),
            "average_ms": float(re.search(r"latency average = ([\d.]+)", done.stdout)[1])}


def medians(runs):
    return {k: round(statistics.median(r[k] for r in runs), 3) for k in runs[0] if isinstance(runs[0][k], (int, float))} | {
        "runs": len(runs), "low_per_s": min(r["per_s"] for r in runs), "high_per_s": max(r["per_s"] for r in runs),
        **({"socket_errors": [r["socket_errors"] for r in runs if r["socket_errors"]]} if "socket_errors" in runs[0] else {})}


def agents_of(client):
    items, cursor = [], None
    while True:
        page = client.get("/v1/agents?limit=200" + (f"&cursor={cursor}" if cursor else "")).json()
        items += page["items"]
        cursor = page["next"]
        if not cursor:
            return [a["id"] for a in items]


def rss_kib(pid):
    return int(re.search(r"VmRSS:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def idle_streams(stack, token, n):
    host, port = stack.url.split("//")[1].split(":")
    pid = stack.children()["serve"]["pid"]
    request = (f"GET /v1/live HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n\r\n").encode()
    before, sockets = rss_kib(pid), []
    began = time.monotonic()
    try:
        while len(sockets) < n:  # in groups: the queue of the server's pool is bounded
            group = [socket.create_connection((host, int(port)), 30) for _ in range(min(200, n - len(sockets)))]
            sockets += group
            for s in group:
                s.sendall(request)
            for s in group:
                answer = s.recv(400)
                if b" 200 " not in answer:
                    raise RuntimeError(f"a stream was refused: {answer}")
        opened_s = time.monotonic() - began
        time.sleep(1)
        after = rss_kib(pid)
    finally:
        for s in sockets:
            s.close()
    return {"streams": n, "kib_per_stream": round((after - before) / n, 2), "rss_mib": round(after / 1024, 1),
            "opened_s": round(opened_s, 2)}


async def ask(streams, request):
    """One answer; its status."""
    reader, writer = streams
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(re.search(rb"content-length: *(\d+)", head, re.I)[1]))
    return int(head.split(None, 2)[1])


async def user(address, request, every, start, end, times, failed):
    """Asks at independent times (exponential pauses), and counts from the time at which it wanted to."""
    streams, at = await asyncio.open_connection(*address), start + random.expovariate(1 / every)
    while at < end:
        await asyncio.sleep(at - time.monotonic())
        if await ask(streams, request()) != 200:
            failed.append(at)
        times.append(time.monotonic() - at)
        at += random.expovariate(1 / every)
    streams[1].close()


async def open_loop(stack, token, path, users, every, seconds):
    address = stack.url.split("//")[1].split(":")
    head = f" HTTP/1.1\r\nHost: {':'.join(address)}\r\nAuthorization: Bearer {token}\r\n\r\n"
    times, failed, start = [], [], time.monotonic() + 2
    await asyncio.gather(*(user(address, lambda: f"GET {path()}{head}".encode(), every, start, start + seconds, times, failed)
                           for _ in range(users)))
    at = sorted(times)
    return {"users": users, "every_s": every, "per_s": round(len(at) / seconds, 1), "failed": len(failed),
            **{f"p{q}_ms": round(1000 * at[min(len(at) - 1, len(at) * q // 100)], 1) for q in (50, 95, 99)}}


def users(stack, token, ids, options):
    paths = {"today": lambda: "/v1/today?limit=25", "performance": lambda: f"/v1/agents/{random.choice(ids)}/performance"}
    return {f"users_{name}": [asyncio.run(open_loop(stack, token, path, options.users, options.every, 3 * options.seconds))
                              for _ in range(min(3, options.rounds))] for name, path in paths.items()}


def measure(stack, options):
    token = stack.cli("token", "add", "admin@demo.example", "--tenant", "demo", "--name", "bench").stdout.strip()
    tenant = next(t["id"] for t in stack.cli("tenant", "list", json=True) if t["slug"] == "demo")
    client = stack.client(bearer=token)
    by_shard = {}
    for a in agents_of(client):
        by_shard.setdefault(int(a[-2:], 16) % 4, []).append(a)
    shard = max(by_shard, key=lambda k: len(by_shard[k]))
    ids = by_shard[shard][:100]
    if options.only_users:
        return users(stack, token, ids, options)
    sql = subprocess.run([ROOT / options.build / "bench" / "api_sql"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="ehub-bench-") as folder:
        scripts = []
        for i, a in enumerate(ids):
            text = sql.replace("$1", f"'{tenant}'").replace("$2", f"'{a}'").replace("$3", "null")
            path = f"{folder}/{i}.sql"
            Path(path).write_text("\\startpipeline\nselect set_config('ehub.tenant_id', "
                                  f"'{tenant}', true);\n{text};\n\\endpipeline\n")
            scripts.append(path)
        quoted = ", ".join(f'"{a}"' for a in ids)
        Path(f"{folder}/performance.lua").write_text(
            LUA % (quoted, os.getpid(), token, '"/v1/agents/" .. ids[math.random(#ids)] .. "/performance"'))
        Path(f"{folder}/today.lua").write_text(LUA % (quoted, os.getpid(), token, '"/v1/today?limit=25"'))
        result = {"agents": len(ids), "seconds": options.seconds, "label": "measured"}
        for connections in (64, 1000):
            api, pg = [], []
            for _ in range(options.rounds):
                api.append(wrk(stack.url, f"{folder}/performance.lua", connections, options.seconds))
                pg.append(pgbench(stack, shard, scripts, PGBENCH_CLIENTS, options.seconds))
            result[f"performance_{connections}"] = medians(api)
            result[f"pgbench_beside_{connections}"] = medians(pg)
            result[f"ratio_{connections}"] = round(statistics.median(r["per_s"] for r in api)
                                                   / statistics.median(r["per_s"] for r in pg), 3)
            result[f"today_{connections}"] = medians([wrk(stack.url, f"{folder}/today.lua", connections, options.seconds)
                                                      for _ in range(options.rounds)])
    result |= users(stack, token, ids, options)
    result["idle_streams"] = idle_streams(stack, token, options.streams)
    return result


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data")
    p.add_argument("--seconds", type=int, default=10)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--streams", type=int, default=2000)
    p.add_argument("--build", default="build")
    p.add_argument("--users", type=int, default=1000)
    p.add_argument("--every", type=float, default=10)
    p.add_argument("--only-users", action="store_true", help="the open loop alone")
    options = p.parse_args()
    from harness import stack
    if options.data:
        s = stack.Stack(data=options.data)
        s.url = (s.data / "run" / "ready").read_text().strip()
        print(json.dumps(measure(s, options), indent=2))
        return
    with stack.fresh(demo=True, env={"EHUB_LIVE_STREAMS_PER_USER": str(options.streams + 100)}) as s:
        print(json.dumps(measure(s, options), indent=2))


main()
