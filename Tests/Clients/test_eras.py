"""How an era is told: every row of the table E-13, and the rules around it (§2.2, §2.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversation import MODERN, NEWEST, VERSIONS, Answer, Client
from per_request import CAPABILITIES, CLIENT, VERSION, PerRequest
from requirement import requirement
from server import Server

FLAGS = ["--json-wait", "300ms"]
ABSENT: Any = None
LEGACY_HEADERS = [ABSENT, *VERSIONS]
INITIALIZE = {"protocolVersion": NEWEST, "capabilities": {}, "clientInfo": {"name": "eras", "version": "1"}}


def claim(version: Any = MODERN, capabilities: Any = ..., **more: Any) -> dict[str, Any]:
    meta = {VERSION: version, CAPABILITIES: {} if capabilities is ... else capabilities, **more}
    return {key: value for key, value in meta.items() if value is not ABSENT}


def ask(
    server: Server, method: str, meta: dict[str, Any] | None, header: str | None, id: Any = "row", **options: Any
) -> Answer:
    """One request whose era is to be told; its routing headers are those of the per-request era, always right."""
    params: dict[str, Any] = dict(INITIALIZE) if method == "initialize" else {}
    if meta is not None:
        params["_meta"] = meta
    body = {"jsonrpc": "2.0", "id": id, "method": method, "params": params}
    headers = {"MCP-Protocol-Version": header, "Mcp-Method": method, **options.pop("headers", {})}
    return Client(server).post(body, session=options.pop("session", None), headers=headers, **options)


def refused(answer: Answer, status: int, *codes: int, id: Any = "row") -> dict[str, Any]:
    error = answer.refused(status).error
    assert error["code"] in codes, error
    assert answer.message.get("id") == id, answer.message
    return error


def served_by_handshake(answer: Answer) -> bool:
    return "tools" in answer.result and "resultType" not in answer.result


@requirement("E-13.1", "E-01")
@pytest.mark.parametrize("header", LEGACY_HEADERS)
@pytest.mark.parametrize("meta", [None, claim(NEWEST), claim(42), {"progressToken": 1}])
def test_row_1_an_initialize_that_claims_nothing_modern_is_a_handshake(server: Server, meta: Any, header: Any) -> None:
    answer = ask(server, "initialize", meta, header)
    assert answer.result["protocolVersion"] == NEWEST
    assert answer.head.get("mcp-session-id")


@requirement("E-13.2")
@pytest.mark.parametrize("header", [MODERN, "2027-03-01"])
def test_row_2_an_initialize_under_a_modern_header_is_a_conflict(server: Server, header: str) -> None:
    answer = ask(server, "initialize", None, header)
    refused(answer, 400, -32020)
    assert answer.head.get("mcp-session-id") is None


@requirement("E-13.3", "H-80", "E-24")
def test_row_3_an_initialize_with_a_claim_is_a_method_that_is_not_there(server: Server) -> None:
    answer = ask(server, "initialize", claim(), MODERN)
    refused(answer, 404, -32601)
    assert answer.head.get("mcp-session-id") is None


@requirement("E-13.4", "H-78")
@pytest.mark.parametrize("header", [ABSENT, NEWEST, MODERN, "foo"])
@pytest.mark.parametrize(
    ("meta", "keys"),
    [
        (claim(capabilities=ABSENT), [CAPABILITIES]),
        (claim(capabilities=[]), [CAPABILITIES]),
        (claim(capabilities="all"), [CAPABILITIES]),
        (claim(20260728), [VERSION]),
        (claim({"version": MODERN}), [VERSION]),
        (claim(True, capabilities=ABSENT), [VERSION, CAPABILITIES]),
    ],
)
def test_row_4_a_claim_that_is_not_whole_is_invalid_and_told_which_key(
    server: Server, meta: Any, keys: list[str], header: Any
) -> None:
    error = refused(ask(server, "tools/list", meta, header), 400, -32602)
    for key in keys:
        assert key in json.dumps(error), error


@requirement("E-13.5", "H-79")
@pytest.mark.parametrize("version", VERSIONS)
def test_row_5_an_envelope_cannot_carry_a_version_of_the_handshake(server: Server, version: str) -> None:
    for header in (version, MODERN, ABSENT):
        error = refused(ask(server, "tools/list", claim(version), header), 400, -32022)
        assert error["data"] == {"supported": [MODERN], "requested": version}


@requirement("E-13.6", "H-79", "E-18", "E-23")
@pytest.mark.parametrize("version", ["1900-01-01", "v999.0.0", "2027-01-01", "2026-07-29", "9999-12-31", "latest"])
@pytest.mark.parametrize("method", ["tools/list", "server/discover", "no/such"])
def test_row_6_an_unknown_version_is_refused_with_ours(server: Server, method: str, version: str) -> None:
    error = refused(ask(server, method, claim(version), version), 400, -32022)
    assert error["data"] == {"supported": [MODERN], "requested": version}


@requirement("E-13.7", "H-73")
@pytest.mark.parametrize("method", ["tools/list", "server/discover", "no/such"])
def test_row_7_a_claim_needs_the_header(server: Server, method: str) -> None:
    refused(ask(server, method, claim(), ABSENT), 400, -32020)


@requirement("E-13.8", "H-73")
@pytest.mark.parametrize("header", [*VERSIONS, "2027-01-01", "2026-07-2", "foo", "", f"{MODERN}, {NEWEST}"])
def test_row_8_a_header_that_says_something_else_is_refused(server: Server, header: str) -> None:
    refused(ask(server, "tools/list", claim(), header), 400, -32020)


@requirement("E-13.8", "H-79")
def test_row_8_an_unknown_version_under_another_header_is_refused_as_either(server: Server) -> None:
    refused(ask(server, "tools/list", claim("v999.0.0"), MODERN), 400, -32020, -32022)


@requirement("E-13.9")
def test_row_9_a_claim_and_its_header_are_served(server: Server) -> None:
    result = ask(server, "tools/list", claim(), MODERN).result
    assert result["resultType"] == "complete" and result["tools"]


@requirement("E-13.10", "H-78")
@pytest.mark.parametrize("meta", [None, {}, {"progressToken": 1}, {CAPABILITIES: {}}, {CLIENT: {}}])
@pytest.mark.parametrize("header", [MODERN, "2027-01-01"])
def test_row_10_a_modern_header_needs_the_claim(server: Server, meta: Any, header: str) -> None:
    error = refused(ask(server, "tools/list", meta, header), 400, -32602, *([-32022] if header != MODERN else []))
    if error["code"] == -32602:
        assert VERSION in json.dumps(error), error


@requirement("E-13.11", "E-17", "H-88")
@pytest.mark.parametrize("header", LEGACY_HEADERS)
@pytest.mark.parametrize(
    "meta", [None, {"progressToken": 1}, {"com.example/key": {}}, {"traceparent": "00-0"}, {CAPABILITIES: {}, CLIENT: {}}]
)
def test_row_11_without_a_claim_it_is_the_handshake_era(server: Server, meta: Any, header: Any) -> None:
    assert served_by_handshake(ask(server, "tools/list", meta, header))
    client = Client(server).open()
    assert served_by_handshake(ask(server, "tools/list", meta, header, session=client.session))


@requirement("E-13.12", "H-45", "H-46")
@pytest.mark.parametrize("header", ["foo", "2025-01-01", "2024-10-07", "1900-01-01", "20260728"])
def test_row_12_a_header_of_no_era_is_refused_with_our_versions(server: Server, header: str) -> None:
    error = refused(ask(server, "tools/list", None, header), 400, -32022)
    assert set(VERSIONS) <= set(error["data"]["supported"]), error


@requirement("E-10", "H-70")
def test_e10_get_and_delete_of_the_per_request_era_are_405(server: Server) -> None:
    client = Client(server).open()
    headers = {"MCP-Protocol-Version": MODERN}
    deleted = client.delete(headers=headers)
    assert (deleted.status, deleted.head.get("allow")) == (405, "POST")
    listening = client.listen(headers=headers)
    assert (listening.head.status, listening.head.get("allow")) == (405, "POST")
    assert client.list_tools().status == 200, "the session has not noticed"


@requirement("E-11", "H-71")
@pytest.mark.parametrize("version", [MODERN, *VERSIONS, ABSENT])
def test_e11_a_batch_with_a_claim_in_it_is_refused(server: Server, version: Any) -> None:
    plain = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    modern = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {"_meta": claim()}}
    client = Client(server)
    for batch in ([modern], [plain, modern], [modern, modern]):
        answer = client.post(batch, session=None, headers={"MCP-Protocol-Version": version})
        assert answer.refused(400).error["code"] == -32600
        assert "id" not in answer.message


@requirement("E-11", "H-71")
def test_e11_an_empty_batch_is_refused_in_both_eras(server: Server) -> None:
    for version in (MODERN, NEWEST, "2025-03-26"):
        answer = Client(server).post([], headers={"MCP-Protocol-Version": version})
        assert answer.refused(400).error["code"] == -32600


@requirement("E-12", "H-71")
def test_e12_an_answer_under_a_modern_header_is_refused(server: Server) -> None:
    answer = PerRequest(server).post({"jsonrpc": "2.0", "id": 1, "result": {}})
    assert answer.refused(400).error["code"] == -32600


@requirement("E-14", "H-70")
def test_e14_a_session_id_beside_a_claim_counts_for_nothing(server: Server) -> None:
    live = Client(server).open()
    dead = Client(server).open()
    assert dead.delete().status == 200
    for session in (live.session, dead.session, "unknown", ""):
        answer = ask(server, "tools/list", claim(), MODERN, session=session)
        assert answer.result["resultType"] == "complete"
        assert answer.head.get("mcp-session-id") is None
    assert live.list_tools().status == 200


@requirement("E-15", "H-72")
def test_e15_a_notification_is_told_like_a_request(server: Server) -> None:
    caller = PerRequest(server)
    assert caller.notify("notifications/whatever").status == 202
    assert caller.notify("notifications/whatever", claim=False).status == 202
    # No rule demands headers on a notification.
    headers = {"MCP-Protocol-Version": ABSENT, "Mcp-Method": ABSENT}
    assert caller.notify("notifications/whatever", headers=headers).status == 202
    assert Client(server).notify("notifications/initialized", session=None).status == 202


@requirement("E-16", "E-25")
def test_e16_discover_without_a_claim_is_an_unknown_method_of_the_handshake_era(server: Server) -> None:
    for header in LEGACY_HEADERS:
        answer = ask(server, "server/discover", None, header)
        assert (answer.status, answer.error["code"], answer.message["id"]) == (404, -32601, "row")
        client = Client(server).open()
        answer = ask(server, "server/discover", None, header, session=client.session)
        assert (answer.status, answer.error["code"]) == (200, -32601)


@requirement("E-20")
@pytest.mark.parametrize("version", [MODERN, "2027-01-01", "1.0", ""])
def test_e20_initialize_is_never_answered_with_a_version_that_it_cannot_reach(server: Server, version: str) -> None:
    assert Client(server, version).initialize().result["protocolVersion"] == NEWEST


@requirement("E-21", "E-22", "M-22")
def test_e21_discover_lists_what_an_envelope_may_name(server: Server, caller: PerRequest) -> None:
    assert caller.request("server/discover").result["supportedVersions"] == [MODERN]


REMOVED = ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"]


@requirement("E-24", "H-80", "M-22")
@pytest.mark.parametrize("method", REMOVED)
def test_e24_methods_that_were_removed_are_404_with_a_claim(caller: PerRequest, method: str) -> None:
    params = {"level": "info"} if method == "logging/setLevel" else {"uri": "test://static-text"}
    answer = caller.request(method, params, id="gone")
    refused(answer, 404, -32601, id="gone")


@requirement("E-24")
def test_e24_methods_that_were_removed_are_served_in_a_session(client: Client) -> None:
    assert client.request("ping").result == {}
    assert client.request("logging/setLevel", {"level": "info"}).result == {}


@requirement("E-25")
@pytest.mark.parametrize("method", ["subscriptions/listen", "server/discover", "tasks/update", "tasks/get", "tasks/cancel"])
def test_e25_methods_of_the_per_request_era_are_not_there_in_a_session(client: Client, method: str) -> None:
    answer = client.request(method, {"notifications": {"toolsListChanged": True}, "taskId": "t", "inputResponses": {}})
    assert (answer.status, answer.error["code"]) == (200, -32601)
    assert client.list_tools().status == 200


@requirement("E-01", "E-02")
def test_both_eras_are_served_at_once_on_one_url_and_one_connection(server: Server) -> None:
    client, caller = Client(server).open(), PerRequest(server)
    with server.connect() as connection:
        for number in range(10):
            mine = client.call("echo", {"text": f"h{number}"}, connection=connection)
            theirs = caller.call("echo", {"text": f"p{number}"}, connection=connection)
            assert (mine.text, theirs.text) == (f"h{number}", f"p{number}")
            assert mine.head.get("mcp-session-id") == client.session
            assert "resultType" not in mine.result and theirs.result["resultType"] == "complete"
    slow = [client.begin_call("sleep", {"ms": 200}), caller.begin_call("sleep", {"ms": 200})]
    assert [reply.finish().text for reply in slow] == ["slept 200"] * 2
