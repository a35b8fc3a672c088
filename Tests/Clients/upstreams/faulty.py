"""Ways to make a healthy server faulty; `faults.py` is the table of all."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from upstreams.healthy import ECHO, NOW, Dropped, Healthy, Reply, Request, as_json, error, event, stream

Site = Callable[[], Healthy]


def wait(seconds: float) -> None:
    time.sleep(seconds)  # paces: the fault is to be slow


def with_(**methods: Any) -> Site:
    """A healthy server with some methods replaced."""
    return type("Faulty", (Healthy,), methods)


def tools(*changed: dict[str, Any]) -> Site:
    return with_(tools=lambda self: [*changed, NOW])


def tool(**changes: Any) -> Site:
    return tools({**ECHO, **changes})


def schema(**members: Any) -> Site:
    return tool(inputSchema={"type": "object", "properties": {"text": {"type": "string"}}, **members})


def answering(**changes: Any) -> Site:
    """Every answer is changed; what is None is left out."""

    def written(self: Healthy, answer: dict[str, Any]) -> Reply:
        merged = {**answer, **changes}
        return as_json({name: value for name, value in merged.items() if value is not ...})

    return with_(written=written)


def streaming(pieces: Callable[[Any], Iterator[bytes]]) -> Site:
    return with_(written=lambda self, answer: stream(pieces(answer)))


def on(method: str, reply: Callable[[Request, dict[str, Any]], Reply]) -> Site:
    """Another reply to one method."""

    def on_post(self: Healthy, request: Request) -> Reply:
        try:
            message = request.message
        except ValueError:
            return Healthy.on_post(self, request)
        return reply(request, message) if message.get("method") == method else Healthy.on_post(self, request)

    return with_(on_post=on_post)


def drop(*_: Any) -> Reply:
    raise Dropped


def after(seconds: float, *methods: str) -> Site:
    def on_post(self: Healthy, request: Request) -> Reply:
        if any(method.encode() in request.body for method in methods):
            wait(seconds)
        return Healthy.on_post(self, request)

    return with_(on_post=on_post)


def everything(reply: Callable[[], Reply]) -> Site:
    return with_(endpoint=lambda self, request: reply())


def page(status: int) -> Callable[[], Reply]:
    return lambda: Reply(status, {"Content-Type": "text/html"}, b"<!doctype html><title>Hello</title>")


# The opening


def redirected(self: Healthy, request: Request) -> Reply:
    if request.path == "/mcp":
        return Reply(307, {"Location": "/moved/mcp"})
    return Healthy.endpoint(self, request) if request.path == "/moved/mcp" else as_json({"error": "not found"}, 404)


def two_endpoints(self: Healthy, request: Request) -> Reply:
    if request.verb != "GET":
        return Reply(405, {"Allow": "GET"})
    return stream(iter([b"event: endpoint\ndata: /messages?id=1\n\n", *[b": here\n\n"] * 2]))


def claude_only(self: Healthy, request: Request) -> Reply:
    return page(403)() if "Claude" in request.headers.get("user-agent", "") else Healthy.endpoint(self, request)


def no_downgrade(self: Healthy, request: Request, message: dict[str, Any]) -> Reply:
    if message["params"]["protocolVersion"] in ("2025-11-25", "2099-01-01"):
        return error(message["id"], -32602, "Unsupported protocol version")
    return Healthy.on_initialize(self, request, message)


def opening(**changes: Any) -> Site:
    def opened(self: Healthy, version: str) -> dict[str, Any]:
        merged = {**Healthy.opening(self, version), **changes}
        return {name: value for name, value in merged.items() if value is not None}

    return with_(opening=opened)


def probe_of_versions(reply: Callable[[], Reply]) -> Site:
    return on("server/discover", lambda request, message: reply())


def header(name: str, refuses: Callable[[str | None], bool], status: int = 400) -> Site:
    def on_post(self: Healthy, request: Request) -> Reply:
        # Its own version probe is refused by any server of its time.
        if refuses(request.headers.get(name)) and b"initialize" not in request.body:
            return error(None, -32000, "Bad header", status)
        return Healthy.on_post(self, request)

    return with_(on_post=on_post)


# Streams


def get(reply: Callable[[Healthy, Request], Reply], without: bool = False) -> Site:
    def on_get(self: Healthy, request: Request) -> Reply:
        isOrdinary = (request.session is None) != without
        return Healthy.on_get(self, request) if isOrdinary else reply(self, request)

    return with_(on_get=on_get)


def same_stream(self: Healthy, request: Request) -> Any:
    yield b": here\n\n"
    yield event({"jsonrpc": "2.0", "id": 1, "result": {}})
    yield from Healthy.listening(self, request)


def silent(self: Healthy, request: Request) -> Reply:
    wait(8)
    return Reply(200)


def breaking(self: Healthy, request: Request) -> Any:
    yield b": here\n\n"
    drop()


def farewell(self: Healthy, request: Request) -> Any:
    """All at the end."""
    while self.knows(request.session):
        wait(0.05)
    yield b": here\n\n"
    yield b": and gone\n\n"


def compressed(self: Healthy, request: Request) -> Reply:
    reply = stream(self.listening(request))
    reply.headers["Content-Encoding"] = "gzip"
    return reply


def ending(self: Healthy, request: Request) -> Any:
    yield b": here\n\n"


class OneStream(Healthy):
    def __init__(self) -> None:
        super().__init__()
        self.listeners: set[str] = set()

    def on_get(self, request: Request) -> Reply:
        if request.session in self.listeners:
            return error(None, -32000, "Only one stream", 409)
        self.listeners.add(request.session or "")
        return super().on_get(request)


class Fragile(Healthy):
    broken = False

    def on_post(self, request: Request) -> Reply:
        try:
            request.message  # noqa: B018
        except ValueError:
            self.broken = True
        if self.broken:
            raise Dropped
        return super().on_post(request)


class Shuffled(Healthy):
    def tools(self) -> list[dict[str, Any]]:
        named = [{**ECHO, "name": f"echo{number}"} for number in range(30)]
        random.shuffle(named)
        return named


def paged(self: Healthy, params: dict[str, Any]) -> dict[str, Any]:
    return {"tools": [NOW]} if params.get("cursor") else {"tools": [ECHO], "nextCursor": "2"}


def open_for(seconds: float) -> Callable[[Any], Iterator[bytes]]:
    def pieces(answer: Any) -> Iterator[bytes]:
        yield event(answer)
        wait(seconds)

    return pieces


# What is only told to those who ask


class Punctual(Healthy):
    """Lists nothing to those who have not said that they are ready."""

    def __init__(self) -> None:
        super().__init__()
        self.ready: set[str] = set()

    def on_notification(self, request: Request, message: dict[str, Any]) -> Reply:
        self.ready.add(request.session or "")
        return super().on_notification(request, message)

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        if request.session and request.session not in self.ready:
            return error(message["id"], -32602, "Not initialized")
        return super().on_request(request, message)


class Throttling(Healthy):
    """Enough is enough, after a while."""

    opened = 0

    def on_initialize(self, request: Request, message: dict[str, Any]) -> Reply:
        self.opened += 1
        return super().on_initialize(request, message)

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        return Reply(429, {"Retry-After": "1"}) if self.opened > 40 else super().on_request(request, message)


class Forgetful(Healthy):
    """Gives its events ids, and remembers none."""

    def written(self, answer: Any) -> Reply:
        return stream(iter([b"id: 1\ndata:\n\n", b"id: 2\n" + event(answer)]))

    def on_get(self, request: Request) -> Reply:
        if "last-event-id" in request.headers:
            return error(None, -32000, "No such event", 400)
        return super().on_get(request)


class Old(Healthy):
    """Speaks 2025-06-18, and primes its streams as the next version does."""

    def on_initialize(self, request: Request, message: dict[str, Any]) -> Reply:
        asked = message["params"]["protocolVersion"]
        message["params"]["protocolVersion"] = asked if asked < "2025-11" else "2025-06-18"
        return super().on_initialize(request, message)

    def written(self, answer: Any) -> Reply:
        return stream(iter([b"id: 1\ndata:\n\n", event(answer)]))


class Modern(Healthy):
    """Of 2026-07-28 and nothing else."""

    def on_post(self, request: Request) -> Reply:
        message = request.message
        if message.get("method") == "server/discover":
            return self.answer(request, message, {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}})
        if request.headers.get("mcp-protocol-version") != "2026-07-28":
            data = {"supported": ["2026-07-28"], "requested": None}
            failure = {"code": -32022, "message": "Unsupported protocol version", "data": data}
            return as_json({"jsonrpc": "2.0", "id": message.get("id"), "error": failure}, 400)
        return self.on_request(request, message)


def without_version(self: Healthy, request: Request) -> Reply:
    if request.headers.get("mcp-protocol-version") == "1999-01-01":
        del request.headers["mcp-protocol-version"]
    return Healthy.on_post(self, request)


def mixed(self: Healthy, request: Request, message: dict[str, Any]) -> Reply:
    if "_meta" in message.get("params", {}):
        return error(message["id"], -32020, "Header mismatch", 400)
    return Healthy.on_request(self, request, message)


def choosy(self: Healthy, request: Request, message: dict[str, Any]) -> Reply:
    if message["params"]["protocolVersion"] in ("2024-11-05", "2099-01-01"):
        return error(message["id"], -32602, "Unsupported protocol version")
    return Healthy.on_initialize(self, request, message)


def any_origin(self: Healthy, request: Request) -> Reply:
    request.headers.pop("origin", None)
    return Healthy.endpoint(self, request)


def not_claude(self: Healthy, request: Request) -> Reply:
    return Reply(403) if "claude" in request.headers.get("origin", "") else Healthy.endpoint(self, request)


def anybody(self: Healthy) -> dict[str, str]:
    """For pages from everywhere, who may then see what is always seen."""
    return {"Access-Control-Allow-Origin": "*"}


def limited(size: int) -> Callable[[Healthy, Request], Reply]:
    def on_post(self: Healthy, request: Request) -> Reply:
        return Reply(413) if len(request.body) > size else Healthy.on_post(self, request)

    return on_post


def exact(self: Healthy, request: Request) -> Reply:
    return as_json({"error": "not found"}, 404) if request.path == "/mcp/" else Healthy.serve(self, request)


def proxied(self: Healthy, request: Request) -> Reply:
    """Says nothing for longer than anybody looks."""
    reply = stream(wait(3) or piece for piece in self.listening(request))
    reply.headers["Via"] = "1.1 proxy"
    del reply.headers["X-Accel-Buffering"]
    return reply


def cut(self: Healthy, request: Request) -> Iterator[bytes]:
    for _ in range(8):
        yield b": here\n\n"
        wait(0.25)
