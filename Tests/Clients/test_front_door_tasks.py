"""Holdfast in front of servers that run tools as tasks only, for clients that know tasks and for those that do not (§4.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conversation import Client
from per_request import EVERYTHING as ABLE
from per_request import TASKS, PerRequest, accept
from requirement import requirement
from server import Server, eventually
from test_questions import question, respond
from upstream import KINDS, SESSION, Kind, Remote, python

Maker = Callable[..., Server]

TASK_SERVER = Kind("python 1.27, tasks", SESSION, "http", python("mcp1", "tasks_of_sessions.py"))
WHO = accept(name="Alice")


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest, make_server: Maker, tmp_path: Path) -> Iterator[Server]:
    if request.param == "stdio":
        yield make_server("--", *TASK_SERVER.stdio, kind="product").start()
        return
    remote = Remote(TASK_SERVER, tmp_path / "remote").start()
    try:
        yield make_server("--upstream", remote.url, kind="product").start()
    finally:
        remote.kill()


def opened(server: Server) -> Client:
    client = Client(server, capabilities=ABLE).open()
    eventually(lambda: client.list_tools().result["tools"], 20, "the tools are there")
    return client


@requirement("B-83")
def test_a_client_that_knows_no_tasks_gets_the_result(server: Server) -> None:
    client = opened(server)
    answer = client.call("work", {})
    assert answer.text == "worked"
    assert "io.modelcontextprotocol/related-task" not in str(answer.result)
    failed = client.call("fail", {}).result
    assert failed["isError"] is True and failed["content"][0]["text"] == "It cannot be done"


@requirement("B-82")
def test_a_task_asks_the_client_in_the_middle_of_its_call(server: Server) -> None:
    client = opened(server)
    call = client.begin("tools/call", {"name": "ask", "arguments": {}})
    asked = question(call)
    assert asked["method"] == "elicitation/create" and asked["params"]["message"] == "Who are you?"
    respond(client, asked, WHO)
    assert call.finish().text == "Hello, Alice!"


@requirement("B-82")
def test_a_task_asks_a_client_that_comes_back(server: Server) -> None:
    opened(server)
    caller = PerRequest(server)
    first = caller.call("ask", {}).result
    assert first["resultType"] == "input_required", first
    (key,) = first["inputRequests"]
    second = caller.request(
        "tools/call",
        {"name": "ask", "arguments": {}, "inputResponses": {key: WHO}, "requestState": first["requestState"]},
    )
    assert second.text == "Hello, Alice!"


@requirement("B-81", "B-85")
def test_a_client_that_knows_tasks_gets_one_of_ours(server: Server) -> None:
    opened(server)
    caller = PerRequest(server, capabilities={**ABLE, "extensions": {TASKS: {}}})

    def state() -> dict[str, Any]:
        return caller.request("tasks/get", {"taskId": task}).result

    task = caller.call("ask", {}).result["taskId"]
    waiting = eventually(lambda: one if (one := state())["status"] == "input_required" else None)
    assert waiting is not None
    (key,) = waiting["inputRequests"]
    caller.request("tasks/update", {"taskId": task, "inputResponses": {key: WHO}})
    done = eventually(lambda: one if (one := state())["status"] == "completed" else None)
    assert done is not None
    assert done["result"]["content"][0]["text"] == "Hello, Alice!"
    failed = caller.call("fail", {}).result["taskId"]
    ended = eventually(
        lambda: one if (one := caller.request("tasks/get", {"taskId": failed}).result)["status"] != "working" else None
    )
    assert ended is not None and ended["status"] == "completed" and ended["result"]["isError"] is True


@requirement("B-82")
def test_who_cancels_the_call_cancels_the_task(server: Server) -> None:
    client = opened(server)
    call = client.begin("tools/call", {"name": "wait", "arguments": {}})
    server.wait_in_flight(1)
    client.notify("notifications/cancelled", {"requestId": call.request_id})
    eventually(lambda: client.call("cancelled", {}).text == "1", 10, "the task was cancelled")


@requirement("B-84")
def test_a_server_that_insists_on_tasks_is_polled(make_server: Maker) -> None:
    ours = KINDS["everything, stdio"]
    server = make_server("--", *ours.stdio, kind="product").start()
    client = opened(server)
    failed = client.call("failing_job", {}).result
    assert failed["isError"] is True and "as it always does" in failed["content"][0]["text"]
    call = client.begin("tools/call", {"name": "test_tool_with_task", "arguments": {}})
    respond(client, question(call), WHO)
    assert call.finish().text == "Worked for Alice."
