"""Questions of the per-request era: a result that asks, and the request again with the answers (M-27, M-28).

The fourteen scenarios of the suite and what they leave open: expiry, other principals and other parameters are in
`test_request_state`.
"""

from __future__ import annotations

from typing import Any

import pytest

from conversation import Answer
from everything import user
from per_request import EVERYTHING, ROOTS, PerRequest, accept, sampled
from requirement import requirement
from server import Server

SERVER = "everything"
PREFIX = "test_input_required_result_"


def ask(caller: PerRequest, tool: str, **options: Any) -> dict[str, Any]:
    """The first round of a tool that asks."""
    result = caller.call(PREFIX + tool, **options).result
    assert result["resultType"] == "input_required", result
    return result


def again(caller: PerRequest, tool: str, asked: dict[str, Any], responses: Any, **options: Any) -> Answer:
    return caller.retry("tools/call", {"name": PREFIX + tool, "arguments": {}}, asked, responses, **options)


def elicited(asked: dict[str, Any], key: str) -> dict[str, Any]:
    request = asked["inputRequests"][key]
    assert request["method"] == "elicitation/create" and request["params"].get("mode", "form") == "form"
    assert request["params"]["message"]
    return request["params"]["requestedSchema"]["properties"]


@requirement("input-required-result-basic-elicitation", "M-27")
def test_an_elicitation(caller: PerRequest) -> None:
    asked = ask(caller, "elicitation")
    assert set(asked["inputRequests"]) == {"user_name"}
    assert elicited(asked, "user_name")["name"]["type"] == "string"
    assert asked["inputRequests"]["user_name"]["params"]["message"] == "What is your name?"
    answer = again(caller, "elicitation", asked, {"user_name": accept(name="Alice")})
    assert answer.result["resultType"] == "complete" and answer.text == "Hello, Alice!"


@requirement("input-required-result-basic-sampling", "M-27")
def test_a_sampling(caller: PerRequest) -> None:
    asked = ask(caller, "sampling")
    request = asked["inputRequests"]["capital_question"]
    assert request["method"] == "sampling/createMessage" and request["params"]["maxTokens"] == 100
    assert request["params"]["messages"][0]["content"]["text"] == "What is the capital of France?"
    answer = again(caller, "sampling", asked, {"capital_question": sampled("The capital of France is Paris.")})
    assert answer.result["resultType"] == "complete" and answer.text


@requirement("input-required-result-basic-list-roots", "M-27")
def test_a_list_of_roots(caller: PerRequest) -> None:
    asked = ask(caller, "list_roots")
    request = asked["inputRequests"]["client_roots"]
    assert request["method"] == "roots/list" and request.get("params", {}) == {}
    answer = again(caller, "list_roots", asked, {"client_roots": ROOTS})
    assert answer.result["resultType"] == "complete" and answer.text


@requirement("input-required-result-request-state", "M-27")
def test_a_state_goes_there_and_back(caller: PerRequest) -> None:
    asked = ask(caller, "request_state")
    assert isinstance(asked["requestState"], str) and asked["requestState"]
    assert elicited(asked, "confirm")["ok"]["type"] == "boolean"
    answer = again(caller, "request_state", asked, {"confirm": accept(ok=True)})
    assert answer.result["resultType"] == "complete" and "state-ok" in answer.text


@requirement("input-required-result-multiple-input-requests", "M-27")
def test_several_questions_at_once(caller: PerRequest) -> None:
    asked = ask(caller, "multiple_inputs")
    methods = {key: request["method"] for key, request in asked["inputRequests"].items()}
    assert methods == {
        "user_name": "elicitation/create", "greeting": "sampling/createMessage", "client_roots": "roots/list",
    }  # fmt: skip
    assert asked["inputRequests"]["greeting"]["params"]["maxTokens"] == 50
    assert isinstance(asked["requestState"], str)
    responses = {"user_name": accept(name="Alice"), "greeting": sampled("Hello there!"), "client_roots": ROOTS}
    answer = again(caller, "multiple_inputs", asked, responses)
    assert answer.result["resultType"] == "complete" and answer.text


@requirement("input-required-result-multiple-input-requests", "M-27")
def test_of_several_questions_those_without_an_answer_are_asked_again(caller: PerRequest) -> None:
    asked = ask(caller, "multiple_inputs")
    some = again(caller, "multiple_inputs", asked, {"user_name": accept(name="Alice")}).result
    assert some["resultType"] == "input_required"
    assert set(some["inputRequests"]) == {"greeting", "client_roots"}
    rest = {"greeting": sampled("Hello there!"), "client_roots": ROOTS}
    answer = again(caller, "multiple_inputs", some, rest)
    assert answer.result["resultType"] == "complete" and "Alice" in answer.text


@requirement("input-required-result-multi-round", "M-27")
def test_one_question_after_the_other(caller: PerRequest) -> None:
    first = ask(caller, "multi_round")
    assert "name" in elicited(first, "step1")
    second = again(caller, "multi_round", first, {"step1": accept(name="Alice")}).result
    assert second["resultType"] == "input_required" and set(second["inputRequests"]) == {"step2"}
    assert "color" in elicited(second, "step2")
    assert second["requestState"] != first["requestState"]
    answer = again(caller, "multi_round", second, {"step2": accept(color="blue")})
    assert answer.result["resultType"] == "complete"
    assert "Alice" in answer.text and "blue" in answer.text, "the first answer is still known in the third round"


@requirement("input-required-result-missing-input-response", "M-27")
def test_wrong_keys_are_asked_again(caller: PerRequest) -> None:
    asked = ask(caller, "elicitation")
    for responses in ({"wrong_key": accept(name="Alice")}, {}):
        result = again(caller, "elicitation", asked, responses).result
        assert result["resultType"] == "input_required" and set(result["inputRequests"]) == {"user_name"}


@requirement("input-required-result-non-tool-request", "M-27")
def test_a_prompt_may_ask(caller: PerRequest) -> None:
    params = {"name": PREFIX + "prompt"}
    asked = caller.request("prompts/get", params).result
    assert asked["resultType"] == "input_required"
    assert elicited(asked, "user_context")["context"]["type"] == "string"
    answer = caller.retry("prompts/get", params, asked, {"user_context": accept(context="testing")})
    assert answer.result["resultType"] == "complete" and answer.result["messages"]


@requirement("input-required-result-result-type", "M-26", "H-89")
def test_the_type_of_a_result_is_always_there(caller: PerRequest) -> None:
    asked = ask(caller, "elicitation")
    assert not {"content", "ttlMs", "cacheScope", "isError"} & set(asked), "nothing to keep, nothing of a tool's result"
    assert again(caller, "elicitation", asked, {"user_name": accept(name="A")}).result["resultType"] == "complete"


@requirement("input-required-result-unsupported-methods", "M-27")
@pytest.mark.parametrize("method", ["tools/list", "prompts/list", "resources/list", "server/discover"])
def test_lists_never_ask(caller: PerRequest, method: str) -> None:
    result = caller.request(method, {"inputResponses": {}, "requestState": "none"}).result
    assert result["resultType"] == "complete"


@requirement("input-required-result-tampered-state", "S-20", "M-31")
def test_a_state_that_was_altered_is_refused(caller: PerRequest) -> None:
    asked = ask(caller, "tampered_state")
    state, key = asked["requestState"], next(iter(asked["inputRequests"]))
    middle = len(state) // 2
    swapped = "A" if state[middle] != "A" else "B"
    for altered in (
        state + "-TAMPERED", state[:-1], state[1:], state[:middle] + swapped + state[middle + 1 :],
        "", "state", state + state, "☃", "A" * 100_000,
    ):  # fmt: skip
        answer = again(caller, "tampered_state", {"requestState": altered}, {key: accept(ok=True)})
        assert answer.error["code"] == -32602, answer.message
    assert again(caller, "tampered_state", asked, {key: accept(ok=True)}).result["resultType"] == "complete"


@requirement("M-31")
@pytest.mark.parametrize("state", [7, {}, ["x"], True])
def test_a_state_that_is_no_text_is_invalid(caller: PerRequest, state: Any) -> None:
    params = {"name": PREFIX + "request_state", "arguments": {}, "requestState": state, "inputResponses": {}}
    assert caller.request("tools/call", params).error["code"] == -32602


@requirement("input-required-result-capability-check", "M-27")
def test_only_what_the_client_can_is_asked(server: Server) -> None:
    able = PerRequest(server, capabilities={"sampling": {}})
    asked = ask(able, "capabilities")
    methods = {request["method"] for request in asked["inputRequests"].values()}
    assert methods and "elicitation/create" not in methods


@requirement("H-81", "M-27")
@pytest.mark.parametrize(
    ("tool", "capabilities", "missing"),
    [
        ("elicitation", {}, {"elicitation": {}}),
        ("elicitation", {"sampling": {}}, {"elicitation": {}}),
        ("elicitation", {"elicitation": {"url": {}}}, {"elicitation": {"form": {}}}),
        ("sampling", {"elicitation": {}}, {"sampling": {}}),
        ("list_roots", {}, {"roots": {}}),
    ],
)
def test_a_question_that_the_client_cannot_answer_is_an_error(
    server: Server, tool: str, capabilities: dict[str, Any], missing: dict[str, Any]
) -> None:
    answer = PerRequest(server, capabilities=capabilities).call(PREFIX + tool, id="q").refused(400)
    assert answer.error["code"] == -32021 and answer.message["id"] == "q"
    required = answer.error["data"]["requiredCapabilities"]
    assert set(required) == set(missing), required


@requirement("M-24", "M-27")
def test_an_empty_elicitation_capability_means_forms(server: Server) -> None:
    for elicitation in ({}, {"form": {}}, {"form": {}, "url": {}}):
        able = PerRequest(server, capabilities={"elicitation": elicitation})
        assert set(ask(able, "elicitation")["inputRequests"]) == {"user_name"}


@requirement("input-required-result-ignore-extra-params", "M-27")
def test_extra_answers_are_passed_over(caller: PerRequest) -> None:
    asked = ask(caller, "elicitation")
    responses = {"user_name": accept(name="Alice"), "extra": accept(more=1), "other": sampled("x")}
    answer = again(caller, "elicitation", asked, responses)
    assert answer.text == "Hello, Alice!"


@requirement("input-required-result-validate-input", "M-28")
@pytest.mark.parametrize(
    "responses",
    [
        None, [], "yes", 5, {"user_name": 12345}, {"user_name": None}, {"user_name": []}, {"user_name": {}},
        {"user_name": {"action": "perhaps"}}, {"user_name": {"action": "accept", "content": "Alice"}},
        {"user_name": sampled("Alice")}, {"user_name": ROOTS},
    ],
)  # fmt: skip
def test_an_answer_of_the_wrong_shape_completes_nothing(caller: PerRequest, responses: Any) -> None:
    answer = again(caller, "elicitation", ask(caller, "elicitation"), responses)
    if "error" in answer.message:
        assert answer.error["code"] == -32602
    else:
        assert answer.result["resultType"] == "input_required"


@requirement("M-28")
@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_a_user_may_say_no(caller: PerRequest, action: str) -> None:
    answer = again(caller, "elicitation", ask(caller, "elicitation"), {"user_name": {"action": action}})
    assert answer.result["resultType"] == "complete"


@requirement("M-27", "H-87")
def test_a_retry_may_come_twice_and_with_any_id(caller: PerRequest) -> None:
    asked = ask(caller, "elicitation", id=1)
    for id in (1, 1, "another"):
        answer = again(caller, "elicitation", asked, {"user_name": accept(name="Alice")}, id=id)
        assert answer.text == "Hello, Alice!" and answer.message["id"] == id


@requirement("M-27")
def test_a_retry_need_not_come(caller: PerRequest) -> None:
    for _ in range(50):
        ask(caller, "multi_round")
    assert caller.call("test_simple_text").text


@requirement("M-27")
@pytest.mark.parametrize(
    "tool", ["elicitation", "sampling", "list_roots", "request_state", "multiple_inputs", "multi_round", "tampered_state"]
)
def test_every_tool_that_asks_comes_to_its_end(server: Server, tool: str) -> None:
    caller = PerRequest(server, capabilities=EVERYTHING)
    answer, rounds = caller.converse("tools/call", {"name": PREFIX + tool, "arguments": {}}, user)
    assert answer.text and rounds
    assert len({asked.get("requestState") for asked in rounds}) == len(rounds)
