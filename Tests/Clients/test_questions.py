"""Questions of the handshake era: the server asks on the stream of the call, the client answers with a POST of its own.

(H-34, H-38, H-54, M-02, M-07, S-12.) `everything` asks.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversation import VERSIONS, Answer, Client, Pending
from everything import STATED
from per_request import ROOTS, PerRequest, accept, sampled
from requirement import requirement
from server import Server
from wire import Late

SERVER = "everything"
ABLE = {**STATED, "roots": {"listChanged": True}}
ELICITATION = {"name": "test_elicitation", "arguments": {"message": "Who are you?"}}
SAMPLING = {"name": "test_sampling", "arguments": {"prompt": "Say it"}}
WHO = accept(username="testuser", email="test@example.com")


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server, capabilities=ABLE).open()


def question(pending: Pending) -> dict[str, Any]:
    """The next request of the server on the stream of a call."""
    assert pending.head().media_type == "text/event-stream"
    while (event := pending.next_event()) is not None:
        message = json.loads(event.data) if event.data else {}
        if "method" in message and "id" in message:
            return message
    raise AssertionError("the stream ended without a question")


def respond(client: Client, asked: dict[str, Any], result: Any, **options: Any) -> Answer:
    return client.post({"jsonrpc": "2.0", "id": asked["id"], "result": result}, **options)


@requirement("H-34", "H-38", "H-54", "M-02")
def test_the_question_comes_on_the_stream_of_its_call_and_on_no_other(client: Client) -> None:
    listening = client.listen()
    other = client.begin("tools/call", {"name": "test_tool_with_progress"})
    call = client.begin("tools/call", ELICITATION)
    asked = question(call)
    assert asked["method"] == "elicitation/create" and asked["id"] is not None
    answered = respond(client, asked, WHO)
    assert (answered.status, answered.body) == (202, b"")
    assert "testuser" in call.finish().text
    assert other.finish().notifications == []
    with pytest.raises(Late):
        listening.message(0.3)
    listening.close()


@requirement("H-38", "M-05")
def test_questions_of_several_calls_are_told_apart(client: Client) -> None:
    calls = [client.begin("tools/call", ELICITATION) for _ in range(5)]
    asked = [question(call) for call in calls]
    assert len({json.dumps(one["id"]) for one in asked}) == 5
    for number in reversed(range(5)):
        assert respond(client, asked[number], accept(username=f"u{number}", email="e")).status == 202
    for number, call in enumerate(calls):
        assert f"u{number}" in call.finish().text


@requirement("H-32", "H-38")
def test_an_answer_to_nothing_is_accepted_and_does_nothing(client: Client) -> None:
    call = client.begin("tools/call", ELICITATION)
    asked = question(call)
    for id in ("unknown", 123_456, -1):
        assert client.post({"jsonrpc": "2.0", "id": id, "result": WHO}).status == 202
    assert respond(client, asked, WHO).status == 202
    assert respond(client, asked, accept(username="late", email="e")).status == 202
    assert "testuser" in call.finish().text


@requirement("S-12", "H-38")
def test_nobody_else_can_answer(server: Server, client: Client) -> None:
    call = client.begin("tools/call", ELICITATION)
    asked = question(call)
    stranger = Client(server, capabilities=ABLE).open()
    assert respond(stranger, asked, accept(username="stranger", email="e")).status == 202
    respond(stranger, asked, accept(username="stranger", email="e"), session=None)
    assert respond(client, asked, WHO).status == 202
    text = call.finish().text
    assert "testuser" in text and "stranger" not in text


@requirement("M-02", "H-38")
def test_a_client_may_refuse_with_an_error(client: Client) -> None:
    for params in (ELICITATION, SAMPLING):
        call = client.begin("tools/call", params)
        error = {"code": -1, "message": "User rejected sampling request"}
        assert client.post({"jsonrpc": "2.0", "id": question(call)["id"], "error": error}).status == 202
        answer = call.finish()
        assert "error" in answer.message or answer.result.get("isError") or answer.result["content"]


@requirement("M-02")
@pytest.mark.parametrize("params", [ELICITATION, SAMPLING, {"name": "test_input_required_result_list_roots"}])
def test_what_the_client_cannot_do_is_not_asked(server: Server, params: dict[str, Any]) -> None:
    bare = Client(server, capabilities={}).open()
    answer = bare.request("tools/call", params)
    assert [note for note in answer.notifications if "id" in note] == []
    assert answer.status == 200, "404 and 400 would be about the session"
    assert "error" in answer.message or answer.result["isError"]


@requirement("M-02", "M-10", "M-11")
@pytest.mark.parametrize("version", VERSIONS)
def test_no_version_is_asked_what_it_does_not_have(server: Server, version: str) -> None:
    client = Client(server, version, capabilities=ABLE).open()
    answer, asked = client.converse("tools/call", ELICITATION, lambda _: WHO)
    if version < "2025-06-18":
        assert asked == [] and ("error" in answer.message or answer.result["isError"])
    else:
        assert [one["method"] for one in asked] == ["elicitation/create"] and "testuser" in answer.text
    answer, asked = client.converse("tools/call", SAMPLING, lambda _: sampled("said"))
    assert [one["method"] for one in asked] == ["sampling/createMessage"] and "said" in answer.text


@requirement("H-47", "B-45")
def test_a_call_without_a_session_cannot_ask_and_says_so(server: Server) -> None:
    answer = Client(server).request("tools/call", ELICITATION)
    assert answer.status == 200 and [note for note in answer.notifications if "id" in note] == []
    assert "error" in answer.message or answer.result["isError"]


@requirement("H-34", "H-52", "H-54", "Q-31")
@pytest.mark.parametrize("listens", [True, False])
@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
def test_who_takes_only_json_is_not_asked_and_the_model_reads_why(
    client: Client, accept: str | None, listens: bool
) -> None:
    listening = client.listen() if listens else None
    for params in (ELICITATION, SAMPLING):
        answer = client.request("tools/call", params, headers={"Accept": accept}, timeout=5)
        assert (answer.status, answer.head.media_type) == (200, "application/json")
        assert answer.result["isError"] is True
        assert "does not accept text/event-stream" in answer.result["content"][0]["text"]
    prompt = {"name": "test_input_required_result_prompt"}
    error = client.request("prompts/get", prompt, headers={"Accept": accept}, timeout=5).error
    assert error["code"] == -32603 and "text/event-stream" in error["message"]
    if listening:
        with pytest.raises(Late):
            listening.message(0.3)
        listening.close()
    call = client.begin("tools/call", ELICITATION)
    assert respond(client, question(call), WHO).status == 202
    assert "testuser" in call.finish().text


@requirement("M-27", "H-14")
def test_in_the_other_era_who_takes_only_json_is_asked_in_json(server: Server) -> None:
    caller = PerRequest(server, accept="application/json")
    answer, rounds = caller.converse("tools/call", ELICITATION, lambda *_: WHO)
    assert len(rounds) == 1 and "testuser" in answer.text and answer.head.media_type == "application/json"


@requirement("M-27", "B-40")
def test_what_asks_by_its_result_in_the_other_era_asks_on_the_stream_in_this_one(client: Client) -> None:
    responses = {"elicitation/create": accept(name="Alice", color="blue"), "roots/list": ROOTS}
    responses["sampling/createMessage"] = sampled("Hello there!")
    for tool, count in (("elicitation", 1), ("list_roots", 1), ("multiple_inputs", 3), ("multi_round", 2)):
        params = {"name": f"test_input_required_result_{tool}"}
        answer, asked = client.converse("tools/call", params, lambda one: responses[one["method"]])
        assert answer.text and len(asked) == count
        assert "resultType" not in answer.result
    answer, asked = client.converse(
        "prompts/get", {"name": "test_input_required_result_prompt"}, lambda _: accept(context="testing")
    )
    assert answer.result["messages"] and len(asked) == 1


@requirement("H-34", "H-38")
def test_several_questions_at_once_may_be_answered_in_any_order(client: Client) -> None:
    call = client.begin("tools/call", {"name": "test_input_required_result_multiple_inputs"})
    asked = {one["method"]: one for one in (question(call), question(call), question(call))}
    respond(client, asked["roots/list"], ROOTS)
    respond(client, asked["sampling/createMessage"], sampled("Hello there!"))
    respond(client, asked["elicitation/create"], accept(name="Alice"))
    assert "Alice" in call.finish().text


@requirement("H-37", "H-61", "H-38")
def test_a_question_survives_the_loss_of_its_stream(client: Client) -> None:
    call = client.begin("tools/call", ELICITATION, id=5)
    first = call.next_event()
    assert first is not None and first.id
    call.connection.close()
    listening = client.listen(last_event_id=first.id)
    asked = json.loads(first.data) if first.data else listening.message()[1]
    assert asked["method"] == "elicitation/create"
    assert respond(client, asked, WHO).status == 202
    message = listening.message()[1]
    assert message["id"] == 5 and "testuser" in message["result"]["content"][0]["text"]
    listening.close()


@requirement("M-06", "Q-39")
def test_cancelling_a_call_that_asks_ends_it(client: Client) -> None:
    call = client.begin("tools/call", ELICITATION, id="c")
    asked = question(call)
    assert client.notify("notifications/cancelled", {"requestId": "c"}).status == 202
    assert call.finish().error["code"] == -32800
    assert respond(client, asked, WHO).status == 202


@requirement("Q-05", "H-67")
def test_the_end_of_the_session_is_the_end_of_its_questions(client: Client) -> None:
    call = client.begin("tools/call", ELICITATION)
    asked = question(call)
    assert client.delete().status == 200
    assert respond(client, asked, WHO).status == 404
    answer = call.finish(timeout=15)
    assert "error" in answer.message or answer.result


@requirement("M-01")
def test_what_a_client_may_notify_is_accepted(client: Client) -> None:
    for method, params in (
        ("notifications/roots/list_changed", None),
        ("notifications/progress", {"progressToken": "none", "progress": 1}),
        ("notifications/cancelled", {"requestId": "none", "reason": "changed my mind"}),
        ("notifications/tasks/status", {"taskId": "none", "status": "working"}),
    ):
        assert client.notify(method, params).status == 202
    assert client.list_tools().status == 200
