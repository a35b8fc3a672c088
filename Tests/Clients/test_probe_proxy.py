"""The probe through a real nginx, as Debian has it: what its defaults break is found, and put down to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from load import Proxy
from probing import Probed, checked, probe, probe_site
from requirement import requirement
from server import Server
from upstreams import faulty
from upstreams.healthy import Healthy, Listener, Reply, Request

Maker = Callable[..., Server]
pytestmark = pytest.mark.timeout(120)


class Unhinted(Healthy):
    """Streams well, and tells no proxy how. A session's end is its stream's end."""

    def on_get(self, request: Request) -> Reply:
        reply = super().on_get(request)
        reply.headers.pop("X-Accel-Buffering", None)
        return reply

    def listening(self, request: Request) -> Iterator[bytes]:
        while self.knows(request.session or ""):
            yield b": here\n\n"
            faulty.wait(0.1)


class Silent(Healthy):
    """Has nothing to say on a stream, not even that it is there."""

    def listening(self, request: Request) -> Iterator[bytes]:
        yield b": here\n\n"
        faulty.wait(20)


@contextmanager
def behind_nginx(home: Path, port: int, more: str = "") -> Iterator[str]:
    proxy = Proxy(home / "nginx", port, more)
    try:
        yield proxy.url
    finally:
        proxy.stop()


def through_nginx(home: Path, site: Any, *arguments: str, more: str = "") -> Probed:
    with Listener(site) as listener, behind_nginx(home, listener.server_address[1], more) as url:
        return checked(probe(url, *arguments))


def saw(probed: Probed, check: str) -> str:
    return next(finding["saw"] for finding in probed.report["findings"] if finding["id"] == check)


@requirement("PR-18")
def test_a_proxy_that_holds_back_is_found(tmp_path: Path) -> None:
    probed = through_nginx(tmp_path, Unhinted())
    assert set(probed.grave) == {"stream.buffered"} and not probed.errors_found, probed.report["findings"]
    assert "nginx" in saw(probed, "stream.buffered")
    assert probe_site(Unhinted(), "--only", "stream.buffered").status == 0


@requirement("PR-18")
def test_holdfast_tells_the_proxy_not_to_hold_back(tmp_path: Path, make_server: Maker) -> None:
    server = make_server("--keep-alive", "200ms", kind="product").start()
    with behind_nginx(tmp_path, server.port) as url:
        probed = checked(probe(url))
        assert probed.status == 0, probed.grave
        assert set(probed.findings) == {"reach.private", "request.size"}, probed.report["findings"]
        probed = checked(probe(url, "--only", "stream", "--watch", "2"))
    assert probed.status == 0 and not probed.findings, probed.report["findings"]
    states = {check["id"]: check["state"] for check in probed.report["checks"]}
    assert states["stream.buffered"] == states["stream.idle"] == "passed"


@requirement("PR-18")
def test_the_size_that_nginx_takes_is_noted(tmp_path: Path) -> None:
    probed = through_nginx(tmp_path, Healthy())
    assert probed.status == 0 and probed.findings["request.size"] == "note", probed.grave
    assert saw(probed, "request.size").startswith("1.2 MB: HTTP 413")
    assert "request.size" not in through_nginx(tmp_path, Healthy(), more="client_max_body_size 4m;").findings


@requirement("PR-18")
def test_streams_that_a_proxy_compresses_are_found(tmp_path: Path) -> None:
    more = "gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length 0;"
    probed = through_nginx(tmp_path, Healthy(), more=more)
    assert set(probed.grave) == {"stream.compressed"}, probed.grave


@requirement("PR-18")
def test_a_stream_that_a_proxy_cuts_is_found(tmp_path: Path) -> None:
    probed = through_nginx(tmp_path, Silent(), "--only", "stream.idle", more="proxy_read_timeout 2s;")
    assert set(probed.grave) == {"stream.idle"}, probed.report["findings"]
    assert saw(probed, "stream.idle").startswith("it was cut after 2")
