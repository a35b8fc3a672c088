"""HTTP+SSE of 2024-11-05, one stream and POSTs beside it. Issue 3; protocol.md H-20 to H-27."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest

from conversation import UNSET, Client
from requirement import requirement
from server import Server, eventually
from wire import EventStream, Response

FLAGS = ["--legacy-sse", "--keep-alive", "200ms"]


class Old:
    """A client that knows this transport only."""

    def __init__(self, server: Server, path: str = "/sse", key: str | None = None, **options: Any) -> None:
        self.server = server
        self.authorization = {"Authorization": f"Bearer {key}"} if key else {}
        self.connection = server.connect(**options)
        headers = {"Host": server.authority, "Accept": "text/event-stream", **self.authorization}
        self.connection.send("GET", path, headers.items())
        self.head = self.connection.read_head()
        assert self.head.status == 200, self.head
        assert self.head.media_type == "text/event-stream" and self.head.get("mcp-session-id") is None
        self.stream = EventStream(self.connection, self.head)
        first = self.stream.next()
        assert getattr(first, "event", None) == "endpoint" and first.data and first.id is None, first
        self.endpoint = first.data

    def post_raw(self, body: bytes, endpoint: Any = UNSET, **headers: str) -> Response:
        extra = {"Content-Type": "application/json", **self.authorization, **headers}
        url = urljoin("/sse", self.endpoint if endpoint is UNSET else endpoint)
        return self.server.fetch(url, "POST", extra, body)

    def post(self, message: Any) -> None:
        response = self.post_raw(json.dumps(message).encode())
        assert (response.status, response.body) == (202, b""), response

    def request(self, method: str, params: Any = None, id: Any = 1) -> None:
        message = {"jsonrpc": "2.0", "id": id, "method": method}
        self.post(message if params is None else {**message, "params": params})

    def call(self, tool: str, arguments: Any = None, id: Any = 1, **meta: Any) -> None:
        self.request("tools/call", {"name": tool, "arguments": arguments or {}, "_meta": meta}, id)

    def notify(self, method: str, params: Any = None) -> None:
        self.post({"jsonrpc": "2.0", "method": method, "params": params or {}})

    def next(self, timeout: float = 10) -> Any:
        event = self.stream.next_event(timeout)
        assert event is not None and event.event == "message" and event.id is None and event.data_lines == 1, event
        return json.loads(event.data or "")

    def text(self, id: Any) -> str:
        message = self.next()
        assert message["id"] == id, message
        return message["result"]["content"][0]["text"]

    def open(self) -> Old:
        client = {"name": "old", "version": "1"}
        self.request("initialize", {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": client}, 0)
        assert self.next()["result"]["protocolVersion"] == "2024-11-05"
        self.notify("notifications/initialized")
        return self


@pytest.fixture
def old(server: Server) -> Iterator[Old]:
    client = Old(server).open()
    yield client
    client.connection.close()


@requirement("H-20")
def test_h20_the_first_event_names_a_place_that_nobody_can_guess(server: Server) -> None:
    one, two = Old(server), Old(server)
    for client in (one, two):
        assert re.fullmatch(r"/messages\?session_id=[0-9a-z]{25}", client.endpoint)
        assert client.head.get("cache-control") == "no-cache, no-transform"
        client.connection.close()
    assert one.endpoint != two.endpoint


@requirement("H-20")
def test_h20_everything_travels_on_the_stream(old: Old) -> None:
    old.call("echo", {"text": "grüße ☃"}, id="s")
    assert old.text("s") == "grüße ☃"
    old.call("stream", {"n": 3, "everyMs": 5}, id=2, progressToken="t")
    assert [old.next()["params"]["progress"] for _ in range(3)] == [1, 2, 3]
    assert old.text(2) == "streamed 3"
    old.call("grow", id=3)
    assert {"notifications/tools/list_changed", None} == {old.next().get("method") for _ in range(2)}
    old.request("no/such/method", id=4)
    assert old.next()["error"]["code"] == -32601


@requirement("H-21")
def test_h21_a_post_that_cannot_be_read_is_refused_where_it_came(old: Old) -> None:
    for body, code in ((b"nonsense", -32700), (b'"\xff"', -32700), (b"[]", -32600), (b"7", -32600)):
        response = old.post_raw(body)
        assert response.status == 400 and json.loads(response.body)["error"]["code"] == code
    assert old.post_raw(b"{}", "/messages").status == 400
    assert old.post_raw(b"{}", "/messages?session_id=").status == 404
    assert old.post_raw(b"{}", "/messages?session_id=" + "0" * 25).status == 404
    assert old.post_raw(b"{}", **{"Content-Type": "text/plain"}).status == 415
    assert old.post_raw(b'{"x":"' + b"x" * (5 << 20) + b'"}').status == 413
    # What has an id is answered on the stream.
    assert old.post_raw(b'{"jsonrpc":"2.0","id":5,"method":1}').status == 202
    assert old.next()["error"]["code"] == -32600
    old.request("ping", id=6)
    assert old.next() == {"jsonrpc": "2.0", "id": 6, "result": {}}


@requirement("H-21")
def test_h21_a_post_does_not_wait_for_its_answer(old: Old, server: Server) -> None:
    old.call("gate", {"name": "post"}, id=1, progressToken="g")
    assert old.next()["method"] == "notifications/progress"
    old.call("echo", {"text": "meanwhile"}, id=2)
    assert old.text(2) == "meanwhile"
    Client(server).open_gate("post")
    assert old.text(1) == "passed post"


@pytest.mark.parametrize("how", ["close", "reset", "half_close"])
@requirement("H-22")
def test_h22_the_session_ends_with_its_stream_and_what_runs_is_cancelled(server: Server, how: str) -> None:
    old = Old(server).open()
    old.call("gate", {"name": "never"}, id=1, progressToken="g")
    assert old.next()["method"] == "notifications/progress"
    server.wait_in_flight(1)
    ended = server.total("holdfast_drains_total", cause="delete")
    getattr(old.connection, how)()
    eventually(lambda: server.in_flight() == 0, 3, "the call is cancelled")
    eventually(lambda: server.total("holdfast_drains_total", cause="delete") == ended + 1, 3, "the session ends")
    assert server.total("holdfast_sessions", state="active") == 0
    assert old.post_raw(b'{"jsonrpc":"2.0","id":2,"method":"ping"}').status == 404
    old.connection.close()


@requirement("H-22")
def test_h22_a_stream_that_breaks_before_initialize_leaves_nothing(server: Server) -> None:
    before = server.total("holdfast_streams_open")
    old = Old(server)
    assert server.total("holdfast_streams_open") == before + 1
    old.connection.reset()
    eventually(lambda: server.total("holdfast_streams_open") == before, 3, "the stream is given back")
    assert old.post_raw(b'{"jsonrpc":"2.0","id":2,"method":"ping"}').status == 404


@requirement("H-23")
def test_h23_no_session_header_means_anything_here(old: Old, server: Server) -> None:
    session = Client(server).open().session
    response = old.post_raw(b'{"jsonrpc":"2.0","id":1,"method":"ping"}', **{"Mcp-Session-Id": session or ""})
    assert response.status == 202 and response.get("mcp-session-id") is None
    assert old.next()["id"] == 1
    for verb, path in (("DELETE", "/messages"), ("GET", "/messages"), ("DELETE", "/sse"), ("POST", "/sse")):
        refused = server.fetch(path, verb, {"Content-Type": "application/json"}, b"{}" if verb == "POST" else None)
        assert refused.status == 405 and refused.get("allow") in ("GET, OPTIONS", "POST, OPTIONS"), (verb, path)


@requirement("H-24")
def test_h24_another_principal_finds_no_session(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS)
    mine, other = server.add_key("mine"), server.add_key("other")
    server.start()
    refused = server.fetch("/sse")
    assert refused.status == 401 and "Bearer" in (refused.get("www-authenticate") or "")
    old = Old(server, key=mine).open()
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    foreign = old.post_raw(ping, Authorization=f"Bearer {other}")
    unknown = old.post_raw(ping, "/messages?session_id=" + "0" * 25)
    assert foreign.status == unknown.status == 404 and foreign.body == unknown.body
    assert old.post_raw(ping, Authorization="Bearer none").status == 401
    assert old.post_raw(ping).status == 202 and old.next()["id"] == 1
    old.connection.close()


def test_the_guards_stand_here_too(server: Server, old: Old) -> None:
    for path, verb in (("/sse", "GET"), (old.endpoint, "POST")):
        body = b"{}" if verb == "POST" else None
        headers = {"Content-Type": "application/json"}
        assert server.fetch(path, verb, {**headers, "Origin": "https://evil.example"}, body).status == 403
        assert server.fetch(path, verb, {**headers, "Host": "evil.example"}, body).status == 403
        preflight = server.fetch(path, "OPTIONS", {"Origin": "https://claude.ai"})
        assert preflight.status == 204 and preflight.get("access-control-allow-origin") == "https://claude.ai"


@requirement("H-26")
def test_h26_nothing_of_it_is_there_unless_it_is_asked_for(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    assert server.fetch("/sse").status == 404 and server.fetch("/messages", "POST", body=b"{}").status == 404
    assert server.fetch("/mcp", headers={"Accept": "text/event-stream"}).status == 405


@requirement("H-26")
def test_h26_both_transports_can_share_a_path(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS, "--legacy-sse-path", "/mcp", "--legacy-messages-path", "/post").start()
    old = Old(server, "/mcp").open()
    assert old.endpoint.startswith("/post?")
    new = Client(server).open()
    listening = new.listen()
    assert listening.head.status == 200
    old.call("echo", {"text": "old"}, id=1)
    assert old.text(1) == "old" and new.call("echo", {"text": "new"}).text == "new"
    assert new.delete().status == 200
    for connection in (old.connection, listening.connection):
        connection.close()


def test_a_proxy_may_stand_before_the_paths(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS, "--public-url", "https://example.com/tools/mcp").start()
    old = Old(server)
    assert old.endpoint.startswith("/tools/messages?session_id=")
    old.connection.close()


def test_a_cancelled_request_is_not_answered(old: Old, server: Server) -> None:
    old.call("gate", {"name": "never"}, id=1, progressToken="g")
    assert old.next()["method"] == "notifications/progress"
    old.notify("notifications/cancelled", {"requestId": 1})
    old.call("echo", {"text": "on"}, id=2)
    assert old.text(2) == "on"
    eventually(lambda: server.in_flight() == 0, 3, "the call is cancelled")


def test_a_silent_stream_is_kept_open_and_counted(old: Old, server: Server) -> None:
    comments = [old.stream.next(2) for _ in range(3)]
    assert [getattr(comment, "text", None) for comment in comments] == ["keep-alive"] * 3
    assert server.total("holdfast_streams_open") >= 1


def test_every_post_and_stream_has_its_line_in_the_log(server: Server) -> None:
    old = Old(server).open()
    old.call("echo", {"text": "x"}, id=1)
    assert old.text(1) == "x"
    old.post_raw(b"nonsense")
    old.connection.close()

    def lines() -> list[tuple[Any, ...]]:
        found = [line for line in server.events("request") if line.get("mode") in ("sse", "json")]
        return [tuple(str(line.get(key)) for key in ("verb", "method", "status", "outcome")) for line in found]

    wanted = {
        ("POST", "initialize", "202", "result"), ("POST", "tools/call", "202", "result"),
        ("POST", "invalid", "400", "rejected"), ("GET", "GET", "200", "hangup"),
    }  # fmt: skip
    eventually(lambda: wanted <= set(lines()), 3, f"{wanted} in {lines()[-10:]}")


def test_streams_of_a_principal_are_bounded(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS, "--max-streams-per-principal", "2").start()
    streams = [Old(server).open() for _ in range(2)]
    refused = server.fetch("/sse")
    assert refused.status == 429 and refused.get("retry-after") == "1"
    streams[0].connection.close()
    eventually(lambda: server.total("holdfast_streams_open") == 1, 3, "one is given back")
    Old(server).connection.close()
    streams[1].connection.close()


def test_a_reader_that_does_not_read_loses_its_session_and_nobody_else_notices(
    make_server: Callable[..., Server],
) -> None:
    flags = ["--write-timeout", "2s", "--stream-buffer-bytes", "64KiB", "--max-in-flight-per-session", "4"]
    server = make_server(*FLAGS, *flags).start()
    slow = Old(server, receive_buffer=2048).open()
    # Two that are being written, and one that waits for them.
    for id in range(3):
        slow.call("big", {"bytes": 16_000_000}, id=id)
        eventually(lambda: server.in_flight() == 0, 3, "the call has ended")
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    posts = [server.connect() for _ in range(12)]
    for post in posts:
        headers = {"Host": server.authority, "Content-Type": "application/json"}
        post.send("POST", slow.endpoint, headers.items(), body)
    quick = Old(server).open()
    started = time.monotonic()
    quick.call("echo", {"text": "unmoved"}, id=1)
    assert quick.text(1) == "unmoved" and time.monotonic() - started < 1
    # A few wait for the reader to catch up, more are refused, and then it is given up.
    statuses = [post.response().status for post in posts]
    assert 404 in statuses and 429 in statuses and set(statuses) <= {202, 404, 429}, statuses
    eventually(lambda: server.total("holdfast_streams_open") == 1, 5, "the slow stream is cut")
    assert slow.post_raw(body).status == 404
    assert server.in_flight() == 0 and server.total("holdfast_sessions", state="active") == 1
    for connection in (*posts, slow.connection, quick.connection):
        connection.close()


@pytest.mark.parametrize("initialized", [True, False])
def test_a_drain_delivers_what_runs_and_then_ends_the_stream(
    make_server: Callable[..., Server], initialized: bool
) -> None:
    server = make_server(*FLAGS).start()
    old = Old(server)
    if initialized:
        old.open()
    idle = Old(server)
    old.call("sleep", {"ms": 1200}, id=1)
    old.call("gate", {"name": "drain"}, id=2, progressToken="g")
    assert old.next()["method"] == "notifications/progress"
    server.wait_in_flight(2)
    server.signal(signal.SIGTERM)
    eventually(lambda: server.fetch("/ready").status == 503, 2, "the drain begins")
    assert server.fetch("/sse").status == 503
    old.call("echo", id=3)
    assert old.next()["error"]["code"] == -32000
    old.notify("notifications/cancelled", {"requestId": 2})
    assert old.text(1) == "slept 1200"
    for stream in (old.stream, idle.stream):
        rest = list(stream.rest(5))
        assert [event.data for event in rest] == [None] and rest[0].retry
    assert server.wait(5) == 0
    # The session went with its stream: nothing of it is found by the next process.
    server.start()
    assert server.total("holdfast_sessions", state="active") == 0


def test_what_outlives_the_grace_gets_an_error(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS, "--shutdown-grace", "300ms").start()
    old = Old(server).open()
    old.call("hang", id=1)
    old.call("gate", {"name": "never"}, id=2)
    server.wait_in_flight(2)
    server.signal(signal.SIGTERM)
    assert {(message := old.next())["id"]: message["error"]["code"] for _ in range(2)} == {1: -32603, 2: -32603}
    assert [event.data for event in old.stream.rest(5)] == [None]
    assert server.wait(5) == 0


