"""One client of the per-request era: it says everything again on every request, and can leave out or twist any of it."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from typing import Any

from conversation import BOTH, MODERN, UNSET, Answer, Pending
from judge import Judge
from server import Server
from wire import Connection, Cut, Event, Head, WireError

PREFIX = "io.modelcontextprotocol/"
VERSION = PREFIX + "protocolVersion"
CAPABILITIES = PREFIX + "clientCapabilities"
CLIENT = PREFIX + "clientInfo"
LOG_LEVEL = PREFIX + "logLevel"
SERVER = PREFIX + "serverInfo"
SUBSCRIPTION = PREFIX + "subscriptionId"
TASKS = PREFIX + "tasks"
TOKEN = "progressToken"

EVERYTHING: dict[str, Any] = {"sampling": {}, "elicitation": {"form": {}, "url": {}}, "roots": {}}
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
NAMED |= dict.fromkeys(("tasks/get", "tasks/update", "tasks/cancel"), "taskId")
# The value of a member or a header that is to be left out.
ABSENT: Any = None


def sentinel(text: str) -> str:
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


def header_value(value: Any) -> str:
    """How `Mcp-Name` and `Mcp-Param-…` carry a value of the body (H-75)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    plain = all(" " <= character <= "~" or character == "\t" for character in text) and text == text.strip(" \t")
    return text if plain and not (text.startswith("=?base64?") and text.endswith("?=")) else sentinel(text)


class Reply(Pending):
    """A POST of this era: its answer never has what only sessions have (H-70, H-85)."""

    def head(self, timeout: float | None = None) -> Head:
        head = super().head(timeout)
        assert head.get("mcp-session-id") is None, f"a session where there is none: {head.headers}"
        return head

    def _take(self, event: Event) -> None:
        if event.id is not None or event.retry is not None:
            raise WireError(f"this era cannot resume, so an event has no id and no retry: {event}")
        super()._take(event)


class Subscription:
    """A `subscriptions/listen` stream after its acknowledgment."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.id = reply.request_id
        assert reply.head().status == 200, reply.finish()
        message = self.message()
        assert message["method"] == ACKNOWLEDGED, f"the first message is not the acknowledgment: {message}"
        self.granted: dict[str, Any] = message["params"]["notifications"]

    def message(self, timeout: float | None = None) -> dict[str, Any]:
        """The next notification, which names this subscription."""
        event = self.reply.next_event(timeout)
        if event is None or not event.data:
            raise Cut(f"the stream ended where a notification was awaited: {self.reply.answer()}")
        message = json.loads(event.data)
        assert "method" in message, f"an answer where a notification was awaited: {message}"
        got = message["params"]["_meta"][SUBSCRIPTION]
        assert got == self.id and type(got) is type(self.id), (got, self.id)
        return message

    def end(self, timeout: float | None = None) -> Answer:
        """Reads on to the graceful end: the one result, and the end of the stream."""
        answer = self.reply.finish(timeout)
        assert answer.result["_meta"][SUBSCRIPTION] == self.id, answer.message
        return answer

    def close(self) -> None:
        self.reply.connection.close()


class PerRequest:
    """A client of 2026-07-28. It keeps nothing but its own name and a counter."""

    def __init__(
        self,
        server: Server,
        *,
        capabilities: dict[str, Any] | None = None,
        key: str | None = None,
        accept: str | None = BOTH,
        user_agent: str = "holdfast-tests/1",
        log_level: str | None = None,
    ) -> None:
        self.server = server
        self.capabilities = EVERYTHING if capabilities is None else capabilities
        self.key = key
        self.accept = accept
        self.user_agent = user_agent
        self.log_level = log_level
        self.counter = itertools.count(1)
        self.annotations: dict[str, list[tuple[list[str], str]]] = {}

    # What is said

    def meta(self, extra: dict[str, Any] | None = None) -> dict[str, Any]:
        meta = {
            VERSION: MODERN,
            CAPABILITIES: self.capabilities,
            CLIENT: {"name": "holdfast-tests", "version": "1"},
            LOG_LEVEL: self.log_level,
            **(extra or {}),
        }
        return {key: value for key, value in meta.items() if value is not ABSENT}

    def message(
        self, method: str, params: dict[str, Any] | None = None, *, id: Any = UNSET, meta: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A request. `meta` is laid over what belongs in `_meta`; a member that is None is left out."""
        id = next(self.counter) if id is UNSET else id
        return {"jsonrpc": "2.0", "id": id, "method": method, "params": {**(params or {}), "_meta": self.meta(meta)}}

    def headers(self, body: Any, extra: dict[str, str | None] | None = None) -> dict[str, str]:
        """The headers that belong to a body. `extra` is laid over them; one that is None is left out."""
        headers: dict[str, str | None] = {
            "Host": self.server.authority,
            "User-Agent": self.user_agent,
            "Accept": self.accept,
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.key}" if self.key else None,
        }
        if isinstance(body, dict):
            params = body.get("params") or {}
            claimed = params.get("_meta", {}).get(VERSION, MODERN)
            headers["MCP-Protocol-Version"] = claimed if isinstance(claimed, str) else MODERN
            headers["Mcp-Method"] = body.get("method")
            if isinstance(named := params.get(NAMED.get(body.get("method", ""), "")), str):
                headers["Mcp-Name"] = header_value(named)
            if body.get("method") == "tools/call":
                headers |= self.mirrored(params.get("name"), params.get("arguments") or {})
        for name, value in (extra or {}).items():
            headers = {k: v for k, v in headers.items() if k.lower() != name.lower()}
            headers[name] = value
        return {name: value for name, value in headers.items() if value is not None}

    def learn(self) -> list[dict[str, Any]]:
        """Lists the tools, and remembers which parameters are to be repeated in headers."""
        tools = self.request("tools/list").result["tools"]
        self.annotations = {tool["name"]: list(annotated(tool["inputSchema"])) for tool in tools}
        return tools

    def mirrored(self, tool: Any, arguments: dict[str, Any]) -> dict[str, str]:
        headers = {}
        for path, name in self.annotations.get(tool, []):
            value: Any = arguments
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            if value is not None:
                headers[f"Mcp-Param-{name}"] = header_value(value)
        return headers

    # Saying it

    def start(
        self,
        body: Any,
        *,
        headers: dict[str, str | None] | None = None,
        lines: list[tuple[str, str]] | None = None,
        connection: Connection | None = None,
    ) -> Reply:
        """Sends a POST and does not wait. `lines` are more header lines, whatever is there already."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        connection = connection or self.server.connect()
        all_lines = [*self.headers(body, headers).items(), *(lines or [])]
        connection.send("POST", self.server.path, all_lines, data)
        asks = isinstance(body, dict) and "method" in body
        methods = {str(body["method"])} if asks and "id" in body else None
        return Reply(connection, body.get("id") if asks else None, Judge([MODERN], methods))

    def post(self, body: Any, *, timeout: float | None = None, **options: Any) -> Answer:
        reply = self.start(body, **options)
        return reply.answer(timeout) if "connection" in options else reply.finish(timeout)

    def begin(
        self, method: str, params: dict[str, Any] | None = None, *, id: Any = UNSET, meta: Any = None, **options: Any
    ) -> Reply:
        return self.start(self.message(method, params, id=id, meta=meta), **options)

    def request(
        self, method: str, params: dict[str, Any] | None = None, *, id: Any = UNSET, meta: Any = None, **options: Any
    ) -> Answer:
        return self.post(self.message(method, params, id=id, meta=meta), **options)

    def begin_call(self, tool: str, arguments: dict[str, Any] | None = None, **options: Any) -> Reply:
        return self.begin("tools/call", {"name": tool, "arguments": arguments or {}}, **options)

    def call(self, tool: str, arguments: dict[str, Any] | None = None, **options: Any) -> Answer:
        return self.request("tools/call", {"name": tool, "arguments": arguments or {}}, **options)

    def notify(self, method: str, params: dict[str, Any] | None = None, *, claim: bool = True, **options: Any) -> Answer:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        if claim:
            message["params"]["_meta"] = self.meta()
        return self.post(message, **options)

    def listen(self, filters: dict[str, Any], **options: Any) -> Subscription:
        return Subscription(self.begin("subscriptions/listen", {"notifications": filters}, **options))

    # Being asked

    def retry(
        self, method: str, params: dict[str, Any], asked: dict[str, Any], responses: Any, **options: Any
    ) -> Answer:
        """The same request again, with answers and with the state that came with the questions."""
        more: dict[str, Any] = {"inputResponses": responses}
        if "requestState" in asked:
            more["requestState"] = asked["requestState"]
        return self.request(method, {**params, **more}, **options)

    def converse(
        self, method: str, params: dict[str, Any], respond: Callable[[str, dict[str, Any]], Any], **options: Any
    ) -> tuple[Answer, list[dict[str, Any]]]:
        """Answers every question until the result is complete. Returns it, and what was asked in each round."""
        rounds: list[dict[str, Any]] = []
        answer = self.request(method, params, **options)
        while answer.result.get("resultType") == "input_required":
            asked = answer.result
            rounds.append(asked)
            assert len(rounds) <= 10, "the questions do not end"
            responses = {key: respond(key, request) for key, request in asked.get("inputRequests", {}).items()}
            answer = self.retry(method, params, asked, responses, **options)
        return answer, rounds


def annotated(schema: Any, path: tuple[str, ...] = ()) -> Any:
    """Every parameter that is annotated for a header, by its place in the arguments."""
    for name, inner in (schema.get("properties") or {}).items():
        if isinstance(inner, dict):
            if isinstance(inner.get("x-mcp-header"), str):
                yield [*path, name], inner["x-mcp-header"]
            yield from annotated(inner, (*path, name))


def accept(**content: Any) -> dict[str, Any]:
    return {"action": "accept", "content": content}


def sampled(text: str) -> dict[str, Any]:
    content = {"type": "text", "text": text}
    return {"role": "assistant", "content": content, "model": "test-model", "stopReason": "endTurn"}


ROOTS = {"roots": [{"uri": "file:///test/root", "name": "Test Root"}]}
