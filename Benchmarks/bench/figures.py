"""The figures to reach, each measured on servers of its own."""

import random
import threading
import time
from dataclasses import dataclass

from . import client, load, memories, paced
from .load import median, percentile
from .server import Server, holdfast


@dataclass
class Figure:
    name: str
    wanted: str
    measured: str
    passed: bool


@dataclass
class Plan:
    """How long everything takes."""

    rounds: int = 12
    round_seconds: int = 3
    sessions: int = 10_000
    paced_seconds: int = 20
    memories: int = 100_000
    fill_seconds: int = 150
    searches: int = 400

    @staticmethod
    def quick():
        return Plan(
            rounds=3, round_seconds=2, sessions=2_000, paced_seconds=5, memories=5_000, fill_seconds=20, searches=100)


def throughput(binaries, directory, plan):
    with holdfast(binaries.fixture, directory) as ours:
        with Server(binaries.bare, f"{directory}/bare.log") as bare:
            pairs = load.duel(ours, bare, plan.rounds, plan.round_seconds)
            after = ours.resident_kb()
    rate = median(a.rate / b.rate for a, b in pairs)
    p99 = median(a.p99 / b.p99 for a, b in pairs)
    detail = "{:.0f} and {:.0f} requests/s, {:.0f} and {:.0f} µs CPU each"
    detail = detail.format(*(median(getattr(p[i], k) for p in pairs) for k in ("rate", "cpu") for i in (0, 1)))
    tail = "{:.2f} and {:.2f} ms".format(*(median(p[i].p99 for p in pairs) for i in (0, 1)))
    print(f"  resident after the load: {after / 1024:.1f} MB")
    return [
        Figure("`tools/call` echo, requests/s against the bare route", "≥ 0.60", f"{rate:.2f} ({detail})", rate >= 0.6),
        Figure("`tools/call` echo, p99 against the bare route's", "≤ 3.0", f"{p99:.2f} ({tail})", p99 <= 3),
    ]


def idle_process(binaries, directory, plan):
    with holdfast(binaries.holdfast, directory) as server:
        connection = client.Connection(server.port)
        connection.request("GET", "/health")
        time.sleep(2)
        megabytes = server.resident_kb() / 1024
        connection.close()
    return [Figure("Idle process, resident", "≤ 40 MB", f"{megabytes:.1f} MB", megabytes <= 40)]


def idle_sessions(binaries, directory, plan):
    with holdfast(binaries.holdfast, directory, "--max-sessions-per-principal", "20000") as server:
        # What the first requests of a process cost is not the sessions' doing.
        connections = [client.Connection(server.port) for _ in range(8)]
        for connection in connections:
            for _ in range(5):
                connection.open_session()
        time.sleep(1)
        before = server.resident_kb()
        share = plan.sessions // len(connections)

        def work(connection):
            for _ in range(share):
                connection.open_session()

        threads = [threading.Thread(target=work, args=(connection,), daemon=True) for connection in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        time.sleep(1)
        live = connections[0].metric('holdfast_sessions{state="active"}')
        kilobytes = (server.resident_kb() - before) / (share * len(connections))
        for connection in connections:
            connection.close()
    if live < share * len(connections):
        raise SystemExit(f"only {live:.0f} sessions are live")
    name = f"Idle session, resident, with {share * len(connections):,} of them"
    return [Figure(name, "≤ 8 KB", f"{kilobytes:.1f} KB", kilobytes <= 8)]


def while_writing(binaries, directory, plan):
    took = {}
    # A session for each initialize: more than the default cap in a long run.
    with holdfast(binaries.holdfast, directory, "--max-sessions-per-principal", "20000") as server:
        connection = client.Connection(server.port)
        session = connection.open_session()
        sends = {
            "initialize": lambda connection: connection.post(client.INITIALIZE),
            "tools/list": lambda connection: connection.post(client.message("tools/list"), session),
        }
        with memories.Writers(server.port, seed=3) as writers:
            time.sleep(1)
            before, start = writers.stored.value, time.monotonic()
            for method, send in sends.items():
                took[method] = paced.paced(server.port, 100, plan.paced_seconds, send)
            rate = (writers.stored.value - before) / (time.monotonic() - start)
        connection.close()
    return [
        Figure(
            f"`{method}` at 100/s while memories are stored, p99", "< 20 ms",
            f"{percentile(times, 99):.1f} ms (p50 {percentile(times, 50):.1f} ms; {rate:.0f} memories/s meanwhile)",
            percentile(times, 99) < 20)
        for method, times in took.items()
    ]


def search(binaries, directory, plan):
    with holdfast(binaries.holdfast, directory) as server:
        stored, seconds = memories.fill(server.port, plan.memories, plan.fill_seconds)
        print(f"  {stored} memories in {seconds:.0f} s")
        connection = client.Connection(server.port)
        session = connection.open_session()
        words, chance, took, found = memories.vocabulary(), random.Random(9), [], 0
        for _ in range(plan.searches):
            # Two words: often one of those that are everywhere.
            query = memories.content(words, chance).split()[:2]
            start = time.monotonic()
            result = connection.call("memory_search", {"query": " ".join(query)}, session)
            took.append((time.monotonic() - start) * 1000)
            found += bool(result["structuredContent"]["memories"])
        connection.close()
    if not found:
        raise SystemExit("no search found anything")
    p50, p95 = percentile(took, 50), percentile(took, 95)
    return [
        Figure(
            f"`memory_search` in {stored:,} memories, p95", "< 20 ms",
            f"{p95:.1f} ms (p50 {p50:.1f} ms; {found} of {len(took)} found something)", p95 < 20)
    ]


ALL = [throughput, idle_process, idle_sessions, while_writing, search]
