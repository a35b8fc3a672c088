"""A small MCP server that does everything right: what the faulty ones differ from by one thing each.

Its own HTTP, so that a fault can be anything: half a response, a header that never ends, two answers.
"""

from __future__ import annotations

import json
import secrets
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
ECHO = {
    "name": "echo",
    "title": "Echo",
    "description": "Says what it was told",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "annotations": {"readOnlyHint": True},
}
NOW = {
    "name": "now",
    "title": "Now",
    "description": "Tells the time",
    "inputSchema": {"type": "object", "properties": {}},
    "annotations": {"readOnlyHint": True},
}


@dataclass
class Request:
    verb: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def session(self) -> str | None:
        return self.headers.get("mcp-session-id")

    @property
    def message(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def method(self) -> str:
        return self.message.get("method", "")


@dataclass
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    # Instead of a body: pieces, each sent as it comes.
    pieces: Iterator[bytes] | None = None


class Dropped(Exception):
    """The connection is closed instead of an answer."""


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, {"Content-Type": "application/json", **headers}, json.dumps(value).encode())


def event(message: Any, name: str | None = None) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(message)}\n\n".encode()


def stream(pieces: Iterator[bytes], status: int = 200) -> Reply:
    hints = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
    return Reply(status, {"Content-Type": "text/event-stream", **hints}, pieces=pieces)


def error(id: Any, code: Any, message: str, status: int = 200) -> Reply:
    return as_json({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}, status)


class Healthy:
    """One object for the whole server; a thread for each connection."""

    path = "/mcp"
    streaming = False
    # Verbs whose bodies are read.
    with_bodies = ("POST", "DELETE")

    def __init__(self) -> None:
        self.sessions: dict[str, str] = {}
        self.lock = threading.Lock()

    # Routes

    def serve(self, request: Request) -> Reply:
        path = request.path.split("?")[0]
        if path.startswith("/.well-known/"):
            return self.document(path)
        if path.rstrip("/") != self.path.rstrip("/"):
            return as_json({"error": "not found"}, 404)
        return self.endpoint(request)

    def endpoint(self, request: Request) -> Reply:
        if request.headers.get("origin", "") not in ("", "https://claude.ai", "http://localhost:6274"):
            return as_json({"error": "origin"}, 403)
        verb = getattr(self, f"on_{request.verb.lower()}", None)
        reply = verb(request) if verb else Reply(405, {"Allow": "POST, GET, DELETE"})
        if "origin" in request.headers:
            reply.headers.update(self.for_pages())
        return reply

    def for_pages(self) -> dict[str, str]:
        """What a web page may see."""
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Mcp-Session-Id, WWW-Authenticate"}

    def hung_up(self, request: Request) -> None:
        """The client of this request is gone, and has not seen the answer."""

    def document(self, path: str) -> Reply:
        return as_json({"error": "not found"}, 404)

    def on_options(self, request: Request) -> Reply:
        return Reply(204, {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"})

    def on_head(self, request: Request) -> Reply:
        return Reply(405, {"Allow": "POST, GET, DELETE"})

    def on_get(self, request: Request) -> Reply:
        if request.session is None:
            return Reply(405, {"Allow": "POST"})
        if not self.knows(request.session):
            return self.unknown_session(request)
        return stream(self.listening(request))

    def listening(self, request: Request) -> Iterator[bytes]:
        while True:
            yield b": here\n\n"
            time.sleep(0.2)  # paces: a sign of life

    def on_delete(self, request: Request) -> Reply:
        with self.lock:
            gone = self.sessions.pop(request.session or "", None)
        return Reply(200) if gone else self.unknown_session(request)

    def on_post(self, request: Request) -> Reply:
        try:
            message = json.loads(request.body)
        except ValueError:
            return error(None, -32700, "Not JSON", 400)
        if "initialize" == message.get("method"):
            return self.on_initialize(request, message)
        if request.session is not None and not self.knows(request.session):
            return self.unknown_session(request)
        version = request.headers.get("mcp-protocol-version")
        if version is not None and version.split(",")[0] not in VERSIONS:
            return error(message.get("id"), -32000, "Unsupported version", 400)
        if "id" not in message:
            return self.on_notification(request, message)
        return self.on_request(request, message)

    # Messages

    def on_initialize(self, request: Request, message: dict[str, Any]) -> Reply:
        asked = message["params"]["protocolVersion"]
        version = asked if asked in VERSIONS else VERSIONS[0]
        session = self.new_session()
        with self.lock:
            self.sessions[session] = version
        reply = self.answer(request, message, self.opening(version))
        reply.headers["Mcp-Session-Id"] = session
        return reply

    def opening(self, version: str) -> dict[str, Any]:
        info = {"name": "healthy", "version": "1"}
        return {"protocolVersion": version, "capabilities": self.capabilities(), "serverInfo": info}

    def capabilities(self) -> dict[str, Any]:
        return {"tools": {}}

    def new_session(self) -> str:
        return secrets.token_hex(16)

    def knows(self, session: str) -> bool:
        with self.lock:
            return session in self.sessions

    def unknown_session(self, request: Request) -> Reply:
        return error(None, -32001, "Session not found", 404)

    def on_notification(self, request: Request, message: dict[str, Any]) -> Reply:
        return Reply(202)

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        method, params = message["method"], message.get("params") or {}
        if method == "ping":
            return self.answer(request, message, {})
        if method == "tools/list":
            return self.answer(request, message, self.listed(params))
        if method == "tools/call":
            return self.call(request, message, params.get("name", ""))
        return error(message["id"], -32601, "Method not found")

    def listed(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"tools": self.tools()}

    def tools(self) -> list[dict[str, Any]]:
        return [ECHO, NOW]

    def call(self, request: Request, message: dict[str, Any], name: str) -> Reply:
        if name not in [tool.get("name") for tool in self.tools()]:
            return error(message["id"], -32602, "Unknown tool")
        return self.answer(request, message, {"content": [{"type": "text", "text": self.text(name)}]})

    def text(self, name: str) -> str:
        return "done"

    def answer(self, request: Request, message: dict[str, Any], result: Any) -> Reply:
        return self.written({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def written(self, answer: Any) -> Reply:
        return stream(iter([event(answer)])) if self.streaming else as_json(answer)


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: Listener

    def handle(self) -> None:
        try:
            while self.one():
                pass
        except (Dropped, OSError):
            pass

    def one(self) -> bool:
        line = self.rfile.readline(65536).decode("latin-1").split()
        if len(line) != 3:
            return False
        headers: dict[str, str] = {}
        while (header := self.rfile.readline(65536).decode("latin-1").strip()) != "":
            name, _, value = header.partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        site = self.server.site
        body = self.body(headers) if line[0] in site.with_bodies else b""
        if (raw := getattr(site, "raw", None)) is not None:
            raw(self.wfile)
            return False
        # Chunks are not for HTTP/1.0, which nginx speaks to what is behind it: there the end is that of the connection.
        is_old = line[2] == "HTTP/1.0"
        request = Request(line[0], line[1], headers, body)
        reply = site.serve(request)
        if self.is_gone():
            site.hung_up(request)
            return False
        self.write(reply, line[0], is_old)
        return not (is_old and reply.pieces)

    def body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = b""
        while (size := int(self.rfile.readline(100), 16)) > 0:
            body += self.rfile.read(size)
            self.rfile.readline(2)
        self.rfile.readline(2)
        return body

    def is_gone(self) -> bool:
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False

    def write(self, reply: Reply, verb: str, is_old: bool = False) -> None:
        headers = dict(reply.headers)
        if reply.pieces is None:
            headers.setdefault("Content-Length", str(len(reply.body)))
        elif not is_old:
            headers["Transfer-Encoding"] = "chunked"
        lines = [f"HTTP/1.1 {reply.status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1"))
        if reply.pieces is None:
            self.wfile.write(b"" if verb == "HEAD" else reply.body)
            return
        for piece in reply.pieces:
            self.wfile.write(piece if is_old else b"%x\r\n%s\r\n" % (len(piece), piece))
        if not is_old:
            self.wfile.write(b"0\r\n\r\n")


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: Any, host: str = "127.0.0.1") -> None:
        self.site = site
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), Connection)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{self.site.path}"

    def __enter__(self) -> Listener:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass
