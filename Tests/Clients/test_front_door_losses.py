"""Servers behind Holdfast that are killed, gone, late or deleted upon: every call gets its answer, and the lists stay."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conversation import Answer, Client, Pending
from recording import Recording, child
from requirement import requirement
from server import Server, binary, eventually
from test_race import AT_ONCE, LIMIT, NEWEST, Racer, Tally, answer_of, call
from upstream import KINDS, Remote

Maker = Callable[..., Server]

SESSIONS = 40
UNAVAILABLE = "is unavailable"


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """The server of the crash report: FastMCP of mcp 1.21, with sessions."""
    remote = Remote(KINDS["python 1.21, HTTP stateful"], tmp_path_factory.mktemp("remote")).start()
    yield remote
    remote.kill()


# DELETE in the middle of everything


class RacerInFront(Racer):
    """As in `test_race.py`, with the tools that the server behind has."""

    async def run(self) -> None:
        params = {"protocolVersion": NEWEST, "capabilities": {}, "clientInfo": {"name": "racer", "version": "1"}}
        opened = await self.exchange("POST", None, {"id": 0, "method": "initialize", "params": params})
        self.session = opened.head.get("mcp-session-id")
        assert opened.head.status == 200 and self.session
        accepted = [asyncio.Event(), asyncio.Event()]
        work = [
            self.certain("slow", "slow", accepted[0], seconds=self.chance.uniform(0.05, 0.2)),
            self.certain("count", "count", accepted[1], steps=self.chance.randint(1, 5)),
        ]
        tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in accepted)), LIMIT)
        tasks += [asyncio.ensure_future(self.uncertain(n)) for n in range(self.chance.randint(2, 4))]
        tasks.append(asyncio.ensure_future(self.listen()))
        await asyncio.sleep(self.chance.uniform(0, 0.04))  # paces: the random moment of the DELETE
        await self.delete()
        await self.late()
        await asyncio.gather(*tasks)

    async def uncertain(self, number: int) -> None:
        await asyncio.sleep(self.chance.uniform(0, 0.06))  # paces: its random moment
        id, text = f"random-{number}", f"{self.number}/{number}"
        message, expected = self.chance.choice([
            ({"id": id, "method": "tools/list"}, None),
            (call(id, "echo", text=text), text),
            (call(id, "count", token=id, steps=2), "counted 2"),
        ])  # fmt: skip
        reply = await self.exchange("POST", self.session, message)
        if reply.head.status == 404:
            assert reply.answered > self.deleted_from, f"404 before any DELETE: {reply}"
            return
        answer = answer_of(reply, id)
        assert reply.head.status == 200 and "result" in answer and not answer["result"].get("isError"), answer
        assert expected is None or answer["result"]["content"][0]["text"] == expected
        self.tally.add("around the DELETE: result")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("lifetime", ["per-principal", "per-session"])
def test_race_nothing_is_lost_in_front_of_a_server_that_loses(
    make_server: Maker, remote: Remote, lifetime: str
) -> None:
    flags = ["--json-wait", "10ms", "--log-level", "info", "--upstream-lifetime", lifetime]
    server = make_server(*flags, "--upstream", remote.url, kind="product").start()
    before, tally, seed = len(remote.text()), Tally(), random.randrange(2**32)
    print(f"seed {seed}")

    async def whole() -> None:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with room:
                await asyncio.wait_for(RacerInFront(server, number, random.Random(seed + number), tally).run(), LIMIT)

        results = await asyncio.gather(*(one(number) for number in range(SESSIONS)), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        assert not failures, f"{len(failures)} of {SESSIONS} sessions; the first: {failures[:3]!r}"

    asyncio.run(whole())
    assert tally.outcomes["accepted before the DELETE: result"] == 2 * SESSIONS
    server.wait_event("session.drain_completed", SESSIONS, timeout=10)
    # Before the server stops: then it ends its session, and the other says its error once more.
    errors = set(re.findall(r"^Error .*$|ClosedResourceError", remote.text()[before:], re.MULTILINE))
    if lifetime == "per-session":
        # It says these at every DELETE, also when nothing is under way.
        errors -= {"Error in message router", "Error in standalone SSE writer", "ClosedResourceError"}
    assert not errors, remote.text()[-3000:]


# kill -9


def answers(pending: list[Pending]) -> list[Answer]:
    return [call.finish(5) for call in pending]


def is_unavailable(answer: Answer) -> bool:
    result = answer.result
    return result.get("isError") is True and UNAVAILABLE in result["content"][0]["text"]


def works(client: Client) -> bool:
    answer = client.call("echo", {"text": "again"})
    return is_unavailable(answer) is False and answer.text == "again"


def kill_in_the_middle(
    server: Server, waiting: tuple[str, dict[str, Any]], kill: Callable[[], None]
) -> tuple[list[Client], float]:
    """100 calls: half are answered, then the server dies under the others."""
    clients = [Client(server).open(), Client(server).open()]
    assert clients[0].call("echo", {"text": "warm"}).text == "warm"
    owed = [clients[n % 2].begin_call(*waiting) for n in range(50)]
    server.wait_in_flight(50)
    done = answers([clients[n % 2].begin_call("echo", {"text": str(n)}) for n in range(50)])
    assert [answer.text for answer in done] == [str(n) for n in range(50)]
    assert server.in_flight() == 50
    kill()
    died = time.monotonic()
    assert all(is_unavailable(answer) for answer in answers(owed))
    assert time.monotonic() - died < 1.5, "the others are told within a second"
    return clients, died


def test_100_calls_are_answered_when_a_child_is_killed_and_the_next_works(make_server: Maker, tmp_path: Path) -> None:
    server = make_server("--", *child(tools=["echo", "wait", "pid"]), kind="product").start()
    child_id = int(Client(server).open().call("pid").text)
    clients, died = kill_in_the_middle(
        server, ("wait", {"gate": str(tmp_path / "never")}), lambda: os.kill(child_id, signal.SIGKILL))  # fmt: skip
    eventually(lambda: works(clients[0]), 5, "the next call works")
    assert time.monotonic() - died < 5
    assert int(clients[1].call("pid").text) != child_id
    assert server.total("holdfast_upstream_unavailable_total", upstream="server") >= 50


@requirement("B-14")
def test_100_calls_are_answered_when_a_remote_server_is_killed_and_the_next_works(
    make_server: Maker, remote: Remote
) -> None:
    limit = ["--upstream-retry-delay-limit", "500ms"]
    server = make_server(*limit, "--upstream", remote.url, kind="product").start()
    clients, _ = kill_in_the_middle(server, ("slow", {"seconds": 60}), remote.kill)
    before = clients[0].list_tools().body
    assert is_unavailable(clients[0].call("echo", {"text": "down"}))
    assert clients[0].list_tools().result["tools"] and before
    remote.start()
    eventually(lambda: works(clients[1]), 5, "the next call works")


# The list is always there


def test_the_lists_outlive_a_restart_while_the_server_behind_is_down(make_server: Maker) -> None:
    server = make_server("--upstream-retry-delay-limit", "500ms", kind="product")
    with Recording(["echo", "first"]) as upstream:
        port = upstream.port
        server.flags += ["--upstream", upstream.url]
        client = Client(server.start()).open()
        listed = client.list_tools().result["tools"]
        assert [tool["name"] for tool in listed] == ["echo", "first"]
        server.kill()
    began = time.monotonic()
    server.start()
    assert client.list_tools().result["tools"] == listed
    assert time.monotonic() - began < 5, "the lists do not wait for the server behind"
    began = time.monotonic()
    assert is_unavailable(client.call("echo", {"text": "nobody"}))
    assert time.monotonic() - began < 1
    listening = client.listen()
    with Recording(["echo", "second"], port=port):
        _, message = listening.message(10)
        assert message["method"] == "notifications/tools/list_changed"
        listening.close()
        names = [tool["name"] for tool in client.list_tools().result["tools"]]
        assert names == ["echo", "second"]
        eventually(lambda: works(client), 5, "calls work again")


def test_a_child_that_will_not_end_is_gone_when_holdfast_is(make_server: Maker) -> None:
    """It is asked, told and killed, half a second apart, and Holdfast waits for that."""
    stubborn = [binary("ECHOCHILD_BIN", "echochild"), "--ignore-end", "--ignore-termination"]
    server = make_server("--upstream-end-time", "500ms", "--", *stubborn, kind="product").start()
    pid = int(Client(server).open().call("process", {}).text)
    assert Path(f"/proc/{pid}").exists()
    assert server.stop() == 0
    assert not Path(f"/proc/{pid}").exists()
