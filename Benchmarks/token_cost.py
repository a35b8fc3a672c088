"""A key and each kind of token: the same request with each, in turn, on one connection."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from issuer import OPERATOR, Issuer, Key
from oauth import App, Browser, add_user
from server import Server, free_port

BODY = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}'


def fixture(home: str, *flags: str, **options: dict[str, str]) -> Server:
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    server = Server.fixture(
        Path(home), "--api-key", OPERATOR, "--public-url", url, "--log-level", "info", *flags, **options
    )
    server.port = port
    return server


def compare(server: Server, bearers: dict[str, str], rounds: int) -> None:
    bearers = {"key": OPERATOR, **bearers}
    took: dict[str, list[float]] = {name: [] for name in bearers}
    connection = server.connect()
    for _ in range(rounds):
        for name, bearer in bearers.items():
            headers = {"Host": server.authority, "Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
            started = time.perf_counter()
            status = connection.request("POST", server.path, headers.items(), BODY).status
            took[name].append((time.perf_counter() - started) * 1e6)
            assert status == 200, (name, status)
    connection.close()
    medians = {name: statistics.median(times) for name, times in took.items()}
    for name, median in medians.items():
        print(f"{name:14} {median:7.1f} µs  {median - medians['key']:+6.1f} µs, {len(bearers[name])} bytes")


def outside(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home, Issuer() as issuer:
        issuer.keys = [Key.make("first", "RS256")]
        server = fixture(
            home, "--oauth-issuer", issuer.url, "--oauth-introspection-client", issuer.client,
            environment={"HOLDFAST_OAUTH_INTROSPECTION_SECRET": issuer.secret},
        ).start()  # fmt: skip
        try:
            signed, opaque = issuer.token(server.url, groups=["a group"] * 20), issuer.opaque("opaque", server.url)
            compare(server, {"signed token": signed, "opaque token": opaque}, rounds)
        finally:
            server.discard()


def own(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        server = fixture(home, "--oauth")
        add_user(server)
        server.start()
        try:
            token = App(server).register().connect(Browser(server))["access_token"]
            compare(server, {"token of ours": token}, rounds)
        finally:
            server.discard()


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    outside(rounds)
    own(rounds)
