"""The recorded personas P1 to P9, all at once, against a server alone and as a front door, through nginx, over deploys."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import settle
from load import Load, Proxy
from requirement import requirement
from server import Server, eventually
from upstream import KINDS, Remote

Maker = Callable[..., Server]

SERVER = ["--legacy-sse", "--log-level", "info"]


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    remote = Remote(KINDS["python 1.21, HTTP stateful"], tmp_path_factory.mktemp("remote")).start()
    yield remote
    remote.kill()


def check_invariants(server: Server) -> None:
    """I1 to I4: it lives, nothing was logged as an error, nothing is left, and the next client is served at once.

    I5 and I6, that every request has its one outcome and calls are carried out as often as answered, the load checks.
    """
    assert server.running
    assert not server.complaints()
    settle(server)
    eventually(lambda: server.total("holdfast_streams_open") == 0, 5, "all streams have ended")

    def list_tools() -> float:
        began = time.monotonic()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {server.key}"}
        listed = server.fetch("/mcp", "POST", headers, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
        assert listed.status == 200
        return time.monotonic() - began

    assert min(list_tools() for _ in range(5)) < 0.2


@requirement("I-05")
@pytest.mark.timeout(120)
def test_all_personas_at_once_lose_nothing(make_server: Maker) -> None:
    server = make_server(*SERVER)
    server.add_key("personas")
    server.start()
    pid = server.pid
    report = Load(server.url, server.key, seconds=8, rate=60).report()
    print(report)
    assert server.pid == pid
    assert "HTTP+SSE answered" in report and "deleted" in report and "left a stream" in report
    check_invariants(server)


@requirement("I-05")
@pytest.mark.timeout(180)
def test_a_front_door_behind_nginx_loses_nothing_over_a_deploy(
    make_server: Maker, remote: Remote, tmp_path: Path
) -> None:
    server = make_server(*SERVER, "--upstream", remote.url, kind="product")
    server.add_key("personas")
    server.start()
    proxy = Proxy(tmp_path / "nginx", server)
    try:
        load = Load(proxy.url, server.key, "--front", "--deploys", seconds=12, rate=40)
        time.sleep(4)  # paces: in the middle of it
        assert server.stop(timeout=40) == 0
        server.start()
        report = load.report()
    finally:
        proxy.stop()
    print(report)
    check_invariants(server)
