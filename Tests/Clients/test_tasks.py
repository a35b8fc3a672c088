"""Tasks over the wire, beyond what the official suite looks at: whose they are, and what outlives a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conversation import Answer
from per_request import EVERYTHING, TASKS, PerRequest
from requirement import requirement
from server import Server, eventually

ABLE = {**EVERYTHING, "extensions": {TASKS: {}}}
METHODS = ["tasks/get", "tasks/update", "tasks/cancel"]


def able(server: Server, key: str | None = None) -> PerRequest:
    return PerRequest(server, capabilities=ABLE, key=key)


def dig(caller: PerRequest, name: str) -> str:
    """The id of a task that goes on until the gate of that name is opened."""
    result = caller.call("dig", {"name": name}).result
    assert result["resultType"] == "task" and result["status"] == "working"
    return str(result["taskId"])


def ask(caller: PerRequest, method: str, task: str) -> Answer:
    return caller.request(method, {"taskId": task, "inputResponses": {}}, id="t")


def state(caller: PerRequest, task: str) -> dict[str, Any]:
    return ask(caller, "tasks/get", task).result


def ended(caller: PerRequest, task: str) -> dict[str, Any]:
    found = eventually(lambda: one if (one := state(caller, task))["status"] != "working" else None)
    assert found is not None
    return found


@requirement("M-41")
def test_a_task_is_there_for_its_caller_and_for_nobody_else(make_server: Callable[..., Server]) -> None:
    server = make_server()
    mine, theirs = server.add_key("mine"), server.add_key("theirs")
    server.start()
    me, they = able(server, mine), able(server, theirs)
    task = dig(me, "whose")
    nowhere = task[:-1] + ("0" if task[-1] != "0" else "1")
    for method in METHODS:
        another, none = ask(they, method, task), ask(they, method, nowhere)
        assert another.error["code"] == -32602 and another.status == none.status
        assert another.body.replace(task.encode(), b"") == none.body.replace(nowhere.encode(), b""), "the same words"
    subscription = they.listen({"taskIds": [task]})
    assert not subscription.granted.get("taskIds")
    subscription.close()
    assert state(me, task)["status"] == "working", "nobody has cancelled it"
    # The same person in another way.
    assert state(able(server, mine), task)["status"] == "working"
    me.call("open", {"name": "whose"})
    assert ended(me, task)["result"]["content"][0]["text"] == "dug at whose"


@requirement("M-42")
@pytest.mark.parametrize(("way", "word"), [("kill", "restarted"), ("stop", "stopped")])
def test_a_task_that_the_server_did_not_finish_has_failed_and_says_why(
    make_server: Callable[..., Server], way: str, word: str
) -> None:
    server = make_server("--shutdown-grace", "1s").start()
    caller = able(server)
    done, task = dig(caller, "done"), dig(caller, "never")
    caller.call("open", {"name": "done"})
    result = ended(caller, done)
    assert result["status"] == "completed"
    if way == "kill":
        server.restart()
    else:
        assert server.stop() == 0
        server.start()
    failed = state(caller, task)
    assert failed["status"] == "failed" and "result" not in failed
    assert failed["error"]["code"] == -32603 and word in failed["error"]["message"]
    assert ask(caller, "tasks/cancel", task).result["resultType"] == "complete"
    assert state(caller, task) == failed, "it stays as it is"
    assert state(caller, done) == result, "what was finished is still there"


@requirement("M-42")
def test_a_task_is_forgotten_when_its_time_is_over(make_server: Callable[..., Server]) -> None:
    server = make_server("--task-ttl", "1s").start()
    caller = able(server)
    done, running = dig(caller, "soon"), dig(caller, "late")
    caller.call("open", {"name": "soon"})
    for task in (done, running):
        eventually(lambda task=task: "error" in ask(caller, "tasks/get", task).message, 5, "the task expires")
        assert ask(caller, "tasks/get", task).error["code"] == -32602


@requirement("M-40")
def test_leaving_the_call_does_not_end_the_task(server: Server) -> None:
    caller = able(server)
    task = dig(caller, "alone")
    assert state(caller, task)["status"] == "working"
    caller.call("open", {"name": "alone"})
    assert ended(caller, task)["status"] == "completed"
