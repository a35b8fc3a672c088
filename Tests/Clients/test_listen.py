"""`subscriptions/listen`: one stream of changes for each that asks, told apart, kept alive and ended in order (H-90)."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from conversation import Client
from per_request import ACKNOWLEDGED, SUBSCRIPTION, PerRequest, Subscription
from requirement import requirement
from server import Server, eventually
from wire import Comment, Cut, Late

FLAGS = ["--json-wait", "100ms", "--keep-alive", "200ms"]
STREAMS = "streams_open"
TOOLS = {"toolsListChanged": True}
CHANGED = "notifications/tools/list_changed"


@requirement("H-90", "M-29", "M-21")
@pytest.mark.parametrize("id", [1, 0, "listen", "", "42"])
def test_the_acknowledgment_comes_first_and_names_the_subscription(caller: PerRequest, id: Any) -> None:
    subscription = caller.listen(TOOLS, id=id)
    assert subscription.granted == TOOLS
    head = subscription.reply.head()
    assert head.media_type == "text/event-stream"
    assert head.get("x-accel-buffering") == "no" and head.get("cache-control") == "no-cache, no-transform"
    assert caller.call("grow").text
    assert subscription.message()["method"] == CHANGED
    subscription.close()


@requirement("M-29")
@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ({}, {}),
        ({"toolsListChanged": False}, {}),
        ({**TOOLS, "com.example/other": True}, TOOLS),
        ({**TOOLS, "promptsListChanged": False, "resourceSubscriptions": []}, TOOLS),
    ],
)
def test_what_cannot_be_honoured_is_left_out_without_a_word(caller: PerRequest, asked: Any, granted: Any) -> None:
    subscription = caller.listen(asked)
    assert {key: value for key, value in subscription.granted.items() if value} == granted
    subscription.close()


@requirement("M-29")
def test_what_was_not_asked_for_is_not_told(caller: PerRequest) -> None:
    nothing, tools = caller.listen({}), caller.listen(TOOLS)
    assert caller.call("grow").text
    assert tools.message()["method"] == CHANGED
    with pytest.raises(Late):
        nothing.message(0.3)
    nothing.close()
    tools.close()


@requirement("M-29", "M-21", "B-61")
def test_every_subscription_of_one_client_is_told_once_under_its_own_name(caller: PerRequest) -> None:
    subscriptions = [caller.listen(TOOLS, id=id) for id in ("a", "b", 3, "a")]
    assert caller.call("grow").text
    for subscription in subscriptions:
        assert subscription.message()["method"] == CHANGED
        with pytest.raises(Late):
            subscription.message(0.1)
        subscription.close()


@requirement("M-21", "E-01")
def test_a_change_reaches_both_eras(server: Server, caller: PerRequest) -> None:
    client = Client(server).open()
    listening, subscription = client.listen(), caller.listen(TOOLS)
    assert client.call("grow").text
    assert subscription.message()["params"]["_meta"] == {SUBSCRIPTION: subscription.id}
    assert listening.message()[1] == {"jsonrpc": "2.0", "method": CHANGED}
    subscription.close()
    listening.close()


@requirement("M-29", "Q-43")
def test_what_changed_before_is_not_told_again(caller: PerRequest) -> None:
    assert caller.call("grow").text
    subscription = caller.listen(TOOLS)
    with pytest.raises(Late):
        subscription.message(0.3)
    assert caller.call("grow").text
    assert subscription.message()["method"] == CHANGED
    subscription.close()


@requirement("H-90", "Q-30", "H-12")
def test_a_quiet_subscription_is_kept_alive(caller: PerRequest) -> None:
    subscription = caller.listen(TOOLS)
    assert subscription.reply.stream is not None
    assert all(isinstance(subscription.reply.stream.next(2), Comment) for _ in range(4))
    subscription.close()


@requirement("H-90", "E-34")
@pytest.mark.parametrize(
    "params",
    [
        {}, {"notifications": None}, {"notifications": []}, {"notifications": "all"},
        {"notifications": {"toolsListChanged": "yes"}}, {"notifications": {"resourceSubscriptions": "test://x"}},
        {"notifications": {"resourceSubscriptions": [1]}},
    ],
)  # fmt: skip
def test_bad_filters_are_refused_before_any_stream_begins(caller: PerRequest, params: dict[str, Any]) -> None:
    answer = caller.request("subscriptions/listen", params, id="bad")
    assert answer.mode == "json" and answer.status in (200, 400)
    assert (answer.error["code"], answer.message["id"]) == (-32602, "bad")


@requirement("H-73", "H-78", "H-79")
def test_a_subscription_climbs_the_same_ladder(caller: PerRequest) -> None:
    params = {"notifications": TOOLS}
    for options, code in (
        ({"headers": {"Mcp-Method": "tools/list"}}, -32020),
        ({"headers": {"MCP-Protocol-Version": "2025-11-25"}}, -32020),
        ({"meta": {"io.modelcontextprotocol/clientCapabilities": None}}, -32602),
        ({"meta": {"io.modelcontextprotocol/protocolVersion": "2027-01-01"}}, -32022),
    ):
        answer = caller.request("subscriptions/listen", params, **options).refused(400)
        assert answer.error["code"] == code


@requirement("H-90", "H-86")
def test_leaving_ends_the_subscription(server: Server, caller: PerRequest) -> None:
    eventually(lambda: server.total(STREAMS) == 0, 5, "the streams of earlier tests are gone")
    subscriptions = [caller.listen(TOOLS) for _ in range(10)]
    assert server.total(STREAMS) == 10
    for number, subscription in enumerate(subscriptions):
        subscription.reply.connection.reset() if number % 2 else subscription.close()
    eventually(lambda: server.total(STREAMS) == 0, 5, "the streams are gone")
    assert caller.call("grow").text


@requirement("H-90", "M-29")
def test_two_hundred_subscriptions_hear_a_change(server: Server, caller: PerRequest) -> None:
    replies = [caller.begin("subscriptions/listen", {"notifications": TOOLS}) for _ in range(200)]
    subscriptions = [Subscription(reply) for reply in replies]
    assert caller.call("grow").text
    assert all(subscription.message()["method"] == CHANGED for subscription in subscriptions)
    for subscription in subscriptions:
        subscription.close()
    eventually(lambda: server.total(STREAMS) == 0, 5, "the streams are gone")


@requirement("H-90")
def test_a_subscriber_that_does_not_read_harms_nobody(server: Server, caller: PerRequest) -> None:
    deaf = [
        caller.begin("subscriptions/listen", {"notifications": TOOLS}, connection=server.connect(receive_buffer=2048))
        for _ in range(5)
    ]
    subscription = caller.listen(TOOLS)
    for _ in range(30):
        assert caller.call("grow").text
    assert subscription.message()["method"] == CHANGED
    for reply in deaf:
        reply.connection.close()
    subscription.close()


@requirement("H-90", "Q-08", "Q-25", "M-21")
def test_a_shutdown_ends_every_subscription_with_its_result(make_server: Callable[..., Server]) -> None:
    server = make_server("--json-wait", "50ms").start()
    caller = PerRequest(server)
    subscriptions = [caller.listen(TOOLS, id=id) for id in (1, "two", 3)]
    server.signal(signal.SIGTERM)
    for subscription in subscriptions:
        answer = subscription.end(5)
        assert answer.result["resultType"] == "complete"
        assert [n["method"] for n in answer.notifications] == [ACKNOWLEDGED]
    assert server.wait(5) == 0


@requirement("Q-08")
def test_a_shutdown_finishes_what_runs_and_turns_away_what_is_new(make_server: Callable[..., Server]) -> None:
    server = make_server("--json-wait", "50ms").start()
    caller = PerRequest(server)
    streaming = caller.begin_call("sleep", {"ms": 2000})
    plain = caller.begin_call("sleep", {"ms": 2000}, headers={"Accept": "application/json"})
    assert streaming.head()
    server.wait_in_flight(2)
    server.signal(signal.SIGTERM)
    eventually(lambda: server.fetch("/ready").status == 503, 2, "/ready turns 503")
    for method, params in (("tools/list", {}), ("tools/call", {"name": "echo", "arguments": {"text": "x"}})):
        refused = caller.request(method, params, id="late").refused(503)
        assert refused.head.get("retry-after") and refused.message["id"] == "late"
    refused = caller.request("subscriptions/listen", {"notifications": TOOLS})
    assert refused.status == 503 and refused.head.get("retry-after")
    assert streaming.finish().text == plain.finish().text == "slept 2000"
    assert server.wait() == 0


@requirement("Q-08", "Q-03")
def test_what_outlives_the_grace_gets_an_error(make_server: Callable[..., Server]) -> None:
    server = make_server("--json-wait", "50ms", "--shutdown-grace", "500ms").start()
    caller = PerRequest(server)
    streaming = caller.begin_call("hang", id="s")
    plain = caller.begin_call("sleep", {"ms": 60_000}, id="p", headers={"Accept": "application/json"})
    assert streaming.head()
    server.wait_in_flight(2)
    server.signal(signal.SIGTERM)
    for reply in (streaming, plain):
        assert reply.finish().error["code"] == -32603
    assert server.wait(5) == 0


@requirement("Q-08")
def test_after_a_restart_every_request_is_served_as_before(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    caller = PerRequest(server)
    subscription = caller.listen(TOOLS)
    server.restart()
    with pytest.raises(Cut):
        subscription.message()
    assert caller.call("echo", {"text": "again"}).text == "again"
    again = caller.listen(TOOLS)
    assert caller.call("grow").text and again.message()["method"] == CHANGED
    again.close()
