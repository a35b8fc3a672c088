"""The server that the documentation of a Python library shows first, with two tools.

    python plain.py mcp|fastmcp --port N [--stateless]
"""

from __future__ import annotations

import argparse
from typing import Any

import uvicorn
from mcp.types import ToolAnnotations

READS = ToolAnnotations(title="Now", readOnlyHint=True)


def now() -> str:
    """Tells the time."""
    return "late"


def echo(text: str) -> str:
    """Says it again."""
    return text


def application(library: str, stateless: bool) -> Any:
    if library == "fastmcp":
        from fastmcp import FastMCP

        server = FastMCP("plain")
        server.tool(now, annotations=READS)
        server.tool(echo)
        return server.http_app(stateless_http=stateless)
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("plain")
    server.tool(annotations=READS)(now)
    server.tool()(echo)
    return server.streamable_http_app(stateless_http=stateless)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=["mcp", "fastmcp"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--stateless", action="store_true")
    given = parser.parse_args()
    uvicorn.run(application(given.library, given.stateless), port=given.port, log_level="warning")
