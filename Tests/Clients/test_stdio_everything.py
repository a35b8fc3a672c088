"""`everything` on standard input and output, in both eras (§7): lines, and nothing but messages among them."""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import schemas
from conversation import MODERN, NEWEST
from everything import user
from per_request import ACKNOWLEDGED, EVERYTHING, PREFIX, SUBSCRIPTION
from requirement import requirement
from server import binary, clean_environment

META = {
    PREFIX + "protocolVersion": MODERN,
    PREFIX + "clientCapabilities": EVERYTHING,
    PREFIX + "clientInfo": {"name": "lines", "version": "1"},
}


class Lines:
    """A process that speaks lines. Every line it writes is held against the schema of the era that it answers in."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            env=clean_environment(),
        )  # fmt: skip
        self.lines: queue.Queue[bytes | None] = queue.Queue()
        self.counter = itertools.count(1)
        self.version = NEWEST
        self.asked: dict[str, tuple[str, str]] = {}
        self.kept: list[dict[str, Any]] = []
        # Ends with the process: its output is then at an end.
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message: Any) -> None:
        self.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    def ask(self, method: str, params: dict[str, Any] | None = None, *, modern: bool = False, id: Any = None) -> Any:
        """Sends a request; its id."""
        id = next(self.counter) if id is None else id
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": id, "method": method}
        if modern:
            message["params"] = {**(params or {}), "_meta": {**META, **(params or {}).get("_meta", {})}}
        elif params is not None:
            message["params"] = params
        self.asked[repr(id)] = (method, MODERN if modern else self.version)
        self.send(message)
        return id

    def message(self, timeout: float = 5) -> dict[str, Any]:
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"no line within {timeout} s") from None
        assert line is not None, "the output ended"
        assert line.endswith(b"\n") and b"\r" not in line
        message = json.loads(line.decode("utf-8"))
        self.judge(message)
        return message

    def judge(self, message: dict[str, Any]) -> None:
        method, version = self.asked.get(repr(message.get("id")), ("", self.version))
        if "method" in message:
            meta = (message.get("params") or {}).get("_meta") or {}
            version = MODERN if SUBSCRIPTION in meta or self.version == MODERN else self.version
        schemas.check(message, version, {method} if method else None)

    def answer(self, id: Any, timeout: float = 5) -> dict[str, Any]:
        """The answer to a request; what comes before it is kept, and questions are answered."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.message(deadline - time.monotonic())
            if "method" not in message and message.get("id") == id:
                return message
            if "method" in message and "id" in message:
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": user("", message)})
            self.kept.append(message)

    def request(self, method: str, params: dict[str, Any] | None = None, **options: Any) -> Any:
        answer = self.answer(self.ask(method, params, **options))
        assert "result" in answer, answer
        return answer["result"]

    def call(self, tool: str, arguments: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.request("tools/call", {"name": tool, "arguments": arguments or {}}, **options)

    def initialize(self, version: str = NEWEST) -> Any:
        information = {"name": "lines", "version": "1"}
        params = {"protocolVersion": version, "capabilities": EVERYTHING, "clientInfo": information}
        result = self.request("initialize", params)
        self.version = result["protocolVersion"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    def end(self, timeout: float = 5) -> int:
        """Closes its input and waits; what it still says is kept."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        status = self.process.wait(timeout)
        while (line := self.lines.get(timeout=timeout)) is not None:
            self.kept.append(json.loads(line))
        return status

    def discard(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def lines() -> Iterator[Lines]:
    lines = Lines(binary("EVERYTHING_BIN", "everything"), "--stdio")
    yield lines
    lines.discard()


@pytest.fixture
def product(workplace: Path) -> Iterator[Lines]:
    lines = Lines(binary("HOLDFAST_BIN", "holdfast"), "stdio", "--data-dir", str(workplace / "stdio"))
    yield lines
    lines.discard()


@requirement("T-01", "T-10")
def test_a_session_on_lines(lines: Lines) -> None:
    assert lines.initialize()["protocolVersion"] == NEWEST
    assert lines.request("ping") == {}
    assert lines.request("tools/list")["tools"]
    assert lines.call("greet", {"name": "grüße ☃"})["content"][0]["text"] == "Hello, grüße ☃!"


@requirement("T-10", "E-20")
@pytest.mark.parametrize("version", ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", MODERN, "1.0"])
def test_versions_are_negotiated_as_over_http(lines: Lines, version: str) -> None:
    expected = version if version in schemas.REVISIONS and version != MODERN else NEWEST
    assert lines.initialize(version)["protocolVersion"] == expected


@requirement("T-20", "E-21")
def test_the_per_request_era_on_lines(lines: Lines) -> None:
    discovered = lines.request("server/discover", modern=True)
    assert discovered["supportedVersions"] == [MODERN]
    assert lines.request("tools/list", modern=True)["resultType"] == "complete"
    called = lines.call("greet", {"name": "x"}, modern=True)
    assert called["resultType"] == "complete" and called["content"][0]["text"] == "Hello, x!"


@requirement("T-20", "H-78", "H-79", "H-80")
def test_refusals_of_the_per_request_era_on_lines(lines: Lines) -> None:
    lines.version = MODERN
    for method, meta, code in (
        ("tools/list", {PREFIX + "clientCapabilities": None}, -32602),
        ("tools/list", {PREFIX + "protocolVersion": "2027-01-01"}, -32022),
        ("ping", {}, -32601),
        ("no/such", {}, -32601),
    ):
        answer = lines.answer(lines.ask(method, {"_meta": meta}, modern=True))
        assert answer["error"]["code"] == code, answer


@requirement("T-40", "E-01")
def test_a_probe_does_not_decide_the_era(lines: Lines) -> None:
    assert lines.request("server/discover", modern=True)["supportedVersions"]
    assert lines.initialize()["protocolVersion"] == NEWEST
    assert "resultType" not in lines.request("tools/list")
    assert lines.call("greet", {"name": "x"})["content"]


@requirement("T-20", "M-27")
def test_a_question_of_the_per_request_era_is_a_result(lines: Lines) -> None:
    params = {"name": "test_input_required_result_elicitation", "arguments": {}}
    asked = lines.request("tools/call", params, modern=True)
    assert asked["resultType"] == "input_required"
    responses = {key: user(key, request) for key, request in asked["inputRequests"].items()}
    more = {key: asked[key] for key in ("requestState",) if key in asked}
    done = lines.request("tools/call", {**params, "inputResponses": responses, **more}, modern=True)
    assert done["content"][0]["text"] == "Hello, Alice!"
    assert [message for message in lines.kept if "id" in message] == []


@requirement("T-10", "M-02")
def test_a_question_of_the_handshake_era_is_a_line(lines: Lines) -> None:
    lines.initialize()
    result = lines.call("test_elicitation", {"message": "Who?"})
    assert "testuser" in result["content"][0]["text"]
    assert [message["method"] for message in lines.kept if "id" in message] == ["elicitation/create"]


@requirement("T-20", "M-30")
@pytest.mark.parametrize("modern", [True, False])
def test_progress_on_lines(lines: Lines, modern: bool) -> None:
    if modern:
        lines.version = MODERN
    else:
        lines.initialize()
    params = {"name": "test_tool_with_progress", "arguments": {}, "_meta": {"progressToken": "p"}}
    assert lines.request("tools/call", params, modern=modern)["content"]
    steps = [message["params"]["progress"] for message in lines.kept if "progress" in message.get("method", "")]
    assert steps == [0, 50, 100]


@requirement("T-21", "M-20")
def test_a_cancelled_request_is_heard_of_no_more(lines: Lines) -> None:
    lines.version = MODERN
    slow = lines.ask("tools/call", {"name": "slow_compute", "arguments": {"seconds": 1, "label": "x"}}, modern=True)
    meta = {"requestId": slow, "_meta": META}
    lines.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": meta})
    # One that would be ready later.
    other = lines.call("slow_compute", {"seconds": 2, "label": "y"}, modern=True)
    assert other["content"]
    assert [message for message in lines.kept if message.get("id") == slow] == []


@requirement("T-22", "M-29")
def test_subscriptions_share_the_channel(lines: Lines) -> None:
    lines.version = MODERN
    for id, filters in (("tools", {"toolsListChanged": True}), ("prompts", {"promptsListChanged": True})):
        lines.ask("subscriptions/listen", {"notifications": filters}, modern=True, id=id)
        told = lines.message()
        assert told["method"] == ACKNOWLEDGED and told["params"]["_meta"][SUBSCRIPTION] == id
        assert told["params"]["notifications"] == filters
    for tool, id in (("test_trigger_tool_change", "tools"), ("test_trigger_prompt_change", "prompts")):
        lines.call(tool, modern=True)
        kind = f"notifications/{id}/list_changed"
        if not (told := [message for message in lines.kept if message.get("method") == kind]):
            told = [lines.message()]
        assert {(one["method"], one["params"]["_meta"][SUBSCRIPTION]) for one in told} == {(kind, id)}
        lines.kept.clear()


@requirement("T-21", "T-22", "Q-25")
def test_a_subscription_is_cancelled_by_its_id(lines: Lines) -> None:
    lines.version = MODERN
    lines.ask("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, modern=True, id="gone")
    assert lines.message()["method"] == ACKNOWLEDGED
    meta = {"requestId": "gone", "_meta": META}
    lines.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": meta})
    lines.call("test_trigger_tool_change", modern=True)
    lines.call("greet", {"name": "x"}, modern=True)
    assert [message for message in lines.kept if "list_changed" in message.get("method", "")] == []


@requirement("T-01", "H-05")
def test_what_is_no_message_is_answered_or_passed_over_and_harms_nothing(lines: Lines) -> None:
    lines.initialize()
    for line in (b"nonsense\n", b"\n", b"{\n", b'{"jsonrpc":"2.0","id":1}\n', b"[]\n", b"\xff\xfe\n", b"42\n"):
        lines.write(line)
    for line in (b'{"jsonrpc":"2.0","id":"crlf","method":"ping"}\r\n',):
        lines.write(line)
    lines.asked[repr("crlf")] = ("ping", lines.version)
    assert lines.answer("crlf")["result"] == {}
    assert all("error" in message and message.get("id") in (None, 1) for message in lines.kept), lines.kept


@requirement("T-01", "T-02")
def test_a_line_may_be_long_and_come_in_pieces(lines: Lines) -> None:
    lines.initialize()
    name = "ü" * 300_000
    body = {"jsonrpc": "2.0", "id": "long", "method": "tools/call", "params": {"name": "greet", "arguments": {"name": name}}}
    data = json.dumps(body, ensure_ascii=False).encode() + b"\n"
    lines.asked[repr("long")] = ("tools/call", lines.version)
    for start in range(0, len(data), 65_537):
        lines.write(data[start : start + 65_537])
    assert lines.answer("long")["result"]["content"][0]["text"] == f"Hello, {name}!"


@requirement("T-03", "M-05")
def test_many_requests_at_once_are_each_answered_once(lines: Lines) -> None:
    lines.version = MODERN
    ids = [lines.ask("tools/call", {"name": "greet", "arguments": {"name": str(n)}}, modern=True) for n in range(200)]
    texts = {}
    for _ in ids:
        message = lines.message()
        texts[message["id"]] = message["result"]["content"][0]["text"]
    assert texts == {id: f"Hello, {n}!" for n, id in enumerate(ids)}


@requirement("T-11", "T-23")
@pytest.mark.parametrize("modern", [True, False])
def test_the_end_of_the_input_is_the_end_of_the_server(lines: Lines, modern: bool) -> None:
    if not modern:
        lines.initialize()
    lines.request("tools/list", modern=modern)
    assert lines.end() == 0


@requirement("T-01", "T-10", "T-20")
def test_the_product_serves_its_own_tools_on_lines(product: Lines) -> None:
    assert product.request("server/discover", modern=True)["supportedVersions"] == [MODERN]
    assert product.initialize()["serverInfo"]["name"]
    names = {tool["name"] for tool in product.request("tools/list")["tools"]}
    assert names and names == {tool["name"] for tool in product.request("tools/list", modern=True)["tools"]}
    assert product.end() == 0
