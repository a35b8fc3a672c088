"""HTTP/1.1 and event streams over bare sockets.

A finished HTTP library hides what this suite is about: which bytes arrived, on which connection, in what order, and
how the connection ended. Here sending and receiving are separate steps, so that one thread can hold many requests
open at once and put them in a definite order.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Headers = Iterable[tuple[str, str]]


class WireError(AssertionError):
    """The peer broke the protocol or did not do in time what it had to do."""


class Late(WireError):
    """Nothing (or not enough) came before the deadline. What did come is kept: reading may go on."""


class Cut(WireError):
    """The connection ended in the middle of a message."""


@dataclass
class Head:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    arrived: float = field(default_factory=time.monotonic)

    def get(self, name: str, default: str | None = None) -> str | None:
        values = self.all(name)
        return values[0] if values else default

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def media_type(self) -> str:
        return (self.get("content-type") or "").split(";")[0].strip().lower()


@dataclass
class Response:
    head: Head
    body: bytes

    @property
    def status(self) -> int:
        return self.head.status

    def get(self, name: str) -> str | None:
        return self.head.get(name)


@dataclass
class Event:
    """One dispatched block of an event stream; `data` is None when the block had no data line."""

    id: str | None = None
    event: str | None = None
    data: str | None = None
    retry: int | None = None
    data_lines: int = 0
    arrived: float = field(default_factory=time.monotonic)


@dataclass
class Comment:
    text: str
    arrived: float = field(default_factory=time.monotonic)


def request_bytes(method: str, path: str, headers: Headers, body: bytes | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers):
        lines.append(f"Content-Length: {len(body)}")
    # Latin-1 puts one byte on the wire for every character, so that tests can send header bytes above 0x7F.
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def parse_head(block: bytes) -> Head:
    lines = block.decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    status, _, reason = rest.partition(" ")
    if version != "HTTP/1.1" or not status.isdigit():
        raise WireError(f"not an HTTP/1.1 status line: {lines[0]!r}")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise WireError(f"not a header line: {line!r}")
        headers.append((name.strip(), value.strip()))
    return Head(int(status), reason, headers)


class Connection:
    """One TCP connection, driven by hand. Every read has a deadline."""

    def __init__(self, address: tuple[str, int], timeout: float = 10, receive_buffer: int | None = None) -> None:
        self.timeout = timeout
        self.buffer = bytearray()
        self.ended = False
        self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        if receive_buffer is not None:
            # Before connecting: it decides the window that is offered.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Sending

    def send_raw(self, data: bytes) -> None:
        self.socket.settimeout(self.timeout)
        self.socket.sendall(data)

    def send_until_refused(self, data: bytes) -> int:
        """Sends as much as the peer takes; a peer that stops reading or closes is not an error. Returns the count."""
        self.socket.settimeout(self.timeout)
        sent = 0
        try:
            while sent < len(data):
                sent += self.socket.send(data[sent : sent + 65536])
        except (TimeoutError, ConnectionError):
            pass
        return sent

    def send(self, method: str, path: str, headers: Headers, body: bytes | None = None) -> None:
        self.send_raw(request_bytes(method, path, list(headers), body))

    # Receiving

    def _fill(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if self.ended:
            raise Cut("the connection has ended")
        if left <= 0:
            raise Late("deadline passed")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise Late("nothing came in time") from None
        except ConnectionError as error:
            self.ended = True
            raise Cut(f"the connection broke: {error}") from None
        if not data:
            self.ended = True
            raise Cut("the peer closed")
        self.buffer += data

    def _deadline(self, timeout: float | None) -> float:
        return time.monotonic() + (self.timeout if timeout is None else timeout)

    def read_head(self, timeout: float | None = None) -> Head:
        """The next final response head; interim (1xx) responses are passed over."""
        deadline = self._deadline(timeout)
        while True:
            while (end := self.buffer.find(b"\r\n\r\n")) < 0:
                self._fill(deadline)
            head = parse_head(bytes(self.buffer[:end]))
            del self.buffer[: end + 4]
            if head.status >= 200:
                return head

    def read_chunk(self, timeout: float | None = None) -> bytes | None:
        """One chunk of a chunked body, None for the last. Consumes nothing when it is late."""
        deadline = self._deadline(timeout)
        while (end := self.buffer.find(b"\r\n")) < 0:
            self._fill(deadline)
        size = int(bytes(self.buffer[:end]).split(b";")[0], 16)
        total = end + 2 + size + 2
        while len(self.buffer) < total:
            self._fill(deadline)
        chunk = bytes(self.buffer[end + 2 : end + 2 + size])
        if bytes(self.buffer[end + 2 + size : total]) != b"\r\n":
            raise WireError("a chunk does not end where it says")
        del self.buffer[:total]
        return chunk if size else None

    def read_exactly(self, count: int, timeout: float | None = None) -> bytes:
        deadline = self._deadline(timeout)
        while len(self.buffer) < count:
            self._fill(deadline)
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def read_body(self, head: Head, method: str = "POST", timeout: float | None = None) -> bytes:
        if method == "HEAD" or head.status in (204, 304):
            return b""
        if (head.get("transfer-encoding") or "").lower() == "chunked":
            parts = []
            while (part := self.read_chunk(timeout)) is not None:
                parts.append(part)
            return b"".join(parts)
        if (length := head.get("content-length")) is not None:
            return self.read_exactly(int(length), timeout)
        raise WireError(f"a {head.status} without Content-Length or chunks: its end cannot be told from a failure")

    def response(self, method: str = "POST", timeout: float | None = None) -> Response:
        head = self.read_head(timeout)
        return Response(head, self.read_body(head, method, timeout))

    def request(
        self, method: str, path: str, headers: Headers, body: bytes | None = None, timeout: float | None = None
    ) -> Response:
        self.send(method, path, headers, body)
        return self.response(method, timeout)

    def wait_for_close(self, timeout: float | None = None) -> bytes:
        """Waits until the peer has closed; returns what it still said."""
        deadline = self._deadline(timeout)
        while True:
            try:
                self._fill(deadline)
            except Cut:
                return bytes(self.buffer)

    # Ending

    def half_close(self) -> None:
        """Says that nothing more will be sent, and goes on reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Aborts: the peer sees RST, not FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.ended = True
        self.socket.close()


class EventStream:
    """The body of a `text/event-stream` response, read item by item."""

    def __init__(self, connection: Connection, head: Head) -> None:
        assert (head.get("transfer-encoding") or "").lower() == "chunked", "an event stream has no known length"
        self.connection = connection
        self.head = head
        self.text = bytearray()
        self.ended = False
        self.block: list[str] = []
        self.ready: list[Event | Comment] = []

    def next(self, timeout: float | None = None) -> Event | Comment | None:
        """The next event or comment; None when the stream ended as it should. Cut when it broke off."""
        deadline = self.connection._deadline(timeout)
        while not self.ready:
            if self.ended:
                return None
            chunk = self.connection.read_chunk(deadline - time.monotonic())
            if chunk is None:
                self.ended = True
                if self.text.strip() or self.block:
                    raise WireError(f"the stream ended inside an event: {bytes(self.text)!r} {self.block}")
                return None
            self._feed(chunk)
        return self.ready.pop(0)

    def next_event(self, timeout: float | None = None) -> Event | None:
        """The next event, comments passed over."""
        deadline = self.connection._deadline(timeout)
        while isinstance(item := self.next(deadline - time.monotonic()), Comment):
            pass
        return item

    def rest(self, timeout: float | None = None) -> Iterator[Event]:
        """Every event until the stream ends in order."""
        deadline = self.connection._deadline(timeout)
        while (item := self.next_event(deadline - time.monotonic())) is not None:
            yield item

    def _feed(self, chunk: bytes) -> None:
        self.text += chunk
        while (end := self.text.find(b"\n")) >= 0:
            line = bytes(self.text[:end]).decode("utf-8").removesuffix("\r")
            del self.text[: end + 1]
            if line:
                self._line(line)
            elif self.block:
                self._dispatch()

    def _line(self, line: str) -> None:
        if line.startswith(":"):
            self.ready.append(Comment(line[1:].strip()))
        else:
            self.block.append(line)

    def _dispatch(self) -> None:
        event = Event()
        for line in self.block:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                event.data = value if event.data is None else f"{event.data}\n{value}"
                event.data_lines += 1
            elif name == "id":
                event.id = value
            elif name == "event":
                event.event = value
            elif name == "retry":
                event.retry = int(value)
            else:
                raise WireError(f"an unknown field in an event: {line!r}")
        self.block = []
        self.ready.append(event)
