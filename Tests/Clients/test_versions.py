"""Versions, headers and shapes of messages: the cases E2, E3–E6, E9–E17, batches, and what each version is told."""

from __future__ import annotations

import json

import pytest

from conversation import BOTH, MODERN, NEWEST, VERSIONS, Client, modern_meta
from requirement import requirement
from server import Server

FLAGS = ["--json-wait", "300ms"]
CLAUDE = "Claude-User"


# E2: initialize


@requirement("E-20")
@pytest.mark.parametrize("version", VERSIONS)
def test_e2_a_known_version_comes_back(server: Server, version: str) -> None:
    result = Client(server, version).initialize().result
    assert result["protocolVersion"] == version
    assert result["capabilities"]["tools"] == {"listChanged": True}
    assert result["capabilities"]["logging"] == {}
    assert result["serverInfo"]["name"] and result["serverInfo"]["version"]


@requirement("E-20")
@pytest.mark.parametrize("version", ["2099-01-01", MODERN, "1999-12-31", "", "latest"])
def test_e2_an_unknown_version_is_answered_with_our_newest_of_the_era(server: Server, version: str) -> None:
    assert Client(server, version).initialize().result["protocolVersion"] == NEWEST


def test_e2_a_missing_version_is_no_server_error(server: Server) -> None:
    answer = Client(server).request("initialize", {"capabilities": {}, "clientInfo": {"name": "n", "version": "1"}})
    if "result" in answer.message:
        assert answer.result["protocolVersion"] == NEWEST
    else:
        assert answer.error["code"] == -32602


@requirement("H-45")
def test_e2_the_version_header_of_an_initialize_is_not_looked_at(server: Server) -> None:
    answer = Client(server, "2025-06-18").initialize(headers={"MCP-Protocol-Version": "2024-11-05"})
    assert answer.result["protocolVersion"] == "2025-06-18"


# E3–E7: version headers


def test_e3_a_modern_header_in_a_session_is_refused_except_for_the_client_known_to_send_it(server: Server) -> None:
    header = {"MCP-Protocol-Version": MODERN}
    plain = Client(server).open()
    # Row 10 of E-13: a modern header without the metadata that it announces.
    assert plain.list_tools(headers=header).refused(400).error["code"] == -32602
    known = Client(server, user_agent=CLAUDE).open()
    assert known.list_tools(headers=header).result["tools"]


def test_e4_a_modern_claim_under_an_old_header_is_served_for_the_client_known_to_send_it(server: Server) -> None:
    known = Client(server, user_agent=CLAUDE).open()
    quirks = server.total("quirk")
    answer = known.request("tools/list", {"_meta": modern_meta()})
    assert answer.result["tools"]
    assert server.total("quirk") == quirks + 1
    assert Client(server).open().request("tools/list", {"_meta": modern_meta()}).refused(400)


def with_lines(client: Client, *versions: str) -> int:
    """A tools/list whose version header comes as one line for each value."""
    lines = [(k, v) for k, v in client.headers().items() if k != "MCP-Protocol-Version"]
    lines += [("MCP-Protocol-Version", version) for version in versions]
    with client.server.connect() as connection:
        body = json.dumps(client.message("tools/list")).encode()
        return connection.request("POST", client.server.path, lines, body).status


def test_e5_a_repeated_version_header_counts_once(client: Client) -> None:
    assert with_lines(client, NEWEST, NEWEST) == 200
    assert with_lines(client, f"{NEWEST}, {NEWEST}") == 200


def test_e5_version_headers_that_differ_are_no_server_error(client: Client) -> None:
    assert with_lines(client, NEWEST, "2025-06-18") in (200, 400)
    assert with_lines(client, f"{NEWEST}, 2025-06-18") in (200, 400)
    assert with_lines(client, NEWEST) == 200


@requirement("H-45")
def test_e6_no_version_header_after_initialize(client: Client) -> None:
    assert client.list_tools(headers={"MCP-Protocol-Version": None}).result["tools"]


@requirement("H-45", "Q-36")
@pytest.mark.parametrize("version", VERSIONS)
def test_e6_a_known_version_other_than_the_negotiated_one_is_served(client: Client, version: str) -> None:
    assert client.list_tools(headers={"MCP-Protocol-Version": version}).result["tools"]


@requirement("H-45", "H-46")
@pytest.mark.parametrize("version", ["foo", "2025-01-01", "0"])
def test_e6_an_unknown_version_header_is_400_and_names_ours(client: Client, version: str) -> None:
    for session in (client.session, None):
        refused = client.list_tools(headers={"MCP-Protocol-Version": version}, session=session).refused(400)
        assert refused.error["code"] == -32022
        assert refused.error["data"]["supported"] == VERSIONS


def test_e6_a_version_header_of_the_future_is_400(client: Client) -> None:
    for version in (MODERN, "2099-01-01"):
        refused = client.list_tools(headers={"MCP-Protocol-Version": version}, session=None).refused(400)
        assert refused.error["code"] in (-32602, -32022)


# E9, E10, E16, E31: methods


@requirement("H-42", "Q-23")
def test_e9_an_unknown_method_is_200_and_method_not_found(client: Client) -> None:
    for session in (client.session, None):
        answer = client.request("no/such", session=session)
        assert answer.status == 200
        assert answer.error["code"] == -32601


def test_e10_get_and_delete_of_the_per_request_era_are_405(server: Server) -> None:
    client = Client(server)
    header = {"MCP-Protocol-Version": MODERN}
    for status, allow in (
        (client.listen(headers=header).head.status, client.listen(headers=header).head.get("allow")),
        (client.delete(headers=header).status, client.delete(headers=header).head.get("allow")),
    ):
        assert status == 405 and "POST" in (allow or "")


def test_e16_methods_we_do_not_have_leave_the_session_usable(client: Client) -> None:
    assert client.request("ping").result == {}
    for method, params in (
        ("resources/list", None),
        ("resources/templates/list", {}),
        ("prompts/list", {}),
        ("completion/complete", {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": ""}}),
        ("resources/subscribe", {"uri": "file:///x"}),
    ):
        answer = client.request(method, params)
        assert answer.status == 200
        assert "result" in answer.message or answer.error["code"] in (-32601, -32602)
    assert client.notify("notifications/roots/list_changed").status == 202
    assert client.list_tools().status == 200


def test_e16_the_log_level_is_set_and_checked(client: Client) -> None:
    for level in ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"):
        assert client.request("logging/setLevel", {"level": level}).result == {}
    assert client.request("logging/setLevel", {"level": "loud"}).error["code"] == -32602
    assert client.request("logging/setLevel", {}).error["code"] == -32602


# E11, E12: Accept and Content-Type


@requirement("H-03", "Q-31")
@pytest.mark.parametrize(
    ("accept", "modes"),
    [
        (None, {"json"}),
        ("*/*", {"json"}),
        ("application/json", {"json"}),
        ("application/*", {"json"}),
        ("text/event-stream", {"sse"}),
        ("application/json;q=0.9, text/event-stream", {"json", "sse"}),
        (BOTH, {"json"}),
        ("text/event-stream, application/json", {"json", "sse"}),
        ("text/html", {"json"}),
        ("", {"json"}),
        ("nonsense;;;,,", {"json"}),
    ],
)
def test_e11_every_accept_is_served(server: Server, accept: str | None, modes: set[str]) -> None:
    client = Client(server, accept=accept)
    client.open()
    for answer in (client.list_tools(), client.call("echo", {"text": "x"}), client.list_tools(session=None)):
        assert answer.result and answer.mode in modes


@requirement("H-04")
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (None, 200),
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
    ],
)
def test_e12_content_types(client: Client, content_type: str | None, status: int) -> None:
    assert client.list_tools(headers={"Content-Type": content_type}).status == status


# E13: other methods and paths


@requirement("H-08")
def test_e13_head_is_405_and_names_what_is_allowed(server: Server) -> None:
    response = server.fetch(server.path, "HEAD")
    assert (response.status, response.body) == (405, b"")
    allowed = {word.strip() for word in (response.get("allow") or "").split(",")}
    assert {"POST", "GET", "DELETE"} <= allowed
    for method in ("PUT", "PATCH"):
        other = server.fetch(server.path, method, body=b"")
        assert other.status == 405 and other.get("allow")


@requirement("H-08")
def test_e13_options_is_a_preflight(server: Server) -> None:
    headers = {
        "Origin": "https://claude.ai",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, authorization, mcp-session-id, mcp-param-region, x-evil",
    }
    response = server.fetch(server.path, "OPTIONS", headers)
    assert (response.status, response.body) == (204, b"")
    assert response.get("access-control-allow-origin") in ("https://claude.ai", "*")
    methods = {word.strip() for word in (response.get("access-control-allow-methods") or "").split(",")}
    assert {"POST", "GET", "DELETE"} <= methods
    granted = {word.strip().lower() for word in (response.get("access-control-allow-headers") or "").split(",")}
    assert {
        "content-type", "accept", "authorization", "mcp-session-id", "mcp-protocol-version", "last-event-id",
        "mcp-method", "mcp-name", "mcp-param-region",
    } <= granted  # fmt: skip
    assert "x-evil" not in granted


@requirement("H-01")
def test_e13_a_trailing_slash_is_served_in_place(server: Server) -> None:
    client = Client(server)
    assert client.initialize(path=server.path + "/").status == 200
    assert client.list_tools(path=server.path + "/").result["tools"]
    assert client.call("echo", {"text": "x"}, path=server.path + "/").text == "x"


# E14: Origin (Host is in test_access)


@pytest.mark.parametrize("origin", [None, "https://claude.ai", "https://claude.com", "https://chatgpt.com"])
def test_e14_no_origin_or_a_known_one_is_served(server: Server, origin: str | None) -> None:
    client = Client(server)
    answer = client.initialize(headers={"Origin": origin})
    assert answer.status == 200
    if origin:
        assert answer.head.get("access-control-allow-origin") in (origin, "*")
        exposed = (answer.head.get("access-control-expose-headers") or "").lower()
        assert "mcp-session-id" in exposed and "www-authenticate" in exposed


@requirement("H-07", "S-01")
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", "https://claude.ai.evil.example", "http://claude.ai", "https://claude.ai:444",
        "claude.ai", "", "https://xclaude.ai",
    ],
)  # fmt: skip
def test_e14_any_other_origin_is_403_and_has_no_effect(server: Server, origin: str) -> None:
    client = Client(server).open()
    before = int(client.call("count").text)
    answer = client.call("count", headers={"Origin": origin})
    assert answer.status == 403
    assert answer.head.get("access-control-allow-origin") is None
    assert int(client.call("count").text) == before + 1
    assert client.delete(headers={"Origin": origin}).status == 403
    assert client.listen(headers={"Origin": origin}).head.status == 403
    assert client.list_tools().status == 200


# What each version is told


@requirement("M-11", "M-14")
@pytest.mark.parametrize("version", VERSIONS)
def test_structured_content_and_output_schemas_come_from_2025_06_18_on(server: Server, version: str) -> None:
    client = Client(server, version).open()
    count = next(tool for tool in client.list_tools().result["tools"] if tool["name"] == "count")
    result = client.call("count").result
    if version >= "2025-06-18":
        assert result["structuredContent"] == {"count": int(result["content"][0]["text"])}
    else:
        assert "structuredContent" not in result and "outputSchema" not in count


def test_the_list_is_one_page_of_plain_tools_and_the_same_every_time(server: Server) -> None:
    first = Client(server).open().list_tools().result
    assert "nextCursor" not in first
    names = [tool["name"] for tool in first["tools"]]
    assert len(names) == len(set(names)) >= 10
    for tool in first["tools"]:
        assert 1 <= len(tool["name"]) <= 64 and tool["inputSchema"]["type"] == "object"
        assert not {"anyOf", "oneOf", "allOf", "$ref"} & set(tool["inputSchema"])
        assert None not in tool.values(), "optional members are left out, never null"
    bodies = {json.dumps(Client(server).open().list_tools().result) for _ in range(10)}
    assert bodies == {json.dumps(first)}
