"""Servers for the tests, and what must hold after every one of them.

A test module names its server by `SERVER` ("fixture", "product", "oauth" or "everything") and `FLAGS`; the module's tests share it. A test
that needs other settings, or ends its server, asks for `make_server`.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conversation import Client
from issuer import Issuer, behind
from oauth import with_oauth
from per_request import PerRequest
from server import Example, InFront, Server, eventually

numbers = itertools.count(1)
# Where this is "http" or "stdio", the examples stand behind Holdfast.
FRONT = os.environ.get("HOLDFAST_FRONT", "")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A skipped test is a test that did not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and (reporter.stats.get("skipped") or reporter.stats.get("deselected")) and exitstatus == 0:
        if not (session.config.option.keyword or session.config.option.markexpr):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


# Scenarios that cannot hold in front of a server, or are decided otherwise there, each with its reason.
NOT_IN_FRONT = {
    "test_a_stream_that_is_to_be_polled": "how a server closes and takes up its streams ends at Holdfast, which has its own",
    "test_a_tool_that_must_be_a_task_needs_the_extension": "Holdfast waits for the task itself (B-83)",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if FRONT:
        items[:] = [item for item in items if item.name not in NOT_IN_FRONT]


def pytest_report_header() -> list[str]:
    return [f"left out in front of a server: {name}: {why}" for name, why in NOT_IN_FRONT.items()] if FRONT else []


def construct(kind: str, home: Path, *flags: str, **options: dict[str, str]) -> Server:
    if kind == "oauth":
        return with_oauth(home, *flags, **options)
    if kind in ("product", "fixture"):
        return (Server.product if kind == "product" else Server.fixture)(home, *flags, **options)
    return InFront(kind, FRONT, home) if FRONT else Example(kind, home, *flags)


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="holdfast-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, workplace: Path) -> Iterator[Server]:
    kind = getattr(request.module, "SERVER", "fixture")
    flags = getattr(request.module, "FLAGS", [])
    server = construct(kind, workplace / f"{next(numbers)}-{request.module.__name__}", *flags).start()
    yield server
    server.discard()


@pytest.fixture
def make_server(workplace: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers of a test's own. They are not started: `make_server("--strict").start()`."""
    made: list[Server] = []

    def make(*flags: str, kind: str = "fixture", home: Path | None = None, **options: dict[str, str]) -> Server:
        server = construct(kind, home or workplace / f"{next(numbers)}-own", *flags, **options)
        made.append(server)
        return server

    yield make
    complaints = [complaint for server in made for complaint in server.complaints()]
    ended = [server for server in made if server.process is not None and not server.running]
    dead = [f"status {server.process.returncode}:\n{server.tail()}" for server in ended if server.process]
    try:
        for server in made:
            if server.running and not server.ending:
                settle(server)
    finally:
        for server in made:
            server.discard()
    assert not dead, f"a server crashed:\n{dead}"
    assert not complaints, f"logged at error level: {complaints[:5]}"


def settle(server: Server) -> None:
    eventually(lambda: server.in_flight() == 0, 8, f"every exchange ends (in flight: {server.in_flight()})")


@pytest.fixture(autouse=True)
def invariants(request: pytest.FixtureRequest) -> Iterator[None]:
    """I1–I4 of the cases: the process lives, nothing was logged as an error, nothing is left in flight."""
    server: Server | None = request.getfixturevalue("server") if "server" in request.fixturenames else None
    before = len(server.complaints()) if server else 0
    yield
    if server is None:
        return
    if not server.running:
        tail = server.tail()
        server.discard()
        server.start()
        pytest.fail(f"the server crashed:\n{tail}")
    complaints = server.complaints()[before:]
    assert not complaints, f"logged at error level: {complaints[:5]}"
    settle(server)


@pytest.fixture
def caller(server: Server) -> PerRequest:
    """A client of the per-request era, which has no handshake."""
    return PerRequest(server)


@pytest.fixture
def client(server: Server) -> Client:
    """A client after its handshake."""
    return Client(server).open()


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """Somebody else's authorization server."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def guarded(issuer: Issuer, make_server: Callable[..., Server]) -> Callable[..., Server]:
    """Starts servers that take that issuer's tokens."""
    return lambda *flags, **options: behind(issuer, make_server, *flags, **options)
