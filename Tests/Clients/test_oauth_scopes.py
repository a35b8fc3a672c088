"""What a token opens, and what is open without one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from conversation import Client
from issuer import Issuer, challenge, signed_in
from per_request import PerRequest
from requirement import requirement
from server import Server
from wire import EventStream

@requirement("A-03", "A-04")
def test_what_takes_more_scopes_is_403_with_those_granted_and_those_needed(
    guarded: Callable[..., Server], issuer: Issuer
) -> None:
    server = guarded("--oauth-tool-scopes", "count=files:write numbers,ech*=mcp:read")
    reader = signed_in(server, issuer, "mcp:read openid").open()
    assert reader.list_tools().status == 200
    assert reader.call("echo", {"text": "x"}).text == "x", "this tool takes mcp:read only"
    for tool, needed in [("open", "mcp:call"), ("count", "files:write numbers"), ("nowhere", "mcp:call")]:
        answer = reader.call(tool, {"name": "x"})
        assert answer.status == 403 and answer.mode == "json"
        assert answer.error and answer.message["id"] == answer.message["id"]
        said = challenge(answer.head.get("www-authenticate"))
        assert said["error"] == "insufficient_scope"
        assert said["scope"].split() == sorted(["mcp:read", "openid", *needed.split()])
        assert said["resource_metadata"].startswith("http://")
    assert server.total("holdfast_refusals_total", reason="insufficient_scope") == 3
    caller = signed_in(server, issuer, "mcp:call").open()
    assert caller.list_tools().status == 200, "the broader scope holds the narrower"
    assert caller.call("open", {"name": "x"}).status == 200
    assert caller.call("count", {"to": 1}).status == 403
    nothing = signed_in(server, issuer, None)
    refused = nothing.initialize()
    assert refused.status == 403
    assert challenge(refused.head.get("www-authenticate"))["scope"] == "mcp:read"


@requirement("A-03")
def test_a_batch_takes_the_scopes_of_all_that_is_in_it(guarded: Callable[..., Server], issuer: Issuer) -> None:
    server = guarded()
    reader = signed_in(server, issuer, "mcp:read")
    reader.version = "2025-03-26"
    reader.open()
    batch = [reader.message("tools/list"), reader.message("tools/call", {"name": "echo", "arguments": {"text": "x"}})]
    assert reader.post(batch[:1]).status == 200
    refused = reader.post(batch)
    assert refused.status == 403
    assert challenge(refused.head.get("www-authenticate"))["scope"] == "mcp:call mcp:read"


@requirement("A-03", "A-04")
def test_the_other_era_is_held_to_the_same_scopes_before_a_stream_begins(
    guarded: Callable[..., Server], issuer: Issuer
) -> None:
    server = guarded()
    reader = PerRequest(server, key=issuer.token(server.url, "mcp:read"))
    assert reader.request("server/discover").status == 200
    assert reader.request("tools/list").status == 200
    refused = reader.call("echo", {"text": "x"}, headers={"Accept": "text/event-stream"})
    assert refused.status == 403
    assert challenge(refused.head.get("www-authenticate"))["scope"] == "mcp:call mcp:read"
    assert refused.error["code"] == -32600


@requirement("A-02", "A-03")
def test_the_transport_with_two_endpoints_asks_for_the_same(guarded: Callable[..., Server], issuer: Issuer) -> None:
    server = guarded("--legacy-sse", "--oauth-clock-skew", "0s")
    assert "resource_metadata" in (server.fetch("/sse").get("www-authenticate") or "")
    reader = {"Authorization": f"Bearer {issuer.token(server.url, 'mcp:read', seconds=4)}"}
    connection = server.connect()
    connection.send("GET", "/sse", {"Host": server.authority, **reader}.items())
    stream = EventStream(connection, connection.read_head())
    opened = stream.next_event()
    assert opened is not None and opened.event == "endpoint" and opened.data
    endpoint = opened.data
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "x"}}}
    headers = {"Content-Type": "application/json", **reader}
    refused = server.fetch(endpoint, "POST", headers, json.dumps(call).encode())
    assert refused.status == 403
    assert challenge(refused.get("www-authenticate"))["scope"] == "mcp:call mcp:read"
    assert server.fetch(endpoint, "POST", {"Content-Type": "application/json"}, b"{}").status == 401
    assert stream.next_event(8) is None, "the stream ends with its token"


# Visitors


@requirement("O-17")
@pytest.mark.parametrize("mode", ["lists", "invited"])
def test_visitors_see_what_there_is_and_are_asked_to_sign_in_for_more(
    guarded: Callable[..., Server], issuer: Issuer, mode: str
) -> None:
    server = guarded("--oauth-visitors", mode)
    visitor = Client(server)
    first = visitor.initialize()
    assert first.status == 200 and first.head.get("mcp-session-id") is None
    assert visitor.initialized().status == 202
    assert visitor.list_tools().result["tools"]
    modern = PerRequest(server)
    assert modern.request("server/discover").status == 200
    assert modern.request("tools/list").status == 200
    for refused in (
        visitor.request("prompts/get", {"name": "x"}),
        visitor.request("resources/read", {"uri": "x://y"}),
        visitor.list_tools(session="0" * 32),
        visitor.delete(session="0" * 32),
        visitor.initialize(headers={"Authorization": "Bearer nonsense"}),
    ):
        assert refused.status == 401
        assert challenge(refused.head.get("www-authenticate"))["resource_metadata"]
    for answer in (visitor.call("echo", {"text": "x"}), modern.call("echo", {"text": "x"})):
        if mode == "lists":
            assert answer.status == 401
            continue
        assert answer.result["isError"] is True
        [text] = answer.result["_meta"]["mcp/www_authenticate"]
        assert challenge(text)["error"] == "invalid_token" and challenge(text)["resource_metadata"]
    assert signed_in(server, issuer).open().call("echo", {"text": "x"}).text == "x"
    assert server.total("holdfast_sessions_opened_total") == 1
