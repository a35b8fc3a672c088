"""The probe against what no server should send: it ends in time, with a report, and shows none of it as it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from probing import Crowd, checked, probe, probe_site
from requirement import requirement
from upstreams import faulty
from upstreams.healthy import ECHO, NOW, Dropped, Healthy, Listener, Reply, Request

pytestmark = pytest.mark.timeout(120)

def forever(piece: bytes, head: bytes = b"", limit: int = 1 << 31) -> Callable[[Any], None]:
    def raw(out: Any) -> None:
        out.write(head)
        sent = 0
        while sent < limit:
            out.write(piece)
            sent += len(piece)

    return raw


def slowly(text: bytes) -> Callable[[Any], None]:
    def raw(out: Any) -> None:
        for byte in text:
            out.write(bytes([byte]))
            faulty.wait(0.5)
        faulty.wait(60)

    return raw


def once(text: bytes) -> Callable[[Any], None]:
    return lambda out: out.write(text)


OK = b"HTTP/1.1 200 OK\r\n"
STREAM = OK + b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
JSON = OK + b"Content-Type: application/json\r\n"
DEEP = b'{"jsonrpc":"2.0","id":1,"result":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
SENT = {
    "nothing": once(b""),
    "garbage": once(b"\x00\xff\xfe garbage\r\n\r\n"),
    "binary": once(bytes(range(256)) * 40),
    "another protocol": once(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "an endless header": forever(b"x" * 4096, OK + b"X-Long: "),
    "endless headers": forever(b"X-Header: value\r\n" * 100, OK),
    "an endless body": forever(b"10000\r\n" + b"x" * 65536 + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n"),
    "an endless event": forever(b"10000\r\n" + b"x" * 65536 + b"\r\n", STREAM + b"6\r\ndata: \r\n"),
    "endless events": forever(b"e\r\ndata: {}\n\n\r\n" * 1000, STREAM + b"\r\n"),
    "endless comments": forever(b"5\r\n: a\n\n\r\n" * 1000, STREAM),
    "slow headers": slowly(JSON),
    "a slow body": slowly(JSON + b"Content-Length: 100\r\n\r\n{"),
    "a body cut short": once(JSON + b"Content-Length: 1000\r\n\r\n{"),
    "a broken chunk": once(STREAM + b"zz\r\n"),
    "two lengths": once(JSON + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    "no status": once(b"HTTP/1.1 \r\n\r\n"),
    "a strange status": once(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"),
    "deep JSON": once(JSON + b"Content-Length: %d\r\n\r\n" % len(DEEP) + DEEP),
    "not UTF-8": once(JSON + b"Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfc"),
    "a continue": once(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + JSON + b"Content-Length: 2\r\n\r\n{}"),
}


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    for name, raw in SENT.items():
        site = Healthy()
        site.raw = raw  # type: ignore[attr-defined]
        crowd.send(name, site)
    yield crowd
    crowd.dismiss()


@requirement("PR-11")
@pytest.mark.parametrize("name", SENT)
def test_whatever_is_sent_the_probe_ends_with_a_report(name: str, crowd: Crowd) -> None:
    probed = checked(crowd[name])
    assert probed.status in (1, 2), probed.report
    assert probed.errors_found and probed.seconds < 45, probed.seconds


class Hostile(Healthy):
    """A good opening, and then what nobody expects."""

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        odd: list[Any] = [
            {"tools": "none"}, {"tools": [1, None, "x", [], {}]}, {"tools": [{"name": 7, "inputSchema": []}]}, [], "x", 0,
            {"tools": [{"name": "\u202e\x1b[31m<script>", "description": {"a": 1}, "inputSchema": {"type": "object"}}]},
            {"tools": [ECHO], "nextCursor": 5}, {"tools": [NOW] * 5000},
        ]  # fmt: skip
        self.asked = getattr(self, "asked", 0) + 1
        if self.asked % 11 == 0:
            raise Dropped
        return self.answer(request, message, odd[self.asked % len(odd)])


@requirement("PR-11", "PR-14")
def test_hostile_text_reaches_neither_terminal_nor_page(tmp_path: Path) -> None:
    name = "\u202e\x1b[31m<script>alert(1)</script>"
    hostile = faulty.tools({**ECHO, "name": name, "inputSchema": {"type": "string"}})()
    page = tmp_path / "report.html"
    with Listener(hostile) as listener:
        probed = probe(listener.url, "--html", str(page), as_json=False)
    assert probed.status == 1
    assert "\x1b" not in probed.output and "\u202e" not in probed.output
    assert "<script" not in page.read_text() and "\u202e" not in page.read_text()


@requirement("PR-11")
def test_odd_results_are_no_reason_to_fail() -> None:
    probed = checked(probe_site(Hostile()))
    assert probed.status == 1 and probed.errors_found
