"""A server of the per-request era and of nothing else, as people write them with mcp 2.x: it has no sessions.

    python per_request_era.py --stdio
    python per_request_era.py --port N
"""

from __future__ import annotations

import argparse
import json
from typing import Annotated, Any

import anyio
import mcp.types as types
import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resolve import Elicit, Resolve, Sample
from pydantic import BaseModel

NOTE = "note://now"
NAMES = ["Ada", "Alan", "Grace"]
VERSION = "2026-07-28"


class Answer(BaseModel):
    name: str


class State:
    cancelled = 0
    touched = 0


server = MCPServer("per-request-era", version="1", instructions="A server of the per-request era.")


@server.tool()
async def echo(text: str) -> str:
    """Says it again."""
    return text


@server.tool()
async def add(a: int, b: int) -> dict[str, int]:
    """Adds two numbers."""
    return {"sum": a + b}


@server.tool()
async def count(steps: int, ctx: Context) -> str:
    """Reports its progress, step by step."""
    for step in range(1, steps + 1):
        await ctx.report_progress(step, steps, f"step {step}")
        await anyio.sleep(0.01)  # paces: clients handle reports one at a time
    return f"counted {steps}"


@server.tool()
async def record(file: str, line: str) -> str:
    """Writes a line into a file."""
    with open(file, "a") as found:
        found.write(line + "\n")
    return "recorded"


@server.tool()
async def slow(seconds: float) -> str:
    """Takes its time."""
    try:
        await anyio.sleep(seconds)  # paces: what this tool is for
    except anyio.get_cancelled_exc_class():
        State.cancelled += 1
        raise
    return f"slept {seconds}"


@server.tool()
async def cancelled() -> str:
    """How many slow calls were cancelled."""
    return str(State.cancelled)


async def asked(question: str) -> Elicit[Answer]:
    return Elicit(question, Answer)


@server.tool()
async def ask(question: str, answer: Annotated[Answer, Resolve(asked)]) -> str:
    """Asks the user for a name."""
    return f"Hello, {answer.name}!"


async def sampled(prompt: str) -> Sample:
    message = types.SamplingMessage(role="user", content=types.TextContent(type="text", text=prompt))
    return Sample([message], max_tokens=100)


@server.tool()
async def sample(prompt: str, result: Annotated[types.CreateMessageResult, Resolve(sampled)]) -> str:
    """Asks the client's model."""
    return f"It says: {getattr(result.content, 'text', '')}"


@server.tool()
async def touch(ctx: Context) -> str:
    """Changes the note and tells who listens for it."""
    State.touched += 1
    await ctx.notify_resource_updated(NOTE)
    return str(State.touched)


@server.resource(NOTE, mime_type="text/plain")
async def note() -> str:
    """A text that changes."""
    return f"touched {State.touched} times"


@server.resource("note://old/{year}", mime_type="text/plain")
async def old_note(year: str) -> str:
    """A text of a year."""
    return f"a note of {year}"


@server.prompt()
async def greet(name: str) -> str:
    """A greeting."""
    return f"Greet {name}."


@server.completion()
async def complete(reference: Any, argument: Any, _context: Any) -> types.Completion | None:
    if isinstance(reference, types.PromptReference) and reference.name == "greet" and argument.name == "name":
        return types.Completion(values=[name for name in NAMES if name.startswith(argument.value)])
    return None


class NoSessions:
    """The library serves both eras on one endpoint. This server is one that has left the first behind."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        if scope["method"] == "POST" and headers.get(b"mcp-protocol-version", b"").decode() == VERSION:
            return await self.app(scope, receive, send)
        data = {"supported": [VERSION], "requested": headers.get(b"mcp-protocol-version", b"").decode() or None}
        error = {"code": -32022, "message": "Unsupported protocol version", "data": data}
        body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()
        status = 400 if scope["method"] == "POST" else 405
        kind = [(b"content-type", b"application/json"), (b"allow", b"POST")]
        await send({"type": "http.response.start", "status": status, "headers": kind})
        await send({"type": "http.response.body", "body": body})
        return None


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--stdio", action="store_true")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    if given.stdio:
        server.run("stdio")
    else:
        uvicorn.run(NoSessions(server.streamable_http_app()), port=given.port, log_level="warning")
