"""Parameters that a client repeats in headers, for those who route by them: both must say the same (H-75, H-76)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversation import Client
from per_request import PerRequest, sentinel
from requirement import requirement
from server import Server

ABSENT: Any = None


def place(region: Any) -> dict[str, Any]:
    return {"place": {"region": region}}


AGREE: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {}),
    ({"plain": "not annotated"}, {}),
    ({"text": "us-west1"}, {"Text": "us-west1"}),
    ({"text": ""}, {"Text": ""}),
    ({"text": "grüße"}, {"Text": sentinel("grüße")}),
    ({"text": "plain too"}, {"Text": sentinel("plain too")}),
    ({"text": "42"}, {"Text": "42"}),
    ({"text": None}, {}),
    ({"count": 42}, {"Count": "42"}),
    ({"count": 42}, {"Count": "42.0"}),
    ({"count": -7}, {"Count": "-7"}),
    ({"count": 0}, {"Count": "0"}),
    ({"count": 2**53 - 1}, {"Count": str(2**53 - 1)}),
    ({"flag": True}, {"Flag": "true"}),
    ({"flag": False}, {"Flag": "false"}),
    (place("eu"), {"Place-Region": "eu"}),
    (place(None), {}),
    ({"place": None}, {}),
    ({"place": {}}, {}),
    ({"text": "t", "count": 1, "flag": True, **place("eu")},
     {"Text": "t", "Count": "1", "Flag": "true", "Place-Region": "eu"}),
    ({"text": "t"}, {"Text": "t", "Unheard": "of"}),
]  # fmt: skip

DIFFER: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"text": "us-west1"}, {}),
    ({"text": "us-west1"}, {"Text": "us-west2"}),
    ({"text": "us-west1"}, {"Text": "US-WEST1"}),
    ({"text": "us-west1"}, {"Text": ""}),
    ({"text": ""}, {}),
    ({"text": "Hello"}, {"Text": "=?base64?SGVsbG8?="}),
    ({"text": "Hello"}, {"Text": "=?base64?SGVs!!!bG8=?="}),
    ({"text": "grüße"}, {"Text": "grüße"}),
    ({}, {"Text": "stray"}),
    ({"text": None}, {"Text": "null"}),
    ({"text": None}, {"Text": ""}),
    ({"count": 42}, {}),
    ({"count": 42}, {"Count": "43"}),
    ({"count": 42}, {"Count": "forty-two"}),
    ({"count": 42}, {"Count": "0x2a"}),
    ({"count": 2**53 - 1}, {"Count": str(2**53 - 2)}),
    ({"flag": True}, {"Flag": "True"}),
    ({"flag": True}, {"Flag": "1"}),
    ({"flag": False}, {"Flag": "true"}),
    ({"flag": False}, {}),
    (place("eu"), {}),
    (place("eu"), {"Place-Region": "us"}),
    ({"place": {}}, {"Place-Region": "eu"}),
]


def headers(parameters: dict[str, str]) -> dict[str, str | None]:
    return {f"Mcp-Param-{name}": value for name, value in parameters.items()}


@requirement("H-76", "H-75")
@pytest.mark.parametrize(("arguments", "parameters"), AGREE)
def test_headers_that_agree_let_the_call_through(
    caller: PerRequest, arguments: dict[str, Any], parameters: dict[str, str]
) -> None:
    assert json.loads(caller.call("mirror", arguments, headers=headers(parameters)).text) == arguments


@requirement("H-76", "H-75", "H-82")
@pytest.mark.parametrize(("arguments", "parameters"), DIFFER)
def test_headers_that_do_not_agree_are_refused(
    caller: PerRequest, arguments: dict[str, Any], parameters: dict[str, str]
) -> None:
    latin = {name: value.encode().decode("latin-1") for name, value in parameters.items()}
    answer = caller.call("mirror", arguments, id="m", headers=headers(latin)).refused(400)
    assert (answer.error["code"], answer.message["id"]) == (-32020, "m")


@requirement("H-76", "H-74")
def test_header_names_of_parameters_have_no_case(caller: PerRequest) -> None:
    for name in ("mcp-param-text", "MCP-PARAM-TEXT"):
        assert caller.call("mirror", {"text": "x"}, headers={name: "x"}).text


@requirement("H-76", "H-74")
def test_a_parameter_header_that_comes_twice_is_refused(caller: PerRequest) -> None:
    lines = [("Mcp-Param-Text", "x"), ("Mcp-Param-Text", "x")]
    assert caller.call("mirror", {"text": "x"}, lines=lines).refused(400).error["code"] == -32020


@requirement("H-76")
def test_a_client_that_has_learned_the_list_repeats_what_it_must(caller: PerRequest) -> None:
    caller.learn()
    assert len(caller.annotations["mirror"]) == 4
    arguments = {"text": "grüße ☃", "count": 7, "flag": False, **place(" eu ")}
    assert json.loads(caller.call("mirror", arguments).text) == arguments


@requirement("H-76", "B-102")
def test_a_session_has_no_such_headers(server: Server) -> None:
    client = Client(server).open()
    assert json.loads(client.call("mirror", {"text": "x", "count": 1}).text) == {"text": "x", "count": 1}
    strays = {"Mcp-Param-Text": "something else", "Mcp-Method": "no/such", "Mcp-Name": "nobody"}
    assert client.call("mirror", {"text": "x"}, headers=strays).text


@requirement("H-76")
def test_only_the_called_tool_has_a_say(caller: PerRequest) -> None:
    assert caller.call("echo", {"text": "x"}, headers={"Mcp-Param-Text": "something else"}).text == "x"
    unknown = caller.call("no_such_tool", {"text": "x"}, headers={"Mcp-Param-Text": "y"})
    assert unknown.error["code"] == -32602
