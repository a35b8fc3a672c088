"""Many streams of `subscriptions/listen` at once: how soon a change reaches all, and what they leave behind."""

import resource
import select
import time
from dataclasses import dataclass

from . import client

CYCLES = 5
CHANGED = b"notifications/tools/list_changed"
ACKNOWLEDGED = b"notifications/subscriptions/acknowledged"


@dataclass
class Cycle:
    """Resident kilobytes, and the milliseconds that each change took."""

    before: int
    opened: int
    after: int
    took: list


class Crowd:
    """Open streams, read by one thread: bytes, not messages, so that reading costs little beside what is measured."""

    def __init__(self, port, count):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 256)), hard))
        post = client.per_request("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
        self.poll = select.epoll()
        self.unread = {}
        self.connections = {}
        for _ in range(count):
            connection = client.Connection(port)
            connection.start("POST", "/mcp", post.body, post.headers)
            number = connection.socket.fileno()
            self.poll.register(number, select.EPOLLIN)
            self.connections[number] = connection
        self.hear(ACKNOWLEDGED)

    def hear(self, words):
        """Waits until each stream has had a message with these words."""
        deaf = set(self.connections)
        deadline = time.monotonic() + 30
        while deaf:
            for number, _ in self.poll.poll(max(0, deadline - time.monotonic())):
                received = self.connections[number].socket.recv(65536)
                if not received:
                    raise SystemExit("a listen stream ended")
                text = self.unread.get(number, b"") + received
                if words in text:
                    deaf.discard(number)
                    text = text.partition(words)[2]
                self.unread[number] = text
            if time.monotonic() > deadline:
                raise SystemExit(f"{len(deaf)} of {len(self.connections)} listen streams do not hear of {words}")

    def close(self):
        self.poll.close()
        for connection in self.connections.values():
            connection.close()


def cycles(server, count, changes):
    connection = client.Connection(server.port)
    call = client.per_request("tools/call", {"name": "grow", "arguments": {}})
    # What the first requests of a process cost is not the streams' doing.
    for _ in range(20):
        connection.send(call)
    done = []
    for number in range(CYCLES):
        before, took = server.resident_kb(), []
        crowd = Crowd(server.port, count)
        for _ in range(changes):
            start = time.monotonic()
            connection.start("POST", "/mcp", call.body, call.headers)
            crowd.hear(CHANGED)
            took.append((time.monotonic() - start) * 1000)
            connection.finish()
        opened = server.resident_kb()
        crowd.close()
        deadline = time.monotonic() + 30
        while connection.metric("holdfast_streams_open") > 0:
            if time.monotonic() > deadline:
                raise SystemExit("closed listen streams are still counted")
            time.sleep(0.05)
        time.sleep(1)
        done.append(Cycle(before, opened, server.resident_kb(), took))
        print(
            f"  cycle {number + 1}: changes took up to {max(took):.0f} ms; resident {before / 1024:.1f} MB before, "
            f"{opened / 1024:.1f} MB open, {done[-1].after / 1024:.1f} MB closed", flush=True)
    connection.close()
    return done
