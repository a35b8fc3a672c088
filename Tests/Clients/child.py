"""A server that a test has started with pipes for standard input and output."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

from conversation import NEWEST
from server import binary, clean_environment


class Child:
    """A server with pipes for standard input and output. Whatever it prints there must be a message."""

    def __init__(self, home: Path, *flags: str, kind: str = "fixture", data: Path | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.errors = home / "stderr"
        self.data = data or home / "data"
        program = [binary("FIXTURE_BIN", "fixture")] if kind == "fixture" else [binary("HOLDFAST_BIN", "holdfast")]
        self.lines: queue.Queue[Any] = queue.Queue()
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*program, "stdio", "--data-dir", str(self.data), "--log-level", "debug", *flags],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=0, start_new_session=True,
                env=clean_environment(),
            )  # fmt: skip
        self.reader: threading.Thread | None = None
        self.read()

    def read(self) -> None:
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with os.fdopen(os.dup(self.process.stdout.fileno()), "rb") as output:
            for line in output:
                assert line.endswith(b"\n")
                self.lines.put(json.loads(line))
        self.lines.put(None)

    def send_raw(self, data: bytes) -> None:
        assert self.process.stdin
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view) :]

    def send(self, *messages: Any) -> None:
        for message in messages:
            self.send_raw(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    def next(self, timeout: float = 10) -> Any:
        """The next message; None at the end."""
        return self.lines.get(timeout=timeout)

    def request(self, method: str, params: Any = None, id: Any = 1) -> Any:
        message = {"jsonrpc": "2.0", "id": id, "method": method}
        self.send(message if params is None else {**message, "params": params})
        return id

    def call(self, tool: str, arguments: Any = None, id: Any = 1, **meta: Any) -> Any:
        params = {"name": tool, "arguments": arguments or {}}
        return self.request("tools/call", {**params, "_meta": meta} if meta else params, id)

    def cancel(self, id: Any, **params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id, **params}})

    def open(self, version: str = NEWEST) -> Child:
        client = {"name": "holdfast-tests", "version": "1"}
        self.request("initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": client}, 0)
        assert self.next()["result"]["protocolVersion"] == version
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def text(self, id: Any) -> str:
        message = self.next()
        assert message["id"] == id, message
        return message["result"]["content"][0]["text"]

    def close_input(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def wait(self, timeout: float = 10) -> int:
        return self.process.wait(timeout)

    def rest(self) -> list[Any]:
        messages = []
        while (message := self.next()) is not None:
            messages.append(message)
        return messages

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.errors.read_text().splitlines()]

    def started(self, count: int = 1) -> None:
        """Waits until that many calls of `gate`, which report progress at once, run."""
        for _ in range(count):
            assert self.next()["method"] == "notifications/progress"
