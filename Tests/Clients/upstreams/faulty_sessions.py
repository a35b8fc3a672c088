"""Servers that are faulty about sessions, and about what runs when one ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from upstreams.faulty import Site, wait
from upstreams.healthy import Dropped, Healthy, Reply, Request, error, event, stream


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


class LosingListeners(Racing):
    """What runs is only lost where a stream is open."""

    at_end = staticmethod(lambda request: Reply(200, {"Content-Type": "text/event-stream"}))

    def __init__(self) -> None:
        super().__init__()
        self.listeners: set[str] = set()

    def on_get(self, request: Request) -> Reply:
        self.listeners.add(request.session or "")
        return super().on_get(request)

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        is_listening = request.session in self.listeners
        return super().on_request(request, message) if is_listening else Healthy.on_request(self, request, message)


class Beginning(Healthy):
    """Begins an answer at once, and sends it later; has it lost when the session ends meanwhile."""

    loses = True

    def answer(self, request: Request, message: dict[str, Any], result: Any) -> Reply:
        if request.session is None:
            return super().answer(request, message, result)
        return stream(self.slowly(request.session, event({"jsonrpc": "2.0", "id": message["id"], "result": result})))

    def slowly(self, session: str, answer: bytes) -> Any:
        yield b": here\n\n"
        wait(0.05)
        if self.knows(session) or not self.loses:
            yield answer


class BreakingStreams(Healthy):
    """Tears down the connection of the stream with the session."""

    def listening(self, request: Request) -> Any:
        while self.knows(request.session or ""):
            yield b": here\n\n"
            wait(0.02)
        raise Dropped


class Busy(Healthy):
    """Cannot end a session that has something to do."""

    def __init__(self) -> None:
        super().__init__()
        self.busy: set[str] = set()

    def on_request(self, request: Request, message: dict[str, Any]) -> Reply:
        self.busy.add(request.session or "")
        wait(0.005)
        self.busy.discard(request.session or "")
        return super().on_request(request, message)

    def on_delete(self, request: Request) -> Reply:
        return Reply(500) if request.session in self.busy else super().on_delete(request)


class Once(Healthy):
    """Fails at what is already gone."""

    def on_delete(self, request: Request) -> Reply:
        return super().on_delete(request) if self.knows(request.session or "") else Reply(500)


def of_none(self: Healthy, request: Request) -> Reply:
    return Healthy.on_delete(self, request) if request.session and len(request.session) < 1000 else Reply(500)


class Touchy(Healthy):
    """Is broken for good by a client that does not wait."""

    broken = False

    def on_delete(self, request: Request) -> Reply:
        wait(0.02)
        return super().on_delete(request)

    def hung_up(self, request: Request) -> None:
        self.broken = True

    def on_post(self, request: Request) -> Reply:
        if self.broken:
            raise Dropped
        return super().on_post(request)


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
