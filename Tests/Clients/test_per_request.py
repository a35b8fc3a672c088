"""What a request of 2026-07-28 gets: discovery, the shape of every result, streams, logs, progress, notifications."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from conversation import MODERN, Client
from per_request import LOG_LEVEL, SERVER as SERVER_INFO, TOKEN, PerRequest
from requirement import requirement
from server import Server
from wire import Comment

FLAGS = ["--json-wait", "100ms", "--keep-alive", "200ms"]
LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
JSON_ONLY = {"Accept": "application/json"}
LISTS = {"tools": "tools/list", "prompts": "prompts/list", "resources": "resources/list"}


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


# Discovery and results


@requirement("M-24", "H-89", "E-21")
def test_discover_says_what_the_server_can(caller: PerRequest) -> None:
    result = caller.request("server/discover").result
    assert result["supportedVersions"] == [MODERN]
    assert result["capabilities"]["tools"] == {"listChanged": True}
    assert "serverInfo" not in result, "name and version stand in the metadata"
    info = result["_meta"][SERVER_INFO]
    assert info["name"] and info["version"]
    assert type(result["ttlMs"]) is int and result["ttlMs"] >= 0
    assert result["cacheScope"] in ("public", "private")
    assert "tasks" not in result["capabilities"], "tasks are an extension in this era"


@requirement("H-80", "M-24")
def test_what_is_advertised_is_there_and_what_is_not_is_404(caller: PerRequest) -> None:
    capabilities = caller.request("server/discover").result["capabilities"]
    for name, method in LISTS.items():
        answer = caller.request(method)
        if name in capabilities:
            assert answer.status == 200 and "result" in answer.message
        else:
            assert (answer.status, answer.error["code"]) == (404, -32601)


@requirement("H-89", "M-26")
def test_every_result_says_its_type_and_who_made_it(caller: PerRequest) -> None:
    for answer in (caller.request("server/discover"), caller.request("tools/list"), caller.call("echo", {"text": "x"})):
        assert answer.result["resultType"] == "complete"
        assert answer.result["_meta"][SERVER_INFO]["name"]


@requirement("H-89")
def test_only_what_may_be_kept_says_for_how_long(caller: PerRequest) -> None:
    listed = caller.request("tools/list").result
    assert type(listed["ttlMs"]) is int and listed["ttlMs"] >= 0 and listed["cacheScope"] in ("public", "private")
    called = caller.call("echo", {"text": "x"}).result
    assert not {"ttlMs", "cacheScope"} & set(called)


@requirement("M-33")
def test_a_tool_that_fails_gives_a_result_that_says_so(caller: PerRequest) -> None:
    answer = caller.call("fail")
    assert answer.result["isError"] is True and answer.result["resultType"] == "complete"
    assert answer.result["content"][0]["text"] == "This tool always fails"


@requirement("M-33")
def test_structured_content_comes_beside_its_text(caller: PerRequest) -> None:
    result = caller.call("count").result
    assert result["structuredContent"] == {"count": int(result["content"][0]["text"])}


@requirement("M-25", "M-34")
def test_the_list_is_the_same_for_everyone_and_every_time(server: Server) -> None:
    bodies = {json.dumps(PerRequest(server).request("tools/list").result) for _ in range(10)}
    assert len(bodies) == 1
    names = [tool["name"] for tool in json.loads(bodies.pop())["tools"]]
    assert len(names) == len(set(names))
    handshake = Client(server).open().list_tools().result["tools"]
    assert [tool["name"] for tool in handshake] == names


@requirement("H-11", "M-05")
@pytest.mark.parametrize("id", [0, 1, -1, 2**53 - 1, "", "one", "1", "ünïcode ☃"])
def test_an_answer_has_the_id_of_its_request(caller: PerRequest, id: Any) -> None:
    assert caller.call("echo", {"text": "x"}, id=id).message["id"] == id
    assert caller.call("sleep", {"ms": 150}, id=id).message["id"] == id


@requirement("H-87", "Q-20")
def test_ids_may_repeat_even_at_once(caller: PerRequest) -> None:
    replies = [caller.begin_call("sleep", {"ms": 100 + number}, id=1) for number in range(8)]
    assert [reply.finish().text for reply in replies] == [f"slept {100 + number}" for number in range(8)]
    counts = [int(caller.call("count", id=1).text) for _ in range(3)]
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2], "a repeated id is no repeated request"


# HTTP


@requirement("H-70")
def test_nothing_of_a_session_is_looked_at_or_given(caller: PerRequest) -> None:
    headers = {"Mcp-Session-Id": "0123456789abcdef", "Last-Event-ID": "0123456789abcdef/1"}
    for method in ("server/discover", "tools/list"):
        answer = caller.request(method, headers=headers)
        assert answer.status == 200 and answer.head.get("mcp-session-id") is None
    assert caller.call("sleep", {"ms": 200}, headers=headers).text == "slept 200"


@requirement("H-91", "H-15")
def test_json_answers_are_not_to_be_stored(caller: PerRequest) -> None:
    for answer in (caller.request("tools/list"), caller.call("echo", {"text": "x"}), caller.request("no/such")):
        assert answer.mode == "json"
        assert answer.head.get("cache-control") == "no-store"


@requirement("H-13", "H-14", "H-85")
def test_a_slow_answer_becomes_a_stream_that_is_kept_alive(caller: PerRequest) -> None:
    name = gate()
    reply = caller.begin_call("gate", {"name": name})
    head = reply.head()
    assert head.media_type == "text/event-stream" and head.get("content-length") is None
    assert head.get("cache-control") == "no-cache, no-transform"
    assert head.get("x-accel-buffering") == "no"
    assert reply.stream is not None
    assert all(isinstance(reply.stream.next(2), Comment) for _ in range(3))
    caller.call("open", {"name": name})
    answer = reply.finish()
    assert answer.text == f"passed {name}" and len(answer.events) == 1


@requirement("H-14", "H-03")
def test_a_client_that_takes_only_json_gets_json(caller: PerRequest) -> None:
    reply = caller.begin_call("stream", {"n": 5, "everyMs": 60}, meta={TOKEN: 1, LOG_LEVEL: "debug"}, headers=JSON_ONLY)
    answer = reply.finish()
    assert (answer.mode, answer.text, answer.notifications) == ("json", "streamed 5", [])


@requirement("H-85", "H-12")
def test_a_stream_carries_what_belongs_to_its_request_then_one_answer(caller: PerRequest) -> None:
    answer = caller.call("stream", {"n": 5, "everyMs": 5}, meta={TOKEN: "t"})
    assert answer.mode == "sse" and len(answer.events) == 6
    assert all(event.event in (None, "message") and event.data_lines == 1 for event in answer.events)


@requirement("H-84")
def test_an_error_after_the_stream_has_begun_stays_in_it(caller: PerRequest) -> None:
    answer = caller.call("stream", {"n": "three", "everyMs": 1}, meta={TOKEN: "t"})
    assert answer.status == 200


# Notifications


@requirement("H-72", "M-20")
def test_a_notification_is_accepted_and_does_nothing(caller: PerRequest) -> None:
    for method in ("notifications/initialized", "notifications/roots/list_changed", "notifications/unheard/of"):
        answer = caller.notify(method)
        assert (answer.status, answer.body) == (202, b"")


@requirement("H-72", "M-20")
def test_a_posted_cancellation_cancels_nothing(server: Server, caller: PerRequest) -> None:
    name = gate()
    reply = caller.begin_call("gate", {"name": name}, id=77)
    server.wait_in_flight(1)
    assert caller.notify("notifications/cancelled", {"requestId": 77}).status == 202
    assert Client(server).open().notify("notifications/cancelled", {"requestId": 77}).status == 202
    assert caller.call("echo", {"text": "between"}).text == "between"
    caller.call("open", {"name": name})
    assert reply.finish().text == f"passed {name}"


# Log messages


def logged(caller: PerRequest, level: str, wanted: str | None) -> list[dict[str, Any]]:
    answer = caller.call("log", {"level": level, "text": f"said {level}"}, meta={LOG_LEVEL: wanted})
    assert answer.text == "logged"
    assert all(note["method"] == "notifications/message" for note in answer.notifications)
    return [note["params"] for note in answer.notifications]


@requirement("H-85", "B-70")
@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_logged_to_a_request_that_does_not_ask(caller: PerRequest, level: str) -> None:
    assert logged(caller, level, None) == []


@requirement("H-85")
@pytest.mark.parametrize("wanted", LEVELS)
def test_a_request_hears_its_level_and_above(caller: PerRequest, wanted: str) -> None:
    for level in LEVELS:
        messages = logged(caller, level, wanted)
        if LEVELS.index(level) >= LEVELS.index(wanted):
            assert [(m["level"], m["data"]) for m in messages] == [(level, f"said {level}")]
        else:
            assert messages == []


@requirement("H-85")
def test_what_is_logged_for_one_request_reaches_no_other(server: Server, caller: PerRequest) -> None:
    name = gate()
    waiting = caller.begin_call("gate", {"name": name}, meta={LOG_LEVEL: "debug"})
    subscription = caller.listen({"toolsListChanged": True}, meta={LOG_LEVEL: "debug"})
    listening = Client(server).open().listen()
    assert len(logged(caller, "error", "debug")) == 1
    caller.call("open", {"name": name})
    answer = waiting.finish()
    assert [note["method"] for note in answer.notifications] in ([], ["notifications/progress"])
    assert caller.call("grow").text
    # What comes next on each of the others is the change, and nothing before it.
    assert subscription.message()["method"] == "notifications/tools/list_changed"
    assert listening.message()[1]["method"] == "notifications/tools/list_changed"
    subscription.close()
    listening.close()


@requirement("M-31", "H-85")
@pytest.mark.parametrize("level", ["loud", "", "INFO", 3, {}])
def test_a_log_level_that_there_is_not_is_invalid(caller: PerRequest, level: Any) -> None:
    answer = caller.call("echo", {"text": "x"}, meta={LOG_LEVEL: level})
    assert answer.error["code"] == -32602 and answer.status in (200, 400)


# Progress


@requirement("M-30")
@pytest.mark.parametrize("token", ["p", "", 0, 17, "17"])
def test_progress_carries_the_token_and_rises_and_ends(caller: PerRequest, token: Any) -> None:
    answer = caller.call("stream", {"n": 6, "everyMs": 2}, meta={TOKEN: token})
    steps = answer.progress()
    assert [step["progress"] for step in steps] == [1, 2, 3, 4, 5, 6]
    assert all(step["progressToken"] == token and type(step["progressToken"]) is type(token) for step in steps)
    assert all(step["total"] == 6 for step in steps)


@requirement("M-30")
def test_without_a_token_there_is_no_progress(caller: PerRequest) -> None:
    assert caller.call("stream", {"n": 3, "everyMs": 60}).notifications == []


@requirement("M-30")
def test_one_token_on_two_requests_at_once_stays_with_each(caller: PerRequest) -> None:
    replies = [caller.begin_call("stream", {"n": n, "everyMs": 5}, meta={TOKEN: "same"}) for n in (3, 7)]
    counts = [len(reply.finish().progress()) for reply in replies]
    assert counts == [3, 7]


@requirement("H-02", "E-01")
def test_requests_share_a_connection_one_after_the_other(server: Server, caller: PerRequest) -> None:
    with server.connect() as connection:
        for number in range(5):
            assert caller.call("echo", {"text": str(number)}, connection=connection).text == str(number)
            streamed = caller.call("stream", {"n": 2, "everyMs": 1}, meta={TOKEN: 1}, connection=connection)
            assert len(streamed.progress()) == 2
