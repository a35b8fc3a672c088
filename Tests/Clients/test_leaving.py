"""In the per-request era losing the connection before the answer is the cancellation (H-86), whatever it was to be."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from conversation import BOTH, Client
from per_request import TOKEN, PerRequest, Reply
from requirement import requirement
from server import Server

FLAGS = ["--json-wait", "50ms", "--keep-alive", "100ms"]
JSON_ONLY = {"Accept": "application/json"}
ENDINGS: dict[str, Callable[[Reply], None]] = {
    "closed": lambda reply: reply.connection.close(),
    "reset": lambda reply: reply.connection.reset(),
}


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


@requirement("H-86")
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("accept", ["application/json", BOTH, "text/event-stream"])
def test_leaving_cancels_the_request(server: Server, caller: PerRequest, accept: str, ending: str) -> None:
    reply = caller.begin_call("gate", {"name": gate()}, headers={"Accept": accept})
    if accept != "application/json":
        assert reply.head().media_type == "text/event-stream"
    server.wait_in_flight(1)
    ENDINGS[ending](reply)
    server.wait_in_flight(0)


@requirement("H-86")
@pytest.mark.parametrize("ending", ENDINGS)
def test_leaving_before_the_reply_has_begun_cancels_too(make_server: Callable[..., Server], ending: str) -> None:
    server = make_server("--json-wait", "30s").start()
    reply = PerRequest(server).begin_call("gate", {"name": gate()})
    server.wait_in_flight(1)
    ENDINGS[ending](reply)
    server.wait_in_flight(0)


@requirement("H-86")
def test_leaving_between_two_steps_of_progress_cancels(server: Server, caller: PerRequest) -> None:
    reply = caller.begin_call("stream", {"n": 100_000, "everyMs": 5}, meta={TOKEN: 1})
    for _ in range(3):
        assert reply.next_event()
    reply.connection.close()
    server.wait_in_flight(0)


@requirement("H-86", "Q-10")
def test_leaving_one_request_leaves_every_other(server: Server, caller: PerRequest) -> None:
    names = [gate() for _ in range(6)]
    replies = [caller.begin_call("gate", {"name": name}, id=1) for name in names]
    assert all(reply.head() for reply in replies)
    server.wait_in_flight(6)
    for reply in replies[::2]:
        reply.connection.close()
    server.wait_in_flight(3)
    for name, reply in list(zip(names, replies, strict=True))[1::2]:
        caller.call("open", {"name": name})
        assert reply.finish().text == f"passed {name}"


@requirement("H-86", "H-37")
def test_in_a_session_leaving_is_no_cancellation_at_the_same_time(server: Server, caller: PerRequest) -> None:
    client, name = Client(server).open(), gate()
    stays = client.begin_call("gate", {"name": name})
    goes = caller.begin_call("gate", {"name": name})
    assert stays.head() and goes.head()
    server.wait_in_flight(2)
    stays.connection.close()
    goes.connection.close()
    server.wait_in_flight(1)
    client.open_gate(name)
    server.wait_in_flight(0)


@requirement("H-86")
def test_a_tool_that_does_not_heed_its_cancellation_holds_up_nobody(server: Server, caller: PerRequest) -> None:
    reply = caller.begin_call("hang")
    assert reply.head()
    server.wait_in_flight(1)
    reply.connection.close()
    assert caller.call("echo", {"text": "others"}).text == "others"
    assert caller.call("release").text == "released"
    server.wait_in_flight(0)


@requirement("H-86")
def test_a_connection_that_closes_after_its_answer_cancels_nothing(server: Server, caller: PerRequest) -> None:
    with server.connect() as connection:
        assert caller.call("echo", {"text": "x"}, connection=connection).text == "x"
    name = gate()
    reply = caller.begin_call("gate", {"name": name})
    with server.connect() as connection:
        assert caller.call("open", {"name": name}, connection=connection).text == "opened"
    assert reply.finish().text == f"passed {name}"


@requirement("H-86")
def test_many_that_leave_at_once_leave_nothing_running(server: Server, caller: PerRequest) -> None:
    replies = [
        caller.begin_call("gate", {"name": gate()}, headers=JSON_ONLY if number % 2 else None) for number in range(60)
    ]
    server.wait_in_flight(60)
    for number, reply in enumerate(replies):
        reply.connection.reset() if number % 3 else reply.connection.close()
    server.wait_in_flight(0)
    assert caller.call("echo", {"text": "goes on"}).text == "goes on"


@requirement("H-86")
def test_a_request_whose_body_never_comes_whole_is_none(server: Server, caller: PerRequest) -> None:
    body: dict[str, Any] = caller.message("tools/call", {"name": "count", "arguments": {}})
    before = int(caller.call("count").text)
    connection = server.connect()
    connection.send("POST", server.path, [*caller.headers(body).items(), ("Content-Length", "5000")], b"{")
    connection.close()
    assert int(caller.call("count").text) == before + 1
