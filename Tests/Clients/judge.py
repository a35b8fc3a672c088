"""Which revision a conversation is in, and that every message of the server keeps to it."""

from __future__ import annotations

from typing import Any

import schemas

VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
MODERN = "2026-07-28"

# Which methods an id of a session may belong to: a stream that is resumed does not say.
asked: dict[tuple[str, str], set[str]] = {}


class Judge:
    """Holds every message of a reply against the schema of the revision that was spoken.

    Where a request names more than one revision, the server decides which of them it speaks.
    """

    def __init__(self, versions: list[str], methods: set[str] | None = None, session: str | None = None) -> None:
        self.versions = versions
        self.methods = methods
        self.session = session

    def __call__(self, message: Any) -> None:
        versions, methods = self.versions, self.methods
        if isinstance(message, dict) and "result" in message:
            if methods == {"initialize"}:
                versions = [str(message["result"].get("protocolVersion"))]
                assert versions[0] in VERSIONS, f"initialize gives a version that it cannot give: {message!r}"
            elif methods is None and self.session is not None:
                methods = asked.get((self.session, repr(message.get("id"))))
        for version in versions:
            try:
                schemas.check(message, version, methods)
                return
            except schemas.SchemaViolation:
                if version == versions[-1]:
                    raise


def claims(message: Any) -> bool:
    params = message.get("params") if isinstance(message, dict) else None
    meta = params.get("_meta") if isinstance(params, dict) else None
    return isinstance(meta, dict) and "io.modelcontextprotocol/protocolVersion" in meta


def spoken(body: Any, header: str | None, negotiated: str | None) -> list[str]:
    """The revisions in which a request may be answered."""
    handshake = negotiated or (header if header in VERSIONS else "2025-03-26")
    modern = header is not None and header >= MODERN
    if modern or any(claims(message) for message in (body if isinstance(body, list) else [body])):
        return [MODERN, handshake]
    return [handshake]


def methods_of(body: Any) -> set[str] | None:
    messages = body if isinstance(body, list) else [body]
    return {str(m["method"]) for m in messages if isinstance(m, dict) and "method" in m and "id" in m} or None
