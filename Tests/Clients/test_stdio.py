"""`holdfast stdio`: lines in, lines out, and every way in which that ends. Issue 3; protocol.md §7."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from child import Child
from conversation import MODERN, Client, modern_meta
from requirement import requirement
from server import Server, binary, clean_environment, eventually

META = "io.modelcontextprotocol/protocolVersion"
PLAIN = clean_environment()


@pytest.fixture
def child(workplace: Path) -> Iterator[Callable[..., Child]]:
    made: list[Child] = []

    def make(*flags: str, **options: Any) -> Child:
        made.append(Child(workplace / f"stdio-{time.monotonic_ns()}", *flags, **options))
        return made[-1]

    yield make
    for each in made:
        each.process.kill()
        each.process.wait()
        if each.process.stdin:
            each.process.stdin.close()
        text = each.errors.read_text()
        for mark in ("Fatal error", "Crash", '"level":"error"', '"level":"critical"'):
            assert mark not in text, text[-2000:]


@requirement("T-01", "T-10")
def test_a_conversation_of_the_handshake_era(child: Callable[..., Child]) -> None:
    server = child().open()
    server.request("tools/list", id="list")
    assert {"echo", "gate"} <= {tool["name"] for tool in server.next()["result"]["tools"]}
    server.call("echo", {"text": "grüße ☃"}, id=2)
    assert server.text(2) == "grüße ☃"
    server.call("stream", {"n": 3, "everyMs": 5}, id=3, progressToken="t")
    steps = [server.next()["params"] for _ in range(3)]
    assert [(step["progressToken"], step["progress"]) for step in steps] == [("t", 1), ("t", 2), ("t", 3)]
    assert server.text(3) == "streamed 3"
    server.close_input()
    assert server.rest() == [] and server.wait() == 0


def test_the_product_serves_memories_that_serve_shares(
    child: Callable[..., Child], make_server: Callable[..., Server]
) -> None:
    shared = make_server(kind="product").start()
    served = Client(shared).open()
    server = child(kind="product", data=shared.data).open()
    server.call("memory_store", {"content": "The harbour master likes barnacles"})
    assert "id" in server.next()
    assert "barnacles" in served.call("memory_search", {"query": "barnacles"}).text
    stored = served.call("memory_store", {"content": "The lighthouse keeper prefers limpets"})
    assert stored.text
    server.call("memory_search", {"query": "limpets"}, id=2)
    assert "limpets" in server.text(2)
    server.close_input()
    assert server.wait() == 0
    assert served.call("memory_search", {"query": "limpets"}).text


def test_list_changed_arrives_without_a_request(child: Callable[..., Child]) -> None:
    server = child().open()
    server.call("grow", id=1)
    messages = [server.next(), server.next()]
    assert {"notifications/tools/list_changed", None} == {message.get("method") for message in messages}


@requirement("T-01")
def test_wrong_input_gets_errors_and_nothing_else_happens(child: Callable[..., Child]) -> None:
    server = child("--max-body", "64KiB").open()
    wrong = [
        (b"this is not json\n", -32700),
        (b'{"jsonrpc":"2.0","id":1,\n', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"\xff\xfe"}}\n', -32700),
        (b"\xc3\n", -32700),
        (b"[]\n", -32600),
        (b"42\n", -32600),
        (b'{"jsonrpc":"2.0","result":{}}\n', -32600),
        (b"x" * 70_000 + b"\n", -32600),
    ]
    for line, code in wrong:
        server.send_raw(line)
        message = server.next()
        assert (message["id"], message["error"]["code"]) == (None, code), (line[:60], message)
    server.send_raw(b'\r\n  \n\n{"jsonrpc":"2.0","id":"crlf","method":"ping"}\r\n')
    assert server.next() == {"jsonrpc": "2.0", "id": "crlf", "result": {}}
    server.send_raw(b'{"jsonrpc":"2.0","id":7,"method":5}\n')
    assert server.next()["id"] == 7
    server.request("no/such/method", id=8)
    assert server.next()["error"]["code"] == -32601
    for byte in b'{"jsonrpc":"2.0","id":"slow","method":"ping"}\n':
        server.send_raw(bytes([byte]))
    assert server.next()["id"] == "slow"
    server.close_input()
    assert server.rest() == [] and server.wait() == 0


@requirement("T-01", "T-02")
def test_lines_up_to_the_limit_and_answers_beyond_it(child: Callable[..., Child]) -> None:
    server = child("--stream-buffer-bytes", "64KiB").open()
    long = "☃" * 1_000_000
    server.call("echo", {"text": long}, id=1)
    assert server.text(1) == long
    server.call("big", {"bytes": 16_000_000}, id=2)
    assert len(server.text(2)) == 16_000_000
    server.send_raw(b'{"jsonrpc":"2.0","id":3,"method":"ping","params":{"x":"' + b"x" * (4 << 20) + b'"}}\n')
    assert server.next()["error"]["code"] == -32600
    server.request("ping", id=4)
    assert server.next()["id"] == 4


@requirement("T-03")
def test_many_calls_at_once_are_each_answered_once(child: Callable[..., Child]) -> None:
    server = child().open()
    for id in range(60):
        server.call("sleep", {"ms": (id * 37) % 200}, id=id)
    answers = {}
    for _ in range(60):
        message = server.next()
        assert message["id"] not in answers
        answers[message["id"]] = message["result"]["content"][0]["text"]
    assert answers == {id: f"slept {(id * 37) % 200}" for id in range(60)}


@requirement("T-21", "Q-39")
@pytest.mark.parametrize("session", [True, False], ids=["in the session", "before initialize"])
def test_a_cancelled_request_is_not_answered(child: Callable[..., Child], session: bool) -> None:
    server = child()
    if session:
        server.open()
    server.call("gate", {"name": "never"}, id=1, progressToken="g")
    server.started()
    server.cancel(1, reason="changed my mind")
    server.cancel(99)
    server.call("echo", {"text": "on"}, id=2)
    assert server.text(2) == "on"
    # Nothing is left in flight: the end comes at once, and without another word.
    server.close_input()
    assert server.rest() == [] and server.wait(3) == 0


@requirement("T-40")
def test_a_claim_of_the_other_era_is_told_apart_and_pins_nothing(child: Callable[..., Child]) -> None:
    server = child()
    server.request("server/discover", {"_meta": modern_meta("1999-01-01")}, "probe")
    refused = server.next()
    assert refused["id"] == "probe" and refused["error"]["code"] == -32022
    server.request("ping", {"_meta": {META: MODERN}}, "ill")
    assert server.next()["error"]["code"] == -32602
    server.open().call("echo", {"text": "after the probe"}, id=3)
    assert server.text(3) == "after the probe"


@requirement("T-20")
def test_a_conversation_of_the_per_request_era(child: Callable[..., Child]) -> None:
    server = child()
    claim = {"_meta": modern_meta()}
    server.request("server/discover", claim, "d")
    discovered = server.next()["result"]
    assert MODERN in discovered["supportedVersions"]
    server.request("tools/call", {"name": "gate", "arguments": {"name": "g"}, **claim}, 1)
    server.request("tools/call", {"name": "echo", "arguments": {"text": "aside"}, **claim}, 2)
    assert server.text(2) == "aside"
    server.cancel(1, _meta=modern_meta())
    server.request("subscriptions/listen", {"notifications": {"toolsListChanged": True}, **claim}, "l")
    acknowledged = server.next()
    assert acknowledged["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "l"
    server.request("tools/call", {"name": "grow", "arguments": {}, **claim}, 3)
    messages = [server.next(), server.next()]
    told = next(message for message in messages if "method" in message)
    assert told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "l"
    # What is open but owes nothing does not hold up the end.
    server.close_input()
    assert server.rest() == [] and server.wait(3) == 0


@requirement("T-22", "Q-25")
def test_a_signal_ends_subscriptions_with_their_result(child: Callable[..., Child]) -> None:
    server = child()
    server.request("subscriptions/listen", {"notifications": {}, "_meta": modern_meta()}, 7)
    assert server.next()["method"] == "notifications/subscriptions/acknowledged"
    server.process.send_signal(signal.SIGTERM)
    assert [message["id"] for message in server.rest() if "result" in message] == [7]
    assert server.wait(3) == 0


@requirement("T-11", "T-23")
@pytest.mark.parametrize("session", [True, False], ids=["in the session", "before initialize"])
def test_a_call_that_runs_when_input_ends_is_answered(child: Callable[..., Child], session: bool) -> None:
    server = child()
    if session:
        server.open()
    server.call("sleep", {"ms": 700}, id=1)
    server.call("gate", {"name": "g"}, id=2, progressToken="g")
    server.started()
    server.call("open", {"name": "g"}, id=3)
    server.close_input()
    answers = {message["id"]: message["result"]["content"][0]["text"] for message in server.rest()}
    assert answers == {1: "slept 700", 2: "passed g", 3: "opened"}
    assert server.wait(3) == 0


@pytest.mark.parametrize("tool", ["gate", "hang"])
@pytest.mark.parametrize("session", [True, False], ids=["in the session", "before initialize"])
def test_a_call_that_outlives_the_grace_gets_an_error(child: Callable[..., Child], tool: str, session: bool) -> None:
    server = child("--drain-grace", "300ms")
    if session:
        server.open()
    server.call(tool, {"name": "never"}, id="late")
    server.call("gate", {"name": "never"}, id=2, progressToken="g")
    server.started()
    server.close_input()
    assert {message["id"]: message["error"]["code"] for message in server.rest()} == {"late": -32603, 2: -32603}
    assert server.wait(5) == 0


def test_a_last_line_without_its_end_counts(child: Callable[..., Child]) -> None:
    server = child()
    server.send_raw(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
    server.close_input()
    assert server.rest() == [{"jsonrpc": "2.0", "id": 1, "result": {}}] and server.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_drains(child: Callable[..., Child], number: int) -> None:
    server = child().open()
    server.call("sleep", {"ms": 1000}, id=1)
    server.call("gate", {"name": "never"}, id=2, progressToken="g")
    server.started()
    server.process.send_signal(number)
    eventually(lambda: any(line["message"] == "server.draining" for line in server.log()), 5, "the drain begins")
    server.call("echo", id=3)
    assert server.next()["error"]["code"] == -32000
    assert server.text(1) == "slept 1000"
    server.cancel(2)
    assert server.rest() == [] and server.wait(5) == 0


def test_a_signal_after_the_end_of_input_ends_the_grace(child: Callable[..., Child]) -> None:
    server = child("--drain-grace", "60s", "--shutdown-grace", "60s").open()
    server.call("gate", {"name": "never"}, id=1, progressToken="g")
    server.started()
    server.close_input()
    eventually(lambda: any(line["message"] == "session.drain_started" for line in server.log()), 5, "the end is seen")
    server.process.send_signal(signal.SIGTERM)
    assert [message["error"]["code"] for message in server.rest()] == [-32603]
    assert server.wait(3) == 0


def test_what_outlives_the_grace_after_a_signal_gets_an_error(child: Callable[..., Child]) -> None:
    server = child("--shutdown-grace", "300ms").open()
    server.call("hang", id=1)
    server.call("gate", {"name": "never"}, id=2, progressToken="g")
    server.started()
    server.process.send_signal(signal.SIGTERM)
    assert {message["id"]: message["error"]["code"] for message in server.rest()} == {1: -32603, 2: -32603}
    assert server.wait(5) == 0


def test_an_idle_server_ends_at_once_on_a_signal(child: Callable[..., Child]) -> None:
    server = child().open()
    server.process.send_signal(signal.SIGTERM)
    assert server.rest() == [] and server.wait(3) == 0


def test_a_second_signal_ends_at_once(child: Callable[..., Child]) -> None:
    server = child().open()
    server.call("gate", {"name": "never"}, id=2, progressToken="g")
    server.started()
    server.process.send_signal(signal.SIGTERM)
    eventually(lambda: any(line["message"] == "server.draining" for line in server.log()), 5, "the drain begins")
    server.process.send_signal(signal.SIGTERM)
    assert server.wait(3) == 128 + signal.SIGTERM


def test_a_client_that_is_gone_ends_it_quietly(child: Callable[..., Child]) -> None:
    server = child("--shutdown-grace", "60s", "--drain-grace", "60s")
    command = [*server.process.args, "--log-format", "json"]
    read, write = os.pipe()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=write, stderr=subprocess.PIPE, env=PLAIN) as gone:
        os.close(write)
        assert gone.stdin and gone.stderr
        gone.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"gate"}}\n')
        gone.stdin.flush()
        while b"stdio.started" not in gone.stderr.readline():
            pass
        os.close(read)
        gone.stdin.write(b'{"jsonrpc":"2.0","id":2,"method":"ping"}\n')
        gone.stdin.flush()
        assert gone.wait(5) == 0
        assert b'"level":"error"' not in gone.stderr.read()


def test_a_client_that_does_not_read_costs_no_memory(child: Callable[..., Child]) -> None:
    server = child("--stream-buffer-bytes", "64KiB", "--shutdown-grace", "1s")
    command = [*server.process.args]
    ping = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"big","arguments":{"bytes":20000}}}\n'
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=PLAIN) as deaf:
        assert deaf.stdin and deaf.stdout
        deaf.stdin.write(b'{"jsonrpc":"2.0","id":0,"method":"ping"}\n')
        deaf.stdin.flush()
        assert json.loads(deaf.stdout.readline())["id"] == 0
        os.set_blocking(deaf.stdin.fileno(), False)
        sent, quiet = 0, time.monotonic() + 1
        # It stops reading when nobody reads what it has to say.
        while time.monotonic() < quiet and sent < 20_000:
            try:
                os.write(deaf.stdin.fileno(), ping)
                sent, quiet = sent + 1, time.monotonic() + 1
            except BlockingIOError:
                pass
        assert sent < 20_000
        resident = int(Path(f"/proc/{deaf.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        assert resident < 200 << 20
        deaf.send_signal(signal.SIGTERM)
        # Unwritten answers do not keep it.
        assert deaf.wait(15) == 0


@requirement("T-03")
def test_standard_error_may_be_full_or_closed(child: Callable[..., Child]) -> None:
    server = child()
    command = [*server.process.args, "--log-level", "trace"]
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
    for errors in (subprocess.PIPE, None):
        read, write = os.pipe()
        os.close(read)
        stderr = errors if errors else write
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=PLAIN) as noisy:
            os.close(write)
            assert noisy.stdin and noisy.stdout
            # With a pipe: more log lines than it holds, and nobody reads them.
            for _ in range(2000):
                noisy.stdin.write(ping)
                noisy.stdin.flush()
                assert json.loads(noisy.stdout.readline())["id"] == 1
            noisy.stdin.close()
            assert noisy.stdout.read() == b"" and noisy.wait(10) == 0


def test_a_bad_setting_ends_with_one_line_on_standard_error() -> None:
    for flags in (["--port", "1"], ["--drain-grace", "soon"]):
        command = [binary("HOLDFAST_BIN", "holdfast"), "stdio", *flags]
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
        assert done.returncode == 64 and done.stdout == b"" and done.stderr.count(b"\n") == 1, done
