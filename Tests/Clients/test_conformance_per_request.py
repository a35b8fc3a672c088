"""The official suite's scenarios that only the per-request wire has: `server-stateless` and those about headers (§4.1, §4.5)."""

from __future__ import annotations

from typing import Any

import pytest

from conversation import MODERN, Answer
from per_request import CAPABILITIES, CLIENT, LOG_LEVEL, SERVER as SERVER_INFO, VERSION, PerRequest
from requirement import requirement
from server import Server
from wire import Late

SERVER = "everything"
ABSENT: Any = None
STATELESS = requirement("server-stateless")
HEADERS = requirement("http-header-validation")
PARAMETERS = requirement("http-custom-header-server-validation", "H-75", "H-76")


@pytest.fixture
def caller(server: Server) -> PerRequest:
    return PerRequest(server, capabilities={})


def refused(answer: Answer, status: int, code: int, id: Any) -> dict[str, Any]:
    error = answer.refused(status).error
    assert error["code"] == code and answer.message["id"] == id, answer.message
    return error


# server-stateless


@STATELESS
def test_metadata_is_required(caller: PerRequest) -> None:
    bare = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {}}
    refused(caller.post(bare), 400, -32602, 1)
    for key in (VERSION, CAPABILITIES):
        refused(caller.request("server/discover", id=2, meta={key: ABSENT}), 400, -32602, 2)
    assert caller.request("server/discover", meta={CLIENT: ABSENT}).result


@STATELESS
def test_discover(caller: PerRequest) -> None:
    result = caller.request("server/discover").result
    assert MODERN in result["supportedVersions"]
    info = result["_meta"][SERVER_INFO]
    assert info["name"] and info["version"]
    assert result["resultType"] == "complete" and type(result["ttlMs"]) is int and result["cacheScope"]
    capabilities = result["capabilities"]
    assert capabilities["tools"]["listChanged"] is True and capabilities["prompts"]["listChanged"] is True
    assert "tools" in caller.request("tools/list").result
    assert "prompts" in caller.request("prompts/list").result


@STATELESS
def test_versions_that_are_not_spoken(caller: PerRequest) -> None:
    supported = caller.request("server/discover").result["supportedVersions"]
    error = refused(caller.request("server/discover", id=3, meta={VERSION: "v999.0.0"}), 400, -32022, 3)
    assert error["data"]["requested"] == "v999.0.0"
    assert error["data"]["supported"] and set(error["data"]["supported"]) <= set(supported)
    other = {"MCP-Protocol-Version": MODERN}
    refused(caller.request("server/discover", id=4, meta={VERSION: "v999.0.0"}, headers=other), 400, -32020, 4)


@STATELESS
@pytest.mark.parametrize(
    "method",
    ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "unknown/method"],
)
def test_methods_that_are_not_there(caller: PerRequest, method: str) -> None:
    refused(caller.request(method, id=5), 404, -32601, 5)


@STATELESS
def test_a_capability_that_is_missing(caller: PerRequest) -> None:
    error = refused(caller.call("test_missing_capability", id=6), 400, -32021, 6)
    assert error["data"] == {"requiredCapabilities": {"sampling": {}}}
    able = PerRequest(caller.server, capabilities={"sampling": {}})
    assert able.call("test_missing_capability").result


@STATELESS
def test_no_request_comes_from_the_server(server: Server) -> None:
    caller = PerRequest(server, capabilities={"elicitation": {}})
    answer = caller.begin_call("test_streaming_elicitation").finish(timeout=0.6)
    assert "result" in answer.message
    assert [note for note in answer.notifications if "id" in note] == []


@STATELESS
def test_nothing_is_logged_unasked(caller: PerRequest) -> None:
    assert caller.call("test_logging_tool").notifications == []
    loud = caller.call("test_logging_tool", meta={LOG_LEVEL: "debug"})
    assert loud.result and "notifications/message" in [note["method"] for note in loud.notifications]


@STATELESS
@pytest.mark.parametrize(
    ("filters", "trigger", "notification"),
    [
        ({"toolsListChanged": True}, "test_trigger_tool_change", "notifications/tools/list_changed"),
        ({"promptsListChanged": True}, "test_trigger_prompt_change", "notifications/prompts/list_changed"),
    ],
)
def test_a_subscription_hears_its_change(
    caller: PerRequest, filters: dict[str, Any], trigger: str, notification: str
) -> None:
    subscription = caller.listen(filters)
    assert subscription.granted == filters
    assert caller.call(trigger).result
    assert subscription.message(0.8)["method"] == notification
    subscription.close()


@STATELESS
def test_a_subscription_hears_no_other_change(caller: PerRequest) -> None:
    prompts = caller.listen({"promptsListChanged": True})
    tools = caller.listen({"toolsListChanged": True})
    assert caller.call("test_trigger_tool_change").result
    assert tools.message(0.8)["method"] == "notifications/tools/list_changed"
    with pytest.raises(Late):
        prompts.message(0.3)
    for subscription in (tools, prompts):
        subscription.close()


# http-header-validation


def first_tool(caller: PerRequest) -> str:
    return str(caller.request("tools/list").result["tools"][0]["name"])


@HEADERS
def test_the_first_tool_takes_no_arguments(caller: PerRequest) -> None:
    answer = caller.call(first_tool(caller))
    assert "result" in answer.message and not answer.result.get("isError")


@HEADERS
@pytest.mark.parametrize("value", [ABSENT, "prompts/list", "TOOLS/LIST"])
def test_the_method_header(caller: PerRequest, value: Any) -> None:
    refused(caller.request("tools/list", id=7, headers={"Mcp-Method": value}), 400, -32020, 7)


@HEADERS
@pytest.mark.parametrize("value", [ABSENT, "another_tool"])
def test_the_name_header(caller: PerRequest, value: Any) -> None:
    refused(caller.call(first_tool(caller), id=8, headers={"Mcp-Name": value}), 400, -32020, 8)


@HEADERS
@pytest.mark.parametrize("name", ["mcp-method", "MCP-METHOD"])
def test_header_names_have_no_case(caller: PerRequest, name: str) -> None:
    assert caller.request("tools/list", headers={"Mcp-Method": ABSENT, name: "tools/list"}).result


@HEADERS
def test_blanks_around_the_name_do_not_count(caller: PerRequest) -> None:
    name = first_tool(caller)
    assert "error" not in caller.call(name, headers={"Mcp-Name": f"  {name}  "}).message


# http-custom-header-server-validation


def region_tool(caller: PerRequest) -> tuple[str, str]:
    for tool in caller.learn():
        for path, header in caller.annotations[tool["name"]]:
            if header == "Region" and len(path) == 1:
                assert set(tool["inputSchema"].get("required", [])) <= set(path)
                return tool["name"], path[0]
    raise AssertionError("no tool mirrors a parameter in Mcp-Param-Region")


def mirrored(caller: PerRequest, value: str, header: str | None) -> Answer:
    tool, argument = region_tool(caller)
    return caller.call(tool, {argument: value}, id=9, headers={"Mcp-Param-Region": header})


@PARAMETERS
@pytest.mark.parametrize(
    ("value", "header"),
    [
        ("us-west1", "us-west1"),
        ("Hello", "=?base64?SGVsbG8=?="),
        ("SGVsbG8=?=", "SGVsbG8=?="),
        ("=?base64?SGVsbG8=", "=?base64?SGVsbG8="),
        ("us-west1", "  us-west1 "),
    ],
)
def test_a_parameter_header_that_agrees(caller: PerRequest, value: str, header: str) -> None:
    assert "result" in mirrored(caller, value, header).message


@PARAMETERS
@pytest.mark.parametrize(
    ("value", "header"),
    [
        ("us-west1", "eu-central1"),
        ("us-west1", "US-WEST1"),
        ("us-west1", ABSENT),
        ("us-west1", ""),
        ("Hello", "=?base64?SGVsbG8?="),
        ("Hello", "=?base64?SGVs!!!bG8=?="),
        ("Hello", "=?base64?R29vZGJ5ZQ==?="),
    ],
)
def test_a_parameter_header_that_does_not_agree(caller: PerRequest, value: str, header: Any) -> None:
    refused(mirrored(caller, value, header), 400, -32020, 9)


@PARAMETERS
def test_a_parameter_header_without_its_parameter(caller: PerRequest) -> None:
    tool, argument = region_tool(caller)
    header = {"Mcp-Param-Region": "us-west1"}
    for arguments in ({}, {argument: None}):
        refused(caller.call(tool, arguments, id=9, headers=header), 400, -32020, 9)


@PARAMETERS
def test_a_header_of_no_parameter_is_passed_over(caller: PerRequest) -> None:
    tool, argument = region_tool(caller)
    headers = {"Mcp-Param-Region": "eu", "Mcp-Param-Unheard": "of"}
    assert "result" in caller.call(tool, {argument: "eu"}, headers=headers).message
