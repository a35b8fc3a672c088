"""Refusals of the per-request era, one fault at a time (H-71 to H-83, §1.9), and the encoding of headers (H-75)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversation import MODERN, Answer
from per_request import CAPABILITIES, CLIENT, VERSION, PerRequest, sentinel
from requirement import requirement
from server import Server

FLAGS = ["--json-wait", "300ms", "--max-body", "64KiB"]
ABSENT: Any = None
IDS = [0, 7, -3, 2**53 - 1, "seven", "", "7", "ünïcode"]


def refused(answer: Answer, status: int, code: int, id: Any = ...) -> dict[str, Any]:
    """A refusal before any handler ran: its status, its code, JSON, and the id of what it answers (H-11, E-34)."""
    error = answer.refused(status).error
    assert error["code"] == code, error
    if id is not ...:
        assert answer.message["id"] == id and type(answer.message["id"]) is type(id), answer.message
    assert answer.head.get("mcp-session-id") is None
    return error


# One rung after the other


@requirement("H-04", "H-82")
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json"])
def test_a_content_type_that_is_not_json_is_415(caller: PerRequest, content_type: str) -> None:
    assert caller.request("tools/list", headers={"Content-Type": content_type}).status == 415


@requirement("H-05", "H-82")
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"jsonrpc":"2.0","id":1,"method":"tools/list"', b"nonsense", b'{"jsonrpc":"2.0",}', b'"\xff"',
        b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', b'{"a":1} {"b":2}',
    ],
)  # fmt: skip
def test_what_is_not_json_is_400_and_a_parse_error_without_an_id(caller: PerRequest, body: bytes) -> None:
    answer = caller.post(body, headers={"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"})
    refused(answer, 400, -32700)
    assert "id" not in answer.message


@requirement("H-05", "H-71", "H-82")
@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"null", b"42", b'"text"', b"[]", b"[1]", b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
        b'{"id":1,"method":"tools/list"}', b'{"jsonrpc":"2.0","id":1}', b'{"jsonrpc":"2.0","id":1,"method":5}',
        b'{"jsonrpc":"2.0","id":{},"method":"tools/list"}', b'{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}',
        b'{"jsonrpc":"2.0","id":1,"result":{}}', b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}',
    ],
)  # fmt: skip
def test_what_is_not_a_message_is_400_and_an_invalid_request(caller: PerRequest, body: bytes) -> None:
    refused(caller.post(body, headers={"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}), 400, -32600)


@requirement("H-78", "H-11")
@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("key", [VERSION, CAPABILITIES])
def test_metadata_that_is_missing_is_invalid(caller: PerRequest, key: str, id: Any) -> None:
    answer = caller.request("server/discover", id=id, meta={key: ABSENT})
    assert key in json.dumps(refused(answer, 400, -32602, id))


@requirement("H-78")
def test_a_request_without_any_metadata_is_invalid(caller: PerRequest) -> None:
    body = {"jsonrpc": "2.0", "id": 4, "method": "server/discover", "params": {}}
    refused(caller.post(body), 400, -32602, 4)
    refused(caller.post({"jsonrpc": "2.0", "id": 5, "method": "server/discover"}), 400, -32602, 5)


@requirement("H-78")
@pytest.mark.parametrize("info", [ABSENT, {"name": "n"}, {}])
def test_who_the_client_is_need_not_be_said(caller: PerRequest, info: Any) -> None:
    assert caller.request("tools/list", meta={CLIENT: info}).result["tools"]


@requirement("H-79", "H-11")
@pytest.mark.parametrize("id", IDS)
def test_a_version_that_we_do_not_speak_is_refused_with_ours(caller: PerRequest, id: Any) -> None:
    error = refused(caller.request("tools/list", id=id, meta={VERSION: "v999.0.0"}), 400, -32022, id)
    assert error["data"] == {"supported": [MODERN], "requested": "v999.0.0"}
    supported = caller.request("server/discover").result["supportedVersions"]
    assert set(error["data"]["supported"]) <= set(supported)


@requirement("H-73", "H-74", "H-11")
@pytest.mark.parametrize("id", [1, "one"])
@pytest.mark.parametrize("value", [ABSENT, "", "tools/call", "TOOLS/LIST", "tools/list/", "tools", sentinel("tools/list")])
def test_the_method_header_must_say_the_method(caller: PerRequest, value: Any, id: Any) -> None:
    refused(caller.request("tools/list", id=id, headers={"Mcp-Method": value}), 400, -32020, id)


@requirement("H-73", "H-11")
@pytest.mark.parametrize("method", ["server/discover", "subscriptions/listen", "no/such", "ping"])
def test_the_method_header_is_wanted_with_every_method(caller: PerRequest, method: str) -> None:
    refused(caller.request(method, id="m", headers={"Mcp-Method": ABSENT}), 400, -32020, "m")


@requirement("H-73", "H-11")
@pytest.mark.parametrize("value", [ABSENT, "", "ech", "Echo", "echo2", "sleep"])
def test_the_name_header_must_say_the_name(caller: PerRequest, value: Any) -> None:
    answer = caller.call("echo", {"text": "x"}, id="n", headers={"Mcp-Name": value})
    refused(answer, 400, -32020, "n")


@requirement("H-73")
@pytest.mark.parametrize(
    ("method", "params"), [("prompts/get", {"name": "p"}), ("resources/read", {"uri": "test://x"}), ("tools/call", {"name": "t"})]
)
def test_the_name_header_is_wanted_with_each_method_that_names_something(
    caller: PerRequest, method: str, params: dict[str, Any]
) -> None:
    refused(caller.request(method, params, id=9, headers={"Mcp-Name": ABSENT}), 400, -32020, 9)
    refused(caller.request(method, params, id=9, headers={"Mcp-Name": "another"}), 400, -32020, 9)


@requirement("H-73")
def test_a_name_header_where_nothing_is_named_is_passed_over(caller: PerRequest) -> None:
    assert caller.request("tools/list", headers={"Mcp-Name": "whatever"}).result["tools"]


@requirement("H-74")
@pytest.mark.parametrize("name", ["mcp-method", "MCP-METHOD", "mCp-MeThOd"])
def test_header_names_have_no_case(caller: PerRequest, name: str) -> None:
    assert caller.request("tools/list", headers={"Mcp-Method": ABSENT, name: "tools/list"}).result["tools"]


@requirement("H-74")
def test_blanks_around_a_header_value_do_not_count(caller: PerRequest) -> None:
    headers = {"Mcp-Method": "  tools/call\t", "Mcp-Name": "   echo  ", "MCP-Protocol-Version": f"  {MODERN} "}
    assert caller.call("echo", {"text": "x"}, headers=headers).text == "x"


@requirement("H-74")
@pytest.mark.parametrize(
    "line", [("Mcp-Method", "tools/call"), ("Mcp-Method", "tools/list"), ("Mcp-Name", "echo"), ("mcp-name", "sleep")]
)
def test_a_routing_header_that_comes_twice_is_refused(caller: PerRequest, line: tuple[str, str]) -> None:
    refused(caller.call("echo", {"text": "x"}, id=2, lines=[line]), 400, -32020, 2)


@requirement("H-80", "H-11")
@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("method", ["unknown/method", "tasks/list", "tasks/result", "notifications/initialized", "Tools/List"])
def test_a_method_that_is_not_there_is_404(caller: PerRequest, method: str, id: Any) -> None:
    refused(caller.request(method, {"taskId": "t"}, id=id), 404, -32601, id)


@requirement("H-83", "M-31", "M-33", "H-11")
def test_what_a_handler_refuses_is_a_200_with_an_error_in_it(caller: PerRequest) -> None:
    unknown = caller.call("no_such_tool", id="u")
    assert (unknown.status, unknown.error["code"], unknown.message["id"]) == (200, -32602, "u")
    nameless = caller.request("tools/call", {"arguments": {}}, id="v")
    assert nameless.error["code"] == -32602 and nameless.status in (200, 400)
    cursor = caller.request("tools/list", {"cursor": "no such cursor"}, id="w")
    assert cursor.error["code"] == -32602 and cursor.status == 200


@requirement("H-82")
def test_a_refusal_has_no_effect_and_the_next_request_is_served(server: Server, caller: PerRequest) -> None:
    before = int(caller.call("count").text)
    with server.connect() as connection:
        for headers in ({"Mcp-Method": "x"}, {"Mcp-Name": "x"}, {"MCP-Protocol-Version": ABSENT}):
            refused(caller.call("count", headers=headers, connection=connection), 400, -32020)
        assert int(caller.call("count", connection=connection).text) == before + 1


# §1.9, what is left of its last column


@requirement("H-07", "S-01")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_foreign_origin_is_403(caller: PerRequest, origin: str) -> None:
    assert caller.request("tools/list", headers={"Origin": origin}).status == 403
    assert caller.request("tools/list", headers={"Origin": "https://claude.ai"}).status == 200


@requirement("S-02")
def test_a_foreign_host_is_refused(caller: PerRequest) -> None:
    assert caller.request("server/discover", headers={"Host": "evil.example"}).status == 403


@requirement("H-06")
def test_a_body_that_is_too_large_is_413(caller: PerRequest) -> None:
    assert caller.call("echo", {"text": "x" * 70_000}).status == 413


@requirement("H-70", "H-08")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "GET", "DELETE"])
def test_every_other_verb_is_405_and_names_what_is_allowed(server: Server, method: str) -> None:
    response = server.fetch(server.path, method, {"MCP-Protocol-Version": MODERN})
    assert response.status == 405 and "POST" in (response.get("allow") or "")


# H-75: what a header value stands for. A name of no tool gets as far as -32602; one that does not agree, to -32020.

VECTORS = [
    ("Hello", "Hello", True),
    ("Hello", "=?base64?SGVsbG8=?=", True),
    ("Hello", "=?base64?SGVsbG8?=", False),
    ("Hello", "=?base64?SGVsbG8==?=", False),
    ("Hello", "=?base64?SGVs!!!bG8=?=", False),
    ("Hello", "=?base64? SGVsbG8=?=", False),
    ("Hello", "=?base64?SGVsbG9y?=", False),
    ("Hello", "=?BASE64?SGVsbG8=?=", False),
    ("=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?=", True),
    ("=?base64?SGVsbG8=", "=?base64?SGVsbG8=", True),
    ("SGVsbG8=?=", "SGVsbG8=?=", True),
    ("=?base64?SGVsbG8=?=", "=?base64?SGVsbG8=?=", False),
    ("=?base64?SGVsbG8=?=", sentinel("=?base64?SGVsbG8=?="), True),
    ("", "=?base64??=", True),
    ("", "", True),
    ("grüße ☃ 🪸", sentinel("grüße ☃ 🪸"), True),
    ("grüße", sentinel("gruesse"), False),
    (" padded ", sentinel(" padded "), True),
    (" padded ", " padded ", False),
    ("two words", "two words", True),
    ("a\tb", "a\tb", True),
    ("line\nbreak", sentinel("line\nbreak"), True),
    ("~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./", "~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./", True),
    ("ÿ", "=?base64?/w==?=", False),
    ("ûÿ", "=?base64?w7vDvw==?=", True),
    ("\xfb\xff\xfe", "=?base64?-__-?=", False),
    ("ÿ", "ÿ", False),
    ("é", "Ã©", False),
]


@requirement("H-75", "H-73")
@pytest.mark.parametrize(("name", "header", "agrees"), VECTORS)
def test_h75_a_name_is_decoded_and_then_compared(caller: PerRequest, name: str, header: str, agrees: bool) -> None:
    answer = caller.call(name, id="h", headers={"Mcp-Name": header})
    if agrees:
        assert answer.error["code"] == -32602, answer.error
    else:
        refused(answer, 400, -32020, "h")


@requirement("H-75")
def test_h75_a_served_name_may_come_encoded(caller: PerRequest) -> None:
    assert caller.call("echo", {"text": "x"}, headers={"Mcp-Name": sentinel("echo")}).text == "x"
