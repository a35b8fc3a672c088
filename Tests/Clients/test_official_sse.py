"""The official clients over HTTP+SSE of 2024-11-05. Runs once for every major of the `mcp` package; see `run`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import mcp.types as types
import pytest
from mcp.client.sse import sse_client

from official import Official, Refusal, asynchronous, talk, until
from server import Server

FLAGS = ["--legacy-sse"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*deprecated.*")


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Official]:
    official = Official()
    async with talk(official, sse_client(f"http://{server.authority}/sse"), "legacy"):
        yield official


@asynchronous
async def test_a_whole_conversation(server: Server) -> None:
    steps: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        steps.append(progress)

    async with connected(server) as client:
        assert {"echo", "gate"} <= set(await client.tools())
        assert await client.call("echo", {"text": "grüße ☃"}) == "grüße ☃"
        assert len(await client.call("big", {"bytes": 900_000})) == 900_000
        assert await client.call("stream", {"n": 4, "everyMs": 20}, progress=on_progress) == "streamed 4"
        await until(lambda: steps == [1, 2, 3, 4], what="every step")
        with pytest.raises(Refusal) as refused:
            await client.call("no_such_tool")
        assert refused.value.error.code == -32602
        await client.call("grow")
        await until(lambda: client.heard(types.ToolListChangedNotification), what="list_changed")
        # More at once than the stream's buffer holds.
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(client.call, "big", {"bytes": 500_000})
        answers: dict[int, str] = {}

        async def one(ms: int) -> None:
            answers[ms] = await client.call("sleep", {"ms": ms})

        async with anyio.create_task_group() as group:
            for ms in range(0, 200, 10):
                group.start_soon(one, ms)
        assert answers == {ms: f"slept {ms}" for ms in range(0, 200, 10)}


@asynchronous
async def test_leaving_cancels_what_runs(server: Server) -> None:
    async with connected(server) as client, anyio.create_task_group() as group:
        group.start_soon(client.call, "gate", {"name": "never"})
        await until(lambda: server.in_flight() == 1, what="the call runs")
        group.cancel_scope.cancel()
    await until(lambda: server.in_flight() == 0, what="nothing is left running")
    assert server.total("holdfast_sessions", state="active") == 0
