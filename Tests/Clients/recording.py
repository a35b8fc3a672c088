"""A remote server in the test's own process: scripted, with every request that it got kept as it came."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from upstreams.scripted import Script

SCRIPT = Path(__file__).parent / "upstreams" / "scripted.py"


@dataclass
class Heard:
    verb: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Recording:
    def __init__(self, tools: list[Any], raw: dict[str, str] | None = None, port: int = 0) -> None:
        self.heard: list[Heard] = []
        self.stopping = threading.Event()
        self.script = Script(tools, raw, self.stopping)
        self.refused: set[str] = set()
        recording = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                recording.heard.append(Heard("POST", list(self.headers.items()), body))
                if self.headers["Authorization"] in recording.refused:
                    return self.say(401)
                answer = recording.script.answer(body)
                return self.say(200, answer) if answer else self.say(202)

            def do_GET(self) -> None:
                recording.heard.append(Heard("GET", list(self.headers.items()), b""))
                self.say(405)

            def say(self, status: int, body: bytes = b"") -> None:
                self.send_response(status)
                if body:
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                # A connection that stayed would outlive this server.
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()


def child(**script: Any) -> list[str]:
    """The command of a scripted server on standard input and output."""
    return [sys.executable, str(SCRIPT), json.dumps(script)]
