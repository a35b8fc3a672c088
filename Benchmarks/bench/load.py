"""wrk as the load, against Holdfast and the bare route in turns."""

import json
import math
import pathlib
import statistics
import subprocess
import time
from dataclasses import dataclass

from . import client
from .server import HOST

SCRIPT = pathlib.Path(__file__).with_name("post.lua")
CONNECTIONS = 32


@dataclass
class Round:
    rate: float
    p50: float
    p99: float
    cpu: float
    requests: int


def wrk(server, post, seconds):
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT)]
    command += [f"http://{HOST}:{server.port}/mcp", "--", post.body]
    for name, value in post.headers.items():
        command += [name, value]
    before = server.cpu_seconds()
    finished = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True)
    line = json.loads(next(line for line in finished.stdout.splitlines() if line.startswith("{")))
    if line["not_ok"] or line["broken"]:
        raise SystemExit(f"wrk saw failures: {line}")
    return Round(
        rate=line["requests"] / (line["microseconds"] / 1e6), p50=line["p50"] / 1000, p99=line["p99"] / 1000,
        cpu=(server.cpu_seconds() - before) * 1e6 / max(1, line["requests"]), requests=line["requests"])


def answered(connection, post):
    labels = f'era="{post.era}",method="{post.method}",outcome="result"'
    return connection.metric(f"holdfast_requests_total{{{labels}}}")


def duel(holdfast, bare, post, rounds, seconds):
    """[(Holdfast's round, the bare route's round)], after a warm-up of both. Every answer must be a result."""
    connection = client.Connection(holdfast.port)
    pairs = []
    for number in range(rounds + 1):
        before = answered(connection, post)
        ours = wrk(holdfast, post, seconds if number else min(2, seconds))
        time.sleep(0.3)
        results = answered(connection, post) - before
        # wrk does not count what is under way when it stops.
        if not 0 <= results - ours.requests <= CONNECTIONS:
            raise SystemExit(f"{ours.requests} responses, but {results:.0f} results")
        theirs = wrk(bare, post, seconds if number else min(2, seconds))
        holdfast.empty_log()
        if number:
            pairs.append((ours, theirs))
            print(
                f"  round {number}: {ours.rate:8.0f}/s p99 {ours.p99:6.2f} ms {ours.cpu:4.0f} µs CPU"
                f"  | bare {theirs.rate:8.0f}/s p99 {theirs.p99:6.2f} ms {theirs.cpu:4.0f} µs CPU"
                f"  | {ours.rate / theirs.rate:.2f}, {ours.p99 / theirs.p99:.2f}", flush=True)
    connection.close()
    return pairs


def median(values):
    return statistics.median(list(values))


def percentile(values, share):
    """The smallest value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
