"""Servers that are faulty about sessions, and about what runs when one ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from upstreams.faulty import Site, wait
from upstreams.healthy import Dropped, Healthy, Reply, Request, error


class Single(Healthy):
    """Serves the first client."""

    def on_initialize(self, request: Request, message: dict[str, Any]) -> Reply:
        if self.sessions:
            return error(message["id"], -32600, "Server already initialized", 400)
        return super().on_initialize(request, message)


class Newest(Healthy):
    """Serves the newest client."""

    def on_initialize(self, request: Request, message: dict[str, Any]) -> Reply:
        self.sessions.clear()
        return super().on_initialize(request, message)


class Ended(Healthy):
    """Serves nobody after the first DELETE."""

    ended = False

    def on_delete(self, request: Request) -> Reply:
        self.ended = True
        return super().on_delete(request)

    def on_post(self, request: Request) -> Reply:
        return error(None, -32001, "Session terminated", 404) if self.ended else super().on_post(request)


class Remembering(Healthy):
    """Knows which ids were once sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.once: set[str] = set()

    def on_delete(self, request: Request) -> Reply:
        self.once.add(request.session or "")
        return super().on_delete(request)

    def unknown_session(self, request: Request) -> Reply:
        return self.ended_session(request) if request.session in self.once else super().unknown_session(request)

    def ended_session(self, request: Request) -> Reply:
        return error(None, -32000, "No valid session", 400)


class Racing(Healthy):
    """DELETE takes the ground from under what runs."""

    at_end: Callable[[Request], Reply]

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        reply = super().on_request(request, message)
        if request.session and message["method"] in ("tools/list", "tools/call"):
            wait(0.012)
            if not self.knows(request.session):
                return type(self).at_end(request)
        return reply


def racing(at_end: Callable[[Request], Reply]) -> Site:
    return type("Faulty", (Racing,), {"at_end": staticmethod(at_end)})


def hang(*_: Any) -> Reply:
    wait(20)
    raise Dropped


class Unsettled(Healthy):
    """A session made right after another one's end does not work for a while; the first few ends are forgiven."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []
        self.unborn: dict[str, float] = {}

    def on_delete(self, request: Request) -> Reply:
        self.ends.append(time.monotonic())
        return super().on_delete(request)

    def new_session(self) -> str:
        session = super().new_session()
        if len(self.ends) > 3 and time.monotonic() - self.ends[-1] < 0.05:
            self.unborn[session] = time.monotonic() + 0.3
        return session

    def knows(self, session: str) -> bool:
        return super().knows(session) and time.monotonic() > self.unborn.get(session, 0)


class ByID(Healthy):
    """Finds who asked by the JSON-RPC id, as if that were unique."""

    swaps = False

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[Any, dict[str, Any]] = {}

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        if message["id"] != 7:
            return super().on_request(request, message)
        with self.lock:
            first = self.open.setdefault(message["id"], message)
        wait(0.05)
        if first is not message and not self.swaps:
            return hang()
        reply = super().on_request(request, first)
        with self.lock:
            self.open.pop(message["id"], None)
        return reply


class OneAtATime(Healthy):
    busy = 0

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        if message["method"] != "tools/list":
            return super().on_request(request, message)
        with self.lock:
            self.busy += 1
        wait(0.01)
        try:
            return Reply(500) if self.busy > 4 else super().on_request(request, message)
        finally:
            with self.lock:
                self.busy -= 1
