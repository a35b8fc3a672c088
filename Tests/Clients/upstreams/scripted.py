"""A server of the session era that says what it was told to say, byte for byte, and writes down what it hears. No library.

    python scripted.py '{"tools": ["echo"], "raw": {"odd": "{…}"}, "heard": "FILE", "gate": "FILE"}'
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

PERSON = {"type": "object", "properties": {"text": {"type": "string"}}}


def tool(name: str, **members: Any) -> dict[str, Any]:
    return {"name": name, "description": f"The tool {name}.", "inputSchema": PERSON, **members}


class Script:
    """What to say: `tools` are names or whole tools, `raw` is a tool's result as bytes, by name."""

    def __init__(self, tools: list[Any], raw: dict[str, str] | None = None, stop: threading.Event | None = None) -> None:
        self.tools = [tool(entry) if isinstance(entry, str) else entry for entry in tools]
        self.raw = raw or {}
        self.stop = stop or threading.Event()

    def answer(self, message: bytes) -> bytes | None:
        """The answer to a message; None to what gets none."""
        request = json.loads(message)
        if "id" not in request or "method" not in request:
            return None
        outcome = self.outcome(request["method"], request.get("params") or {})
        return f'{{"jsonrpc":"2.0","id":{json.dumps(request["id"])},{outcome}}}'.encode()

    def outcome(self, method: str, params: dict[str, Any]) -> str:
        if method == "initialize":
            return self.result({
                "protocolVersion": params["protocolVersion"], "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "scripted", "version": "1"},
            })  # fmt: skip
        if method == "tools/list":
            return self.result({"tools": self.tools})
        if method == "tools/call":
            return self.call(params["name"], params.get("arguments") or {})
        if method == "ping":
            return self.result({})
        return '"error":{"code":-32601,"message":"Method not found"}'

    def call(self, name: str, arguments: dict[str, Any]) -> str:
        if name in self.raw:
            return f'"result":{self.raw[name]}'
        if name == "wait":
            while not Path(arguments["gate"]).exists() and not self.stop.is_set():
                time.sleep(0.005)  # paces: polling an observable condition
        text = str(os.getpid()) if name == "pid" else arguments.get("text", name)
        return self.result({"content": [{"type": "text", "text": text}]})

    @staticmethod
    def result(result: dict[str, Any]) -> str:
        return f'"result":{json.dumps(result)}'


def main() -> None:
    given = json.loads(sys.argv[1])
    script = Script(given["tools"], given.get("raw"))
    writing = threading.Lock()

    def handle(line: bytes) -> None:
        if answer := script.answer(line):
            with writing:
                sys.stdout.buffer.write(answer + b"\n")
                sys.stdout.buffer.flush()

    while (gate := given.get("gate")) and not Path(gate).exists():
        time.sleep(0.01)  # paces: polling an observable condition
    heard = Path(given["heard"]).open("ab") if "heard" in given else None
    for line in sys.stdin.buffer:
        if heard:
            heard.write(line)
            heard.flush()
        threading.Thread(target=handle, args=(line,), daemon=True).start()


if __name__ == "__main__":
    main()
