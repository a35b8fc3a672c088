"""The official suite's scenarios that both wires have, or only sessions have, each check of them asserted.

The fixture is `everything`; a test's requirement is the name of its scenario.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conversation import NEWEST, Client
from everything import ENUMS, HANDSHAKE, PER_REQUEST, STATED, WIRES, Wire, decoded
from per_request import PerRequest, accept, sampled
from requirement import requirement
from server import Server

SERVER = "everything"
PNG, WAV = b"\x89PNG\r\n\x1a\n", b"RIFF"
TOOL_NAME = re.compile(r"[A-Za-z0-9_./-]{1,64}")


@pytest.fixture(params=WIRES)
def wire(request: pytest.FixtureRequest, server: Server) -> Wire:
    return Wire(server, request.param)


def content(wire: Wire, tool: str) -> list[dict[str, Any]]:
    result = wire.call(tool).result
    assert not result.get("isError"), result
    return result["content"]


# §4.1


@requirement("server-initialize", "E-20")
def test_initialize(server: Server) -> None:
    client = Client(server, capabilities=STATED)
    for headers in ({}, {"MCP-Protocol-Version": NEWEST}):
        answer = client.initialize(headers=headers)
        result = answer.result
        assert result["protocolVersion"] == NEWEST
        assert result["serverInfo"]["name"] and result["serverInfo"]["version"]
        capabilities = result["capabilities"]
        assert capabilities["tools"]["listChanged"] is True
        assert capabilities["prompts"]["listChanged"] is True
        assert capabilities["resources"]["subscribe"] is True
        assert capabilities["logging"] == {} and capabilities["completions"] == {}
        assert re.fullmatch(r"[\x21-\x7e]+", answer.head.get("mcp-session-id") or "")


@requirement("ping")
def test_ping(server: Server) -> None:
    assert Wire(server, HANDSHAKE).request("ping").result == {}


@requirement("logging-set-level")
def test_set_level(server: Server) -> None:
    assert Wire(server, HANDSHAKE).request("logging/setLevel", {"level": "info"}).result == {}


@requirement("server-session-lifecycle")
def test_session_lifecycle(server: Server) -> None:
    client = Client(server, capabilities=STATED)
    assert client.initialize().status == 200 and client.session
    assert client.initialized().status == 202
    assert client.list_tools().status == 200
    assert client.delete().status in (200, 204)
    assert client.list_tools().refused(404)


@requirement("dns-rebinding-protection", "S-02")
@pytest.mark.parametrize("kind", WIRES)
def test_foreign_hosts_and_origins(server: Server, kind: str) -> None:
    def probe(host: str) -> int:
        headers = {"Host": host, "Origin": f"http://{host}"}
        if kind == HANDSHAKE:
            return Client(server).initialize(headers=headers).status
        return PerRequest(server).request("server/discover", headers=headers).status

    assert 400 <= probe("evil.example.com") < 500
    assert 200 <= probe(server.authority) < 300
    assert 200 <= probe(f"localhost:{server.port}") < 300


@requirement("dns-rebinding-protection")
def test_a_refused_request_leaves_nothing_on_its_connection(server: Server) -> None:
    caller = PerRequest(server)
    with server.connect() as connection:
        body = caller.message("tools/call", {"name": "test_simple_text", "arguments": {"pad": "x" * 20_000}})
        evil = {"Host": "evil.example.com", "Origin": "http://evil.example.com"}
        refused = caller.post(body, headers=evil, connection=connection)
        assert 400 <= refused.status < 500
        if (refused.head.get("connection") or "").lower() != "close":
            assert caller.request("server/discover", connection=connection).status == 200


@requirement("server-sse-multiple-streams")
def test_three_streams_at_once(wire: Wire) -> None:
    headers = {"Accept": "text/event-stream, application/json"}
    replies = [wire.client.begin("tools/list", headers=headers) for _ in range(3)]
    for reply in replies:
        answer = reply.finish()
        assert answer.result["tools"]
        assert answer.mode == "json" or answer.events


@requirement("server-sse-polling", "H-35", "H-36")
def test_a_stream_that_is_to_be_polled(server: Server) -> None:
    client = Wire(server, HANDSHAKE).session
    assert client is not None
    pending = client.begin("tools/call", {"name": "test_reconnection"}, id=1)
    assert pending.head().media_type == "text/event-stream"
    first = pending.next_event()
    assert first is not None and first.id and not first.data, f"not a priming event: {first}"
    retries, last = [first.retry], first.id
    while (event := pending.next_event()) is not None:
        retries.append(event.retry)
        last = event.id or last
        assert not event.data or "result" not in json.loads(event.data), "the result came before the stream closed"
    assert any(retry is not None for retry in retries), "no hint when to come back"
    listening = client.listen(last_event_id=last)
    while True:
        _, message = listening.message(5)
        if message.get("id") == 1:
            break
    assert message["result"]["content"]
    listening.close()


# §4.2


@requirement("tools-list", "M-34")
def test_tools_list(wire: Wire) -> None:
    result = wire.request("tools/list").result
    assert "nextCursor" not in result, "the suite reads one page"
    tools = result["tools"]
    assert len(tools) >= 30 and len({tool["name"] for tool in tools}) == len(tools)
    for tool in tools:
        assert TOOL_NAME.fullmatch(tool["name"]), tool["name"]
        assert tool["description"] and tool["inputSchema"]["type"] == "object"


@requirement("tools-call-simple-text")
def test_simple_text(wire: Wire) -> None:
    (block,) = content(wire, "test_simple_text")
    assert block == {"type": "text", "text": "This is a simple text response for testing."}


@requirement("tools-call-image")
def test_image(wire: Wire) -> None:
    (block,) = content(wire, "test_image_content")
    assert (block["type"], block["mimeType"]) == ("image", "image/png")
    assert decoded(block).startswith(PNG)


@requirement("tools-call-audio")
def test_audio(wire: Wire) -> None:
    (block,) = content(wire, "test_audio_content")
    assert (block["type"], block["mimeType"]) == ("audio", "audio/wav")
    assert decoded(block).startswith(WAV)


@requirement("tools-call-embedded-resource")
def test_embedded_resource(wire: Wire) -> None:
    (block,) = content(wire, "test_embedded_resource")
    assert block["type"] == "resource"
    text = "This is an embedded resource content."
    assert block["resource"] == {"uri": "test://embedded-resource", "mimeType": "text/plain", "text": text}


@requirement("tools-call-mixed-content")
def test_mixed_content(wire: Wire) -> None:
    text, image, resource = content(wire, "test_multiple_content_types")
    assert text == {"type": "text", "text": "Multiple content types test:"}
    assert (image["type"], image["mimeType"]) == ("image", "image/png") and decoded(image).startswith(PNG)
    assert resource["type"] == "resource"
    assert resource["resource"]["uri"] == "test://mixed-content-resource"
    assert resource["resource"]["mimeType"] == "application/json"
    assert json.loads(resource["resource"]["text"]) == {"test": "data", "value": 123}


@requirement("tools-call-error", "M-33")
def test_error_handling(wire: Wire) -> None:
    result = wire.call("test_error_handling").result
    assert result["isError"] is True
    assert result["content"][0] == {"type": "text", "text": "This tool intentionally returns an error for testing"}


@requirement("tools-call-with-progress", "M-30")
@pytest.mark.parametrize("token", ["progress-test-1", 17])
def test_progress(wire: Wire, token: Any) -> None:
    answer = wire.call("test_tool_with_progress", token=token)
    assert answer.text and answer.mode == "sse"
    steps = [(step["progress"], step["total"], step["progressToken"]) for step in answer.progress()]
    assert steps == [(0, 100, token), (50, 100, token), (100, 100, token)]


@requirement("json-schema-2020-12", "M-13")
def test_a_schema_of_2020_12_survives(wire: Wire) -> None:
    tools = {tool["name"]: tool for tool in wire.request("tools/list").result["tools"]}
    schema = tools["json_schema_2020_12_tool"]["inputSchema"]
    address = schema["$defs"]["address"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema" and schema["type"] == "object"
    assert address["$anchor"] == "addressDef" and address["type"] == "object"
    assert set(address["properties"]) == {"street", "city"}
    assert {"name", "address", "contactMethod", "phone", "email"} == set(schema["properties"])
    assert schema["properties"]["address"] == {"$ref": "#/$defs/address"}
    assert schema["properties"]["contactMethod"]["enum"] == ["phone", "email"]
    assert schema["allOf"] == [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}]
    condition = schema["if"]
    assert condition["properties"]["contactMethod"] == {"const": "phone"} and "contactMethod" in condition["required"]
    assert schema["then"] == {"required": ["phone"]} and schema["else"] == {"required": ["email"]}
    assert schema["additionalProperties"] is False


# §4.3


@requirement("tools-call-with-logging")
def test_logging(server: Server) -> None:
    wire = Wire(server, HANDSHAKE)
    assert wire.request("logging/setLevel", {"level": "debug"}).result == {}
    answer = wire.call("test_tool_with_logging")
    assert answer.text
    messages = [note["params"] for note in answer.notifications if note["method"] == "notifications/message"]
    assert [message["level"] for message in messages] == ["info"] * 3
    expected = ["Tool execution started", "Tool processing data", "Tool execution completed"]
    assert [message["data"] for message in messages] == expected


@requirement("tools-call-sampling")
def test_sampling(server: Server) -> None:
    client = Client(server, capabilities=STATED).open()
    params = {"name": "test_sampling", "arguments": {"prompt": "Test prompt for sampling"}}
    answer, (question,) = client.converse(
        "tools/call", params, lambda _: sampled("This is a test response from the client")
    )
    assert question["method"] == "sampling/createMessage"
    prompt = {"role": "user", "content": {"type": "text", "text": "Test prompt for sampling"}}
    assert question["params"]["messages"] == [prompt] and question["params"]["maxTokens"] == 100
    assert answer.text == "LLM response: This is a test response from the client"


def elicit(server: Server, tool: str, arguments: dict[str, Any], response: dict[str, Any]) -> tuple[str, Any]:
    client = Client(server, capabilities=STATED).open()
    params = {"name": tool, "arguments": arguments}
    answer, (question,) = client.converse("tools/call", params, lambda _: response)
    assert question["method"] == "elicitation/create"
    return answer.text, question["params"]


@requirement("tools-call-elicitation")
def test_elicitation(server: Server) -> None:
    given = {"username": "testuser", "email": "test@example.com"}
    text, params = elicit(server, "test_elicitation", {"message": "Who are you?"}, accept(**given))
    assert params["message"] == "Who are you?"
    schema = params["requestedSchema"]
    assert schema["type"] == "object" and set(schema["required"]) == set(given)
    assert {name: property["type"] for name, property in schema["properties"].items()} == dict.fromkeys(given, "string")
    assert text.startswith("User response: action=accept, content=")
    assert "testuser" in text and "test@example.com" in text
    for action in ("decline", "cancel"):
        text, _ = elicit(server, "test_elicitation", {"message": "m"}, {"action": action})
        assert text.startswith(f"User response: action={action}")


@requirement("elicitation-sep1034-defaults")
def test_elicitation_defaults(server: Server) -> None:
    given = accept(name="Jane", age=31, score=1.5, status="inactive", verified=False)
    text, params = elicit(server, "test_elicitation_sep1034_defaults", {}, given)
    properties = params["requestedSchema"]["properties"]
    found = {name: (property["type"], property["default"]) for name, property in properties.items()}
    assert found == {
        "name": ("string", "John Doe"), "age": ("integer", 30), "score": ("number", 95.5),
        "status": ("string", "active"), "verified": ("boolean", True),
    }  # fmt: skip
    assert properties["status"]["enum"] == ["active", "inactive", "pending"]
    assert text


@requirement("elicitation-sep1330-enums", "M-12")
def test_elicitation_enums(server: Server) -> None:
    text, params = elicit(server, "test_elicitation_sep1330_enums", {}, accept(**ENUMS))
    properties = params["requestedSchema"]["properties"]
    assert set(properties) == set(ENUMS)
    single, titled, legacy = (properties[name] for name in ("untitledSingle", "titledSingle", "legacyEnum"))
    assert single["type"] == "string" and "option1" in single["enum"] and not {"oneOf", "enumNames"} & set(single)
    assert titled["type"] == "string" and "enum" not in titled
    assert all(isinstance(one["title"], str) for one in titled["oneOf"])
    assert "value1" in [one["const"] for one in titled["oneOf"]]
    assert legacy["type"] == "string" and "opt1" in legacy["enum"]
    assert len(legacy["enumNames"]) == len(legacy["enum"])
    untitled, many = properties["untitledMulti"], properties["titledMulti"]
    assert untitled["type"] == many["type"] == "array"
    assert untitled["items"]["type"] == "string" and {"option1", "option2"} <= set(untitled["items"]["enum"])
    assert "anyOf" not in untitled["items"] and "enum" not in many["items"]
    assert {"value1", "value2"} <= {one["const"] for one in many["items"]["anyOf"]}
    assert all(isinstance(one["title"], str) for one in many["items"]["anyOf"])
    assert text


@requirement("completion-complete")
def test_completion(wire: Wire) -> None:
    params = {"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"}, "argument": {"name": "arg1", "value": "test"}}
    result = wire.request("completion/complete", params).result
    values = result["completion"]["values"]
    assert len(values) <= 100 and all(isinstance(value, str) for value in values)


@requirement("caching", "H-89")
def test_caching(server: Server) -> None:
    wire = Wire(server, PER_REQUEST)
    first = wire.request("resources/list").result["resources"][0]["uri"]
    methods = ["tools/list", "prompts/list", "resources/list", "resources/templates/list", "server/discover"]
    for method, params in [*((method, {}) for method in methods), ("resources/read", {"uri": first})]:
        result = wire.request(method, params).result
        assert type(result["ttlMs"]) is int and result["ttlMs"] >= 0, (method, result)
        assert result["cacheScope"] in ("public", "private"), (method, result)
