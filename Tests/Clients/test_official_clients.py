"""The official clients against the real server: connect, list, call, cancel, resume, DELETE, restart.

Runs once for every major of the `mcp` package; see `run`.
"""

from __future__ import annotations

import signal
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import mcp.types as types
import pytest

from conversation import Client
from official import MAJOR, MODES, CuttingProxy, Official, Refusal, asynchronous, connect, until
from server import Server

FLAGS = ["--json-wait", "200ms", "--drain-grace", "5s"]
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*")


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


def opens(server: Server, name: str) -> None:
    Client(server).open_gate(name)


class Background:
    """One call that goes on while the test does something else."""

    def __init__(self) -> None:
        self.result: str | None = None
        self.error: Refusal | None = None

    async def run(self, call: Callable[[], Coroutine[Any, Any, str]]) -> None:
        try:
            self.result = await call()
        except Refusal as error:
            self.error = error


@pytest.mark.parametrize("mode", MODES)
@asynchronous
async def test_connect_and_list(server: Server, mode: str) -> None:
    async with connect(server.url, mode=mode) as client:
        assert {"echo", "stream", "count"} <= set(await client.tools())
        if mode == "auto":
            assert client.version == "2026-07-28" and client.trace.session is None
            assert client.trace.methods() == ["server/discover", "tools/list"]
        else:
            assert client.version == "2025-11-25" and client.trace.session
            await client.session.send_ping()
    assert client.trace.count("DELETE", 200) == (mode == "legacy")


@pytest.mark.parametrize("mode", MODES)
@asynchronous
async def test_call(server: Server, mode: str) -> None:
    async with connect(server.url, mode=mode) as client:
        assert await client.call("echo", {"text": "grüße ☃"}) == "grüße ☃"
        assert await client.call("big", {"bytes": 500_000}) == "x" * 500_000
        counted = await client.session.call_tool("count", {})
        structured = counted.structuredContent if MAJOR == 1 else counted.structured_content
        assert structured == {"count": int(counted.content[0].text)}
        failed = await client.session.call_tool("fail", {})
        assert failed.isError if MAJOR == 1 else failed.is_error
        with pytest.raises(Refusal) as refused:
            await client.call("no_such_tool")
        assert refused.value.error.code == -32602


@pytest.mark.parametrize("mode", MODES)
@asynchronous
async def test_call_with_progress(server: Server, mode: str) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    async with connect(server.url, mode=mode) as client:
        assert await client.call("stream", {"n": 5, "everyMs": 20}, progress=on_progress) == "streamed 5"
        await until(lambda: len(seen) == 5, what="five steps")
    assert seen == [(step, 5, f"step {step}") for step in range(1, 6)]


@pytest.mark.parametrize("mode", MODES)
@asynchronous
async def test_a_slow_call_and_many_calls_at_once(server: Server, mode: str) -> None:
    async with connect(server.url, mode=mode) as client:
        answers: dict[int, str] = {}

        async def one(ms: int) -> None:
            answers[ms] = await client.call("sleep", {"ms": ms})

        async with anyio.create_task_group() as group:
            for ms in range(50, 550, 20):
                group.start_soon(one, ms)
        assert answers == {ms: f"slept {ms}" for ms in range(50, 550, 20)}


@asynchronous
async def test_cancel_by_notification(server: Server) -> None:
    background = Background()
    async with connect(server.url) as client, anyio.create_task_group() as group:
        group.start_soon(background.run, lambda: client.call("sleep", {"ms": 60_000}))
        await until(lambda: server.in_flight() == 1, what="the call runs")
        await client.cancel_by_notification(client.trace.last_id("tools/call"))
        await until(lambda: server.in_flight() == 0, what="the call was cancelled")
        await until(lambda: background.error, what="the caller is told")
        assert background.error and background.error.error.code == -32800
        assert await client.call("echo", {"text": "goes on"}) == "goes on"


@pytest.mark.parametrize("mode", MODES)
@asynchronous
async def test_cancel_by_leaving(server: Server, mode: str) -> None:
    """2.x tells the server when a caller gives up (per request by closing the stream); in 1.x the call runs on."""
    name = gate()
    async with connect(server.url, mode=mode) as client:
        with anyio.move_on_after(0.5):
            await client.call("gate", {"name": name})
        if MAJOR == 1:
            assert server.in_flight() == 1
            opens(server, name)
        await until(lambda: server.in_flight() == 0, what="nothing is left running")
        assert ("notifications/cancelled" in client.trace.methods()) == (MAJOR > 1 and mode == "legacy")
        assert await client.call("echo", {"text": "goes on"}) == "goes on"


@asynchronous
async def test_cancel_by_timeout(server: Server) -> None:
    name = gate()
    async with connect(server.url) as client:
        with pytest.raises(Refusal):
            await client.call("gate", {"name": name}, timeout=0.5)
        opens(server, name)
        await until(lambda: server.in_flight() == 0, what="nothing is left running")
        assert await client.call("echo", {"text": "goes on"}) == "goes on"


@asynchronous
async def test_resume_by_another_process_with_a_token(server: Server) -> None:
    name = gate()
    async with connect(server.url, terminate=False) as first, anyio.create_task_group() as group:
        background = Background()
        group.start_soon(background.run, lambda: first.call_resumable("gate", {"name": name}))
        await until(lambda: first.tokens, what="the stream can be named")
        session, token = first.trace.session, first.tokens[-1]
        group.cancel_scope.cancel()
    assert session and background.result is None
    assert server.in_flight() == 1, "the call goes on without its client"
    async with connect(server.url, session=session) as second, anyio.create_task_group() as group:
        again = Background()
        group.start_soon(again.run, lambda: second.call_resumable("gate", {"name": name}, token))
        await until(lambda: second.trace.count("GET", 200) == 1, what="the stream is resumed")
        opens(server, name)
        await until(lambda: again.result, what="the answer arrives")
        assert again.result == f"passed {name}"


@asynchronous
async def test_resume_when_the_network_is_lost_in_the_middle_of_a_call(server: Server) -> None:
    """Once per call: on a second break both clients ask again from where the first one was, and then give up."""
    proxy, steps, breaks_at = CuttingProxy(server.address), [], 3

    async def on_progress(progress: float, *_: Any) -> None:
        steps.append(progress)
        if progress == breaks_at:
            proxy.cut()

    async with proxy.running() as url, connect(url) as client:
        for breaks_at in (3, 7):
            steps.clear()
            assert await client.call("stream", {"n": 10, "everyMs": 50}, progress=on_progress) == "streamed 10"
            await until(lambda: len(steps) >= 10, what="every step")
            assert steps == list(range(1, 11)), "each step once, in order"
        assert await client.call("echo", {"text": "goes on"}) == "goes on"
        # Closing goes through the proxy as well.
    assert client.trace.count("DELETE", 200) == 1


@asynchronous
async def test_delete_while_calling(server: Server) -> None:
    """What the promise is about: a call in flight when its session is deleted gets its result."""
    name = gate()
    async with connect(server.url) as client, anyio.create_task_group() as group:
        await client.tools()
        calls = [Background() for _ in range(3)]
        for call in calls:
            group.start_soon(call.run, lambda: client.call("gate", {"name": name}))
        await until(lambda: server.in_flight() == 3, what="the calls run")
        assert await client.delete(server.url) == 200
        with pytest.raises(Refusal):
            await client.call("echo", {"text": "on a deleted session"})
        opens(server, name)
        await until(lambda: all(call.result for call in calls), what="every call gets its result")
    async with connect(server.url) as again:
        assert await again.call("echo", {"text": "a new session"}) == "a new session"


@asynchronous
async def test_leaving_while_calling(server: Server) -> None:
    name = gate()
    async with connect(server.url) as client, anyio.create_task_group() as group:
        answered = client.trace.count("POST", 200)
        group.start_soon(Background().run, lambda: client.call("gate", {"name": name}))
        await until(lambda: client.trace.count("POST", 200) > answered, what="the reply has begun")
        group.cancel_scope.cancel()
    assert client.trace.count("DELETE", 200) == 1
    opens(server, name)
    await until(lambda: server.in_flight() == 0, what="the drain ends")


@pytest.mark.timeout(60)
@asynchronous
async def test_a_killed_and_restarted_server_is_the_same_server(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS).start()
    async with connect(server.url) as client:
        assert await client.call("echo", {"text": "before"}) == "before"
        await until(lambda: client.trace.count("GET", 200) == 1, what="the client listens")
        session = client.trace.session
        server.restart()
        assert await client.call("echo", {"text": "after"}) == "after"
        assert {"echo", "stream"} <= set(await client.tools())
        assert client.trace.session == session
        assert client.trace.methods().count("initialize") == 1
        await until(lambda: client.trace.count("GET", 200) == 2, what="the client listens again")
        assert Client(server).call("grow").text
        await until(lambda: client.heard(types.ToolListChangedNotification), what="the change is heard")
    assert client.trace.count("DELETE", 200) == 1


@pytest.mark.timeout(60)
@asynchronous
async def test_a_deploy_in_the_middle_of_a_call(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS).start()
    async with connect(server.url) as client, anyio.create_task_group() as group:
        await client.tools()
        call = Background()
        group.start_soon(call.run, lambda: client.call("sleep", {"ms": 1500}))
        await until(lambda: server.in_flight() == 1, what="the call runs")
        server.signal(signal.SIGTERM)
        await until(lambda: call.result, what="the call is finished")
        assert call.result == "slept 1500"
        assert await anyio.to_thread.run_sync(server.wait) == 0
        server.start()
        assert await client.call("echo", {"text": "after the deploy"}) == "after the deploy"


@asynchronous
async def test_list_changed_is_heard(server: Server) -> None:
    async with connect(server.url) as one, connect(server.url) as two:
        for client in (one, two):
            await until(lambda: client.trace.count("GET", 200) == 1, what="the client listens")
        before = await one.tools()
        grown = await one.call("grow")
        for client in (one, two):
            await until(lambda: client.heard(types.ToolListChangedNotification) == 1, what="the change is heard")
        assert set(await two.tools()) - set(before) == {grown}
        assert await two.call(grown) is not None


@asynchronous
async def test_log_messages_are_heard_as_far_as_they_were_asked_for(server: Server) -> None:
    async with connect(server.url) as client:
        await client.session.set_logging_level("warning")
        await client.call("log", {"level": "info", "text": "quiet"})
        await client.call("log", {"level": "error", "text": "loud"})
        await until(lambda: client.logs, what="the message is heard")
        assert [(str(log.level), log.data) for log in client.logs] == [("error", "loud")]


@asynchronous
async def test_keys(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS)
    key, other = server.add_key("one"), server.add_key("two")
    server.start()

    async def counts(client: Official) -> str:
        return await client.call("count")

    async with connect(server.url, key=key) as mine, connect(server.url, key=other) as theirs:
        assert [await counts(mine), await counts(mine), await counts(theirs)] == ["1", "2", "1"]
    with pytest.raises(BaseException) as refused:
        async with connect(server.url, key="wrong"):
            pass
    assert not isinstance(refused.value, KeyboardInterrupt)
