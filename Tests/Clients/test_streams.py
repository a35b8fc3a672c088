"""Streams and sockets: the cases N1–N15, GET and its replacement, keep-alive, JSON that becomes SSE, resume."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from itertools import pairwise

import pytest

from conversation import BOTH, Client, Listening
from requirement import requirement
from server import Server, eventually
from wire import Comment, Cut, Event, Late, request_bytes

FLAGS = ["--json-wait", "100ms", "--keep-alive", "200ms"]
STREAMS = "streams_open"


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


def changes(listening: Listening, timeout: float = 5) -> Event:
    """Waits for tools/list_changed on a GET stream."""
    event, message = listening.message(timeout)
    assert message == {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
    return event


# GET


@requirement("H-13", "H-50")
def test_n1_a_get_stream_says_something_at_once_and_then_regularly(client: Client) -> None:
    listening = client.listen()
    head, stream = listening.head, listening.stream
    assert head.status == 200 and stream is not None
    assert head.get("cache-control") == "no-cache, no-transform"
    assert head.get("x-accel-buffering") == "no"
    assert head.get("content-length") is None
    assert head.get("mcp-session-id") == client.session
    items = [stream.next(2) for _ in range(6)]
    arrivals = [item.arrived for item in items if isinstance(item, Comment)]
    assert len(arrivals) >= 5, items
    assert arrivals[0] - head.arrived < 1
    assert max(later - earlier for earlier, later in pairwise(arrivals)) < 2
    listening.close()


@requirement("H-52", "H-53", "H-54", "M-03")
def test_n1_list_changed_is_told_on_the_get_stream_and_nowhere_else(client: Client) -> None:
    listening = client.listen()
    before = {tool["name"] for tool in client.list_tools().result["tools"]}
    grown = client.call("grow", token="t")
    assert [n["method"] for n in grown.notifications if "list_changed" in n["method"]] == []
    changes(listening)
    after = {tool["name"] for tool in client.list_tools().result["tools"]}
    assert len(after - before) == 1 and next(iter(after - before)).startswith("grown_")
    with pytest.raises(Late):
        listening.message(0.5)
    listening.close()


def test_n1_every_session_with_a_stream_is_told_once(client: Client) -> None:
    listeners = [Client(client.server).open().listen() for _ in range(5)]
    assert client.call("grow").text
    for listening in listeners:
        changes(listening)
        with pytest.raises(Late):
            listening.message(0.1)
        listening.close()


@requirement("H-53", "H-54")
def test_n1_progress_never_shows_on_the_get_stream(client: Client) -> None:
    listening = client.listen()
    answer = client.call("stream", {"n": 5, "everyMs": 1}, token="p")
    assert len(answer.progress()) == 5
    with pytest.raises(Late):
        listening.message(0.5)
    listening.close()


@requirement("H-55")
def test_n2_a_get_stream_may_be_dropped_and_reopened_twenty_times(client: Client) -> None:
    for number in range(20):
        listening = client.listen()
        assert listening.head.status == 200
        listening.connection.reset() if number % 2 else listening.close()
    assert client.list_tools().status == 200


@requirement("H-53", "Q-37")
def test_n3_a_second_get_replaces_the_first(client: Client) -> None:
    first = client.listen()
    second = client.listen()
    assert second.head.status == 200
    assert first.stream is not None
    # In order: the first ends with its last chunk, not with a broken connection.
    assert [event for event in first.stream.rest() if event.data] == []
    assert client.call("grow").text
    changes(second)
    second.close()


@requirement("H-50", "H-51", "Q-41")
def test_n4_get_without_an_id_is_405_and_with_an_unknown_one_404(server: Server) -> None:
    client = Client(server)
    without = client.listen()
    assert without.head.status == 405
    assert "POST" in (without.head.get("allow") or "")
    assert client.listen(session="0123456789abcdef0123456789abcdef").head.status == 404
    assert client.open().listen().head.status == 200


def test_n4_get_with_any_accept_is_a_stream(client: Client) -> None:
    for accept in (None, "*/*", BOTH):
        listening = client.listen(headers={"Accept": accept})
        assert listening.head.status == 200
        listening.close()


def test_n5_a_storm_of_gets_leaves_nothing_behind(client: Client) -> None:
    for number in range(200):
        with client.server.connect() as connection:
            headers = client.headers({"Accept": "text/event-stream", "Content-Type": None})
            connection.send("GET", client.server.path, headers.items())
            if number % 3 == 0:
                connection.read_head()
            if number % 2:
                connection.reset()
    started = time.monotonic()
    assert Client(client.server).open().list_tools().status == 200
    assert time.monotonic() - started < 1
    eventually(lambda: client.server.total(STREAMS) == 0, what="dropped streams are let go")


# POST: broken, dropped, slow, pipelined


def test_n6_a_body_that_breaks_off_is_dropped_silently(client: Client) -> None:
    for number in range(20):
        connection = client.server.connect()
        connection.send("POST", client.server.path, client.headers({"Content-Length": "1000"}).items(), b'{"jsonrpc"')
        connection.reset() if number % 2 else connection.close()
    assert client.list_tools().status == 200
    loud = [line.raw for line in client.server.log() if line.level in ("warning", "error", "critical")]
    assert not loud, loud[:3]


@requirement("H-37")
@pytest.mark.parametrize("accept", [BOTH, "application/json"])
def test_n7_a_dropped_post_is_no_cancellation(client: Client, accept: str) -> None:
    before = int(client.call("count").text)
    name = gate()
    call = client.begin_call("gate", {"name": name}, headers={"Accept": accept})
    client.server.wait_in_flight(1)
    call.connection.reset()
    # Whatever reads the connection's end has done so once a later connection was served.
    assert client.call("count").text == str(before + 1)
    assert client.server.in_flight() == 1, "the call still runs"
    client.open_gate(name)
    client.server.wait_in_flight(0)
    assert client.call("count").text == str(before + 2)


@pytest.mark.timeout(60)
def test_n9_a_reader_that_stops_loses_only_its_own_stream(make_server: Callable[..., Server]) -> None:
    server = make_server(
        "--json-wait", "50ms", "--write-timeout", "1s", "--stream-buffer-events", "64", "--keep-alive", "200ms"
    ).start()
    client, other = Client(server).open(), Client(server).open()
    slow = server.connect(receive_buffer=2048)
    pending = client.begin_call("stream", {"n": 20_000, "everyMs": 0}, token="slow", connection=slow)
    first = pending.next_event()
    assert first is not None
    slowest = 0.0
    while server.in_flight() > 0:
        started = time.monotonic()
        assert other.list_tools().status == 200
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 1, f"a list took {slowest:.2f} s"
    eventually(lambda: server.total(STREAMS) == 0, 10, "the stalled stream is cut")
    last = first
    with pytest.raises(Cut):
        while (event := pending.next_event()) is not None:
            last = event
    assert last.id, "what was read can be named"
    resumed = client.listen(last_event_id=last.id)
    assert resumed.head.status in (200, 400), resumed.head
    resumed.close()
    assert client.list_tools().status == 200


@pytest.mark.timeout(60)
def test_n10_a_reader_of_one_byte_at_a_time_is_cut_at_the_write_limit(make_server: Callable[..., Server]) -> None:
    server = make_server("--write-timeout", "1s").start()
    client = Client(server).open()
    slow = server.connect(receive_buffer=2048)
    pending = client.begin_call("big", {"bytes": 16_000_000}, connection=slow, headers={"Accept": "application/json"})
    assert pending.head().status == 200
    server.wait_in_flight(0, 20)
    assert client.list_tools().status == 200
    # Nothing is read meanwhile; the kernel's buffers are full, so the server cannot write.
    time.sleep(2.5)  # paces: more than twice the write limit
    with pytest.raises(Cut):
        pending.answer(20)
    assert client.list_tools().status == 200


def test_n11_a_half_closed_connection_still_gets_its_answer(client: Client) -> None:
    quick = client.begin_call("echo", {"text": "half"})
    quick.connection.half_close()
    assert quick.finish().text == "half"
    for accept in (BOTH, "application/json"):
        name = gate()
        call = client.begin_call("gate", {"name": name}, headers={"Accept": accept})
        call.connection.half_close()
        client.server.wait_in_flight(1)
        client.open_gate(name)
        assert call.finish().text is not None


def test_n12_ten_pipelined_requests_are_answered_in_order(client: Client) -> None:
    with client.server.connect() as connection:
        bodies = [json.dumps(client.message("tools/list", id=number)).encode() for number in range(10)]
        headers = list(client.headers().items())
        connection.send_raw(b"".join(request_bytes("POST", client.server.path, headers, body) for body in bodies))
        answers = [json.loads(connection.response().body) for _ in bodies]
    assert [answer["id"] for answer in answers] == list(range(10))
    assert all(answer["result"]["tools"] for answer in answers)


def test_n12_a_connection_is_kept_and_reused_after_every_kind_of_reply(client: Client) -> None:
    with client.server.connect() as connection:
        assert client.list_tools(connection=connection).status == 200
        assert client.call("stream", {"n": 3, "everyMs": 1}, token=1, connection=connection).mode == "sse"
        assert client.notify("notifications/initialized", connection=connection).status == 202
        assert client.post(b"{", connection=connection).status == 400
        assert client.list_tools(session="unknown", connection=connection).status == 404
        assert client.call("sleep", {"ms": 300}, connection=connection).text == "slept 300"
        assert client.list_tools(connection=connection).status == 200


def test_n12_a_body_in_many_small_pieces_and_in_chunks(client: Client) -> None:
    body = json.dumps(client.message("tools/call", {"name": "echo", "arguments": {"text": "☃" * 50}}, id=1)).encode()
    with client.server.connect() as connection:
        whole = request_bytes("POST", client.server.path, list(client.headers().items()), body)
        for start in range(0, len(whole), 7):
            connection.send_raw(whole[start : start + 7])
        assert json.loads(connection.response().body)["result"]["content"][0]["text"] == "☃" * 50
        parts = (body[:3], body[3:40], body[40:], b"")
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        headers = client.headers({"Transfer-Encoding": "chunked"})
        response = connection.request("POST", client.server.path, headers.items(), chunks)
        assert json.loads(response.body)["result"]["content"][0]["text"] == "☃" * 50


def test_n13_a_long_call_is_kept_alive_with_comments(client: Client) -> None:
    call = client.begin_call("sleep", {"ms": 1500})
    assert call.head().media_type == "text/event-stream"
    assert call.stream is not None
    comments, item = 0, call.stream.next()
    while not (isinstance(item, Event) and item.data):
        assert item is not None
        comments += isinstance(item, Comment)
        item = call.stream.next()
    assert comments >= 4
    assert json.loads(item.data)["result"]["content"][0]["text"] == "slept 1500"
    call.connection.close()


@requirement("M-33", "H-34")
@pytest.mark.parametrize("accept", [BOTH, "text/event-stream", "application/json"])
def test_n14_a_tool_that_throws_gives_a_failed_result_and_an_orderly_end(client: Client, accept: str) -> None:
    result = client.call("fail", headers={"Accept": accept}).result
    assert result["isError"] is True
    assert result["content"][0]["type"] == "text" and result["content"][0]["text"]


def test_n14_a_tool_beyond_its_time_limit_gives_a_failed_result(make_server: Callable[..., Server]) -> None:
    server = make_server("--tool-time-limit", "200ms").start()
    client = Client(server).open()
    assert client.call("sleep", {"ms": 60_000}).result["isError"] is True
    assert client.call("sleep", {"ms": 1}).text == "slept 1"


@pytest.mark.parametrize("accept", [BOTH, "text/event-stream"])
def test_n15_a_big_answer_arrives_whole(client: Client, accept: str) -> None:
    assert client.call("big", {"bytes": 900_000}, headers={"Accept": accept}).text == "x" * 900_000


# JSON that becomes SSE


@requirement("H-14", "H-33")
def test_a_quick_answer_is_json_and_a_slow_one_becomes_a_stream(client: Client) -> None:
    assert client.call("echo", {"text": "quick"}).mode == "json"
    name = gate()
    started = time.monotonic()
    call = client.begin_call("gate", {"name": name})
    head = call.head()
    assert head.media_type == "text/event-stream"
    assert 0.05 < head.arrived - started < 2
    assert call.stream is not None
    assert call.stream.next(1) is not None, "a comment or an event goes out with the head"
    client.open_gate(name)
    assert call.finish().text is not None


@requirement("H-14", "H-33", "H-34")
def test_a_notification_before_the_answer_makes_it_a_stream(client: Client) -> None:
    answer = client.call("log", {"level": "error", "text": "hello"})
    assert answer.mode == "sse"
    messages = [n["params"] for n in answer.notifications if n["method"] == "notifications/message"]
    assert [message["level"] for message in messages] == ["error"]
    assert "hello" in json.dumps(messages[0]["data"])


def test_a_client_that_takes_only_json_gets_json_however_long_it_takes(client: Client) -> None:
    answer = client.call("stream", {"n": 4, "everyMs": 100}, token=1, headers={"Accept": "application/json"})
    assert answer.mode == "json" and answer.text == "streamed 4"


@requirement("H-15")
def test_json_replies_are_not_cached(client: Client) -> None:
    head = client.list_tools().head
    assert head.get("cache-control") == "no-store"
    assert head.get("content-length") is not None


# Log messages


def test_log_messages_obey_the_level_that_was_set(client: Client) -> None:
    def levels(level: str) -> list[str]:
        answer = client.call("log", {"level": level, "text": "t"})
        return [n["params"]["level"] for n in answer.notifications if n["method"] == "notifications/message"]

    for threshold, sent in (("debug", ["debug", "info", "error"]), ("error", ["error"]), ("emergency", [])):
        assert client.request("logging/setLevel", {"level": threshold}).result == {}
        assert [level for name in ("debug", "info", "error") for level in levels(name)] == sent
    other = Client(client.server).open()
    assert other.call("log", {"level": "error", "text": "t"}).notifications, "a level belongs to one session"
