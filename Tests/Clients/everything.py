"""The two ways to talk to `everything`, behind one name, and how a user of it answers when asked."""

from __future__ import annotations

import base64
from typing import Any

from conversation import Answer, Client
from per_request import ROOTS, TOKEN, PerRequest, accept, sampled
from server import Server

HANDSHAKE, PER_REQUEST = "handshake", "per-request"
WIRES = [HANDSHAKE, PER_REQUEST]
STATED = {"sampling": {}, "elicitation": {}}
ENUMS = {
    "untitledSingle": "option1",
    "titledSingle": "value1",
    "legacyEnum": "opt1",
    "untitledMulti": ["option1", "option2"],
    "titledMulti": ["value1", "value2"],
}


class Wire:
    def __init__(self, server: Server, kind: str) -> None:
        self.kind = kind
        self.session = Client(server, capabilities=STATED).open() if kind == HANDSHAKE else None
        self.caller = PerRequest(server)

    @property
    def client(self) -> Any:
        return self.session or self.caller

    def request(self, method: str, params: dict[str, Any] | None = None, **options: Any) -> Answer:
        return self.client.request(method, params, **options)

    def call(self, tool: str, arguments: dict[str, Any] | None = None, token: Any = None) -> Answer:
        params: dict[str, Any] = {"name": tool}
        if arguments is not None:
            params["arguments"] = arguments
        if token is None:
            return self.request("tools/call", params)
        if self.session:
            return self.session.request("tools/call", {**params, "_meta": {TOKEN: token}})
        return self.caller.request("tools/call", params, meta={TOKEN: token})


def decoded(block: dict[str, Any], member: str = "data") -> bytes:
    return base64.b64decode(block[member], validate=True)


def user(_key: str, request: dict[str, Any]) -> dict[str, Any]:
    """What the suite's client answers, by what it is asked."""
    if request["method"] == "sampling/createMessage":
        return sampled("This is a test response from the client")
    if request["method"] == "roots/list":
        return ROOTS
    properties = request["params"]["requestedSchema"]["properties"]
    return accept(**{name: filled(name, schema) for name, schema in properties.items()})


def filled(name: str, schema: dict[str, Any]) -> Any:
    known = {"name": "Alice", "username": "testuser", "email": "test@example.com", **ENUMS}
    if name in known:
        return known[name]
    if "default" in schema:
        return schema["default"]
    return {"string": "blue", "boolean": True, "integer": 3, "number": 1.5, "array": []}[schema["type"]]
