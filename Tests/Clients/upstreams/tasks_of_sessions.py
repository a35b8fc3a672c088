"""A server of 2025-11-25 whose tools run as tasks and in no other way, as mcp 1.x for Python has them.

    python tasks_of_sessions.py --stdio
    python tasks_of_sessions.py --port N
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import anyio
import mcp.types as types
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.routing import Mount

server = Server("tasks-of-sessions")
server.experimental.enable_tasks()
cancelled: list[str] = []
FORM = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def text(words: str, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=words)], isError=is_error)


async def work(task: Any) -> types.CallToolResult:
    return text("worked")


async def fail(task: Any) -> types.CallToolResult:
    return text("It cannot be done", is_error=True)


async def ask(task: Any) -> types.CallToolResult:
    answer = await task.elicit(message="Who are you?", requestedSchema=FORM)
    return text(f"Hello, {answer.content['name']}!")


async def wait(task: Any) -> types.CallToolResult:
    # mcp 1.27 ends the whole session when a function goes on after its task was cancelled.
    await anyio.sleep_forever()
    return text("never")


TASKS = {"work": work, "fail": fail, "ask": ask, "wait": wait}


@server.list_tools()
async def tools() -> list[types.Tool]:
    execution = types.ToolExecution(taskSupport=types.TASK_REQUIRED)
    tasks = [types.Tool(name=name, inputSchema={"type": "object"}, execution=execution) for name in TASKS]
    return [*tasks, types.Tool(name="cancelled", inputSchema={"type": "object"})]


@server.call_tool()
async def call(name: str, arguments: dict[str, Any]) -> Any:
    if name == "cancelled":
        return text(str(len(cancelled)))
    context = server.request_context
    context.experimental.validate_task_mode(types.TASK_REQUIRED)
    return await context.experimental.run_task(TASKS[name])


@server.experimental.cancel_task()
async def cancel(request: types.CancelTaskRequest) -> types.CancelTaskResult:
    support = server.experimental.task_support
    assert support is not None
    task = await support.store.get_task(request.params.taskId)
    assert task is not None
    cancelled.append(task.taskId)
    task = await support.store.update_task(task.taskId, status="cancelled")
    return types.CancelTaskResult(**task.model_dump())


def without_nulls(value: Any) -> Any:
    """mcp 1.27 writes nulls into what a task came to, where the schema has none."""
    match value:
        case dict():
            return {key: without_nulls(member) for key, member in value.items() if member is not None}
        case list():
            return [without_nulls(item) for item in value]
    return value


@server.experimental.get_task_result()
async def outcome(request: types.GetTaskPayloadRequest) -> types.GetTaskPayloadResult:
    context, support = server.request_context, server.experimental.task_support
    assert support is not None
    result = await support.handler.handle(request, context.session, context.request_id)
    return types.GetTaskPayloadResult.model_validate(without_nulls(result.model_dump(by_alias=True)))


def app() -> Starlette:
    manager = StreamableHTTPSessionManager(app=server)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return Starlette(routes=[Mount("/", app=manager.handle_request)], lifespan=lifespan)


async def over_stdio() -> None:
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--stdio", action="store_true")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    if given.stdio:
        anyio.run(over_stdio)
    else:
        uvicorn.run(app(), host="127.0.0.1", port=given.port)
