"""Resources, prompts and completion in both eras: lists, reading, subscriptions and changes, codes of what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from conversation import VERSIONS, Client, Listening
from per_request import PerRequest, Subscription
from requirement import requirement
from server import Server
from wire import Late

FLAGS = ["--json-wait", "200ms"]
NOTE = "fixture://note"
UPDATED = "notifications/resources/updated"
CHANGED = {"resource": "notifications/resources/list_changed", "prompt": "notifications/prompts/list_changed"}
ITEM = {"type": "ref/resource", "uri": "fixture://item/{id}"}
GREETING = {"type": "ref/prompt", "name": "greeting"}


@pytest.fixture(params=["handshake", "per-request"])
def either(request: pytest.FixtureRequest, server: Server) -> Client | PerRequest:
    return Client(server).open() if request.param == "handshake" else PerRequest(server)


def heard(listening: Listening | Subscription, timeout: float = 5) -> dict[str, Any]:
    found = listening.message(timeout)
    return found[1] if isinstance(found, tuple) else found


@requirement("M-24")
def test_what_there_is_is_advertised(server: Server) -> None:
    wanted = {"resources": {"subscribe": True, "listChanged": True}, "prompts": {"listChanged": True}, "completions": {}}
    mine = Client(server).initialize().result["capabilities"]
    theirs = PerRequest(server).request("server/discover").result["capabilities"]
    for name, value in wanted.items():
        assert mine[name] == theirs[name] == value


@requirement("M-31", "M-04")
@pytest.mark.parametrize("uri", ["fixture://nothing", "fixture://item/none", "other://x", "not a uri", ""])
def test_what_is_not_there_has_the_code_of_its_era(server: Server, uri: str) -> None:
    for client, code in ((Client(server).open(), -32002), (PerRequest(server), -32602)):
        answer = client.request("resources/read", {"uri": uri})
        assert (answer.status, answer.error["code"], answer.error["data"]) == (200, code, {"uri": uri})


@requirement("M-31")
def test_a_read_of_nothing_in_particular_is_invalid(either: Client | PerRequest) -> None:
    for params in ({}, {"uri": 5}, {"uri": None}):
        answer = either.request("resources/read", params)
        assert answer.error["code"] == -32602


def test_a_template_is_filled_in(either: Client | PerRequest) -> None:
    (template,) = either.request("resources/templates/list").result["resourceTemplates"]
    assert template["uriTemplate"] == ITEM["uri"]
    for id, text in (("7", "7"), ("a%20b", "a b"), ("%C3%BC", "ü")):
        (contents,) = either.request("resources/read", {"uri": f"fixture://item/{id}"}).result["contents"]
        assert contents["text"] == text


def test_a_prompt_is_filled_in(either: Client | PerRequest) -> None:
    result = either.request("prompts/get", {"name": "greeting", "arguments": {"who": "Ü"}}).result
    assert result["messages"] == [{"role": "user", "content": {"type": "text", "text": "Hello, Ü!"}}]
    for params in ({"name": "greeting"}, {"name": "greeting", "arguments": {"who": 5}}, {"name": "none"}, {}):
        assert either.request("prompts/get", params).error["code"] == -32602


def test_arguments_are_completed(either: Client | PerRequest) -> None:
    def complete(ref: dict[str, str], name: str, value: str) -> list[str]:
        params = {"ref": ref, "argument": {"name": name, "value": value}}
        return list(either.request("completion/complete", params).result["completion"]["values"])

    assert complete(GREETING, "who", "Al") == ["Alice", "Albert"]
    assert complete(ITEM, "id", "tw") == ["two", "twenty"]
    assert complete(GREETING, "unknown", "x") == complete(GREETING, "who", "x") == []
    for params in ({"ref": GREETING}, {"ref": {"type": "ref/other"}, "argument": {"name": "a", "value": ""}}, {}):
        assert either.request("completion/complete", params).error["code"] == -32602


# Changes


@requirement("M-03", "H-54")
def test_a_session_hears_of_what_it_subscribed_to(server: Server) -> None:
    client, other = Client(server).open(), Client(server).open()
    listening, stranger = client.listen(), other.listen()
    assert client.request("resources/subscribe", {"uri": NOTE}).result == {}
    client.call("touch", {"uri": "fixture://item/1"})
    client.call("touch", {"uri": NOTE})
    assert heard(listening) == {"jsonrpc": "2.0", "method": UPDATED, "params": {"uri": NOTE}}
    assert client.request("resources/unsubscribe", {"uri": NOTE}).result == {}
    client.call("touch", {"uri": NOTE})
    for quiet in (listening, stranger):
        with pytest.raises(Late):
            heard(quiet, 0.3)
        quiet.close()


@requirement("M-03", "H-52")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", CHANGED)
def test_every_version_hears_of_a_changed_list(server: Server, version: str, kind: str) -> None:
    client = Client(server, version).open()
    listening = client.listen()
    for remove in (False, True):
        assert client.call("put", {"kind": kind, "remove": remove}).notifications == []
        assert heard(listening)["method"] == CHANGED[kind]
    listening.close()


@requirement("M-29", "M-21")
def test_a_subscription_hears_of_the_resources_that_it_named(caller: PerRequest) -> None:
    one = caller.listen({"resourceSubscriptions": [NOTE, "fixture://item/1"]})
    other = caller.listen({"resourceSubscriptions": ["fixture://item/2"]})
    assert one.granted["resourceSubscriptions"] == [NOTE, "fixture://item/1"]
    for uri in ("fixture://item/2", "fixture://item/1", NOTE):
        caller.call("touch", {"uri": uri})
    assert [heard(one)["params"]["uri"] for _ in range(2)] == ["fixture://item/1", NOTE]
    assert heard(other)["params"]["uri"] == "fixture://item/2"
    for subscription in (one, other):
        with pytest.raises(Late):
            heard(subscription, 0.2)
        subscription.close()


@requirement("M-29")
@pytest.mark.parametrize("kind", CHANGED)
def test_a_subscription_hears_of_the_lists_that_it_named(caller: PerRequest, kind: str) -> None:
    wanted = {"resource": "resourcesListChanged", "prompt": "promptsListChanged"}
    mine = caller.listen({wanted[kind]: True})
    rest = caller.listen({"toolsListChanged": True, **{name: True for key, name in wanted.items() if key != kind}})
    assert mine.granted == {wanted[kind]: True} and len(rest.granted) == 2
    for remove in (False, True):
        caller.call("put", {"kind": kind, "remove": remove})
        assert heard(mine)["method"] == CHANGED[kind]
    with pytest.raises(Late):
        heard(rest, 0.2)
    mine.close()
    rest.close()


@requirement("H-89", "M-32")
def test_a_resource_that_was_read_says_how_long_it_may_be_kept(caller: PerRequest) -> None:
    for method, params in (("resources/read", {"uri": NOTE}), ("resources/templates/list", {}), ("prompts/list", {})):
        result = caller.request(method, params).result
        assert type(result["ttlMs"]) is int and result["ttlMs"] >= 0 and result["cacheScope"] in ("public", "private")
    assert not {"ttlMs", "cacheScope"} & set(caller.request("prompts/get", {"name": "greeting", "arguments": {"who": "x"}}).result)


@requirement("M-32", "M-31")
@pytest.mark.parametrize("method", ["tools/list", "prompts/list", "resources/list", "resources/templates/list"])
@pytest.mark.parametrize("cursor", ["", "nonsense", "MQ==", "0", 5, {}])
def test_a_cursor_that_was_not_given_is_invalid(either: Client | PerRequest, method: str, cursor: Any) -> None:
    answer = either.request(method, {"cursor": cursor})
    assert (answer.status, answer.error["code"]) == (200, -32602)
