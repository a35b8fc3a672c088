"""A web server that describes OAuth clients, as well or as badly as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler], None]


class DocumentHost:
    """`client.json` is a good document until `behaviour` says otherwise. `asked` holds every path that was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.behaviour: Behaviour | None = None
        self.changes: dict[str, Any] = {}
        self.cache_control: str | None = None
        self.released = threading.Event()
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append(self.path)
                if host.behaviour is not None:
                    host.behaviour(self)
                else:
                    host.give(self, json.dumps(host.document()).encode(), "application/json")

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A server that hung up on us has done what it should."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/client.json"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def document(self) -> dict[str, Any]:
        document = {
            "client_id": self.url,
            "client_name": "Kelp Assistant",
            "redirect_uris": ["https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"],
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            **self.changes,
        }
        return {name: value for name, value in document.items() if value is not ...}

    def give(self, handler: BaseHTTPRequestHandler, body: bytes, kind: str, status: int = 200) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        if self.cache_control is not None:
            handler.send_header("Cache-Control", self.cache_control)
        handler.end_headers()
        handler.wfile.write(body)

    # Behaviours

    def html(self, handler: BaseHTTPRequestHandler) -> None:
        self.give(handler, b"<!doctype html><title>Down</title>", "text/html")

    def status(self, code: int) -> Behaviour:
        return lambda handler: self.give(handler, json.dumps(self.document()).encode(), "application/json", code)

    def huge(self, handler: BaseHTTPRequestHandler) -> None:
        self.give(handler, json.dumps({**self.document(), "filler": "x" * 1_000_000}).encode(), "application/json")

    def redirect(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere.json")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def stall(self, handler: BaseHTTPRequestHandler) -> None:
        """Says nothing until the test is over."""
        self.released.wait(30)

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Begins an answer and does not go on."""
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"{")
        self.released.wait(30)

    def close(self) -> None:
        self.released.set()
        self.http.shutdown()
        self.http.server_close()
