"""Sending the person to a page, for what must not pass through the client (elicitation in url mode; M-02, M-27)."""

from __future__ import annotations

from typing import Any

import pytest

from conversation import Client
from per_request import PerRequest
from requirement import requirement
from server import Server

VISIT = {"name": "visit"}
ABLE = {"elicitation": {"url": {}}}
ACTIONS = ["accept", "decline", "cancel"]


def check(request: dict[str, Any]) -> None:
    assert request["method"] == "elicitation/create"
    params = request["params"]
    assert (params["mode"], params["url"]) == ("url", "https://example.com/sign-in?x=1")
    assert params["message"] == "Please sign in" and "requestedSchema" not in params


@requirement("B-40", "H-54")
@pytest.mark.parametrize("action", ACTIONS)
def test_in_a_session_the_page_is_a_question_on_the_stream(server: Server, action: str) -> None:
    client = Client(server, capabilities=ABLE).open()
    answer, asked = client.converse("tools/call", VISIT, lambda _: {"action": action})
    assert len(asked) == 1 and asked[0]["params"]["elicitationId"] == "visit-1"
    check(asked[0])
    assert answer.text == action


@requirement("M-27", "M-28")
@pytest.mark.parametrize("action", ACTIONS)
def test_per_request_the_page_is_the_result(server: Server, action: str) -> None:
    caller = PerRequest(server, capabilities=ABLE)
    answer, rounds = caller.converse("tools/call", VISIT, lambda *_: {"action": action})
    assert len(rounds) == 1
    for request in rounds[0]["inputRequests"].values():
        check(request)
    assert answer.text == action


@requirement("M-02", "H-81")
@pytest.mark.parametrize("elicitation", [{}, {"form": {}}])
def test_who_can_only_fill_in_forms_is_sent_nowhere(server: Server, elicitation: dict[str, Any]) -> None:
    wanted = {"requiredCapabilities": {"elicitation": {"url": {}}}}
    session = Client(server, capabilities={"elicitation": elicitation}).open().request("tools/call", VISIT)
    alone = PerRequest(server, capabilities={"elicitation": elicitation}).request("tools/call", VISIT)
    for answer in (session, alone):
        assert answer.error["code"] == -32021 and answer.error["data"] == wanted


@requirement("M-02", "M-14")
@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18"])
def test_no_older_version_is_sent_anywhere(server: Server, version: str) -> None:
    client = Client(server, version, capabilities=ABLE).open()
    answer, asked = client.converse("tools/call", VISIT, lambda _: {"action": "accept"})
    assert asked == [] and answer.error["code"] == -32600 and version in answer.error["message"]
