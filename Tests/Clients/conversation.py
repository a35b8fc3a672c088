"""One client of the handshake era, written out by hand: what it sends, and what it may get back."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from judge import MODERN, VERSIONS, Judge, asked, methods_of, spoken
from server import Server
from wire import Connection, Cut, Event, EventStream, Head, WireError

NEWEST = VERSIONS[0]
BOTH = "application/json, text/event-stream"
UNSET: Any = object()

__all__ = ["BOTH", "MODERN", "NEWEST", "UNSET", "VERSIONS", "Answer", "Client", "Listening", "Pending"]


def is_response(message: Any) -> bool:
    return isinstance(message, dict) and "id" in message and ("result" in message or "error" in message)


def modern_meta(version: str = MODERN) -> dict[str, Any]:
    """The claim of the per-request era (protocol.md, vocabulary: PV, CC, CI)."""
    prefix = "io.modelcontextprotocol/"
    return {
        prefix + "protocolVersion": version,
        prefix + "clientCapabilities": {},
        prefix + "clientInfo": {"name": "probe", "version": "1"},
    }


@dataclass
class Answer:
    """A whole HTTP response, read to its end, with the messages that it carried."""

    head: Head
    body: bytes
    message: Any = None
    notifications: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.head.status

    @property
    def mode(self) -> str:
        return {"application/json": "json", "text/event-stream": "sse", "": "empty"}[self.head.media_type]

    @property
    def result(self) -> dict[str, Any]:
        assert self.status == 200, f"{self.status} {self.body[:500]!r}"
        assert isinstance(self.message, dict) and "result" in self.message, f"no result: {self.message!r}"
        return self.message["result"]

    @property
    def error(self) -> dict[str, Any]:
        assert isinstance(self.message, dict) and "error" in self.message, f"no error: {self.status} {self.message!r}"
        error = self.message["error"]
        assert type(error["code"]) is int and isinstance(error["message"], str), error
        return error

    @property
    def text(self) -> str:
        """The text of a tool's answer that is not a failure."""
        result = self.result
        assert not result.get("isError"), result
        assert result["content"][0]["type"] == "text", result
        return result["content"][0]["text"]

    def refused(self, status: int) -> Answer:
        """An HTTP refusal with a JSON-RPC error in it."""
        assert self.status == status, f"{self.status}, not {status}: {self.body[:500]!r}"
        assert self.head.media_type == "application/json", self.head.headers
        assert self.error
        return self

    def progress(self) -> list[dict[str, Any]]:
        return [n["params"] for n in self.notifications if n["method"] == "notifications/progress"]


class Pending:
    """A POST that was sent and is not yet answered; it has its connection to itself."""

    def __init__(self, connection: Connection, request_id: Any, judge: Judge) -> None:
        self.connection = connection
        self.request_id = request_id
        self.judge = judge
        self.stream: EventStream | None = None
        self._head: Head | None = None
        self._answer: Answer | None = None

    def head(self, timeout: float | None = None) -> Head:
        """Waits for the response head. Once it is there, the server has accepted the request."""
        if self._head is None:
            self._head = self.connection.read_head(timeout)
            self._answer = Answer(self._head, b"")
            if self._head.media_type == "text/event-stream":
                self.stream = EventStream(self.connection, self._head)
        return self._head

    def next_event(self, timeout: float | None = None) -> Event | None:
        """The next event of a reply that is a stream; it also counts towards the answer."""
        self.head(timeout)
        assert self.stream is not None and self._answer is not None, f"not a stream: {self._head}"
        event = self.stream.next_event(timeout)
        if event is not None:
            self._take(event)
        return event

    def _take(self, event: Event) -> None:
        assert self._answer is not None
        self._answer.events.append(event)
        if not event.data:
            return
        if event.data_lines != 1:
            raise WireError(f"an event with {event.data_lines} data lines")
        message = json.loads(event.data)
        self.judge(message)
        if isinstance(message, list) or is_response(message):
            if self._answer.message is not None:
                raise WireError(f"two answers on one stream: {self._answer.message!r} and {message!r}")
            self._answer.message = message
        else:
            if self._answer.message is not None:
                raise WireError(f"a message after the answer: {message!r}")
            self._answer.notifications.append(message)

    def answer(self, timeout: float | None = None) -> Answer:
        """Reads to the end and checks what holds for every reply: one answer, the right id, an orderly end."""
        self.head(timeout)
        answer = self._answer
        assert answer is not None
        if self.stream is not None:
            while self.next_event(timeout) is not None:
                pass
        else:
            answer.body = self.connection.read_body(answer.head, "POST", timeout)
            if answer.body and answer.head.media_type == "application/json":
                answer.message = json.loads(answer.body)
                self.judge(answer.message)
        if self.request_id is not None and answer.status == 200:
            assert is_response(answer.message), f"200 without an answer: {answer.message!r} {answer.body[:300]!r}"
            got = answer.message["id"]
            assert got == self.request_id and type(got) is type(self.request_id), (got, self.request_id)
        return answer

    def finish(self, timeout: float | None = None) -> Answer:
        try:
            return self.answer(timeout)
        finally:
            self.connection.close()


class Listening:
    """A GET stream."""

    def __init__(self, connection: Connection, judge: Judge) -> None:
        self.connection = connection
        self.judge = judge
        self.head = connection.read_head()
        self.stream: EventStream | None = None
        if self.head.status == 200:
            assert self.head.media_type == "text/event-stream", self.head.headers
            self.stream = EventStream(connection, self.head)

    def message(self, timeout: float | None = None) -> tuple[Event, dict[str, Any]]:
        """The next event that carries a message."""
        assert self.stream is not None, self.head
        while True:
            event = self.stream.next_event(timeout)
            if event is None:
                raise Cut("the stream ended, in order, where a message was awaited")
            if event.data:
                message = json.loads(event.data)
                self.judge(message)
                return event, message

    def close(self) -> None:
        self.connection.close()


class Client:
    """A client (a "sub-client" in the cases): its session, its counter of JSON-RPC ids, its headers."""

    def __init__(
        self,
        server: Server,
        version: str = NEWEST,
        *,
        key: str | None = None,
        user_agent: str = "holdfast-tests/1",
        accept: str | None = BOTH,
        name: str = "holdfast-tests",
        capabilities: dict[str, Any] | None = None,
    ) -> None:
        self.server = server
        self.version = version
        self.key = key
        self.user_agent = user_agent
        self.accept = accept
        self.name = name
        self.capabilities = capabilities or {}
        self.session: str | None = None
        self.negotiated: str | None = None
        self.counter = itertools.count(1)

    # Plain HTTP

    def headers(self, extra: dict[str, str | None] | None = None, session: Any = UNSET) -> dict[str, str]:
        headers: dict[str, str | None] = {
            "Host": self.server.authority,
            "User-Agent": self.user_agent,
            "Accept": self.accept,
            "Content-Type": "application/json",
            "Mcp-Session-Id": self.session if session is UNSET else session,
            "MCP-Protocol-Version": self.negotiated,
            "Authorization": f"Bearer {self.key}" if self.key else None,
        }
        for name, value in (extra or {}).items():
            headers = {k: v for k, v in headers.items() if k.lower() != name.lower()}
            headers[name] = value
        return {name: value for name, value in headers.items() if value is not None}

    def start(
        self,
        body: Any,
        *,
        session: Any = UNSET,
        headers: dict[str, str | None] | None = None,
        connection: Connection | None = None,
        path: str | None = None,
    ) -> Pending:
        """Sends a POST and does not wait."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        connection = connection or self.server.connect()
        lines = self.headers(headers, session)
        connection.send("POST", path or self.server.path, lines.items(), data)
        request_id = body.get("id") if isinstance(body, dict) and "method" in body else None
        return Pending(connection, request_id, self.judge(body, lines))

    def judge(self, body: Any, lines: dict[str, str]) -> Judge:
        session = lines.get("Mcp-Session-Id")
        negotiated = self.negotiated if session is not None and session == self.session else None
        methods = methods_of(body)
        if session is not None and methods and isinstance(body, dict):
            asked.setdefault((session, repr(body.get("id"))), set()).update(methods)
        return Judge(spoken(body, lines.get("MCP-Protocol-Version"), negotiated), methods, session)

    def post(self, body: Any, *, timeout: float | None = None, **options: Any) -> Answer:
        pending = self.start(body, **options)
        return pending.answer(timeout) if "connection" in options else pending.finish(timeout)

    # Messages

    def message(self, method: str, params: Any = None, id: Any = UNSET) -> dict[str, Any]:
        message = {"jsonrpc": "2.0", "id": next(self.counter) if id is UNSET else id, "method": method}
        if params is not None:
            message["params"] = params
        return message

    def begin(self, method: str, params: Any = None, *, id: Any = UNSET, **options: Any) -> Pending:
        return self.start(self.message(method, params, id), **options)

    def request(self, method: str, params: Any = None, *, id: Any = UNSET, **options: Any) -> Answer:
        return self.post(self.message(method, params, id), **options)

    def notify(self, method: str, params: Any = None, **options: Any) -> Answer:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        answer = self.post(message, **options)
        if answer.status == 202:
            assert answer.body == b"", f"a 202 has no body: {answer.body!r}"
        return answer

    def _call(self, name: str, arguments: dict[str, Any] | None, token: Any) -> dict[str, Any]:
        params: dict[str, Any] = {"name": name, "arguments": arguments or {}}
        if token is not UNSET:
            params["_meta"] = {"progressToken": token}
        return params

    def begin_call(
        self, tool: str, arguments: dict[str, Any] | None = None, *, token: Any = UNSET, **options: Any
    ) -> Pending:
        return self.begin("tools/call", self._call(tool, arguments, token), **options)

    def call(self, tool: str, arguments: dict[str, Any] | None = None, *, token: Any = UNSET, **options: Any) -> Answer:
        return self.request("tools/call", self._call(tool, arguments, token), **options)

    def converse(
        self, method: str, params: Any, respond: Callable[[dict[str, Any]], Any], **options: Any
    ) -> tuple[Answer, list[dict[str, Any]]]:
        """A request during which the server asks. Returns the answer and what was asked."""
        pending, questions = self.begin(method, params, **options), []
        if pending.head().media_type == "text/event-stream":
            while (event := pending.next_event()) is not None:
                message = json.loads(event.data) if event.data else {}
                if "method" in message and "id" in message:
                    questions.append(message)
                    response = {"jsonrpc": "2.0", "id": message["id"], "result": respond(message)}
                    assert self.post(response).status == 202
        return pending.finish(), questions

    def list_tools(self, **options: Any) -> Answer:
        return self.request("tools/list", **options)

    # Life

    def initialize(self, **options: Any) -> Answer:
        params = {
            "protocolVersion": self.version,
            "capabilities": self.capabilities,
            "clientInfo": {"name": self.name, "version": "1"},
        }
        options.setdefault("session", None)
        options["headers"] = {"MCP-Protocol-Version": None, **options.get("headers", {})}
        answer = self.request("initialize", params, **options)
        if answer.status == 200 and "result" in answer.message:
            self.session = answer.head.get("mcp-session-id")
            self.negotiated = answer.result["protocolVersion"]
        return answer

    def initialized(self, **options: Any) -> Answer:
        return self.notify("notifications/initialized", **options)

    def open(self) -> Client:
        """The handshake, whole."""
        assert self.initialize().result["serverInfo"]["name"]
        assert self.session, "initialize makes a session"
        assert self.initialized().status == 202
        return self

    def begin_delete(self, *, session: Any = UNSET, headers: dict[str, str | None] | None = None) -> Connection:
        connection = self.server.connect()
        extra = {"Content-Type": None, **(headers or {})}
        connection.send("DELETE", self.server.path, self.headers(extra, session).items())
        return connection

    def delete(self, *, session: Any = UNSET, headers: dict[str, str | None] | None = None) -> Answer:
        with self.begin_delete(session=session, headers=headers) as connection:
            head = connection.read_head()
            body = connection.read_body(head, "DELETE")
        message = json.loads(body) if body and head.media_type == "application/json" else None
        return Answer(head, body, message)

    def listen(
        self, *, last_event_id: str | None = None, session: Any = UNSET, headers: dict[str, str | None] | None = None
    ) -> Listening:
        connection = self.server.connect()
        extra = {
            "Accept": "text/event-stream", "Content-Type": None, "Last-Event-ID": last_event_id, **(headers or {}),
        }  # fmt: skip
        lines = self.headers(extra, session)
        connection.send("GET", self.server.path, lines.items())
        return Listening(connection, self.judge(None, lines))

    # Gates: the fixture's way to put events in order without a clock

    def open_gate(self, name: str) -> None:
        """Lets through whoever waits at the gate; asked without a session, so that no DELETE can touch it."""
        assert self.call("open", {"name": name}, session=None).status == 200
