"""The official suite's scenarios for the tasks extension (§4.6): a call that goes on after its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from conversation import Answer
from per_request import EVERYTHING, TASKS, PerRequest, accept
from requirement import requirement
from server import Server, eventually

SERVER = "everything"
ABLE = {**EVERYTHING, "extensions": {TASKS: {}}}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
NEVER = {"ttl", "pollInterval", "task", "requestState"}
ENDED = ("completed", "failed", "cancelled")
MISSING = {"requiredCapabilities": {"extensions": {TASKS: {}}}}


@pytest.fixture
def caller(server: Server) -> PerRequest:
    return PerRequest(server, capabilities=ABLE)


def create(caller: PerRequest, tool: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    result = caller.call(tool, arguments).result
    check_fields(result, "task")
    assert not {"result", "error", "inputRequests"} & set(result), result
    return result


def check_fields(task: dict[str, Any], kind: str) -> None:
    assert task["resultType"] == kind and isinstance(task["taskId"], str) and task["taskId"]
    assert task["status"] in ("working", "input_required", *ENDED)
    assert TIME.fullmatch(task["createdAt"]) and TIME.fullmatch(task["lastUpdatedAt"])
    assert task["ttlMs"] is None or type(task["ttlMs"]) is int and task["ttlMs"] > 0
    if "pollIntervalMs" in task:
        assert type(task["pollIntervalMs"]) is int and task["pollIntervalMs"] > 0
    assert not NEVER & set(task), task


def get(caller: PerRequest, task: dict[str, Any]) -> dict[str, Any]:
    result = caller.request("tasks/get", {"taskId": task["taskId"]}).result
    check_fields(result, "complete")
    assert result["taskId"] == task["taskId"] and result["createdAt"] == task["createdAt"]
    assert ("result" in result) == (result["status"] == "completed")
    assert ("error" in result) == (result["status"] == "failed")
    assert ("inputRequests" in result) == (result["status"] == "input_required")
    return result


def until(caller: PerRequest, task: dict[str, Any], done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = get(caller, task)
        return found if done(found) else None

    found = eventually(look, 5, "the task gets there")
    assert found is not None
    return found


def ended(caller: PerRequest, task: dict[str, Any]) -> dict[str, Any]:
    return until(caller, task, lambda found: found["status"] in ENDED)


def update(caller: PerRequest, task: dict[str, Any], responses: dict[str, Any]) -> None:
    result = caller.request("tasks/update", {"taskId": task["taskId"], "inputResponses": responses}).result
    assert {key: value for key, value in result.items() if key != "_meta"} == {"resultType": "complete"}


def cancel(caller: PerRequest, task: dict[str, Any]) -> None:
    result = caller.request("tasks/cancel", {"taskId": task["taskId"]}).result
    assert {key: value for key, value in result.items() if key != "_meta"} == {"resultType": "complete"}


@requirement("tasks-lifecycle", "M-40")
def test_a_task_is_there_at_once_and_comes_to_its_end(caller: PerRequest) -> None:
    task = create(caller, "slow_compute", {"seconds": 1, "label": "first"})
    assert get(caller, task)["status"] == "working"
    done = ended(caller, task)
    assert done["status"] == "completed"
    assert done["result"]["content"] and "io.modelcontextprotocol/related-task" not in done["result"].get("_meta", {})
    assert get(caller, task) == done, "an ended task stays as it is"


@requirement("tasks-lifecycle")
def test_a_task_is_cancelled_once_and_for_all(caller: PerRequest) -> None:
    task = create(caller, "slow_compute", {"seconds": 60, "label": "long"})
    cancel(caller, task)
    assert ended(caller, task)["status"] == "cancelled"
    cancel(caller, task)
    assert get(caller, task)["status"] == "cancelled"


@requirement("tasks-lifecycle")
def test_cancelling_a_task_that_has_ended_changes_nothing(caller: PerRequest) -> None:
    result = caller.call("slow_compute", {"seconds": 0, "label": "now"}).result
    if result["resultType"] == "task":
        done = ended(caller, result)
        cancel(caller, result)
        assert get(caller, result) == done


@requirement("tasks-lifecycle")
def test_a_tool_that_fails_completes_and_a_protocol_error_fails(caller: PerRequest) -> None:
    failing = ended(caller, create(caller, "failing_job"))
    assert failing["status"] == "completed" and failing["result"]["isError"] is True
    broken = ended(caller, create(caller, "protocol_error_job"))
    assert broken["status"] == "failed" and "result" not in broken
    assert type(broken["error"]["code"]) is int and broken["error"]["message"]


@requirement("tasks-capability-negotiation", "M-24")
def test_the_extension_is_offered_and_has_to_be_taken(caller: PerRequest, server: Server) -> None:
    capabilities = caller.request("server/discover").result["capabilities"]
    assert capabilities["extensions"][TASKS] == {} and "tasks" not in capabilities
    unable = PerRequest(server, capabilities=EVERYTHING)
    task = create(caller, "slow_compute", {"seconds": 60, "label": "x"})
    for method in ("tasks/get", "tasks/update", "tasks/cancel"):
        refused = unable.request(method, {"taskId": task["taskId"], "inputResponses": {}}, id=1).refused(400)
        assert refused.error["code"] == -32021 and refused.error["data"] == MISSING
    cancel(caller, task)
    result = unable.call("slow_compute", {"seconds": 0, "label": "sync"}).result
    assert result["resultType"] == "complete" and result["content"]


@requirement("tasks-wire-fields", "M-42")
def test_a_task_has_its_fields_and_no_others(caller: PerRequest) -> None:
    result = caller.call("slow_compute", {"seconds": 1, "label": "fields"}).result
    known = {"resultType", "taskId", "status", "statusMessage", "createdAt", "lastUpdatedAt", "ttlMs", "pollIntervalMs"}
    assert set(result) <= known | {"_meta", "content"}
    assert result.get("content", []) == []
    check_fields(result, "task")
    done = ended(caller, result)
    assert set(done) <= known | {"_meta", "result"}


@requirement("tasks-request-state-removal")
def test_a_task_has_no_request_state(caller: PerRequest) -> None:
    task = create(caller, "confirm_delete", {"filename": "state.txt"})
    assert "requestState" not in task
    waiting = until(caller, task, lambda found: found["status"] == "input_required")
    assert "requestState" not in waiting
    cancel(caller, task)


@requirement("tasks-mrtr-input", "M-40")
def test_a_task_asks_and_is_answered(caller: PerRequest) -> None:
    task = create(caller, "confirm_delete", {"filename": "old.txt"})
    waiting = until(caller, task, lambda found: found["status"] == "input_required")
    ((key, request),) = waiting["inputRequests"].items()
    assert request["method"] == "elicitation/create" and "confirm" in request["params"]["requestedSchema"]["properties"]
    update(caller, task, {"unknown": accept(confirm=True)})
    assert set(get(caller, task)["inputRequests"]) == {key}
    update(caller, task, {key: accept(confirm=True)})
    done = ended(caller, task)
    assert done["status"] == "completed" and done["result"]["content"]


@requirement("tasks-mrtr-input")
def test_a_task_asks_two_things_at_once(caller: PerRequest) -> None:
    task = create(caller, "multi_input")
    waiting = until(caller, task, lambda found: len(found.get("inputRequests", {})) == 2)
    first, second = waiting["inputRequests"]
    answers = {
        key: accept(**{name: "x" if schema["type"] == "string" else True for name, schema in properties.items()})
        for key, properties in (
            (key, request["params"]["requestedSchema"]["properties"])
            for key, request in waiting["inputRequests"].items()
        )
    }
    update(caller, task, {first: answers[first]})
    left = until(caller, task, lambda found: set(found.get("inputRequests", {})) == {second})
    assert left["status"] == "input_required"
    update(caller, task, {second: answers[second]})
    assert ended(caller, task)["status"] == "completed"


@requirement("tasks-request-headers", "H-73")
@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
def test_the_headers_of_tasks_must_agree(caller: PerRequest, method: str) -> None:
    task = create(caller, "slow_compute", {"seconds": 60, "label": "headers"})
    params = {"taskId": task["taskId"], "inputResponses": {}}
    for headers in ({"Mcp-Method": "tasks/other"}, {"Mcp-Name": "another"}, {"Mcp-Name": None}, {"Mcp-Method": None}):
        refused = caller.request(method, params, id=2, headers=headers).refused(400)
        assert refused.error["code"] == -32020 and refused.message["id"] == 2
    assert get(caller, task)["status"] == "working"
    cancel(caller, task)


@requirement("tasks-dispatch-and-envelope", "M-41")
def test_unknown_tasks_and_methods(caller: PerRequest) -> None:
    for method in ("tasks/get", "tasks/update", "tasks/cancel"):
        answer = caller.request(method, {"taskId": "no-such-task", "inputResponses": {}})
        assert answer.error["code"] == -32602
    for method in ("tasks/result", "tasks/list"):
        assert caller.request(method, {"taskId": "x"}).refused(404).error["code"] == -32601


@requirement("tasks-dispatch-and-envelope", "B-84")
def test_what_is_quick_stays_a_plain_answer(caller: PerRequest) -> None:
    params = {"name": "greet", "arguments": {"name": "World"}}
    for more in ({}, {"task": {"ttl": 60_000}}):
        answer = caller.request("tools/call", {**params, **more})
        assert answer.result["resultType"] == "complete" and answer.text == "Hello, World!"


@requirement("tasks-status-notifications", "M-29")
def test_a_subscription_to_tasks_is_acknowledged_and_tells_no_lies(caller: PerRequest) -> None:
    task = create(caller, "slow_compute", {"seconds": 1, "label": "told"})
    subscription = caller.listen({"taskIds": [task["taskId"]], "toolsListChanged": True})
    if subscription.granted.get("taskIds"):
        while (told := subscription.message())["params"].get("status") not in ENDED:
            assert (told["method"], told["params"]["taskId"]) == ("notifications/tasks", task["taskId"])
    assert ended(caller, task)["status"] == "completed"
    subscription.close()


@requirement("tasks-required-task-error", "H-81")
def test_a_tool_that_must_be_a_task_needs_the_extension(server: Server) -> None:
    for tool in ("failing_job", "test_tool_with_task"):
        answer: Answer = PerRequest(server, capabilities=EVERYTHING).call(tool, id="r").refused(400)
        assert answer.error["code"] == -32021 and answer.error["data"] == MISSING and answer.message["id"] == "r"


@requirement("tasks-mrtr-composition", "M-40")
def test_questions_come_before_the_task(caller: PerRequest) -> None:
    params = {"name": "test_tool_with_task", "arguments": {}}
    asked = caller.request("tools/call", params).result
    assert asked["resultType"] == "input_required" and "taskId" not in asked
    (key,) = asked["inputRequests"]
    task = caller.retry("tools/call", params, asked, {key: accept(name="Alice")}).result
    check_fields(task, "task")
    done = ended(caller, task)
    assert done["status"] == "completed" and "Alice" in done["result"]["content"][0]["text"]
