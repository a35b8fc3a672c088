"""The race: many sessions, each with calls in flight, lists, a DELETE at a random moment, and late requests.

Nothing may be lost. Every request gets its result, or 404 if it was answered after the DELETE was sent. What was
accepted before the DELETE gets its *result*. RACE_SESSIONS, RACE_ROUNDS and RACE_SEED change the size and repeat a run.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from conversation import BOTH, NEWEST
from server import Server
from wire import Head, parse_head, request_bytes

SESSIONS = int(os.environ.get("RACE_SESSIONS", "1000"))
ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
SEED = int(os.environ.get("RACE_SEED", str(random.randrange(2**32))))
# Few enough that nobody meets the limit of requests in flight for one principal.
AT_ONCE = 8
LIMIT = 20.0
FLAGS = ["--json-wait", "10ms", "--drain-grace", "10s", "--log-level", "info"]


@dataclass
class Reply:
    head: Head
    messages: list[dict[str, Any]]
    answered: float


@dataclass
class Tally:
    deletes: list[float] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str) -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


class Line:
    """One connection, asynchronous; just enough HTTP to tell every way an answer can be missing."""

    version = NEWEST

    def __init__(self, server: Server) -> None:
        self.server = server

    async def __aenter__(self) -> Line:
        self.reader, self.writer = await asyncio.open_connection(*self.server.address, limit=1 << 20)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def send(self, verb: str, session: str | None, message: dict[str, Any] | None = None) -> None:
        headers = {"Host": self.server.authority, "Accept": BOTH if verb != "GET" else "text/event-stream"}
        if session:
            headers |= {"Mcp-Session-Id": session, "MCP-Protocol-Version": self.version}
        body = None
        if message is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.writer.write(request_bytes(verb, self.server.path, list(headers.items()), body))
        await self.writer.drain()

    async def head(self) -> Head:
        return parse_head((await self.reader.readuntil(b"\r\n\r\n"))[:-4])

    async def chunk(self) -> bytes:
        size = int((await self.reader.readline()).split(b";")[0], 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def rest(self, head: Head) -> Reply:
        if (length := head.get("content-length")) is not None:
            body = await self.reader.readexactly(int(length))
        elif head.get("transfer-encoding"):
            body = b""
            while part := await self.chunk():
                body += part
        else:
            body = b""
        if head.media_type == "text/event-stream":
            parts = [line[5:].strip() for line in body.split(b"\n") if line.startswith(b"data:")]
        else:
            parts = [body]
        return Reply(head, [json.loads(part) for part in parts if part], time.monotonic())


def call(id: Any, tool: str, token: Any = None, **arguments: Any) -> dict[str, Any]:
    params: dict[str, Any] = {"name": tool, "arguments": arguments}
    if token is not None:
        params["_meta"] = {"progressToken": token}
    return {"id": id, "method": "tools/call", "params": params}


def answer_of(reply: Reply, id: Any) -> dict[str, Any]:
    """The one answer of a 200; anything else than exactly one is a lost or doubled answer."""
    answers = [m for m in reply.messages if "result" in m or "error" in m]
    assert len(answers) == 1, f"{len(answers)} answers for {id}: {reply}"
    assert answers[0]["id"] == id, (answers[0], id)
    return answers[0]


class Racer:
    """One session's life."""

    def __init__(self, server: Server, number: int, chance: random.Random, tally: Tally) -> None:
        self.server = server
        self.number = number
        self.chance = chance
        self.tally = tally
        self.session: str | None = None
        self.deleted_from = float("inf")

    async def exchange(self, verb: str, session: str | None, message: dict[str, Any] | None = None) -> Reply:
        async with Line(self.server) as line:
            await line.send(verb, session, message)
            return await line.rest(await line.head())

    async def run(self) -> None:
        params = {"protocolVersion": NEWEST, "capabilities": {}, "clientInfo": {"name": "racer", "version": "1"}}
        opened = await self.exchange("POST", None, {"id": 0, "method": "initialize", "params": params})
        self.session = opened.head.get("mcp-session-id")
        assert opened.head.status == 200 and self.session
        gate = f"race-{self.session}"
        owed = self.chance.randint(1, 2)
        accepted = [asyncio.Event() for _ in range(owed + 1)]
        work = [self.certain(f"gate-{n}", "gate", accepted[n], name=gate) for n in range(owed)]
        work.append(self.certain("stream", "stream", accepted[owed], n=self.chance.randint(1, 5), everyMs=10))
        tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
        if self.chance.random() < 0.3:
            tasks.append(asyncio.ensure_future(self.listen()))
        waiting = asyncio.gather(*(event.wait() for event in accepted))
        await asyncio.wait([asyncio.ensure_future(waiting), *tasks], return_when=asyncio.FIRST_EXCEPTION, timeout=0)
        await asyncio.wait_for(waiting, LIMIT)
        tasks += [asyncio.ensure_future(self.uncertain(n)) for n in range(self.chance.randint(2, 4))]
        await asyncio.sleep(self.chance.uniform(0, 0.04))  # paces: the random moment of the DELETE
        await self.delete()
        await self.late()
        opened_gate = await self.exchange("POST", None, call("open", "open", name=gate))
        assert "result" in answer_of(opened_gate, "open")
        await asyncio.gather(*tasks)

    async def certain(self, id: str, tool: str, accepted: asyncio.Event, **arguments: Any) -> None:
        """A call whose response head is seen before the DELETE is sent: it gets its result."""
        async with Line(self.server) as line:
            await line.send("POST", self.session, call(id, tool, token=id, **arguments))
            head = await line.head()
            accepted.set()
            assert head.status == 200, head
            answer = answer_of(await line.rest(head), id)
        assert "result" in answer and not answer["result"].get("isError"), f"accepted, and yet {answer}"
        if tool == "stream":
            assert answer["result"]["content"][0]["text"] == f"streamed {arguments['n']}"
        self.tally.add("accepted before the DELETE: result")

    async def uncertain(self, number: int) -> None:
        """A request at a random moment around the DELETE."""
        await asyncio.sleep(self.chance.uniform(0, 0.06))  # paces: its random moment
        id = f"random-{number}"
        kind = self.chance.choice(["list", "echo", "sleep", "stream", "ping"])
        ms, n = self.chance.randint(0, 40), self.chance.randint(1, 4)
        text = f"{self.number}/{number}"
        message, expected = {
            "list": ({"id": id, "method": "tools/list"}, None),
            "ping": ({"id": id, "method": "ping"}, None),
            "echo": (call(id, "echo", text=text), text),
            "sleep": (call(id, "sleep", ms=ms), f"slept {ms}"),
            "stream": (call(id, "stream", token=id, n=n, everyMs=5), f"streamed {n}"),
        }[kind]
        reply = await self.exchange("POST", self.session, message)
        if reply.head.status == 404:
            assert reply.answered > self.deleted_from, f"404 before any DELETE: {reply}"
            assert "error" in reply.messages[0]
            self.tally.add("around the DELETE: 404")
            return
        assert reply.head.status == 200, reply
        answer = answer_of(reply, id)
        assert "result" in answer, answer
        if expected is not None:
            assert answer["result"]["content"][0]["text"] == expected, "an answer went to the wrong request"
        self.tally.add("around the DELETE: result")

    async def listen(self) -> None:
        async with Line(self.server) as line:
            await line.send("GET", self.session)
            head = await line.head()
            if head.status == 200:
                reply = await line.rest(head)
                assert not [m for m in reply.messages if "id" in m], "an answer on a GET stream"
            else:
                assert head.status == 404 and head.arrived > self.deleted_from, head
        self.tally.add("GET stream: orderly end or 404")

    async def delete(self) -> None:
        async with Line(self.server) as line:
            self.deleted_from = time.monotonic()
            await line.send("DELETE", self.session)
            head = await line.head()
            self.tally.deletes.append(time.monotonic() - self.deleted_from)
            assert head.status == 200 and not (await line.rest(head)).messages

    async def late(self) -> None:
        """What starts after the DELETE was answered is 404; a repeated DELETE is 200."""
        lists = self.exchange("POST", self.session, {"id": "late", "method": "tools/list"})
        calls = self.exchange("POST", self.session, call("late", "echo", text="late"))
        again = self.exchange("DELETE", self.session)
        statuses = [reply.head.status for reply in await asyncio.gather(lists, calls, again)]
        assert statuses == [404, 404, 200], statuses
        self.tally.add("after the DELETE: 404")


async def race(server: Server, seed: int) -> Tally:
    tally = Tally()
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with room:
            racer = Racer(server, number, random.Random(seed * 1_000_003 + number), tally)
            await asyncio.wait_for(racer.run(), LIMIT)

    results = await asyncio.gather(*(one(number) for number in range(SESSIONS)), return_exceptions=True)
    failures = [(number, result) for number, result in enumerate(results) if isinstance(result, BaseException)]
    assert not failures, f"{len(failures)} of {SESSIONS} sessions; the first: {failures[:3]!r}"
    return tally


@pytest.mark.timeout(60 + SESSIONS // 5)
@pytest.mark.parametrize("round", range(ROUNDS))
def test_race_nothing_is_lost(server: Server, round: int) -> None:
    print(f"RACE_SEED={SEED + round} RACE_SESSIONS={SESSIONS}")
    tally = asyncio.run(race(server, SEED + round))
    median = statistics.median(tally.deletes)
    print(f"DELETE: median {median * 1000:.1f} ms, slowest {max(tally.deletes) * 1000:.1f} ms; {tally.outcomes}")
    assert len(tally.deletes) == SESSIONS
    assert tally.outcomes["accepted before the DELETE: result"] >= 2 * SESSIONS
    assert tally.outcomes["around the DELETE: result"] > 0
    assert median < 0.05, f"DELETE took {median * 1000:.1f} ms at the median"
    # The last words of a drain are written just after its last answer.
    server.wait_event("session.drain_completed", SESSIONS * (round + 1), timeout=10)
    assert not [line.raw for line in server.log() if line.level in ("error", "critical")]
