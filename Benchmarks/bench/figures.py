"""The figures to reach, each measured on servers of its own."""

import json
import random
import tempfile
import threading
import time
from dataclasses import dataclass

from . import client, frontdoor, listeners, load, memories, paced
from .load import median, percentile
from .server import HOST, Server, holdfast


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
    listeners: int = 1_000
    calls: int = 5_000
    changes: int = 20

    @staticmethod
    def quick():
        return Plan(
            rounds=3, round_seconds=2, sessions=2_000, paced_seconds=5, memories=5_000, fill_seconds=20, searches=100,
            changes=5, calls=1_000)


def against_bare(binaries, directory, plan, prepare):
    """Rounds of the POST that `prepare` makes, against a bare route whose answer is the same bytes."""
    with holdfast(binaries.fixture, directory) as ours:
        connection = client.Connection(ours.port)
        post = prepare(connection)
        with tempfile.NamedTemporaryFile(dir=directory) as answer:
            answer.write(connection.send(post)[1])
            answer.flush()
            with Server([*binaries.bare, answer.name], f"{directory}/bare.log") as bare:
                pairs = load.duel(ours, bare, post, plan.rounds, plan.round_seconds)
        print(f"  resident after the load: {ours.resident_kb() / 1024:.1f} MB")
        connection.close()
    return pairs


def rate(name, wanted, pairs):
    ratio = median(ours.rate / bare.rate for ours, bare in pairs)
    detail = "{:.0f} and {:.0f} requests/s, {:.0f} and {:.0f} µs CPU each"
    detail = detail.format(*(median(getattr(p[i], k) for p in pairs) for k in ("rate", "cpu") for i in (0, 1)))
    name = f"{name}, requests/s against the bare route"
    return Figure(name, f"≥ {wanted:.2f}", f"{ratio:.2f} ({detail})", ratio >= wanted)


def throughput(binaries, directory, plan):
    def prepare(connection):
        return client.in_session(connection.open_session(), "tools/call", client.ECHO)

    pairs = against_bare(binaries, directory, plan, prepare)
    p99 = median(ours.p99 / bare.p99 for ours, bare in pairs)
    tail = "{:.2f} and {:.2f} ms".format(*(median(p[i].p99 for p in pairs) for i in (0, 1)))
    return [
        rate("`tools/call` echo", 0.6, pairs),
        Figure("`tools/call` echo, p99 against the bare route's", "≤ 3.0", f"{p99:.2f} ({tail})", p99 <= 3),
    ]


def per_request(binaries, directory, plan):
    pairs = against_bare(binaries, directory, plan, lambda _: client.per_request("tools/call", client.ECHO))
    return [rate("`tools/call` echo without a session (2026-07-28)", 0.6, pairs)]


TOOLS = 50


def grow(connection, session):
    while len(json.loads(connection.post(client.message("tools/list"), session)[1])["result"]["tools"]) < TOOLS:
        connection.call("grow", {}, session)


def lists(binaries, directory, plan):
    def in_session(connection):
        session = connection.open_session()
        grow(connection, session)
        return client.in_session(session, "tools/list")

    def per_request(connection):
        grow(connection, connection.open_session())
        return client.per_request("tools/list")

    return [
        rate(f"`tools/list` of {TOOLS} tools{words}", 0.5, against_bare(binaries, directory, plan, prepare))
        for words, prepare in ((" in a session", in_session), (" without a session (2026-07-28)", per_request))
    ]


def listening(binaries, directory, plan):
    with holdfast(binaries.fixture, directory, "--max-streams-per-principal", "100000") as server:
        cycles = listeners.cycles(server, plan.listeners, plan.changes)
    slowest = max(took for cycle in cycles for took in cycle.took)
    middle = median(took for cycle in cycles for took in cycle.took)
    before, *after = (kb / 1024 for kb in (cycles[0].before, *(cycle.after for cycle in cycles)))
    opened = (cycles[0].opened - cycles[0].before) / plan.listeners
    # The first times leave the allocator with what it needs for so many; from then on it has to be enough.
    growth = after[-1] / after[1]
    return [
        Figure(
            f"A list change until the last of {plan.listeners:,} listen streams has it", "≤ 100 ms",
            f"{slowest:.0f} ms (p50 {middle:.0f} ms)", slowest <= 100),
        Figure(
            f"Resident when {plan.listeners:,} listen streams have closed, the last time against the second",
            "≤ 1.05",
            f"{growth:.2f} ({before:.1f} MB before any, then {', '.join(f'{mb:.1f}' for mb in after)} MB; "
            f"{opened:.1f} KB for each while first open)", growth <= 1.05),
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


def in_front(binaries, directory, plan):
    """Holdfast in front of another server, beside that server itself and beside a route that copies bytes to it."""
    post = client.per_request("tools/call", client.ECHO)
    with holdfast(binaries.fixture, directory) as behind:
        url = f"http://{HOST}:{behind.port}/mcp"
        with holdfast([*binaries.holdfast, "--upstream", url], directory) as ours:
            with Server([*binaries.bareproxy, url], f"{directory}/bareproxy.log") as bare:
                added = frontdoor.added(ours, behind, post, plan.calls)
                copying = frontdoor.added(bare, behind, post, plan.calls)
                pairs = load.duel(ours, bare, post, plan.rounds, plan.round_seconds)
    p50, p99 = percentile(added, 50), percentile(added, 99)
    ratio = median(front.rate / proxy.rate for front, proxy in pairs)
    rates = "{:.0f} and {:.0f} requests/s".format(*(median(pair[i].rate for pair in pairs) for i in (0, 1)))
    return [
        Figure(
            "`tools/call` through Holdfast, added to calling the server itself, p50", "≤ 150 µs",
            f"{p50:.0f} µs (p99 {p99:.0f} µs; the route that copies bytes adds {percentile(copying, 50):.0f} µs)",
            p50 <= 150),
        Figure(
            "`tools/call` through Holdfast, requests/s against a route that copies bytes", "≥ 0.45",
            f"{ratio:.2f} ({rates})", ratio >= 0.45),
    ]


def before_a_child(binaries, directory, plan):
    """Holdfast in front of one small child process, on its standard input and output."""
    post = client.per_request("tools/call", client.ECHO)
    with holdfast(binaries.holdfast, directory, "--", *binaries.child) as ours:
        rounds = [load.wrk(ours, post, plan.round_seconds) for _ in range(plan.rounds + 1)][1:]
    rate = median(one.rate for one in rounds)
    detail = "{:.0f} requests/s (p99 {:.2f} ms)".format(rate, median(one.p99 for one in rounds))
    return [Figure("`tools/call` through one child", "≥ 5,000 requests/s", detail, rate >= 5_000)]


ALL = [throughput, per_request, in_front, before_a_child, lists, listening, idle_process, idle_sessions, while_writing, search]
