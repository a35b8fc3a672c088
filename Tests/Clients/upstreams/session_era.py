"""A server of the session era, as people write them with FastMCP of mcp 1.x. It keeps state in its sessions over HTTP.

    python session_era.py --stdio
    python session_era.py --port N
"""

from __future__ import annotations

import argparse
from typing import Any

import anyio
import mcp.types as types
from mcp.server.fastmcp import Context, FastMCP
from pydantic import AnyUrl, BaseModel

NOTE = "note://now"
NAMES = ["Ada", "Alan", "Grace"]


class Answer(BaseModel):
    name: str


class State:
    """Of the process: every session sees it."""

    cancelled = 0
    touched = 0


server = FastMCP("session-era", instructions="A server of the session era.")
core = server._mcp_server
subscribers: list[tuple[str, Any]] = []


@server.tool()
async def echo(text: str) -> str:
    """Says it again."""
    return text


@server.tool()
async def add(a: int, b: int) -> dict[str, int]:
    """Adds two numbers."""
    return {"sum": a + b}


@server.tool()
async def count(steps: int, ctx: Context[Any, Any, Any]) -> str:
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


@server.tool()
async def ask(question: str, ctx: Context[Any, Any, Any]) -> str:
    """Asks the user for a name."""
    answer = await ctx.elicit(question, Answer)
    return f"Hello, {answer.data.name}!" if answer.action == "accept" and answer.data else answer.action


@server.tool()
async def sample(prompt: str, ctx: Context[Any, Any, Any]) -> str:
    """Asks the client's model."""
    message = types.SamplingMessage(role="user", content=types.TextContent(type="text", text=prompt))
    result = await ctx.session.create_message([message], max_tokens=100)
    return f"It says: {getattr(result.content, 'text', '')}"


@server.tool()
async def touch() -> str:
    """Changes the note and tells who subscribed to it."""
    State.touched += 1
    for uri, session in list(subscribers):
        await session.send_resource_updated(AnyUrl(uri))
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


@core.subscribe_resource()
async def subscribe(uri: AnyUrl) -> None:
    subscribers.append((str(uri), core.request_context.session))


@core.unsubscribe_resource()
async def unsubscribe(uri: AnyUrl) -> None:
    entry = (str(uri), core.request_context.session)
    if entry in subscribers:
        subscribers.remove(entry)


stated = core.get_capabilities


def capabilities(*arguments: Any) -> types.ServerCapabilities:
    """FastMCP says that nobody can subscribe, whatever handlers there are."""
    found = stated(*arguments)
    if found.resources:
        found.resources.subscribe = True
    return found


core.get_capabilities = capabilities  # type: ignore[method-assign]

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--stdio", action="store_true")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    server.settings.port = given.port
    server.run("stdio" if given.stdio else "streamable-http")
