"""The issuer behind Holdfast: how its keys and its word are found, kept and done without."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import issuer as issuers
from conversation import Client
from issuer import OPERATOR, Issuer, Key, challenge
from requirement import requirement
from server import Server, eventually, run_once

QUICK = ["--oauth-keys-pause", "50ms"]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """One for each test, which may end it."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def behind(make_server: Callable[..., Server]) -> Callable[..., Server]:
    return lambda issuer, *flags, **options: issuers.behind(issuer, make_server, *flags, **options)


def status(server: Server, token: str) -> int:
    return Client(server, key=token).initialize().status


# Metadata and keys


@requirement("A-07")
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"])
def test_every_way_to_sign_that_keeps_its_secret_works(behind: Any, issuer: Issuer, algorithm: str) -> None:
    issuer.keys = [Key.make("first", algorithm)]
    server = behind(issuer)
    assert status(server, issuer.token(server.url)) == 200


@requirement("A-07")
def test_keys_of_other_kinds_in_the_set_and_keys_without_names_do_no_harm(behind: Any, issuer: Issuer) -> None:
    issuer.keys = [Key.make(None, "RS256", alg=None, use=None), Key.make(None, "ES256", alg=None)]
    issuer.strange = [{"kty": "oct", "k": "c2VjcmV0"}, 7, {"kty": "EC", "crv": "secp256k1"}, {"kty": "RSA", "n": "AQAB"}]
    server = behind(issuer)
    assert status(server, issuer.token(server.url, key=issuer.keys[0])) == 200
    assert status(server, issuer.token(server.url, key=issuer.keys[1])) == 200
    stranger = Key.make("stranger", "ES256")
    assert status(server, issuer.token(server.url, key=stranger, header={"kid": None})) == 401


@pytest.mark.parametrize("place", ["oauth-authorization-server/realm", "openid-configuration/realm", "behind"])
def test_metadata_is_found_at_each_of_its_places(behind: Any, place: str) -> None:
    with Issuer("/realm") as issuer:
        found = "/realm/.well-known/openid-configuration" if place == "behind" else f"/.well-known/{place}"
        described = json.dumps(issuer.described).encode()
        issuer.instead["/.well-known/oauth-authorization-server/realm"] = (404, b"nothing")
        issuer.instead[found] = (200, described)
        server = behind(issuer)
        assert status(server, issuer.token(server.url)) == 200


@requirement("A-07")
def test_a_new_key_is_found_by_the_first_token_that_names_it(behind: Any, issuer: Issuer) -> None:
    server = behind(issuer, *QUICK)
    assert status(server, issuer.token(server.url)) == 200
    before = issuer.asked_for("/keys")
    issuer.keys.append(Key.make("second", "RS256"))
    time.sleep(0.1)  # paces: the least time between two fetches
    fresh = issuer.token(server.url)
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(status(server, fresh))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 12
    assert issuer.asked_for("/keys") == before + 1, "however many wait, one fetch"
    issuer.keys.pop(0)
    assert status(server, issuer.token(server.url)) == 200


@requirement("A-07")
def test_tokens_that_name_invented_keys_make_few_fetches_and_hurt_nobody(behind: Any, issuer: Issuer) -> None:
    server = behind(issuer, "--oauth-keys-pause", "10m")
    good = issuer.token(server.url)
    assert status(server, good) == 200
    asked = issuer.asked_for("/keys")
    for number in range(50):
        refused = Client(server, key=issuer.token(server.url, header={"kid": f"invented {number}"})).initialize()
        assert refused.status == 503 and int(refused.head.get("retry-after") or 0) >= 1
    assert issuer.asked_for("/keys") == asked
    assert status(server, good) == 200


@requirement("A-07")
def test_an_issuer_that_is_away_is_503_and_never_a_401(behind: Any) -> None:
    issuer = Issuer()
    port, keys = issuer.port, issuer.keys
    issuer.stop()
    server = behind(issuer, *QUICK)
    token = issuer.token(server.url)
    refused = Client(server, key=token).initialize()
    assert refused.status == 503 and refused.head.get("retry-after")
    assert refused.head.get("www-authenticate") is None, "nobody is sent to log in"
    [line] = server.wait_event("token.not_verified")
    assert issuer.url in line.get("detail")
    assert server.events("issuer.unavailable")
    assert server.total("holdfast_refusals_total", reason="issuer_unavailable") >= 1
    assert Client(server, key=OPERATOR).initialize().status == 200, "keys need no issuer"
    assert status(server, issuer.token(server.url, seconds=-60)) == 401, "what is over is over without asking"
    with Issuer(port=port) as back:
        back.keys = keys
        eventually(lambda: status(server, token) == 200, 5, "the issuer is found again")
        # From now on its keys are known, and it may go.
    assert status(server, back.token(server.url, sub="bob")) == 200
    unknown = back.token(server.url, header={"kid": "new"})
    eventually(lambda: status(server, unknown) == 503, 5, "whether that key exists nobody can tell")


@pytest.mark.parametrize(
    ("path", "answer", "word"),
    [
        ("/.well-known/oauth-authorization-server", (200, b'{"issuer":"https://other.example"}'), "oauth-issuer"),
        ("/.well-known/oauth-authorization-server", (200, b"<html>"), "not JSON"),
        ("/.well-known/oauth-authorization-server", (302, b""), "302"),
        ("/.well-known/oauth-authorization-server", (200, b"[" * 100_000), "not JSON"),
        ("/keys", (500, b""), "500"),
        ("/keys", (200, b'{"keys":[]}'), "no key"),
        ("/keys", (200, b'{"keys":"' + b"x" * 300_000 + b'"}'), "oauth-max-document"),
    ],
)
def test_what_is_wrong_with_an_issuer_is_said_in_the_log(
    behind: Any, issuer: Issuer, path: str, answer: tuple[int, bytes], word: str
) -> None:
    issuer.instead[path] = answer
    server = behind(issuer)
    assert status(server, issuer.token(server.url)) == 503
    [line] = server.wait_event("issuer.unavailable")
    assert word in line.get("error"), line.raw


def test_an_issuer_that_does_not_answer_is_given_up_in_time(behind: Any, issuer: Issuer) -> None:
    released = threading.Event()
    issuer.instead["/keys"] = lambda: (released.wait(20), (500, b""))[1]
    server = behind(issuer, "--oauth-fetch-time", "300ms")
    started = time.monotonic()
    assert status(server, issuer.token(server.url)) == 503
    assert time.monotonic() - started < 5
    released.set()


# Introspection


@pytest.fixture
def opaque(behind: Any, issuer: Issuer) -> Callable[..., Server]:
    """A server that asks the issuer about tokens."""

    def make(*flags: str, secret: str | None = None) -> Server:
        secret = issuer.secret if secret is None else secret
        environment = {"HOLDFAST_OAUTH_INTROSPECTION_SECRET": secret} if secret else {}
        return behind(issuer, "--oauth-introspection-client", issuer.client, *flags, environment=environment)

    return make


@requirement("A-07")
@pytest.mark.parametrize("methods", [None, ["client_secret_basic"], ["client_secret_post"]])
def test_the_issuer_is_asked_about_opaque_tokens(
    opaque: Callable[..., Server], issuer: Issuer, methods: list[str] | None
) -> None:
    if methods:
        issuer.metadata["introspection_endpoint_auth_methods_supported"] = methods
    server = opaque()
    token = issuer.opaque("opaque-1", server.url, "mcp:read")
    client = Client(server, key=token).open()
    assert client.list_tools().status == 200
    assert client.call("echo", {"text": "x"}).status == 403
    refused = Client(server, key="opaque-2").initialize()
    assert refused.status == 401 and challenge(refused.head.get("www-authenticate"))["error"] == "invalid_token"
    for change in ({"audience": "https://other.example"}, {"seconds": -60}, {"iss": "https://x.example"}, {"sub": None}):
        arguments: dict[str, Any] = {"audience": server.url} | change
        assert status(server, issuer.opaque(f"opaque {change}".replace(" ", "-"), **arguments)) == 401, change
    issuer.active["opaque-ended"] = issuer.claims(server.url) | {"active": False}
    assert status(server, "opaque-ended") == 401, "whatever else is said of it"
    assert status(server, issuer.token(server.url)) == 200, "signed ones need no question"
    asked = {asked.form["token"] for asked in issuer.asked if asked.path == "/introspect"}
    assert all(name.startswith("opaque") for name in asked)
    assert "s3cret" not in server.text()


@requirement("A-07")
def test_what_the_issuer_revokes_ends_within_two_seconds_and_is_not_asked_about_each_time(
    opaque: Callable[..., Server], issuer: Issuer
) -> None:
    server = opaque("--oauth-introspection", "all")
    token = issuer.token(server.url)
    issuer.active[token] = issuer.claims(server.url)
    client = Client(server, key=token).open()
    started = time.monotonic()
    for _ in range(50):
        assert client.list_tools().status == 200
    assert issuer.asked_for("/introspect") <= 2 + (time.monotonic() - started) / 2
    del issuer.active[token]
    eventually(lambda: client.list_tools().status == 401, 2.5, "the revocation counts")


def test_a_secret_that_is_renewed_in_its_file_is_read_again(
    issuer: Issuer, tmp_path: Path, opaque: Callable[..., Server]
) -> None:
    file = tmp_path / "secret"
    file.write_text(issuer.secret + "\n")
    server = opaque("--oauth-introspection-secret-file", str(file), "--oauth-verdict-time", "0s", secret="")
    assert status(server, issuer.opaque("one", server.url)) == 200
    issuer.secret = "renewed"
    refused = Client(server, key="one").initialize()
    assert refused.status == 503, "it is our secret that is wrong, not their token"
    assert "oauth-introspection-client" in server.wait_event("token.not_verified")[0].get("detail")
    file.write_text("renewed")
    assert status(server, "one") == 200


@pytest.mark.parametrize("answer", [(500, b""), (200, b"{}"), (200, b'{"active":"true"}'), (200, b"<html>"), (403, b"{}")])
def test_an_issuer_that_cannot_say_is_503(
    opaque: Callable[..., Server], issuer: Issuer, answer: tuple[int, bytes]
) -> None:
    issuer.instead["/introspect"] = answer
    server = opaque()
    refused = Client(server, key="opaque-token").initialize()
    assert refused.status == 503 and refused.head.get("www-authenticate") is None


@requirement("O-15")
def test_guesses_are_bounded_and_leave_room_for_who_is_known(opaque: Callable[..., Server], issuer: Issuer) -> None:
    server = opaque("--oauth-max-asking", "4", "--oauth-verdict-time", "1m", "--oauth-max-verdicts", "100")
    known = Client(server, key=issuer.opaque("known", server.url)).open()
    released = threading.Event()
    issuer.instead["/introspect"] = lambda: (released.wait(20), (200, b'{"active":false}'))[1]
    answers: list[int] = []
    guesses = [
        threading.Thread(target=lambda n=number: answers.append(status(server, f"guess-{n}"))) for number in range(40)
    ]
    for guess in guesses:
        guess.start()
    eventually(lambda: answers.count(503) == 36, 5, "those beyond the bound are told to come back")
    for _ in range(20):
        assert known.list_tools().status == 200
    released.set()
    for guess in guesses:
        guess.join()
    assert sorted(answers) == [401] * 4 + [503] * 36
    asked = issuer.asked_for("/introspect")
    for _ in range(200):
        assert status(server, "guess-again") == 401, "a client with a dead token is told so each time, never 429"
    assert issuer.asked_for("/introspect") == asked + 1


# Settings


PUBLIC = "http://127.0.0.1:1/mcp"


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        (["--oauth-issuer", "https://a.example"], "public-url"),
        (["--oauth-issuer", "https://a.example", "--public-url", "http://b.example/mcp"], "public-url"),
        (["--oauth-issuer", "http://a.example", "--public-url", PUBLIC], "oauth-issuer"),
        (["--oauth-issuer", "https://a.example?x=1", "--public-url", PUBLIC], "oauth-issuer"),
        (["--oauth-issuer", "https://a.example", "--public-url", PUBLIC, "--oauth-tool-scopes", "x"], "oauth-tool-scopes"),
        (["--oauth-issuer", "https://a.example", "--public-url", PUBLIC, "--oauth-introspection", "all"],
         "oauth-introspection-client"),
        (["--oauth-issuer", "https://a.example", "--public-url", PUBLIC, "--oauth-introspection-client", "x"],
         "oauth-introspection-secret"),
        (["--oauth-issuer", "https://a.example", "--public-url", PUBLIC, "--oauth-introspection-client", "x",
          "--oauth-introspection-secret-file", "/nowhere"], "oauth-introspection-secret-file"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_one_line(flags: list[str], name: str, tmp_path: Path) -> None:
    done = run_once("serve", "--port", "0", "--data-dir", str(tmp_path), *flags)
    assert done.returncode in (1, 64)
    [line] = done.stderr.strip().splitlines()
    assert name in line and done.stdout == ""
