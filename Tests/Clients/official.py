"""The official Python client, in both of its majors, behind the few names that differ between them."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import anyio
import mcp.types as types
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import ClientMessageMetadata

MAJOR = int(version("mcp").split(".")[0])

if MAJOR == 1:
    import httpx
    from mcp import McpError as Refusal
else:
    import httpx2 as httpx
    from mcp import Client
    from mcp.shared.exceptions import MCPError as Refusal

# How a client of this major may find out what the server speaks; "legacy" is the handshake at once.
MODES = ["legacy"] if MAJOR == 1 else ["auto", "legacy"]

__all__ = ["MAJOR", "MODES", "CuttingProxy", "Official", "Refusal", "asynchronous", "connect", "talk", "until"]


def asynchronous(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*arguments: Any, **options: Any) -> None:
        anyio.run(functools.partial(test, *arguments, **options))

    return run


async def until(check: Callable[[], Any], timeout: float = 8, what: str = "") -> Any:
    """Polls without holding up the client's own tasks."""
    with anyio.move_on_after(timeout):
        while True:
            if found := check():
                return found
            await anyio.sleep(0.02)  # paces: polling an observable condition
    raise AssertionError(f"not within {timeout} s: {what}")


@dataclass
class Trace:
    """What the client put on the wire and what came back, as its HTTP library saw it."""

    requests: list[tuple[str, Any]] = field(default_factory=list)
    responses: list[tuple[str, int]] = field(default_factory=list)
    session: str | None = None

    async def on_request(self, request: Any) -> None:
        # A token is asked for with a form.
        is_json = request.headers.get("content-type", "").startswith("application/json")
        content = request.content if request.method == "POST" and is_json else b""
        self.requests.append((request.method, json.loads(content) if content else None))

    async def on_response(self, response: Any) -> None:
        self.responses.append((response.request.method, response.status_code))
        self.session = response.headers.get("mcp-session-id") or self.session

    def methods(self) -> list[str]:
        return [body["method"] for _, body in self.requests if body and "method" in body]

    def count(self, method: str, status: int) -> int:
        return self.responses.count((method, status))

    def last_id(self, method: str) -> Any:
        return next(body["id"] for _, body in reversed(self.requests) if body and body.get("method") == method)


class Official:
    """One official client, connected (or, for a resume, only attached to its streams)."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.session: ClientSession
        self.http: Any
        self.messages: list[Any] = []
        self.logs: list[types.LoggingMessageNotificationParams] = []
        self.tokens: list[str] = []
        self.version: str | None = None

    async def on_message(self, message: Any) -> None:
        self.messages.append(getattr(message, "root", message))

    async def on_log(self, params: types.LoggingMessageNotificationParams) -> None:
        self.logs.append(params)

    async def on_token(self, token: str) -> None:
        self.tokens.append(token)

    def heard(self, kind: type) -> int:
        return sum(isinstance(message, kind) for message in self.messages)

    async def tools(self) -> list[str]:
        """Lists. The client keeps the schemas; before it has them, it lists by itself after the first call."""
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(
        self, tool: str, arguments: dict[str, Any] | None = None, *, timeout: float | None = None, progress: Any = None
    ) -> str:
        """The text of a tool's answer that is not a failure."""
        limit: Any = timedelta(seconds=timeout) if timeout is not None and MAJOR == 1 else timeout
        result = await self.session.call_tool(tool, arguments or {}, limit, progress)
        assert not (result.isError if MAJOR == 1 else result.is_error), result
        return result.content[0].text

    async def call_resumable(self, tool: str, arguments: dict[str, Any], token: str | None = None) -> str:
        """A call whose stream can be named: `tokens` collects the names, `token` goes on after one of them."""
        params = types.CallToolRequestParams(name=tool, arguments=arguments)
        request: Any = types.CallToolRequest(params=params)
        if MAJOR == 1:
            request = types.ClientRequest(request)
        metadata = ClientMessageMetadata(resumption_token=token, on_resumption_token_update=self.on_token)
        result = await self.session.send_request(request, types.CallToolResult, metadata=metadata)
        return result.content[0].text

    async def cancel_by_notification(self, request_id: Any) -> None:
        notification: Any
        if MAJOR == 1:
            notification = types.CancelledNotification(params=types.CancelledNotificationParams(requestId=request_id))
            notification = types.ClientNotification(notification)
        else:
            notification = types.CancelledNotification(params=types.CancelledNotificationParams(request_id=request_id))
        await self.session.send_notification(notification)

    async def delete(self, url: str) -> int:
        """The DELETE that the client sends when it ends, sent while it goes on."""
        headers = {"mcp-session-id": self.trace.session or "", "mcp-protocol-version": self.version or ""}
        return (await self.http.delete(url, headers=headers)).status_code


@asynccontextmanager
async def connect(
    url: str,
    *,
    mode: str = "legacy",
    key: str | None = None,
    terminate: bool = True,
    session: str | None = None,
    auth: Any = None,
) -> AsyncIterator[Official]:
    """Connects. With `session` the handshake is left out, and an earlier session goes on."""
    official = Official()
    hooks = {"request": [official.trace.on_request], "response": [official.trace.on_response]}
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if session:
        headers |= {"mcp-session-id": session, "mcp-protocol-version": "2025-11-25"}
    timeout = httpx.Timeout(20, read=60)
    async with httpx.AsyncClient(headers=headers, timeout=timeout, event_hooks=hooks, auth=auth) as http:
        official.http = http
        transport = streamable_http_client(url, http_client=http, terminate_on_close=terminate)
        async with talk(official, transport, mode, resumes=session is not None):
            yield official


@asynccontextmanager
async def talk(official: Official, transport: Any, mode: str, *, resumes: bool = False) -> AsyncIterator[None]:
    """Opens over any transport, for as long as the context lasts."""
    callbacks = {"logging_callback": official.on_log, "message_handler": official.on_message}
    if MAJOR == 1 or resumes:
        async with transport as streams, ClientSession(streams[0], streams[1], **callbacks) as opened:
            official.session = opened
            if not resumes:
                official.version = str((await opened.initialize()).protocolVersion)
            yield
    else:
        async with Client(transport, mode=mode, cache=None, **callbacks) as client:
            official.session = client.session
            official.version = client.protocol_version
            yield


class CuttingProxy:
    """A network that can be lost: forwards connections until it is told to break them."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        try:
            yield f"http://{host}:{port}/mcp"
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self.address)
        self.writers |= {writer, far_writer}
        await asyncio.gather(self._forward(reader, far_writer), self._forward(far_reader, writer))

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
