"""Ten thousand malformed requests at each door that OAuth adds: none is a 5xx, none is let in, memory stays as it was."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer import Issuer
from requirement import requirement
from server import Server
from wire import Connection, WireError

MANY = 10_000
WELL_KNOWN = "/.well-known/oauth-protected-resource"
SEED = 9728


def memory(server: Server) -> int:
    """Resident, in KiB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def part(chance: random.Random, value: object) -> str:
    text = json.dumps(value) if chance.random() < 0.9 else json.dumps(value)[: chance.randrange(1, 8)]
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def token(chance: random.Random, issuer: Issuer, server: Server, good: str) -> str:
    """Something that looks like a token, in one of the ways in which it may be wrong."""
    way = chance.randrange(6)
    if way == 0:
        return "".join(chance.choices("abcXYZ019._-~+/=", k=chance.randrange(1, 300)))
    if way == 1:
        return "hf_" + "".join(chance.choices("abc019_", k=chance.randrange(1, 90)))
    if way == 2:
        place = chance.randrange(len(good))
        return good[:place] + chance.choice("abcdefgh") * chance.randrange(1, 4) + good[place + 4 :]
    odd = [None, 7, [], {}, "", "x" * 2_000, [[]], True, 1e300, -1, server.url, issuer.url, "first", "ES256", "RS256"]
    names = ["iss", "aud", "exp", "nbf", "sub", "scope", "scp", "typ", "cnf", "a.b"]
    head = {name: chance.choice(odd) for name in ["alg", "kid", "typ", "crit", "jku"] if chance.random() < 0.6}
    claims = issuer.claims(server.url) | {name: chance.choice(odd) for name in chance.sample(names, 3)}
    signature = chance.choice(["", "AA", good.rsplit(".")[-1], "!", "x" * 5_000])
    return f"{part(chance, head)}.{part(chance, claims)}.{signature}"


@requirement("A-02", "O-19")
@pytest.mark.timeout(120)
def test_no_token_however_malformed_gets_in_or_gets_a_5xx(
    guarded: Callable[..., Server], issuer: Issuer
) -> None:
    server = guarded("--log-level", "warning", "--oauth-max-verdicts", "1000")
    chance, good = random.Random(SEED), issuer.token(server.url)
    body = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    schemes = ["Bearer ", "Bearer ", "Bearer ", "bearer  ", "Basic ", "", "Bearer\t", "DPoP ", "Bearer two "]
    before, statuses = 0, set()
    connection = server.connect()
    for number in range(MANY):
        if number == MANY // 2:
            before = memory(server)
        value = chance.choice(schemes) + token(chance, issuer, server, good)
        headers = {"Host": server.authority, "Content-Type": "application/json", "Authorization": value}
        response = connection.request("POST", server.path, headers.items(), body)
        # Whether a key that nobody has seen exists is for the issuer to say, so this alone may be a 503.
        assert response.status in (400, 401) or response.get("retry-after"), (number, response.status, value)
        statuses.add(response.status)
    connection.close()
    assert {400, 401} <= statuses
    assert memory(server) - before < 16 << 10, "in KiB"
    headers = {"Host": server.authority, "Content-Type": "application/json", "Authorization": f"Bearer {good}"}
    assert server.fetch(server.path, "POST", headers, body).status == 200


@pytest.mark.timeout(120)
def test_the_metadata_answers_whatever_it_is_asked(guarded: Callable[..., Server]) -> None:
    server = guarded("--log-level", "warning")
    chance, before = random.Random(SEED), 0
    connection: Connection | None = None
    for number in range(MANY):
        if number == MANY // 2:
            before = memory(server)
        verb = chance.choice(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "DELETE", "PUT", "BREW"])
        tail = "".join(chance.choices("/%2e.?&=#;mcp\\\"{}", k=chance.randrange(0, 40)))
        headers = {"Host": server.authority, "Origin": chance.choice(["null", "https://x", "a b", "*", ""])}
        connection = connection or server.connect()
        try:
            response = connection.request(verb, WELL_KNOWN + tail, headers.items(), b"" if verb == "POST" else None)
        except (WireError, OSError):
            # Not HTTP any more: the connection may end, the server may not.
            connection = None
            continue
        assert response.status < 500, (verb, tail, response)
        if (response.get("connection") or "").lower() == "close":
            connection = None
    assert memory(server) - before < 16 << 10, "in KiB"
    assert server.fetch(WELL_KNOWN).status == 200
