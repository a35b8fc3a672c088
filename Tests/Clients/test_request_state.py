"""What a question carries with it (S-20): it works for the one who was asked, for what was asked, once it is whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conversation import Answer, Client
from per_request import ROOTS, PerRequest, accept, sampled
from requirement import requirement
from server import Server, eventually

FLAGS = ["--json-wait", "300ms"]
TWO = {"name": "ask", "arguments": {"questions": ["first", "second"], "note": "n"}}


def answers(asked: dict[str, Any], text: str) -> dict[str, Any]:
    return {key: accept(text=text) for key in asked["inputRequests"]}


def begin(caller: PerRequest, params: dict[str, Any] = TWO) -> dict[str, Any]:
    """The second round, which has something to remember: what was answered in the first."""
    asked = caller.request("tools/call", params).result
    assert set(asked["inputRequests"]) == {"first"}
    asked = caller.retry("tools/call", params, asked, answers(asked, "one")).result
    assert set(asked["inputRequests"]) == {"second"} and asked["requestState"]
    return asked


def end(caller: PerRequest, asked: dict[str, Any], params: dict[str, Any] = TWO, method: str = "tools/call") -> Answer:
    return caller.retry(method, params, asked, {"second": accept(text="two")})


def refused(answer: Answer) -> None:
    assert answer.error["code"] == -32602 and answer.status in (200, 400), answer.message


@requirement("S-20", "M-27")
def test_the_answers_so_far_are_remembered(caller: PerRequest) -> None:
    assert end(caller, begin(caller)).text.endswith(", one, two")


@requirement("S-20")
def test_a_state_works_for_nobody_else(make_server: Callable[..., Server]) -> None:
    server = make_server()
    mine, theirs = server.add_key("mine"), server.add_key("theirs")
    server.start()
    me, they = PerRequest(server, key=mine), PerRequest(server, key=theirs)
    asked = begin(me)
    refused(end(they, asked))
    assert end(me, asked).text.endswith(", one, two")
    # The same person in another way: a new connection, another client name, another id.
    assert end(PerRequest(server, key=mine, user_agent="another/2"), asked).text.endswith(", one, two")


@requirement("S-20")
@pytest.mark.parametrize(
    "params",
    [
        {"name": "ask", "arguments": {"questions": ["first", "second"], "note": "m"}},
        {"name": "ask", "arguments": {"questions": ["first", "second"]}},
        {"name": "ask", "arguments": {"questions": ["second", "first"], "note": "n"}},
        {"name": "ask", "arguments": {"questions": ["first", "second"], "note": "n", "more": 1}},
        {"name": "ask"},
        {"name": "echo", "arguments": {"questions": ["first", "second"], "note": "n"}},
    ],
)
def test_a_state_works_for_nothing_else(caller: PerRequest, params: dict[str, Any]) -> None:
    asked = begin(caller)
    refused(end(caller, asked, params))
    assert end(caller, asked).text.endswith(", one, two")


@requirement("S-20")
def test_a_state_works_for_no_other_method(caller: PerRequest) -> None:
    asked = begin(caller)
    refused(end(caller, asked, {"uri": "fixture://asks"}, "resources/read"))
    refused(end(caller, asked, {"name": "greeting", "arguments": {"who": "x"}}, "prompts/get"))


@requirement("S-20")
def test_the_same_request_may_be_written_in_another_way(caller: PerRequest) -> None:
    asked = begin(caller)
    turned = {"arguments": {"note": "n", "questions": ["first", "second"]}, "name": "ask"}
    assert end(caller, asked, turned).text.endswith(", one, two")


@requirement("S-20")
def test_two_states_do_not_mix(caller: PerRequest) -> None:
    other = {"name": "ask", "arguments": {"questions": ["first", "second"], "note": "other"}}
    mine, theirs = begin(caller), begin(caller, other)
    refused(end(caller, theirs))
    half = len(mine["requestState"]) // 2
    refused(end(caller, {"requestState": mine["requestState"][:half] + theirs["requestState"][half:]}))
    assert end(caller, theirs, other).text.endswith(", one, two")


@requirement("S-20", "M-27")
def test_without_its_state_a_request_begins_again(caller: PerRequest) -> None:
    begin(caller)
    again = end(caller, {}).result
    assert again["resultType"] == "input_required" and set(again["inputRequests"]) == {"first"}


@requirement("S-20", "Q-08")
def test_a_state_survives_a_restart(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    caller = PerRequest(server)
    asked = begin(caller)
    server.restart()
    assert end(caller, asked).text.endswith(", one, two")


@requirement("S-20")
def test_a_state_expires_and_says_so(make_server: Callable[..., Server]) -> None:
    caller = PerRequest(make_server("--request-state-lifetime", "1s").start())
    asked = begin(caller)
    assert end(caller, asked).text.endswith(", one, two")

    def expired() -> Answer | None:
        answer = end(caller, asked)
        return answer if "error" in answer.message else None

    late = eventually(expired, 5, "the state expires")
    assert late is not None
    refused(late)
    assert "expired" in late.error["message"] and "without it" in late.error["message"]
    assert end(caller, begin(caller)).text.endswith(", one, two"), "which begins again"


@requirement("S-20")
def test_a_state_of_another_server_is_worth_nothing(make_server: Callable[..., Server]) -> None:
    one, other = (PerRequest(make_server().start()) for _ in range(2))
    refused(end(other, begin(one)))


@requirement("S-20", "M-41")
def test_a_state_says_nothing_to_who_reads_it(caller: PerRequest) -> None:
    params = {"name": "ask", "arguments": {"questions": ["first", "second"], "note": "topsecret"}}
    asked = caller.request("tools/call", params).result
    asked = caller.retry("tools/call", params, asked, {"first": accept(text="confidential")}).result
    state = asked["requestState"]
    assert "topsecret" not in state and "confidential" not in state
    assert caller.retry("tools/call", params, asked, {"second": accept(text="x")}).text.endswith(", confidential, x")


@requirement("M-28")
@pytest.mark.parametrize("response", [sampled("x"), ROOTS, {"action": "accept", "content": 5}, "yes", None])
def test_an_answer_of_another_kind_is_none(caller: PerRequest, response: Any) -> None:
    asked = begin(caller)
    answer = caller.retry("tools/call", TWO, asked, {"second": response})
    if "error" in answer.message:
        refused(answer)
    else:
        assert answer.result["resultType"] == "input_required"


@requirement("M-27", "H-86")
def test_twenty_questions_are_twenty_rounds(caller: PerRequest) -> None:
    questions = [f"q{number}" for number in range(20)]
    params = {"name": "ask", "arguments": {"questions": questions}}
    answer = caller.request("tools/call", params)
    for question in questions:
        assert set(answer.result["inputRequests"]) == {question}
        answer = caller.retry("tools/call", params, answer.result, answers(answer.result, question.upper()))
    assert answer.text.endswith(", ".join(question.upper() for question in questions))


@requirement("M-27", "H-89")
def test_a_resource_may_ask_and_is_not_to_be_kept_before_it_is_whole(caller: PerRequest) -> None:
    params = {"uri": "fixture://asks"}
    asked = caller.request("resources/read", params).result
    assert asked["resultType"] == "input_required" and not {"ttlMs", "cacheScope", "contents"} & set(asked)
    result = caller.retry("resources/read", params, asked, {"text": accept(text="this")}).result
    assert result["contents"][0]["text"] == "this"
    assert type(result["ttlMs"]) is int and result["cacheScope"] in ("public", "private")


@requirement("B-40", "M-27")
def test_in_a_session_the_same_tool_asks_on_its_stream(server: Server) -> None:
    client = Client(server, capabilities={"elicitation": {}}).open()
    answer, asked = client.converse("tools/call", TWO, lambda one: accept(text=one["params"]["message"]))
    assert answer.text.endswith(", first, second") and len(asked) == 2
