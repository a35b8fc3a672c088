"""A thousand streams of `subscriptions/listen` at once: each hears of a change, and none outlives its connection."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Iterator

import pytest

from conversation import BOTH, MODERN, Client, modern_meta
from server import Server, eventually
from wire import request_bytes

STREAMS = 1_000
FLAGS = ["--max-streams-per-principal", str(STREAMS)]
OPEN = "streams_open"
ACKNOWLEDGED = b"notifications/subscriptions/acknowledged"
CHANGED = b"notifications/tools/list_changed"


class Crowd:
    """Only looks for words in what comes: the streams' form is other tests' business."""

    def __init__(self, server: Server, count: int) -> None:
        params = {"notifications": {"toolsListChanged": True}, "_meta": modern_meta()}
        message = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}
        headers = {
            "Host": server.authority,
            "Accept": BOTH,
            "Content-Type": "application/json",
            "MCP-Protocol-Version": MODERN,
            "Mcp-Method": "subscriptions/listen",
        }
        request = request_bytes("POST", server.path, list(headers.items()), json.dumps(message).encode())
        self.selector = selectors.DefaultSelector()
        self.unread: dict[socket.socket, bytes] = {}
        for _ in range(count):
            connection = socket.create_connection(server.address, timeout=10)
            connection.sendall(request)
            self.selector.register(connection, selectors.EVENT_READ)
            self.unread[connection] = b""

    def hear(self, words: bytes, timeout: float = 20) -> None:
        """Waits until each stream has had these words, and takes them away."""
        deadline = time.monotonic() + timeout
        deaf = {connection for connection in self.unread if not self._take(connection, words)}
        while deaf:
            ready = self.selector.select(max(0, deadline - time.monotonic()))
            assert ready, f"{len(deaf)} of {len(self.unread)} streams did not hear {words!r}"
            for key, _ in ready:
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                received = connection.recv(65536)
                assert received, f"a stream ended, having said {self.unread[connection]!r}"
                self.unread[connection] += received
                if self._take(connection, words):
                    deaf.discard(connection)

    def _take(self, connection: socket.socket, words: bytes) -> bool:
        before, found, after = self.unread[connection].partition(words)
        if found:
            self.unread[connection] = after
        return bool(found)

    def close(self) -> None:
        self.selector.close()
        for connection in self.unread:
            connection.close()
        self.unread = {}


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    eventually(lambda: server.total(OPEN) == 0, 5, "the streams of earlier tests are gone")
    crowd = Crowd(server, STREAMS)
    yield crowd
    crowd.close()


def test_a_thousand_streams_hear_every_change_and_leave_nothing_behind(
    server: Server, client: Client, crowd: Crowd
) -> None:
    crowd.hear(ACKNOWLEDGED)
    assert server.total(OPEN) == STREAMS
    for _ in range(3):
        assert client.call("grow").text
        crowd.hear(CHANGED)
    crowd.close()
    eventually(lambda: server.total(OPEN) == 0, 10, "every stream ends with its connection")
    # The places are free again: the same number fits once more.
    again = Crowd(server, STREAMS)
    try:
        again.hear(ACKNOWLEDGED)
        assert client.call("grow").text
        again.hear(CHANGED)
    finally:
        again.close()
    eventually(lambda: server.total(OPEN) == 0, 10, "every stream ends with its connection")
