"""The published schema of each revision, and the check that a message of the server is one of its messages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

FOLDER = Path(__file__).parents[1] / "Schemas"
PER_REQUEST = "2026-07-28"
REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", PER_REQUEST]

RESULTS = {
    "initialize": "InitializeResult",
    "server/discover": "DiscoverResult",
    "tools/list": "ListToolsResult",
    "tools/call": "CallToolResult",
    "prompts/list": "ListPromptsResult",
    "prompts/get": "GetPromptResult",
    "resources/list": "ListResourcesResult",
    "resources/templates/list": "ListResourceTemplatesResult",
    "resources/read": "ReadResourceResult",
    "completion/complete": "CompleteResult",
    "subscriptions/listen": "SubscriptionsListenResult",
}
NOTIFICATIONS = {
    "notifications/cancelled": "CancelledNotification",
    "notifications/progress": "ProgressNotification",
    "notifications/message": "LoggingMessageNotification",
    "notifications/resources/updated": "ResourceUpdatedNotification",
    "notifications/resources/list_changed": "ResourceListChangedNotification",
    "notifications/tools/list_changed": "ToolListChangedNotification",
    "notifications/prompts/list_changed": "PromptListChangedNotification",
    "notifications/elicitation/complete": "ElicitationCompleteNotification",
    "notifications/subscriptions/acknowledged": "SubscriptionsAcknowledgedNotification",
}
REQUESTS = {
    "ping": "PingRequest",
    "sampling/createMessage": "CreateMessageRequest",
    "roots/list": "ListRootsRequest",
    "elicitation/create": "ElicitRequest",
}
ERRORS = {
    -32700: "ParseError",
    -32600: "InvalidRequestError",
    -32601: "MethodNotFoundError",
    -32602: "InvalidParamsError",
    -32603: "InternalError",
}
TYPED_ERRORS = {
    -32020: "HeaderMismatchError",
    -32021: "MissingRequiredClientCapabilityError",
    -32022: "UnsupportedProtocolVersionError",
}
INPUT_METHODS = {"tools/call", "prompts/get", "resources/read"}
# Methods whose whole answer is that it was done.
EMPTY = {"ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"}
# What the extension for tasks adds; the schemas do not have it.
TASKS = {"tasks/get", "tasks/update", "tasks/cancel"}
ONLY_PER_REQUEST = {"resultType", "ttlMs", "cacheScope", "inputRequests", "requestState"}


class SchemaViolation(AssertionError):
    """The server sent what its revision does not have."""

    def __init__(self, revision: str, kind: str, path: str, problem: str, message: Any) -> None:
        shown = json.dumps(message, ensure_ascii=False)
        super().__init__(f"{revision}: not a {kind} at {path}: {problem}\n    in {shown[:1500]}")


class Revision:
    def __init__(self, name: str) -> None:
        self.name = name
        self.schema = json.loads((FOLDER / name / "schema.json").read_text())
        self.place = "$defs" if "$defs" in self.schema else "definitions"
        self.definitions: dict[str, Any] = self.schema[self.place]
        draft = jsonschema.Draft202012Validator if self.place == "$defs" else jsonschema.Draft7Validator
        self.whole = draft({self.place: self.definitions})
        self.compiled: dict[str, Validator] = {}
        self.seen: set[tuple[str, str]] = set()

    def check(self, definition: str, value: Any, message: Any) -> None:
        """Raises when `value` is not what the definition says; `message` is shown with it."""
        if definition not in self.definitions:
            raise SchemaViolation(self.name, definition, "$", "there is no such message in this revision", message)
        # A load test says the same thing thousands of times.
        key = (definition, json.dumps(value, sort_keys=True))
        if key in self.seen:
            return
        if definition not in self.compiled:
            self.compiled[definition] = self.whole.evolve(schema={
                "$ref": f"#/{self.place}/{definition}", self.place: self.definitions,
            })  # fmt: skip
        error = jsonschema.exceptions.best_match(self.compiled[definition].iter_errors(value))
        if error is not None:
            raise SchemaViolation(self.name, definition, error.json_path, error.message[:500], message)
        if len(key[1]) < 100_000:
            self.seen.add(key)


@cache
def revision(name: str) -> Revision:
    return Revision(name)


def check(message: Any, version: str, methods: set[str] | None) -> None:
    """One message of the server, as JSON. `methods`: what a response may be the response to; None when that is unknown."""
    if version == "2025-03-26" and isinstance(message, list):
        for element in message:
            check(element, version, methods)
        return
    rules = revision(version)
    if not isinstance(message, dict):
        raise SchemaViolation(version, "message", "$", "not an object", message)
    if "method" in message:
        table, kind = (REQUESTS, "request") if "id" in message else (NOTIFICATIONS, "notification")
        if version == PER_REQUEST and kind == "request":
            raise SchemaViolation(version, "message", "$", "the server sends no requests", message)
        definition = table.get(message["method"])
        if definition is None:
            if message["method"] == "notifications/tasks" and version == PER_REQUEST:
                return
            raise SchemaViolation(version, kind, "$.method", f"unknown: {message['method']}", message)
        rules.check("JSONRPCRequest" if kind == "request" else "JSONRPCNotification", message, message)
        rules.check(definition, message, message)
    elif "error" in message:
        _check_error(message, rules)
    else:
        name = "JSONRPCResultResponse" if "JSONRPCResultResponse" in rules.definitions else "JSONRPCResponse"
        rules.check(name, message, message)
        _check_result(message, rules, methods)


def _check_error(message: dict[str, Any], rules: Revision) -> None:
    checked = message
    if message.get("id", ...) is None and rules.name != PER_REQUEST:
        # JSON-RPC itself wants null where the request could not be read; the schemas leave that out.
        checked = {**message, "id": 0}
    name = "JSONRPCErrorResponse" if "JSONRPCErrorResponse" in rules.definitions else "JSONRPCError"
    rules.check(name, checked, message)
    code = message["error"]["code"]
    if rules.name == PER_REQUEST:
        if code in TYPED_ERRORS:
            rules.check(TYPED_ERRORS[code], checked, message)
        elif code in ERRORS:
            rules.check(ERRORS[code], message["error"], message)
        elif -32099 <= code <= -32020:
            raise SchemaViolation(rules.name, "error", "$.error.code", f"{code} has no meaning here (M-31)", message)


def _check_result(message: dict[str, Any], rules: Revision, methods: set[str] | None) -> None:
    result = message["result"]
    if not methods:
        rules.check("Result", result, message)
        return
    first: SchemaViolation | None = None
    for method in methods:
        try:
            _check_result_of(method, result, message, rules)
            return
        except SchemaViolation as violation:
            first = first or violation
    assert first is not None
    raise first


def _check_result_of(method: str, result: dict[str, Any], message: Any, rules: Revision) -> None:
    if rules.name != PER_REQUEST:
        if strange := ONLY_PER_REQUEST & set(result):
            raise SchemaViolation(rules.name, method, "$.result", f"members of a later era: {strange}", message)
        if method in EMPTY and result != {}:
            raise SchemaViolation(rules.name, "EmptyResult", "$.result", "not empty", message)
        rules.check(RESULTS.get(method, "Result"), result, message)
        return
    kind = result.get("resultType")
    if kind == "input_required" and method in INPUT_METHODS:
        rules.check("InputRequiredResult", result, message)
        if not result.keys() & {"inputRequests", "requestState"}:
            raise SchemaViolation(rules.name, "InputRequiredResult", "$.result", "asks for nothing", message)
        for request in result.get("inputRequests", {}).values():
            rules.check(REQUESTS.get(request.get("method"), "InputRequest"), request, message)
            if request.keys() - {"method", "params"}:
                raise SchemaViolation(rules.name, "InputRequest", "$.result.inputRequests", "more than asked", message)
        return
    if kind == "task" and method == "tools/call":
        rules.check("Result", result, message)
    elif kind == "complete":
        rules.check(RESULTS.get(method, "Result"), result, message)
    else:
        raise SchemaViolation(rules.name, method, "$.result.resultType", f"{kind!r}", message)
