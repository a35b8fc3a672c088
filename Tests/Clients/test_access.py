"""Who is let in, from where, with how much; and what the program says when it will not start."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conversation import Client
from requirement import requirement
from server import Server, eventually, run_once
from wire import Connection, request_bytes

FLAGS: list[str] = []
KEY = "hf-test-key-0123456789abcdefghijklmnop"
LIMIT = 4 * 1024 * 1024


# Keys


@pytest.fixture
def locked(make_server: Callable[..., Server]) -> Server:
    return make_server("--api-key", KEY).start()


@requirement("H-09", "A-01", "A-02")
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Bearer wrong", 401),
        (f"Bearer {KEY}x", 401),
        (f"Bearer {KEY[:-1]}", 401),
        (f"Bearer {KEY.upper()}", 401),
        (f"Basic {KEY}", 401),
        (KEY, 401),
        (f"Bearer {KEY}", 200),
        (f"bearer {KEY}", 200),
        (f"Bearer  {KEY}", 200),
        ("Bearer " + "x" * 16_000, 401),
    ],
)
def test_authorization_is_looked_at_on_every_request(locked: Server, authorization: str | None, status: int) -> None:
    client = Client(locked, key=KEY).open()
    headers = {"Authorization": authorization}
    answers = [
        client.list_tools(headers=headers).head,
        client.initialize(headers=headers).head,
        client.notify("notifications/initialized", headers=headers).head,
        client.listen(headers=headers).head,
        client.delete(headers=headers).head,
    ]
    if status == 200:
        assert [head.status for head in answers] == [200, 200, 202, 200, 200]
        return
    for head in answers:
        assert head.status == 401
        challenge = head.get("www-authenticate") or ""
        assert challenge.lower().startswith("bearer")
        if "resource_metadata" in challenge:
            assert 'resource_metadata="http' in challenge, "it must be absolute"
        assert head.get("set-cookie") is None
    assert Client(locked, key=KEY).open().list_tools().status == 200


def test_a_key_in_the_url_counts_for_nothing(locked: Server) -> None:
    for query in (f"?access_token={KEY}", f"?api_key={KEY}", f"?token={KEY}"):
        assert Client(locked).initialize(path=locked.path + query).status == 401


@requirement("H-08")
def test_no_key_is_needed_for_health_readiness_and_preflight(locked: Server) -> None:
    assert locked.fetch("/health").status == 200
    assert locked.fetch("/ready").status == 200
    headers = {"Origin": "https://claude.ai", "Access-Control-Request-Method": "POST"}
    assert locked.fetch(locked.path, "OPTIONS", headers).status == 204
    assert locked.fetch(locked.path, "HEAD").status in (401, 405)


def test_keys_made_and_revoked_while_the_server_runs_work_within_two_seconds(
    make_server: Callable[..., Server],
) -> None:
    server = make_server()
    first = server.add_key("first")
    server.start()
    assert Client(server, key=first).open().list_tools().status == 200
    second = server.add_key("second")
    client = Client(server, key=second)
    eventually(lambda: client.initialize().status == 200, 2, "a new key works")
    assert client.list_tools().status == 200
    done = run_once("keys", "revoke", "second", "--data-dir", str(server.data))
    assert done.returncode == 0, done
    eventually(lambda: client.list_tools().status == 401, 2, "a revoked key stops working")
    assert client.initialize().status == 401
    assert Client(server, key=first).open().list_tools().status == 200


def test_keys_are_listed_by_name_and_never_shown_again(make_server: Callable[..., Server]) -> None:
    server = make_server()
    keys = [server.add_key(name) for name in ("alice", "bob")]
    assert len(set(keys)) == 2
    listed = run_once("keys", "list", "--data-dir", str(server.data))
    assert listed.returncode == 0 and "alice" in listed.stdout and "bob" in listed.stdout
    server.start()
    assert Client(server, key=keys[0]).open().call("echo", {"text": "x"}).text == "x"
    everything = listed.stdout + listed.stderr + server.text()
    stored = b"".join(file.read_bytes() for file in server.data.rglob("*") if file.is_file())
    for key in keys:
        assert key not in everything
        assert key.encode() not in stored and key.encode()[-20:] not in stored, "only a hash is kept"


def test_keys_that_cannot_be_made_or_revoked_say_so_in_one_line(make_server: Callable[..., Server]) -> None:
    server = make_server()
    data = server.data
    server.add_key("taken")
    for command in (["create", "taken"], ["revoke", "nobody"]):
        done = run_once("keys", *command, "--data-dir", str(data))
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1 and command[1] in done.stderr


# Host, address and size


FOREIGN = ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example"]


@requirement("S-02")
@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_host_header_is_403_on_a_loopback_address(server: Server, name: str) -> None:
    client = Client(server).open()
    assert client.list_tools(headers={"Host": name}).status == 403
    assert client.delete(headers={"Host": name}).status == 403
    assert client.list_tools().status == 200


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_loopback_host_headers_are_served_with_any_port(client: Client, name: str) -> None:
    for host in (name, f"{name}:{client.server.port}", f"{name}:9999"):
        assert client.list_tools(headers={"Host": host}).status == 200


def test_the_public_name_is_served_behind_a_proxy(make_server: Callable[..., Server]) -> None:
    client = Client(make_server("--public-url", "https://mcp.example/mcp").start())
    assert client.list_tools(headers={"Host": "mcp.example"}).status == 200
    assert client.list_tools(headers={"Host": "evil.example"}).status == 403


def test_other_allowed_origins_are_a_setting(make_server: Callable[..., Server]) -> None:
    server = make_server("--allowed-origins", "https://app.example").start()
    client = Client(server)
    assert client.initialize(headers={"Origin": "https://app.example"}).status == 200
    assert client.initialize(headers={"Origin": "https://other.example"}).status == 403


@requirement("H-06")
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_beyond_the_limit_is_413_and_can_be_read(client: Client, framing: str) -> None:
    text = b"x" * (LIMIT + 1024)
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"%s"}}}' % text
    headers = client.headers()
    if framing == "chunked":
        headers["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        headers["Content-Length"] = str(len(body))
    with client.server.connect() as connection:
        connection.send_until_refused(request_bytes("POST", client.server.path, list(headers.items())) + body)
        assert connection.response().status == 413
    assert client.list_tools().status == 200


@requirement("H-06")
def test_an_announced_body_beyond_the_limit_is_refused_before_it_is_sent(client: Client) -> None:
    with client.server.connect() as connection:
        headers = client.headers({"Content-Length": str(10**12)})
        connection.send("POST", client.server.path, headers.items())
        assert connection.read_head().status == 413


def test_a_body_within_the_limit_is_served(client: Client) -> None:
    assert len(client.call("echo", {"text": "x" * (LIMIT - 1024)}).text) == LIMIT - 1024


@requirement("H-06")
def test_headers_beyond_the_limit_are_431(client: Client) -> None:
    for extra in ({"X-Filler": "x" * 200_000}, {f"X-Filler-{n}": "x" * 1000 for n in range(200)}):
        with client.server.connect() as connection:
            connection.send_until_refused(
                request_bytes("POST", client.server.path, list(client.headers(extra).items()), b"{}")
            )
            assert connection.read_head().status == 431
    assert client.list_tools().status == 200


def test_what_is_not_http_is_answered_or_closed_but_harms_nobody(client: Client) -> None:
    tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    for garbage in (tls, b"GET\r\n\r\n", b"\x00" * 1000, b"POST /mcp HTTP/9.9\r\n\r\n"):
        with client.server.connect() as connection:
            connection.send_until_refused(garbage)
            connection.half_close()
            connection.wait_for_close(5)
    assert client.list_tools().status == 200


def test_unknown_paths_are_404(server: Server) -> None:
    for path in ("/", "/mcp2", "/mcp/x", "/.well-known/oauth-protected-resource", "/admin"):
        assert server.fetch(path).status == 404


# Starting


def refuses(*arguments: str, names: str, status: set[int], environment: dict[str, str] | None = None) -> None:
    done = run_once("serve", *arguments, environment=environment)
    assert done.returncode in status, done
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, f"one line was expected: {done.stderr!r}"
    assert names in lines[0]
    for mark in ("Fatal error", "Optional", "Swift.", "NIOCore", "SQLite error"):
        assert mark not in lines[0]


def test_a_host_that_is_not_loopback_needs_a_key_or_a_word(tmp_path: Path, make_server: Callable[..., Server]) -> None:
    refuses("--host", "0.0.0.0", "--port", "0", "--data-dir", str(tmp_path / "d"), names="host", status={1, 64})
    for flags in (["--allow-anonymous"], ["--api-key", KEY]):
        server = make_server("--host", "0.0.0.0", *flags)
        server.start()
        server.host = "127.0.0.1"
        assert Client(server, key=KEY).open().list_tools().status == 200
        assert Client(server).initialize().status == (200 if "--allow-anonymous" in flags else 401)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--no-such-flag"], "no-such-flag"),
        (["--port", "eighty"], "port"),
        (["--port", "70000"], "port"),
        (["--drain-grace", "soon"], "drain-grace"),
        (["--max-body", "-1"], "max-body"),
        (["--log-format", "xml"], "log-format"),
        (["--log-level", "shout"], "log-level"),
        (["--path", "mcp"], "path"),
        (["surplus"], "surplus"),
    ],
)
def test_wrong_usage_is_64_and_one_line(tmp_path: Path, arguments: list[str], names: str) -> None:
    refuses("--data-dir", str(tmp_path / "d"), *arguments, names=names, status={64})


def test_wrong_settings_elsewhere_are_named_too(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path / "d")]
    refuses(*data, names="HOLDFAST_PORT", status={64}, environment={"HOLDFAST_PORT": "eighty"})
    refuses(*data, names="PORT", status={64}, environment={"PORT": "eighty"})
    file = tmp_path / "holdfast.yaml"
    file.write_text("portt: 80\n")
    refuses(*data, "--config", str(file), names="portt", status={1, 64})
    file.write_text("port: [80\n")
    refuses(*data, "--config", str(file), names="holdfast.yaml", status={1, 64})
    refuses(*data, "--config", str(tmp_path / "missing.yaml"), names="missing.yaml", status={1, 64})


def test_a_port_in_use_is_1_and_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refuses("--port", port, "--data-dir", str(tmp_path / "d"), names=port, status={1})


def test_a_data_directory_that_cannot_be_written_is_1_and_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("")
    refuses("--port", "0", "--data-dir", str(file / "data"), names="data-dir", status={1})


def test_flags_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, make_server: Callable[..., Server]
) -> None:
    file = tmp_path / "holdfast.yaml"
    file.write_text("server-name: from-file\npath: /from-file\ninstructions: from-file\n")
    environment = {"HOLDFAST_SERVER_NAME": "from-environment", "HOLDFAST_PATH": "/from-environment"}
    server = make_server("--config", str(file), "--path", "/from-flag", environment=environment).start()
    assert server.path == "/from-flag"
    result = Client(server).initialize().result
    assert result["serverInfo"]["name"] == "from-environment"
    assert result["instructions"] == "from-file"


def test_help_names_every_setting() -> None:
    done = run_once("serve", "--help")
    assert done.returncode == 0
    for name in (
        "host", "port", "path", "data-dir", "config", "api-key", "allow-anonymous", "strict", "log-format", "log-level",
        "drain-grace", "shutdown-grace", "session-idle-expiry", "max-sessions", "max-body", "keep-alive", "json-wait",
    ):  # fmt: skip
        assert f"--{name}" in done.stdout, name


@pytest.mark.parametrize("flags", [[], ["--api-key", KEY]], ids=["open", "with a key"])
def test_the_start_tells_how_to_connect(make_server: Callable[..., Server], flags: list[str]) -> None:
    server = make_server("--log-format", "text", *flags, kind="product").start()
    eventually(lambda: str(server.data) in server.text(), what="the start names the data directory")
    assert server.url in server.text()
    assert "key" in server.text().lower()
    assert KEY not in server.text()
    assert server.stop() == 0


def test_a_client_that_connects_and_says_nothing_keeps_nobody_out(make_server: Callable[..., Server]) -> None:
    server = make_server("--idle-connection-timeout", "500ms").start()
    silent = [Connection(server.address) for _ in range(50)]
    assert Client(server).open().list_tools().status == 200
    started = time.monotonic()
    for connection in silent:
        connection.wait_for_close(5)
    assert time.monotonic() - started < 5


def test_the_version_is_told(server: Server) -> None:
    done = run_once("--version")
    assert done.returncode == 0 and done.stdout.strip()
    told = Client(server).initialize().result["serverInfo"]["version"]
    assert told in done.stdout, subprocess.list2cmdline(done.args)


def test_the_answer_to_head_is_a_head(server: Server) -> None:
    for path in (server.path, "/health", "/nothing"):
        with server.connect() as connection:
            connection.send_raw(f"HEAD {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
            connection.send_raw(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
            received = b"".join(iter(lambda: connection.socket.recv(65536), b""))
        assert received.count(b"HTTP/1.1 ") == 2, received
        head, _, rest = received.partition(b"\r\n\r\n")
        assert rest.startswith(b"HTTP/1.1 200"), received
