"""Holdfast in front of servers: what passes through it, what does not, whose server answers, and what settings are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conversation import MODERN, Client
from recording import Recording, child
from requirement import requirement
from server import Server, eventually, run_once

Maker = Callable[..., Server]

# Spelled as no encoder would: what is not copied is seen.
ODD_ARGUMENTS = b'{"z":1.0,"a":1e2,"big":10000000000000000000000,"\\u0061b":"\\u00e9/\\/","n":-0.0,"o":{"y":1E+2,"x":[1.50]}}'
ODD_RESULT = (
    '{"content":[{"type":"text","text":"\\u00e9\\/","unheard-of":{"b":1.0,"a":1e2}}],'
    '"structuredContent":{"z":1.0,"a":10000000000000000000000,"m":-0.0,"e":1E+2},'
    '"_meta":{"example.org/odd":{"n":1.50}},"later":[1.0]}'
)


def declared(server: Server, **upstreams: dict[str, Any]) -> Server:
    """JSON is YAML."""
    (server.home / "holdfast.yaml").write_text(json.dumps({"upstreams": upstreams}))
    return server


def as_setting(command: list[str], **more: Any) -> dict[str, Any]:
    return {"command": command[0], "arguments": command[1:], **more}


def names(client: Client) -> list[str]:
    return [tool["name"] for tool in client.list_tools().result["tools"]]


def raw_call(client: Client, tool: str, arguments: bytes, more: bytes = b"") -> bytes:
    """The bytes of an answer; the request's are written out too."""
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":%s%s}}'
    answer = client.start(body % (tool.encode(), arguments, more), headers={"Accept": "application/json"}).finish()
    assert answer.status == 200, answer
    return answer.body


# What passes through


def test_arguments_and_results_keep_their_bytes_before_a_child(make_server: Maker, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    server = make_server("--", *child(tools=["odd"], raw={"odd": ODD_RESULT}, heard=str(heard)), kind="product").start()
    meta = b',"_meta":{"example.org/mine":{"b":1.0,"a":1e2}},"unheard-of":[1.0]'
    answer = raw_call(Client(server).open(), "odd", ODD_ARGUMENTS, meta)
    assert ODD_RESULT.encode()[1:-1] in answer, answer
    calls = [line for line in heard.read_bytes().splitlines() if b"tools/call" in line]
    assert len(calls) == 1
    assert b'"arguments":' + ODD_ARGUMENTS in calls[0], calls
    assert b'"example.org/mine":{"b":1.0,"a":1e2}' in calls[0], calls
    assert b'"unheard-of":[1.0]' in calls[0], calls


def test_arguments_and_results_keep_their_bytes_before_a_remote_server(make_server: Maker) -> None:
    with Recording(["odd"], {"odd": ODD_RESULT}) as remote:
        server = make_server("--upstream", remote.url, kind="product").start()
        answer = raw_call(Client(server).open(), "odd", ODD_ARGUMENTS)
        (call,) = [heard for heard in remote.heard if b"tools/call" in heard.body]
        assert ODD_RESULT.encode()[1:-1] in answer, answer
        assert b'"arguments":' + ODD_ARGUMENTS in call.body, call


def test_the_tools_keep_their_bytes(make_server: Maker) -> None:
    schema = '{"type":"object","properties":{"z":{"type":"number","minimum":1.0},"a":{"maximum":1e2}},"x-later":[1.50]}'
    listed = '{"tools":[{"name":"odd","inputSchema":' + schema + ',"_meta":{"example.org/a":1.0},"later":1E2}]}'
    with Recording([]) as remote:
        outcome = remote.script.outcome
        remote.script.outcome = lambda method, params: (  # type: ignore[method-assign]
            f'"result":{listed}' if method == "tools/list" else outcome(method, params)
        )
        server = make_server("--upstream", remote.url, kind="product").start()
        body = Client(server).open().start({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).finish().body
    for part in (schema, '"example.org/a":1.0', '"later":1E2'):
        assert part.encode() in body, (part, body)


@requirement("B-104")
def test_what_a_client_shows_us_is_not_shown_to_servers_behind(make_server: Maker) -> None:
    with Recording(["echo"]) as remote:
        server = make_server("--config", "holdfast.yaml", kind="product")
        key = server.add_key("ada")
        server.flags[-1] = str(server.home / "holdfast.yaml")
        declared(server, far={"url": remote.url, "bearer": "ours-to-show", "headers": {"X-Team": "kelp"}}).start()
        client = Client(server, key=key).open()
        secrets = {
            "Cookie": "session=theirs", "X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7",
            "Proxy-Authorization": "Basic dGhlaXJz", "X-Api-Key": "theirs", "X-Forwarded-User": "ada",
        }  # fmt: skip
        assert client.call("echo", {"text": "hello"}, headers=secrets).text == "hello"
        assert [heard for heard in remote.heard if b"tools/call" in heard.body]
        for heard in remote.heard:
            everything = repr(heard.headers) + heard.body.decode()
            assert key not in everything and "theirs" not in everything and "203.0.113.7" not in everything, heard
            assert heard.header("Authorization") == "Bearer ours-to-show", heard
            assert heard.header("X-Team") == "kelp", heard
            assert heard.header("Cookie") is None and heard.header("X-Forwarded-User") is None, heard
        assert client.session and client.session not in repr(remote.heard)


def test_a_token_that_was_renewed_in_its_file_is_read_again(make_server: Maker) -> None:
    with Recording(["echo"]) as remote:
        server = make_server("--config", "holdfast.yaml", kind="product")
        server.flags[-1] = str(server.home / "holdfast.yaml")
        token = server.home / "token"
        token.write_text("first\n")
        declared(server, far={"url": remote.url, "bearer-file": str(token)}).start()
        client = Client(server).open()
        assert client.call("echo", {"text": "before"}).text == "before"
        token.write_text("second\n")
        remote.refused.add("Bearer first")
        assert client.call("echo", {"text": "after"}).text == "after"
        assert remote.heard[-1].header("Authorization") == "Bearer second"


# Several


def test_one_bad_server_takes_nothing_from_the_others(make_server: Maker) -> None:
    server = make_server("--upstream-list-time", "500ms", "--config", "holdfast.yaml", kind="product")
    server.flags[-1] = str(server.home / "holdfast.yaml")
    gate = server.home / "gate"
    declared(
        server,
        bad=as_setting([str(server.home / "no-such-program")]),
        slow=as_setting(child(tools=["late"], gate=str(gate))),
        odd=as_setting(child(tools=["fine", {"name": "broken", "inputSchema": "not a schema"}, "too"])),
        good=as_setting(child(tools=["zebra", "echo", "ape"])),
    ).start()
    client = Client(server).open()
    others = ["odd_fine", "odd_too", "good_zebra", "good_echo", "good_ape"]
    eventually(lambda: names(client) == others, 5, "the tools of those that are there")
    bodies = {client.start(client.message("tools/list", id=1)).finish().body for _ in range(5)}
    assert len(bodies) == 1
    assert client.call("good_echo", {"text": "hello"}).text == "hello"
    listening = client.listen()
    gate.touch()
    _, message = listening.message(10)
    assert message["method"] == "notifications/tools/list_changed"
    listening.close()
    eventually(lambda: names(client) == ["slow_late", *others], 5, "in the order of the file")
    assert client.call("slow_late", {"text": "here"}).text == "here"
    assert Client(server).open().list_tools().result["tools"] == client.list_tools().result["tools"]


# Whose server


def pid_of(client: Client) -> int:
    return int(client.call("pid").text)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def in_front(make_server: Maker, *flags: str) -> tuple[Server, list[str]]:
    server = make_server(*flags, "--", *child(tools=["pid", "wait"]), kind="product")
    keys = [server.add_key("ada"), server.add_key("bo")]
    return server.start(), keys


@requirement("B-11")
def test_each_principal_has_a_child_of_its_own(make_server: Maker) -> None:
    server, (ada, bo) = in_front(make_server)
    first = pid_of(Client(server, key=ada).open())
    assert pid_of(Client(server, key=ada).open()) == first
    assert pid_of(Client(server, key=bo).open()) != first


def test_a_shared_child_is_everybodys(make_server: Maker) -> None:
    server, (ada, bo) = in_front(make_server, "--upstream-lifetime", "shared")
    assert pid_of(Client(server, key=ada).open()) == pid_of(Client(server, key=bo).open())


def test_the_child_of_a_session_ends_after_it_and_after_what_it_owes(make_server: Maker, tmp_path: Path) -> None:
    server, (ada, _) = in_front(make_server, "--upstream-lifetime", "per-session", "--json-wait", "10ms")
    one, other = Client(server, key=ada).open(), Client(server, key=ada).open()
    first, second = pid_of(one), pid_of(other)
    assert first != second
    gate = tmp_path / "gate"
    owed = one.begin_call("wait", {"gate": str(gate), "text": "delivered"})
    owed.head()
    assert one.delete().status == 200
    assert alive(first)
    gate.touch()
    assert owed.finish().text == "delivered"
    eventually(lambda: not alive(first), 10, "the child of the session is gone")
    assert pid_of(other) == second


# What is refused

BAD_FILES = {
    "upstreams: [\n": "holdfast.yaml",
    "upstreams:\n  far: {}\n": "upstreams.far",
    "upstreams:\n  far:\n    uri: http://localhost/mcp\n": "upstreams.far.uri",
    "upstreams:\n  far:\n    url: http://localhost/mcp\n    bearer-file: /no/such/file\n": "upstreams.far.bearer-file",
    "upstreams:\n  a:\n    command: cat\n    prefix: x\n  b:\n    command: cat\n    prefix: x_y\n": "upstreams.b.prefix",
    "upstreams:\n  memory:\n    command: cat\nmemory: true\n": "upstreams.memory",
}


def refused(*arguments: str, naming: str, data: Path) -> None:
    done = run_once("serve", "--data-dir", str(data), "--port", "0", *arguments)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 64, done
    assert len(lines) == 1 and naming in lines[0], lines


@pytest.mark.parametrize(("text", "naming"), BAD_FILES.items(), ids=BAD_FILES.values())
def test_a_bad_file_is_one_line(text: str, naming: str, tmp_path: Path) -> None:
    file = tmp_path / "holdfast.yaml"
    file.write_text(text)
    refused("--config", str(file), naming=naming, data=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (["--upstream", "http://localhost/mcp", "--", "cat"], "upstream"),
        (["--upstream", "localhost:8000"], "upstream"),
        (["--upstream-lifetime", "forever", "--", "cat"], "upstream-lifetime"),
        (["--", "--flag"], "--flag"),
    ],
)
def test_a_bad_command_line_is_one_line(arguments: list[str], naming: str, tmp_path: Path) -> None:
    refused(*arguments, naming=naming, data=tmp_path)


def test_flags_after_the_command_are_the_commands(make_server: Maker) -> None:
    server = make_server("--", *child(tools=["echo"]), "--port", "1", "--api-key", "short", kind="product").start()
    assert names(Client(server).open()) == ["echo"]


@requirement("B-100")
def test_a_call_that_is_refused_for_its_headers_is_sent_again_with_those_wanted_now(make_server: Maker) -> None:
    region: dict[str, Any] = {"type": "string"}
    schema = {"type": "object", "properties": {"region": region}}

    def outcome(method: str, params: dict[str, Any]) -> str:
        complete = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        match method:
            case "server/discover":
                about = {"supportedVersions": [MODERN], "capabilities": {"tools": {}}}
                return remote.script.result({**complete, **about, "serverInfo": {"name": "scripted", "version": "1"}})
            case "tools/list":
                return remote.script.result({**complete, "tools": [{"name": "where", "inputSchema": schema}]})
            case "tools/call" if remote.heard[-1].header("Mcp-Param-Region") != "eu":
                return '"error":{"code":-32020,"message":"Mcp-Param-Region is missing"}'
            case "tools/call":
                return remote.script.result({"resultType": "complete", "content": [{"type": "text", "text": "there"}]})
        return '"error":{"code":-32601,"message":"Method not found"}'

    with Recording([]) as remote:
        remote.script.outcome = outcome  # type: ignore[method-assign]
        server = make_server("--upstream", remote.url, kind="product").start()
        client = Client(server).open()
        eventually(lambda: names(client) == ["where"], 10, "the tool is there")
        region["x-mcp-header"] = "Region"
        assert client.call("where", {"region": "eu"}).text == "there"
        assert sum(b"tools/call" in heard.body for heard in remote.heard) == 2
