"""The official clients start `holdfast stdio` themselves: connect, list, call, progress, cancel, leave.

Runs once for every major of the `mcp` package; see `run`.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import mcp.types as types
import pytest
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client

from official import MAJOR, MODES, Official, Refusal, asynchronous, talk, until
from server import binary

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*")


@asynccontextmanager
async def started(home: Path, kind: str = "fixture", mode: str = MODES[0]) -> AsyncIterator[Official]:
    program = binary("FIXTURE_BIN", "fixture") if kind == "fixture" else binary("HOLDFAST_BIN", "holdfast")
    server = StdioServerParameters(command=program, args=["stdio", "--data-dir", str(home / "data")])
    home.mkdir(parents=True, exist_ok=True)
    path = home / "stderr"
    with path.open("w") as errors:
        official = Official()
        async with talk(official, stdio_client(server, errlog=errors), mode):
            yield official
    text = path.read_text()
    assert '"level":"error"' not in text and "Fatal error" not in text
    assert "server.drained" in text, "it ended by itself, before it was killed"


@pytest.fixture
def home(workplace: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=workplace))


@pytest.mark.parametrize("mode", MODES)
@asynchronous
async def test_the_product_is_found_and_used(home: Path, mode: str) -> None:
    async with started(home, "holdfast", mode) as client:
        assert {"memory_store", "memory_search"} <= set(await client.tools())
        await client.call("memory_store", {"content": "Claude Desktop starts programs"})
        assert "Desktop" in await client.call("memory_search", {"query": "desktop"})


@pytest.mark.parametrize("mode", MODES)
@asynchronous
async def test_calls_progress_and_errors(home: Path, mode: str) -> None:
    steps: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        steps.append(progress)

    async with started(home, mode=mode) as client:
        assert await client.call("echo", {"text": "grüße ☃"}) == "grüße ☃"
        assert len(await client.call("big", {"bytes": 3_000_000})) == 3_000_000
        assert await client.call("stream", {"n": 4, "everyMs": 20}, progress=on_progress) == "streamed 4"
        await until(lambda: steps == [1, 2, 3, 4], what="every step")
        with pytest.raises(Refusal) as refused:
            await client.call("no_such_tool")
        assert refused.value.error.code == -32602
        answers: dict[int, str] = {}

        async def one(ms: int) -> None:
            answers[ms] = await client.call("sleep", {"ms": ms})

        async with anyio.create_task_group() as group:
            for ms in range(0, 300, 10):
                group.start_soon(one, ms)
        assert answers == {ms: f"slept {ms}" for ms in range(0, 300, 10)}


@asynchronous
async def test_a_change_of_the_list_is_heard(home: Path) -> None:
    async with started(home, mode="legacy") as client:
        await client.call("grow")
        await until(lambda: client.heard(types.ToolListChangedNotification), what="list_changed")


@asynchronous
async def test_a_caller_who_gives_up_holds_nothing_up(home: Path) -> None:
    async with started(home, mode="legacy") as client:
        with anyio.move_on_after(0.3):
            await client.call("gate", {"name": "g"})
        if MAJOR == 1:
            # 1.x says nothing when a caller leaves.
            await client.call("open", {"name": "g"})
        assert await client.call("echo", {"text": "goes on"}) == "goes on"


@asynchronous
async def test_leaving_with_a_call_in_flight_ends_the_server(home: Path) -> None:
    """The client closes our input, waits two seconds, sends SIGTERM, and waits two more before it kills."""
    try:
        async with started(home, mode="legacy") as client, anyio.create_task_group() as group:
            group.start_soon(client.call, "gate", {"name": "never"})
            await client.call("echo", {"text": "the other one runs"})
            group.cancel_scope.cancel()
    except Exception as error:
        # 1.x breaks on an answer that comes after it has left, and kills the server.
        assert MAJOR == 1 and "BrokenResourceError" in repr(error)
