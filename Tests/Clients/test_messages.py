"""What a body may be: batches, broken JSON, nesting, ids, tokens and text (E15, E17)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversation import BOTH, Client, modern_meta
from requirement import requirement
from server import Server

FLAGS = ["--json-wait", "300ms"]


# E15: batches and broken bodies


def by_id(answer: Any) -> dict[Any, Any]:
    """The responses of a batch, whether they came as one array or as events."""
    messages: list[Any] = []
    for part in [answer.message] if answer.mode == "json" else [json.loads(e.data) for e in answer.events if e.data]:
        messages += part if isinstance(part, list) else [part]
    assert len({m["id"] for m in messages}) == len(messages)
    return {m["id"]: m for m in messages}


@requirement("H-30", "H-31")
@pytest.mark.parametrize("accept", [BOTH, "application/json"])
def test_e15_a_batch_of_2025_03_26_is_answered_whole(server: Server, accept: str) -> None:
    client = Client(server, "2025-03-26", accept=accept).open()
    batch = [
        client.message("tools/list", id="a"),
        {"jsonrpc": "2.0", "method": "notifications/of_our_own"},
        client.message("tools/call", {"name": "echo", "arguments": {"text": "in a batch"}}, id=2),
        client.message("no/such", id=3),
        client.message("ping", id="b"),
    ]
    answer = client.post(batch, headers={"MCP-Protocol-Version": None})
    assert answer.status == 200
    if accept != BOTH:
        assert isinstance(answer.message, list)
    answers = by_id(answer)
    assert set(answers) == {"a", 2, 3, "b"}
    assert answers["a"]["result"]["tools"] and answers["b"]["result"] == {}
    assert answers[2]["result"]["content"][0]["text"] == "in a batch"
    assert answers[3]["error"]["code"] == -32601


@requirement("H-31", "H-32")
def test_e15_a_batch_without_requests_is_accepted(server: Server) -> None:
    client = Client(server, "2025-03-26").open()
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    answer = client.post([note, note], headers={"MCP-Protocol-Version": None})
    assert (answer.status, answer.body) == (202, b"")


@requirement("H-31", "E-11")
def test_e15_what_may_not_be_in_a_batch(server: Server) -> None:
    client = Client(server, "2025-03-26").open()
    params = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "n", "version": "1"}}
    initialize = client.message("initialize", params)
    none = {"MCP-Protocol-Version": None}
    two = client.post([initialize, client.message("ping")], headers=none, session=None)
    assert two.status in (200, 400) and two.head.get("mcp-session-id") is None
    assert client.post([], headers=none).refused(400).error["code"] == -32600
    mixed = client.post([client.message("ping", id=1), 42], headers=none)
    assert mixed.status < 500
    claim = client.message("ping", {"_meta": modern_meta()})
    assert client.post([claim, claim], headers=none).refused(400).error["code"] == -32600


@requirement("H-30")
@pytest.mark.parametrize("version", ["2025-11-25", "2025-06-18", "2024-11-05"])
def test_e15_other_versions_have_no_batches(server: Server, version: str) -> None:
    client = Client(server, version).open()
    refused = client.post([client.message("ping")]).refused(400)
    assert refused.error["code"] == -32600
    assert client.list_tools().status == 200


@requirement("H-05")
@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"", {-32700, -32600}),
        (b"   ", {-32700, -32600}),
        (b"{", {-32700}),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping"', {-32700}),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping"} x', {-32700}),
        (b"{'jsonrpc':'2.0'}", {-32700}),
        (b'{"jsonrpc":"2.0","id":1,"method":"pi\xff\xfeng"}', {-32700}),
        (b'{"jsonrpc":"2.0","id":01,"method":"ping"}', {-32700}),
        (b"null", {-32600}),
        (b"42", {-32600}),
        (b'"ping"', {-32600}),
        (b"{}", {-32600}),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', {-32600}),
        (b'{"id":1,"method":"ping"}', {-32600}),
        (b'{"jsonrpc":"2.0","id":1,"method":5}', {-32600}),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', {-32600}),
        (b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', {-32600}),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', {-32600}),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":"text"}', {-32600, -32602}),
        (b'{"jsonrpc":"2.0","id":1}', {-32600}),
    ],
)
def test_e15_broken_bodies_are_400(client: Client, body: bytes, codes: set[int]) -> None:
    refused = client.post(body).refused(400)
    assert refused.error["code"] in codes
    if refused.error["code"] == -32700:
        assert refused.message["id"] is None
    assert client.list_tools().status == 200


@pytest.mark.parametrize("depth", [200, 10_000, 500_000])
def test_e15_nesting_beyond_the_limit_is_400(client: Client, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"x":' + nested + b"}}}"
    assert client.post(body).refused(400).error["code"] in (-32700, -32600)
    assert client.list_tools().status == 200


def test_e15_nesting_within_the_limit_is_served(client: Client) -> None:
    nested: Any = []
    for _ in range(100):
        nested = [nested]
    assert client.call("echo", {"text": "deep", "x": nested}).status == 200


# E17 and ids


@requirement("M-30")
@pytest.mark.parametrize("token", [0, "", 10**15, "a string", "0", -1])
def test_e17_progress_echoes_the_token_with_its_json_type(client: Client, token: Any) -> None:
    answer = client.call("stream", {"n": 2, "everyMs": 1}, token=token)
    assert answer.mode == "sse"
    assert [(p["progressToken"], type(p["progressToken"])) for p in answer.progress()] == [(token, type(token))] * 2
    assert [p["progress"] for p in answer.progress()] == [1, 2]
    assert [p["total"] for p in answer.progress()] == [2, 2]


@requirement("E-17")
def test_e17_foreign_keys_in_meta_are_no_matter(client: Client) -> None:
    meta = {"claudecode/toolUseId": "toolu_1", "traceparent": "00-x", "x": {"y": [1, None]}}
    answer = client.request("tools/call", {"name": "echo", "arguments": {"text": "x"}, "_meta": meta})
    assert answer.text == "x"
    assert client.request("tools/list", {"_meta": meta}).result["tools"]


@requirement("M-30")
def test_e17_no_token_no_progress(client: Client) -> None:
    assert client.call("stream", {"n": 3, "everyMs": 1}).notifications == []


@requirement("H-11", "M-05")
@pytest.mark.parametrize("request_id", [0, -1, 1, 2**53, "1", "", "ü-☃", "x" * 1000])
def test_ids_come_back_as_they_were(client: Client, request_id: Any) -> None:
    assert client.request("ping", id=request_id).result == {}


@requirement("M-33", "H-42")
def test_an_unknown_tool_and_bad_parameters(client: Client) -> None:
    assert client.call("no_such_tool").error["code"] == -32602
    assert client.request("tools/call", {}).error["code"] == -32602
    assert client.request("tools/call", {"name": "echo", "arguments": [1]}).error["code"] == -32602
    assert client.request("tools/list", {"cursor": "no-such-cursor"}).status == 200
    assert client.call("echo", {"text": "fine"}).text == "fine"


ODD_TEXTS = ["", "ä☃𝄞", '"\\/\b\f\n\r\t', "\u0000\u001f", "x" * 100_000, "\u2028\u2029", "data: x\n\n"]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_text_comes_back_as_it_was(client: Client, text: str) -> None:
    assert client.call("echo", {"text": text}).text == text
    assert client.call("echo", {"text": text}, headers={"Accept": "text/event-stream"}).text == text
