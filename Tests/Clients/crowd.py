"""The recorded personas with all that they need: a server that people sign in at, keys, documents of applications, a
file for the calls that leave a line; and, where wanted, a server behind, nginx in front, and deploys in the middle."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from application import Pages, client_document
from load import Load, Proxy
from oauth import CALLBACK, PASSWORD, add_user, manage
from server import Server, eventually, free_port
from upstream import KINDS, Remote

# One for each of P1 to P9, and for three pairs of P9 who are somebody else each.
KEYS = 9 + 6
PEOPLE = ["ada", "ben", "cyd"]
SERVER = ["--legacy-sse", "--oauth", "--oauth-insecure-client-documents", "--max-in-flight-per-principal", "48"]
BEHIND = {"http": "python 1.21, HTTP stateful", "stdio": "python 1.27, stdio"}


class Crowd:
    def __init__(self, home: Path, *flags: str, behind: str | None = None, nginx: bool = False) -> None:
        self.home = home
        self.deploys = 0
        self.front = behind is not None
        self.remote = self.proxy = None
        self.pages = Pages()
        port = free_port()
        home.mkdir(parents=True, exist_ok=True)
        if nginx:
            self.proxy = Proxy(home / "nginx", port)
        self.url = self.proxy.url if self.proxy else f"http://127.0.0.1:{port}/mcp"
        document = f"{self.pages.origin}/claude.json"
        self.pages.documents["/claude.json"] = client_document(document, "Claude", CALLBACK)
        options = [*SERVER, "--public-url", self.url, *flags]
        if behind == "http":
            self.remote = Remote(KINDS[BEHIND[behind]], home / "remote").start()
            options += ["--upstream", self.remote.url]
        elif behind == "stdio":
            # One child for all: Python takes its time to start, at each deploy.
            options += ["--upstream-lifetime", "shared", "--", *KINDS[BEHIND[behind]].stdio]
        self.server = (Server.product if self.front else Server.fixture)(home / "server", *options)
        self.server.port = port
        self.keys = [self._key(f"persona-{number}") for number in range(KEYS)]
        self.server.key = self.keys[0]
        for name in PEOPLE:
            add_user(self.server, name)

    def _key(self, name: str) -> str:
        done = manage(self.server, "keys", "create", name)
        assert done.returncode == 0, done
        return next(word for word in done.stdout.split() if word.startswith("hf_"))

    def __enter__(self) -> Crowd:
        try:
            self.server.start()
        except BaseException:
            self.discard()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def discard(self) -> None:
        self.server.discard()
        for other in (self.proxy and self.proxy.stop, self.remote and self.remote.kill):
            if other:
                other()
        self.pages.__exit__()

    def load(self, *options: str, seconds: float, rate: float) -> Load:
        people = [word for name in PEOPLE for word in ("--user", name)]
        people += ["--password", PASSWORD, "--documents", self.pages.origin]
        keys = [word for key in self.keys for word in ("--key", key)]
        record = ["--record", str(self.home / "record")]
        front = ["--front"] if self.front else []
        return Load(self.url, *people, *keys, *record, *front, *options, seconds=seconds, rate=rate)

    def deploy(self) -> None:
        """SIGTERM, the drain to its end, and a new process on the same data."""
        status = self.server.stop(timeout=40)
        assert status == 0, f"status {status}:\n{self.server.tail()}"
        self.server.start()
        self.deploys += 1

    def run(self, seconds: float, rate: float, every: float | None = None) -> str:
        """Its report; with a deploy every so many seconds, but for the end, when all is to be answered."""
        load = self.load(*(["--deploys"] if every else []), seconds=seconds, rate=rate)
        while every and time.monotonic() - load.began < seconds - every:
            time.sleep(every)  # paces: one deploy
            self.deploy()
        return load.report()

    def check(self) -> None:
        """I1 to I4: it lives, nothing was logged as an error, nothing is left, and the next client is served at once.

        I5 and I6, that every request has its one outcome and calls are carried out as often as answered, the load checks.
        """
        server = self.server
        assert server.running
        assert not server.complaints(), server.complaints()[:5]
        for what, pattern in (("exchanges", r"in_?flight"), ("streams", "holdfast_streams_open")):
            eventually(lambda: server.total(pattern) == 0, 8, f"all {what} have ended")  # noqa: B023
        assert min(self._list() for _ in range(5)) < 0.2

    def _list(self) -> float:
        began = time.monotonic()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.keys[0]}"}
        listed: Any = self.server.fetch("/mcp", "POST", headers, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
        assert listed.status == 200
        return time.monotonic() - began
