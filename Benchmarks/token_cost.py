"""A key, a signed token, an opaque token: the same request with each, in turn, on one connection."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from issuer import OPERATOR, Issuer, Key
from server import Server, free_port

BODY = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}'


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home, Issuer() as issuer:
        issuer.keys = [Key.make("first", "RS256")]
        port = free_port()
        server = Server.fixture(
            Path(home), "--api-key", OPERATOR, "--oauth-issuer", issuer.url, "--public-url", f"http://127.0.0.1:{port}/mcp",
            "--oauth-introspection-client", issuer.client, "--log-level", "info",
            environment={"HOLDFAST_OAUTH_INTROSPECTION_SECRET": issuer.secret},
        )  # fmt: skip
        server.port = port
        server.start()
        try:
            bearers = {
                "key": OPERATOR, "signed token": issuer.token(server.url, groups=["a group"] * 20),
                "opaque token": issuer.opaque("opaque", server.url),
            }  # fmt: skip
            took: dict[str, list[float]] = {name: [] for name in bearers}
            connection = server.connect()
            for _ in range(rounds):
                for name, bearer in bearers.items():
                    headers = {
                        "Host": server.authority, "Content-Type": "application/json", "Authorization": f"Bearer {bearer}"
                    }  # fmt: skip
                    started = time.perf_counter()
                    status = connection.request("POST", server.path, headers.items(), BODY).status
                    took[name].append((time.perf_counter() - started) * 1e6)
                    assert status == 200, (name, status)
            connection.close()
        finally:
            server.discard()
    medians = {name: statistics.median(times) for name, times in took.items()}
    for name, median in medians.items():
        print(f"{name:14} {median:7.1f} µs  {median - medians['key']:+6.1f} µs, {len(bearers[name])} bytes")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
