"""Every client before every server, through Holdfast: each cell passes, or is refused for the reason that is written here.

The clients are the ones that this run's virtual environment has. With MATRIX=direct nothing stands between: that proves
the servers and the clients, in the pairs that can speak to each other without help. The table is printed at the end and
kept under .build/matrix, one file for each client; `Tests/Clients/matrix` makes one table of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from official import until
from server import Server
from upstream import KINDS, ROOT, Kind, Remote
from visitor import KIND, MODES, Target, Visitor, visit

THROUGH = os.environ.get("MATRIX", "holdfast")
ERA = {"legacy": "session", "auto": "per-request"}
LIMIT = 60
pytestmark = [pytest.mark.filterwarnings("ignore:.*deprecated.*"), pytest.mark.timeout(180)]

Cell = Callable[[Visitor, Kind], Coroutine[Any, Any, None]]
CELLS: dict[str, Cell] = {}
# What cannot be carried (B-29 and §4.12), by cell, the era of the client and the server: a part of what is said instead.
REFUSED: dict[tuple[str, str, str], str] = {}
OUTCOMES: dict[str, dict[str, str]] = {}


def cell(test: Cell) -> Cell:
    CELLS[test.__name__] = test
    return test


def text(result: dict[str, Any]) -> str:
    assert not result.get("isError"), result
    return str(result["content"][0]["text"])


@cell
async def list(visitor: Visitor, kind: Kind) -> None:  # noqa: A001
    tools = await visitor.tools()
    assert len(tools) >= kind.dialect.tools
    assert all(tool["inputSchema"]["type"] == "object" for tool in tools)
    assert len(await visitor.prompts()) >= 1 and len(await visitor.resources()) >= 1
    assert len(await visitor.templates()) == 1


@cell
async def call(visitor: Visitor, kind: Kind) -> None:
    name, arguments, answer = kind.dialect.echo
    assert text(await visitor.call(name, arguments)) == answer


@cell
async def progress(visitor: Visitor, kind: Kind) -> None:
    name, arguments, count = kind.dialect.progress
    steps: Any = []

    async def on_progress(progress: float, _total: float | None, _message: str | None) -> None:
        steps.append(progress)

    text(await visitor.call(name, arguments, on_progress=on_progress))
    await until(lambda: len(steps) == count, what=f"{count} reports, not {steps}")
    assert steps == sorted(steps)


@cell
async def cancel(visitor: Visitor, kind: Kind) -> None:
    name, arguments = kind.dialect.slow
    counter = kind.dialect.cancelled
    before = int(text(await visitor.call(counter))) if counter else 0
    async with visitor.cancelling(name, arguments):
        await anyio.sleep(0.5)  # paces: the call is on its way
    if counter:
        with anyio.fail_after(LIMIT):
            while int(text(await visitor.call(counter))) == before:
                await anyio.sleep(0.05)  # paces: polling an observable condition
    assert text(await visitor.call(*kind.dialect.echo[:2])) == kind.dialect.echo[2]


@cell
async def elicitation(visitor: Visitor, kind: Kind) -> None:
    name, arguments, answer = kind.dialect.ask
    assert answer in text(await visitor.call(name, arguments))
    assert visitor.asked == ["elicitation/create"]


@cell
async def sampling(visitor: Visitor, kind: Kind) -> None:
    name, arguments, answer = kind.dialect.sample
    assert text(await visitor.call(name, arguments)) == answer
    assert visitor.asked == ["sampling/createMessage"]


@cell
async def subscribe(visitor: Visitor, kind: Kind) -> None:
    async with visitor.updates(kind.dialect.watched) as has_come:
        if kind.dialect.touch:
            # A server may be told of a new listener after the listener is: an update that comes before is not missed by
            # anybody.
            with anyio.fail_after(LIMIT):
                while not has_come():
                    text(await visitor.call(kind.dialect.touch))
                    await anyio.sleep(0.2)  # paces: polling an observable condition
    assert (await visitor.read(kind.dialect.watched))[0]["text"]


@cell
async def prompts(visitor: Visitor, kind: Kind) -> None:
    name, arguments, answer = kind.dialect.prompt
    (message,) = await visitor.prompt(name, arguments)
    assert answer in message["content"]["text"]


@cell
async def completions(visitor: Visitor, kind: Kind) -> None:
    name, argument, value, answer = kind.dialect.completion
    assert await visitor.complete(name, argument, value) == answer


# The two ends and what is between them.


@pytest.fixture(scope="module", params=KINDS)
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kind, Target]]:
    """A server, and where the client finds it."""
    kind = KINDS[request.param]
    home = tmp_path_factory.mktemp("matrix")
    remote = Remote(kind, home).start() if kind.transport == "http" else None
    if THROUGH == "direct":
        yield kind, remote.url if remote else kind.stdio
    else:
        flags = ["--upstream", remote.url] if remote else ["--", *kind.stdio]
        front = Server.product(home, "--log-level", "debug", *flags).start()
        yield kind, front.url
        complaints = front.complaints()
        assert front.stop() == 0
        assert not complaints, complaints[:5]
    if remote:
        remote.kill()


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    place = Path(os.environ.get("MATRIX_DIR", ROOT / ".build" / "matrix"))
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{THROUGH}-{KIND}.json").write_text(json.dumps(OUTCOMES, indent=1) + "\n")


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("mode", MODES)
def test_cell(behind: tuple[Kind, Target], mode: str, name: str) -> None:
    kind, target = behind
    row = OUTCOMES.setdefault(f"{KIND} {ERA[mode]} | {kind.name}", {})
    row[name] = "FAILED"
    if THROUGH == "direct" and ERA[mode] not in kind.eras:
        if mode == "auto":
            row[name] = "session"  # it falls back to the other era, which is another row
        else:
            row[name] = "cannot"
        return

    async def whole() -> None:
        async with visit(target, mode) as visitor:
            with anyio.fail_after(LIMIT):
                await CELLS[name](visitor, kind)

    reason = REFUSED.get((name, ERA[mode], kind.name))
    if reason is None:
        anyio.run(whole)
        row[name] = "ok"
    else:
        with pytest.raises(BaseException) as refusal:
            anyio.run(whole)
        assert reason in repr(refusal.value), refusal.value
        row[name] = "refused"
