"""One kept-alive connection that speaks just enough HTTP, and the messages that the figures send."""

import json
import socket
from dataclasses import dataclass, field

from .server import HOST

ECHO = {"name": "echo", "arguments": {"text": "hold fast"}}
VERSION = "2025-11-25"
PER_REQUEST_VERSION = "2026-07-28"
JSON_OR_STREAM = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


def message(method, params=None, id=1):
    text = {"jsonrpc": "2.0", "method": method}
    if id is not None:
        text["id"] = id
    if params is not None:
        text["params"] = params
    return json.dumps(text, separators=(",", ":"))


INITIALIZE = message(
    "initialize",
    {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
)
INITIALIZED = message("notifications/initialized", id=None)


@dataclass(frozen=True)
class Post:
    """One request, and what it is counted as in /metrics."""

    method: str
    body: str
    headers: dict = field(default_factory=dict)
    era: str = "handshake"


def in_session(session, method, params=None):
    headers = {**JSON_OR_STREAM, "Mcp-Session-Id": session, "MCP-Protocol-Version": VERSION}
    return Post(method, message(method, params), headers)


def per_request(method, params=None):
    meta = {
        "io.modelcontextprotocol/protocolVersion": PER_REQUEST_VERSION,
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    headers = {**JSON_OR_STREAM, "MCP-Protocol-Version": PER_REQUEST_VERSION, "Mcp-Method": method}
    if params and "name" in params:
        headers["Mcp-Name"] = params["name"]
    return Post(method, message(method, {**(params or {}), "_meta": meta}), headers, "per_request")


class Connection:
    def __init__(self, port):
        self.port = port
        self.socket = socket.create_connection((HOST, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def start(self, verb, path, body="", headers=()):
        head = f"{verb} {path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nContent-Length: {len(body.encode())}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in dict(headers).items())
        self.socket.sendall((head + "\r\n" + body).encode())

    def request(self, verb, path, body="", headers=()):
        """(status, headers with lower-case names, body)"""
        self.start(verb, path, body, headers)
        return self.finish()

    def finish(self):
        while b"\r\n\r\n" not in self.buffer:
            self._receive()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if "content-length" in headers:
            length = int(headers["content-length"])
            while len(self.buffer) < length:
                self._receive()
            body, self.buffer = self.buffer[:length], self.buffer[length:]
        else:
            body = self._chunks()
        return int(lines[0].split()[1]), headers, body

    def _chunks(self):
        body = b""
        while True:
            while b"\r\n" not in self.buffer:
                self._receive()
            size, _, self.buffer = self.buffer.partition(b"\r\n")
            length = int(size, 16)
            while len(self.buffer) < length + 2:
                self._receive()
            body += self.buffer[:length]
            self.buffer = self.buffer[length + 2 :]
            if length == 0:
                return body

    def _receive(self):
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError("the server closed the connection")
        self.buffer += received

    def send(self, post):
        """The answer's headers and body; anything but a success ends the benchmark."""
        status, headers, answer = self.request("POST", "/mcp", post.body, post.headers)
        if status not in (200, 202):
            raise SystemExit(f"HTTP {status} for {post.body[:80]}: {answer[:200]!r}")
        return headers, answer

    def post(self, body, session=None):
        headers = {"Mcp-Session-Id": session, "MCP-Protocol-Version": VERSION} if session else {}
        return self.send(Post("", body, {**JSON_OR_STREAM, **headers}))

    def open_session(self):
        headers, _ = self.post(INITIALIZE)
        session = headers["mcp-session-id"]
        self.post(INITIALIZED, session)
        return session

    def call(self, tool, arguments, session):
        """The tool's result; a JSON-RPC error or a failed tool ends the benchmark."""
        _, answer = self.post(message("tools/call", {"name": tool, "arguments": arguments}), session)
        if answer.startswith((b"id:", b"event:", b":")):
            raise SystemExit(f"{tool} took so long that its answer became a stream")
        result = json.loads(answer).get("result")
        if result is None or result.get("isError"):
            raise SystemExit(f"{tool} failed: {answer[:200]!r}")
        return result

    def metric(self, series):
        """The value of one line of /metrics; 0 when there is none yet."""
        _, _, text = self.request("GET", "/metrics")
        for line in text.decode().splitlines():
            if line.startswith(series + " "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def close(self):
        self.socket.close()
