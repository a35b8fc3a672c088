"""The figures of Docs/Reliability.md, to be had again: Tests/Clients/reliability [race|restart|personas] [options].

race     Fresh sessions; on each, a request and a DELETE on two connections within 6 ms of each other. What came of the
         request, from mcp 1.21.2 for Python alone, from Holdfast in front of it, and from Holdfast alone.
restart  Sessions are made, the server is killed with SIGKILL and started again on its data: how soon it is ready, and
         how many of the sessions serve a list under their old ids.
personas The clients P1 to P9 at once, for --minutes each: Holdfast alone, in front of mcp 1.21.2, and in front of a child;
         each of them also behind nginx, with a deploy every --every seconds.

--sessions and --seed are for the first two. Exit status 1 when Holdfast lost anything, or was not ready within a second.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from crowd import Crowd
from server import Server
from test_race import Line, Reply, call
from upstream import KINDS, Remote

AT_ONCE = 8
LIMIT = 10.0
# Within which the two requests are sent.
WINDOW = 0.006
# Of mcp 1.21, whose newest version it knows is older than ours.
VERSION = "2025-06-18"


class Place(Protocol):
    @property
    def address(self) -> tuple[str, int]: ...
    @property
    def authority(self) -> str: ...
    @property
    def path(self) -> str: ...


class Behind:
    """The server behind, talked to without anything in front."""

    path = "/mcp"

    def __init__(self, remote: Remote) -> None:
        self.address = ("127.0.0.1", remote.port)
        self.authority = f"127.0.0.1:{remote.port}"


class Conversant(Line):
    version = VERSION


async def exchange(place: Place, verb: str, session: str | None, message: dict[str, Any] | None = None) -> Reply:
    async with Conversant(place) as line:
        await line.send(verb, session, message)
        return await line.rest(await line.head())


async def open_session(place: Place) -> str:
    params = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "reliability", "version": "1"}}
    opened = await exchange(place, "POST", None, {"id": 0, "method": "initialize", "params": params})
    session = opened.head.get("mcp-session-id")
    assert opened.head.status == 200 and session, opened
    return session


def outcome(reply: Reply, id: str) -> str:
    """What came of one request, in the words of the table."""
    answers = [m for m in reply.messages if m.get("id") == id and ("result" in m or "error" in m)]
    if reply.head.status == 404:
        return "refused (404)"
    if reply.head.status >= 500:
        return "500"
    if reply.head.status == 200 and not answers:
        return "200 without an answer"
    if len(answers) > 1:
        return "two answers"
    if not answers or "error" in answers[0] or answers[0]["result"].get("isError"):
        return f"error: {answers[0] if answers else reply.head.status}"[:80]
    return "answered"


async def racing(place: Place, slow: str, number: int, seed: int) -> str:
    chance = random.Random(seed * 1_000_003 + number)
    session = await open_session(place)
    await exchange(place, "POST", session, {"method": "notifications/initialized"})
    message = chance.choice([
        {"id": "raced", "method": "tools/list"},
        call("raced", "echo", text=str(number)),
        call("raced", slow, seconds=chance.uniform(0, 0.01), ms=chance.randint(0, 10)),
    ])  # fmt: skip
    early, late = chance.uniform(0, WINDOW), chance.uniform(0, WINDOW)

    async def request() -> str:
        await asyncio.sleep(early)  # paces: the moment of the request
        try:
            return outcome(await exchange(place, "POST", session, message), "raced")
        except (OSError, asyncio.IncompleteReadError, ValueError):
            return "connection broken"

    async def delete() -> None:
        await asyncio.sleep(late)  # paces: the moment of the DELETE
        try:
            await exchange(place, "DELETE", session)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass

    try:
        raced, _ = await asyncio.wait_for(asyncio.gather(request(), delete()), LIMIT)
        return raced
    except TimeoutError:
        return "hung"


async def many(count: int, one: Callable[[int], Any]) -> list[Any]:
    room = asyncio.Semaphore(AT_ONCE)

    async def within(number: int) -> Any:
        async with room:
            return await one(number)

    return await asyncio.gather(*(within(number) for number in range(count)))


FINE = {"answered", "refused (404)"}


def lost(counts: Counter[str]) -> int:
    return sum(count for what, count in counts.items() if what not in FINE)


def show(name: str, counts: Counter[str], seconds: float) -> None:
    total = sum(counts.values())
    share = 100 * lost(counts) / total
    print(f"{name:<34} {total} raced, {lost(counts)} lost ({share:.1f} %), {seconds:.0f} s: {dict(counts)}", flush=True)


def race(sessions: int, seed: int, home: Path) -> int:
    remote = Remote(KINDS["python 1.21, HTTP stateful"], home / "remote").start()
    front = Server.product(home / "front", "--upstream", remote.url, "--log-level", "notice")
    alone = Server.fixture(home / "alone", "--log-level", "notice")
    failures = 0

    async def run(name: str, place: Place, slow: str = "slow") -> Counter[str]:
        began = time.monotonic()
        counts = Counter(await many(sessions, lambda number: racing(place, slow, number, seed)))
        show(name, counts, time.monotonic() - began)
        return counts

    try:
        asyncio.run(run("mcp 1.21.2, alone", Behind(remote)))
        # Started again, so that what it keeps of the first race does not slow the second.
        remote.kill()
        remote.start()
        failures += lost(asyncio.run(run("Holdfast in front of mcp 1.21.2", front.start())))
        failures += lost(asyncio.run(run("Holdfast alone", alone.start(), "sleep")))
    finally:
        for server in (front, alone):
            server.discard()
        remote.kill()
    return failures


def restart(sessions: int, seed: int, home: Path, within: float = 1) -> int:
    server = Server.product(home / "restarted", "--log-level", "notice").start()
    failures = 0

    async def listed(session: str) -> str:
        message = {"id": "again", "method": "tools/list"}
        try:
            return outcome(await asyncio.wait_for(exchange(server, "POST", session, message), LIMIT), "again")
        except (OSError, asyncio.IncompleteReadError, ValueError, TimeoutError) as error:
            return type(error).__name__

    try:
        made = asyncio.run(many(sessions, lambda _: open_session(server)))
        server.kill()
        began = time.monotonic()
        server.start()
        while server.fetch("/ready").status != 200:
            time.sleep(0.001)  # paces: polling an observable condition
        ready = time.monotonic() - began
        random.Random(seed).shuffle(made)
        began = time.monotonic()
        counts = Counter(asyncio.run(many(len(made), lambda number: listed(made[number]))))
        seconds = time.monotonic() - began
        print(
            f"{sessions} sessions, killed and started again: ready after {ready * 1000:.0f} ms; "
            f"{counts['answered']} usable, restored on demand in {seconds:.1f} s: {dict(counts)}"
        )
        failures = sessions - counts["answered"] + (ready >= within)
    finally:
        server.discard()
    return failures


def personas(minutes: float, rate: float, every: float, home: Path) -> int:
    failures = 0
    for behind, place in ((None, "alone"), ("http", "in front of mcp 1.21.2"), ("stdio", "in front of a child")):
        for deploys in (False, True):
            with Crowd(home / f"{behind}-{deploys}", "--log-level", "notice", behind=behind, nginx=deploys) as crowd:
                try:
                    report = crowd.run(minutes * 60, rate, every if deploys else None)
                    crowd.check()
                except AssertionError as error:
                    report = str(error)
                    failures += 1
                print(f"{place}{', behind nginx' if deploys else ''}, {crowd.deploys} deploys: {report}", flush=True)
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["race", "restart", "personas"])
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--every", type=float, default=10)
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65_536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with tempfile.TemporaryDirectory(prefix="holdfast-") as home:
        if given.what == "personas":
            print(f"{datetime.date.today()}, {given.minutes:g} minutes each at {given.rate:g} requests a second", flush=True)
            return 1 if personas(given.minutes, given.rate, given.every, Path(home)) else 0
        print(f"{datetime.date.today()}, {given.what}, seed {given.seed}")
        run = {"race": race, "restart": restart}[given.what]
        return 1 if run(given.sessions, given.seed, Path(home)) else 0


if __name__ == "__main__":
    sys.exit(main())
