"""The official clients over HTTP+SSE of 2024-11-05. Runs once for every major of the `mcp` package; see `run`."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp.types as types
import pytest
from mcp import ClientSession
from mcp.client.sse import sse_client

from official import MAJOR, Refusal, until
from server import Server

FLAGS = ["--legacy-sse"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*deprecated.*")


def asynchronous(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*arguments: Any, **options: Any) -> None:
        anyio.run(functools.partial(test, *arguments, **options))

    return run


@asynccontextmanager
async def connected(server: Server, heard: list[Any] | None = None) -> AsyncIterator[ClientSession]:
    async def on_message(message: Any) -> None:
        if heard is not None:
            heard.append(getattr(message, "root", message))

    async with sse_client(f"http://{server.authority}/sse") as streams:
        async with ClientSession(streams[0], streams[1], message_handler=on_message) as session:
            await session.initialize()
            yield session


async def call(session: ClientSession, tool: str, arguments: dict[str, Any] | None = None, progress: Any = None) -> str:
    result = await session.call_tool(tool, arguments or {}, progress_callback=progress)
    assert not (result.isError if MAJOR == 1 else result.is_error), result
    return result.content[0].text


@asynchronous
async def test_a_whole_conversation(server: Server) -> None:
    heard: list[Any] = []
    steps: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        steps.append(progress)

    async with connected(server, heard) as session:
        assert {"echo", "gate"} <= {tool.name for tool in (await session.list_tools()).tools}
        assert await call(session, "echo", {"text": "grüße ☃"}) == "grüße ☃"
        assert len(await call(session, "big", {"bytes": 900_000})) == 900_000
        assert await call(session, "stream", {"n": 4, "everyMs": 20}, on_progress) == "streamed 4"
        await until(lambda: steps == [1, 2, 3, 4], what="every step")
        with pytest.raises(Refusal) as refused:
            await call(session, "no_such_tool")
        assert refused.value.error.code == -32602
        await call(session, "grow")
        changed = types.ToolListChangedNotification
        await until(lambda: any(isinstance(message, changed) for message in heard), what="list_changed")
        # More at once than the stream's buffer holds.
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(call, session, "big", {"bytes": 500_000})
        answers: dict[int, str] = {}

        async def one(ms: int) -> None:
            answers[ms] = await call(session, "sleep", {"ms": ms})

        async with anyio.create_task_group() as group:
            for ms in range(0, 200, 10):
                group.start_soon(one, ms)
        assert answers == {ms: f"slept {ms}" for ms in range(0, 200, 10)}


@asynchronous
async def test_leaving_cancels_what_runs(server: Server) -> None:
    async with connected(server) as session, anyio.create_task_group() as group:
        group.start_soon(call, session, "gate", {"name": "never"})
        await until(lambda: server.in_flight() == 1, what="the call runs")
        group.cancel_scope.cancel()
    await until(lambda: server.in_flight() == 0, what="nothing is left running")
    assert server.total("holdfast_sessions", state="active") == 0
