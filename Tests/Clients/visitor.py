"""One visitor of a server, whichever official client it is made of: mcp 1.x, mcp 2.x in either era, FastMCP's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from typing import Any

import anyio
import mcp.types as types
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from everything import user
from official import MAJOR

if MAJOR > 1:
    from mcp import Client
    from mcp.client.subscriptions import listen
if FASTMCP := find_spec("fastmcp") is not None:
    import fastmcp
    from fastmcp.client.transports import StdioTransport

KIND = "fastmcp" if FASTMCP else f"mcp{MAJOR}"
MODES = ["legacy"] if MAJOR == 1 else ["legacy", "auto"]
Target = str | list[str]
IMPLEMENTATION: Any = types.Implementation(name="visitor", version="1")


def plain(value: Any) -> Any:
    """A model as the JSON that it came from."""
    return value.model_dump(by_alias=True, mode="json", exclude_none=True)


class Visitor:
    """What every client can do. `asked` is what the server wanted to know of its user."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.asked: list[str] = []
        self.logs: list[tuple[str, Any]] = []
        self.heard: list[Any] = []
        self.session: Any = None
        self.client: Any = None
        self.version: str | None = None

    # Being asked

    def _answer(self, method: str, params: Any) -> dict[str, Any]:
        self.asked.append(method)
        return user("", {"method": method, "params": plain(params) if params is not None else {}})

    async def on_sampling(self, _context: Any, params: Any) -> types.CreateMessageResult:
        return types.CreateMessageResult.model_validate(self._answer("sampling/createMessage", params))

    async def on_elicitation(self, _context: Any, params: Any) -> types.ElicitResult:
        return types.ElicitResult.model_validate(self._answer("elicitation/create", params))

    async def on_roots(self, _context: Any) -> types.ListRootsResult:
        return types.ListRootsResult.model_validate(self._answer("roots/list", None))

    async def on_log(self, message: Any) -> None:
        self.logs.append((str(message.level), message.data))

    async def on_message(self, message: Any) -> None:
        self.heard.append(getattr(message, "root", message))

    # FastMCP's client hands the same questions over in its own way.

    async def on_fast_sampling(self, _messages: Any, params: Any, context: Any) -> Any:
        return await self.on_sampling(context, params)

    async def on_fast_elicitation(self, _message: str, _type: Any, params: Any, context: Any) -> Any:
        return await self.on_elicitation(context, params)

    # Asking

    async def tools(self) -> list[dict[str, Any]]:
        found = await (self.client.list_tools() if self.client else self.session.list_tools())
        return [plain(tool) for tool in getattr(found, "tools", found)]

    async def prompts(self) -> list[dict[str, Any]]:
        found = await (self.client.list_prompts() if self.client else self.session.list_prompts())
        return [plain(prompt) for prompt in getattr(found, "prompts", found)]

    async def resources(self) -> list[dict[str, Any]]:
        found = await (self.client.list_resources() if self.client else self.session.list_resources())
        return [plain(resource) for resource in getattr(found, "resources", found)]

    async def templates(self) -> list[dict[str, Any]]:
        found = await (self.client.list_resource_templates() if self.client else self.session.list_resource_templates())
        return [plain(template) for template in getattr(found, "resource_templates", getattr(found, "resourceTemplates", found))]

    async def call(self, name: str, arguments: dict[str, Any] | None = None, on_progress: Any = None) -> dict[str, Any]:
        if FASTMCP:
            result = await self.client.call_tool_mcp(name, arguments or {}, progress_handler=on_progress)
        else:
            caller = self.client or self.session
            result = await caller.call_tool(name, arguments or {}, progress_callback=on_progress)
        return plain(result)

    async def read(self, uri: str) -> list[dict[str, Any]]:
        if FASTMCP:
            return [plain(part) for part in await self.client.read_resource(uri)]
        return plain(await (self.client or self.session).read_resource(uri))["contents"]

    async def prompt(self, name: str, arguments: dict[str, str] | None = None) -> list[dict[str, Any]]:
        return plain(await (self.client or self.session).get_prompt(name, arguments))["messages"]

    async def complete(self, prompt: str, argument: str, value: str) -> list[str]:
        reference = types.PromptReference(type="ref/prompt", name=prompt)
        result = await (self.client or self.session).complete(reference, {"name": argument, "value": value})
        return list(getattr(result, "completion", result).values)

    @asynccontextmanager
    async def updates(self, uri: str) -> AsyncIterator[Callable[[], bool]]:
        """While it is open, what it gives says whether an update of the resource has come."""
        if self.mode == "legacy" or MAJOR == 1:
            await self.session.subscribe_resource(uri)
            yield lambda: any(isinstance(heard, types.ResourceUpdatedNotification) for heard in self.heard)
            await self.session.unsubscribe_resource(uri)
            return
        events: list[Any] = []

        async def collect(subscription: Any) -> None:
            async for event in subscription:
                events.append(event)

        async with listen(self.session, resource_subscriptions=[uri]) as subscription:
            async with anyio.create_task_group() as group:
                group.start_soon(collect, subscription)
                yield lambda: bool(events)
                group.cancel_scope.cancel()

    @asynccontextmanager
    async def cancelling(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[None]:
        """Begins a call, and cancels it at the end as this client's users would."""
        number = getattr(self.session, "_request_id", None)
        async with anyio.create_task_group() as group:
            group.start_soon(self.call, name, arguments)
            yield
            if MAJOR == 1:
                # 1.x leaves it to its user to tell the server.
                params = types.CancelledNotificationParams(requestId=number)
                notification = types.CancelledNotification(method="notifications/cancelled", params=params)
                await self.session.send_notification(types.ClientNotification(notification))
            group.cancel_scope.cancel()

    async def ping(self) -> None:
        await self.session.send_ping()

    async def log_from(self, level: str) -> None:
        await self.session.set_logging_level(level)


@asynccontextmanager
async def visit(target: Target, mode: str, log_level: str | None = None) -> AsyncIterator[Visitor]:
    """Opens the server at a URL, or the one that a command starts on standard input and output."""
    visitor = Visitor(mode)
    opened = {"mcp1": _open_session, "mcp2": _open_client, "fastmcp": _open_fast}[KIND]
    async with AsyncExitStack() as stack:
        await opened(stack, visitor, target, log_level)
        yield visitor


def _parameters(command: list[str]) -> StdioServerParameters:
    return StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))


async def _open_session(stack: AsyncExitStack, visitor: Visitor, target: Target, _: str | None) -> None:
    transport = streamable_http_client(target) if isinstance(target, str) else stdio_client(_parameters(target))
    streams = await stack.enter_async_context(transport)
    session: Any = ClientSession(
        streams[0], streams[1], sampling_callback=visitor.on_sampling, elicitation_callback=visitor.on_elicitation,
        list_roots_callback=visitor.on_roots, logging_callback=visitor.on_log, message_handler=visitor.on_message,
    )  # fmt: skip
    visitor.session = await stack.enter_async_context(session)
    visitor.version = str((await visitor.session.initialize()).protocolVersion)


async def _open_client(stack: AsyncExitStack, visitor: Visitor, target: Target, log_level: Any) -> None:
    visitor.client = await stack.enter_async_context(
        Client(
            target if isinstance(target, str) else _parameters(target), mode=visitor.mode, cache=None,
            sampling_callback=visitor.on_sampling, elicitation_callback=visitor.on_elicitation,
            list_roots_callback=visitor.on_roots, logging_callback=visitor.on_log, log_level=log_level,
            message_handler=visitor.on_message,
        )
    )  # fmt: skip
    visitor.session, visitor.version = visitor.client.session, visitor.client.protocol_version


async def _open_fast(stack: AsyncExitStack, visitor: Visitor, target: Target, _: str | None) -> None:
    transport: Any = target if isinstance(target, str) else StdioTransport(target[0], target[1:], keep_alive=False)
    roots: Callable[..., Any] = visitor.on_roots
    visitor.client = await stack.enter_async_context(
        fastmcp.Client(
            transport, mode=visitor.mode, cache=False, roots=lambda context: _listed(roots, context),
            sampling_handler=visitor.on_fast_sampling, elicitation_handler=visitor.on_fast_elicitation,
            log_handler=visitor.on_log, message_handler=visitor.on_message,
        )
    )  # fmt: skip
    visitor.session, visitor.version = visitor.client.session, visitor.client.protocol_version


async def _listed(roots: Callable[..., Any], context: Any) -> Any:
    return (await roots(context)).roots
