"""The official suite's scenarios for resources and prompts (§4.4), on both wires."""

from __future__ import annotations

import json
from typing import Any

import pytest

from everything import HANDSHAKE, WIRES, Wire, decoded
from requirement import requirement
from server import Server

SERVER = "everything"
PNG = b"\x89PNG\r\n\x1a\n"
MISSING = "test://nonexistent-resource-for-conformance-testing"
WATCHED = {"uri": "test://watched-resource"}


@pytest.fixture(params=WIRES)
def wire(request: pytest.FixtureRequest, server: Server) -> Wire:
    return Wire(server, request.param)


def read(wire: Wire, uri: str) -> dict[str, Any]:
    (contents,) = wire.request("resources/read", {"uri": uri}).result["contents"]
    assert contents["uri"] == uri
    return contents


@requirement("resources-list")
def test_resources_list(wire: Wire) -> None:
    result = wire.request("resources/list").result
    assert "nextCursor" not in result
    assert all(resource["uri"] and resource["name"] for resource in result["resources"])
    uris = {resource["uri"] for resource in result["resources"]}
    assert {"test://static-text", "test://static-binary", "test://watched-resource"} <= uris


@requirement("resources-read-text")
def test_read_text(wire: Wire) -> None:
    text = "This is the content of the static text resource."
    contents = read(wire, "test://static-text")
    assert (contents["mimeType"], contents["text"]) == ("text/plain", text)
    assert read(wire, "test://watched-resource")["text"]


@requirement("resources-read-binary")
def test_read_binary(wire: Wire) -> None:
    contents = read(wire, "test://static-binary")
    assert contents["mimeType"] == "image/png" and "text" not in contents
    assert decoded(contents, "blob").startswith(PNG)


@requirement("resources-templates-read")
def test_read_by_template(wire: Wire) -> None:
    templates = wire.request("resources/templates/list").result["resourceTemplates"]
    assert "test://template/{id}/data" in [template["uriTemplate"] for template in templates]
    assert all(template["name"] for template in templates)
    contents = read(wire, "test://template/123/data")
    assert contents["mimeType"] == "application/json" and "123" in json.dumps(json.loads(contents["text"]))
    assert "a b" in read(wire, "test://template/a%20b/data")["text"] or "a%20b" in read(wire, "test://template/a%20b/data")["text"]


@requirement("sep-2164-resource-not-found", "M-31", "M-04")
def test_read_what_is_not_there(wire: Wire) -> None:
    answer = wire.request("resources/read", {"uri": MISSING})
    assert answer.status == 200
    assert answer.error["code"] == (-32002 if wire.kind == HANDSHAKE else -32602)
    assert answer.error["data"]["uri"] == MISSING


@requirement("resources-subscribe")
def test_subscribe(server: Server) -> None:
    assert Wire(server, HANDSHAKE).request("resources/subscribe", WATCHED).result == {}


@requirement("resources-unsubscribe")
def test_unsubscribe(server: Server) -> None:
    wire = Wire(server, HANDSHAKE)
    assert wire.request("resources/subscribe", WATCHED).result == {}
    assert wire.request("resources/unsubscribe", WATCHED).result == {}


# Prompts


def messages(wire: Wire, name: str, arguments: dict[str, str] | None = None) -> list[dict[str, Any]]:
    params: dict[str, Any] = {"name": name}
    if arguments is not None:
        params["arguments"] = arguments
    found = wire.request("prompts/get", params).result["messages"]
    assert all(message["role"] == "user" for message in found)
    return [message["content"] for message in found]


@requirement("prompts-list")
def test_prompts_list(wire: Wire) -> None:
    result = wire.request("prompts/list").result
    assert "nextCursor" not in result
    prompts = {prompt["name"]: prompt for prompt in result["prompts"]}
    assert all(prompt["description"] for prompt in prompts.values())
    wanted = {"test_simple_prompt", "test_prompt_with_embedded_resource", "test_prompt_with_image"}
    assert wanted | {"test_prompt_with_arguments", "test_input_required_result_prompt"} <= set(prompts)
    arguments = {argument["name"]: argument for argument in prompts["test_prompt_with_arguments"]["arguments"]}
    assert set(arguments) == {"arg1", "arg2"} and all(argument["required"] for argument in arguments.values())


@requirement("prompts-get-simple")
def test_simple_prompt(wire: Wire) -> None:
    assert messages(wire, "test_simple_prompt") == [{"type": "text", "text": "This is a simple prompt for testing."}]


@requirement("prompts-get-with-args")
def test_prompt_with_arguments(wire: Wire) -> None:
    (content,) = messages(wire, "test_prompt_with_arguments", {"arg1": "testValue1", "arg2": "testValue2"})
    assert content["text"] == "Prompt with arguments: arg1='testValue1', arg2='testValue2'"


@requirement("prompts-get-with-args", "M-31")
def test_a_prompt_without_what_it_requires_is_invalid(wire: Wire) -> None:
    for params in ({"name": "test_prompt_with_arguments", "arguments": {"arg1": "x"}}, {"name": "no_such_prompt"}):
        assert wire.request("prompts/get", params).error["code"] == -32602


@requirement("prompts-get-embedded-resource")
def test_prompt_with_embedded_resource(wire: Wire) -> None:
    uri = "test://example-resource"
    resource, text = messages(wire, "test_prompt_with_embedded_resource", {"resourceUri": uri})
    expected = {"uri": uri, "mimeType": "text/plain", "text": "Embedded resource content for testing."}
    assert resource["type"] == "resource" and resource["resource"] == expected
    assert text == {"type": "text", "text": "Please process the embedded resource above."}


@requirement("prompts-get-with-image")
def test_prompt_with_image(wire: Wire) -> None:
    image, text = messages(wire, "test_prompt_with_image")
    assert (image["type"], image["mimeType"]) == ("image", "image/png") and decoded(image).startswith(PNG)
    assert text == {"type": "text", "text": "Please analyze the image above."}


@requirement("M-32", "M-31")
@pytest.mark.parametrize("method", ["tools/list", "prompts/list", "resources/list", "resources/templates/list"])
def test_a_cursor_that_was_not_given_is_invalid(wire: Wire, method: str) -> None:
    answer = wire.request(method, {"cursor": "never given"})
    assert (answer.status, answer.error["code"]) == (200, -32602)
