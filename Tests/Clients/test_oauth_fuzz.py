"""Ten thousand requests that nobody in their right mind sends, at each address of the authorization server."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from oauth import App, Browser
from requirement import requirement
from server import Server
from wire import Connection, Cut, request_bytes

REQUESTS = int(os.environ.get("OAUTH_FUZZ_REQUESTS", "10000"))
SEED = int(os.environ.get("OAUTH_FUZZ_SEED", "1"))
PLACES = ["/authorize", "/token", "/register", "/revoke", "/account", "/sign-in", "/sign-out",
          "/.well-known/oauth-authorization-server"]  # fmt: skip
NAMES = [
    "client_id", "client_secret", "redirect_uri", "response_type", "state", "scope", "code_challenge", "token",
    "code_challenge_method", "resource", "grant_type", "code", "refresh_token", "code_verifier", "username", "password",
    "csrf", "next", "request", "approve", "deny", "revoke", "prompt", "client_assertion",
]  # fmt: skip


class Monkey:
    def __init__(self, seed: int, good: list[str]) -> None:
        self.random = random.Random(seed)
        self.good = good
        self.noise = "".join(self.random.choices(string.printable, k=1000))

    def value(self) -> str:
        r = self.random
        text = r.choice(
            [
                *self.good, "", "code", "S256", "authorization_code", "refresh_token", "mcp:read", "hfc_a_0_b",
                "hfr_" + "a" * 25 + "_999999999_" + "0" * 64, "http://[", "https://a.example/" + "a" * r.randrange(3000),
                "é\u202e\x00", "%", self.noise[r.randrange(900) :][: r.randrange(200)], "\U0010ffff" * 9,
            ]
        )  # fmt: skip
        if text and r.random() < 0.3:
            at = r.randrange(len(text))
            text = text[:at] + chr(r.randrange(256)) + text[at + r.randrange(2) :]
        return text

    def quoted(self, text: str) -> str:
        r = self.random.random()
        safe = "/:?=+-._~@!$'()*,;[]" if r < 0.8 else ""
        quoted = quote(text.encode("utf-8", "surrogatepass"), safe)
        return quoted if r < 0.95 else quoted.replace("%", "%z", 1) + "%"

    def form(self) -> str:
        r = self.random
        pairs = r.choices([0, 1, 5, 9, 120], [10, 30, 30, 29, 1])[0]
        return "&".join(f"{self.quoted(r.choice(NAMES))}={self.quoted(self.value())}" for _ in range(pairs))

    def json(self) -> bytes:
        r = self.random
        text = r.choice(
            [
                '{"redirect_uris":["%s"],"client_name":"%s"}' % (self.value(), self.value()),
                '{"redirect_uris":[["x"]]}', "[" * 300, '{"a":1,"a":2}', '{"redirect_uris":[]}', "null", '"x"', "1e999",
                '{"redirect_uris":["https://a.example/"],"grant_types":[1],"x":%s}' % ("{" * r.randrange(40)), "",
            ]
        )  # fmt: skip
        return text.encode("utf-8", "surrogatepass")

    def request(self, place: str, authority: str) -> tuple[str, bytes]:
        r = self.random
        method = r.choice(["GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
        path = place + (f"?{self.form()[:9000]}" if r.random() < 0.5 else "")
        headers = [("Host", authority)]
        if r.random() < 0.3:
            headers.append(("Authorization", r.choice(["Basic", "Basic !!", "Basic Og==", "Bearer x", "Basic " + "YTpi" * 99])))
        if r.random() < 0.3:
            headers.append(("Cookie", r.choice(["holdfast=", "holdfast=" + "a" * 50, "holdfast=" + "é" * 9, "=;;=", "a=b; " * 99])))
        if r.random() < 0.3:
            headers.append(("Origin", r.choice([f"http://{authority}", "null", "https://evil.example", "é"])))
        body = None
        if method != "GET" and method != "HEAD":
            kind = r.choice(["application/x-www-form-urlencoded"] * 3 + ["application/json"] * 2 + ["text/plain", ";;", ""])
            headers.append(("Content-Type", kind))
            body = self.json() if "json" in kind else self.form().encode("latin-1", "replace")
            if r.random() < 0.2:
                body = r.randbytes(r.randrange(300))
        return method, request_bytes(method, path, headers, body)


def resident(server: Server) -> int:
    with open(f"/proc/{server.pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.fixture(scope="module")
def fuzzed(workplace) -> Iterator[Server]:  # type: ignore[no-untyped-def]
    from oauth import with_oauth

    server = with_oauth(workplace / "fuzzed", "--log-level", "warning", "--oauth-sign-in-attempts", "1").start()
    yield server
    server.discard()


@requirement("A-22", "A-25", "A-27")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("place", PLACES)
def test_ten_thousand_requests_that_make_no_sense(fuzzed: Server, place: str) -> None:
    server = fuzzed
    app = App(server).register()
    code = Browser(server).decide(app.url())["code"]
    monkey = Monkey(SEED, [app.id, app.redirect, app.state, app.verifier, server.url, "ada", "/account", "/authorize?x"])
    seen: dict[int, int] = {}
    early = 0
    connection: Connection | None = None
    for number in range(REQUESTS):
        connection = connection or server.connect()
        method, data = monkey.request(place, server.authority)
        try:
            connection.send_raw(data)
            response = connection.response(method)
        except (Cut, ConnectionError):
            # A body that is refused unread may end the connection; the next request tells whether the server lives.
            connection.close()
            connection = None
            continue
        seen[response.status] = seen.get(response.status, 0) + 1
        assert response.status < 500, (number, method, data[:2000], response)
        if "close" in (response.get("connection") or ""):
            connection.close()
            connection = None
        if number == REQUESTS // 4:
            early = resident(server)
    assert sum(seen.values()) > REQUESTS * 0.9, seen
    assert resident(server) - early < 32 << 20, (early, resident(server))
    assert not server.complaints()
    assert app.redeem(code).status in (200, 400), "it answers still"
