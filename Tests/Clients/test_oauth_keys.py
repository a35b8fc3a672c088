"""Clients that sign to show who they are (private_key_jwt), and what others sign in their name."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from document_host import DocumentHost
from oauth import App, Browser, granted, read_json, refused
from requirement import requirement
from server import Server

SERVER = "oauth"
FLAGS = ["--oauth-insecure-client-documents"]
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def public(private: Any, id: str) -> dict[str, Any]:
    algorithm = RSAAlgorithm if isinstance(private, rsa.RSAPrivateKey) else ECAlgorithm
    return {**json.loads(algorithm.to_jwk(private.public_key())), "kid": id, "use": "sig"}


class Signing(App):
    """An application that signs with `private`, unless told otherwise."""

    private: Any = None
    kid = "one"
    algorithm = "ES256"

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.id, "sub": self.id, "aud": f"http://{self.server.authority}/token", "iat": now,
            "exp": now + 60, "jti": str(uuid.uuid4()), **changes,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.private, algorithm=self.algorithm, headers={"kid": self.kid, **(header or {})})

    def sign(self, token: str, assertion: str | None = None, **changes: str | None) -> Any:
        values = {"client_assertion": assertion or self.assertion(), "client_assertion_type": TYPE, **changes}
        return self.refresh(token, **values)


@pytest.fixture
def host() -> Iterator[DocumentHost]:
    host = DocumentHost()
    yield host
    host.close()


@pytest.fixture
def app(server: Server, host: DocumentHost) -> Signing:
    app = Signing(server, id=host.url)
    app.private = ec.generate_private_key(ec.SECP256R1())
    host.changes = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [public(app.private, "one")]}}
    return app


def connected(app: Signing) -> str:
    sent = Browser(app.server).decide(app.url())
    values = {"client_assertion": app.assertion(), "client_assertion_type": TYPE}
    return granted(app.redeem(sent["code"], **values))["refresh_token"]


@requirement("A-21", "A-41")
def test_a_client_signs_instead_of_presenting_a_secret(server: Server, app: Signing) -> None:
    document = read_json(server.fetch("/.well-known/oauth-authorization-server"))
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]
    algorithms = document["token_endpoint_auth_signing_alg_values_supported"]
    assert "ES256" in algorithms and not {"none", "HS256"} & set(algorithms)
    token = connected(app)
    issuer = f"http://{server.authority}"
    for audience in (issuer, issuer + "/token", [issuer, "https://other.example"]):
        token = granted(app.sign(token, app.assertion(aud=audience)))["refresh_token"]
    # The assertion says whose it is; client_id need not.
    granted(app.sign(token, client_id=None))


@requirement("A-41")
def test_what_others_sign_is_not_the_clients(server: Server, app: Signing, host: DocumentHost) -> None:
    token = connected(app)
    issuer = f"http://{server.authority}"
    now = int(time.time())
    thief = Signing(server, id=app.id)
    thief.private = ec.generate_private_key(ec.SECP256R1())
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    good = app.assertion()
    body = good.split(".")[1]
    wrong = [
        thief.assertion(),
        app.assertion(iss="https://other.example/c"),
        app.assertion(sub="https://other.example/c"),
        app.assertion(sub=None),
        app.assertion(aud="https://other.example/token"),
        app.assertion(aud=None),
        app.assertion(exp=now - 120),
        app.assertion(exp=now + 86_400),
        app.assertion(exp=None),
        app.assertion(nbf=now + 3600),
        app.assertion({"crit": ["exp"]}),
        f"{unsigned}.{body}.",
        jwt.encode({"iss": app.id, "sub": app.id, "aud": issuer, "exp": now + 60}, "a secret that nobody shares with it", "HS256"),
        good[:-4],
        "nonsense",
        "a.b.c",
    ]
    for assertion in wrong:
        refused(app.sign(token, assertion), 401, "invalid_client")
    # Neither nothing nor a secret will do, nor another type.
    refused(app.refresh(token), 401, "invalid_client")
    refused(app.refresh(token, client_secret="x"), 401, "invalid_client")
    refused(app.sign(token, client_assertion_type="x"), 401, "invalid_client")
    refused(app.sign(token, client_secret="x"), 400, "invalid_request")
    other = App(server).register()
    refused(other.refresh(token, client_assertion=good, client_assertion_type=TYPE), 401, "invalid_client")
    renewed = granted(app.sign(token, good))["refresh_token"]
    # What was used once is used up, also after a restart.
    refused(app.sign(renewed, good), 401, "invalid_client")
    server.restart()
    refused(app.sign(renewed, good), 401, "invalid_client")
    granted(app.sign(renewed))


@requirement("A-41")
def test_keys_at_an_address_are_fetched_and_fetched_again_when_they_change(
    server: Server, host: DocumentHost, app: Signing
) -> None:
    keys = {"keys": [public(app.private, "one")]}
    document = {name: value for name, value in host.changes.items() if name != "jwks"}
    host.changes = {**document, "jwks_uri": host.url.replace("client.json", "keys.json")}

    def give(handler: BaseHTTPRequestHandler) -> None:
        content = keys if handler.path == "/keys.json" else host.document()
        host.give(handler, json.dumps(content).encode(), "application/json")

    host.behaviour = give
    token = connected(app)
    token = granted(app.sign(token))["refresh_token"]
    assert host.asked.count("/keys.json") == 1
    app.private, app.kid, app.algorithm = rsa.generate_private_key(65537, 2048), "two", "RS256"
    keys["keys"] = [public(app.private, "two")]
    token = granted(app.sign(token))["refresh_token"]
    assert host.asked.count("/keys.json") == 2
    # Whoever signs with other keys does not make us ask without end.
    app.private = rsa.generate_private_key(65537, 2048)
    for _ in range(12):
        refused(app.sign(token), 401, "invalid_client")
    assert host.asked.count("/keys.json") <= 8


@requirement("A-27")
@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"jwks": {}},
        {"jwks": {"keys": []}, "jwks_uri": "https://a.example/keys"},
        {"jwks_uri": "http://a.example/keys"},
        {"jwks_uri": "https://user@a.example/keys"},
    ],
)
def test_a_client_that_signs_says_where_its_keys_are(server: Server, metadata: dict[str, Any]) -> None:
    body = {"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "private_key_jwt", **metadata}
    response = server.fetch("/register", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode())
    refused(response, 400, "invalid_client_metadata")


@requirement("S-50")
def test_no_key_is_fetched_from_inside(server: Server) -> None:
    app = Signing(server)
    app.way = "private_key_jwt"
    app.register(jwks_uri="https://169.254.169.254/keys")
    app.private = ec.generate_private_key(ec.SECP256R1())
    sent = Browser(server).decide(app.url())
    values = {"client_assertion": app.assertion(), "client_assertion_type": TYPE}
    refused(app.redeem(sent["code"], **values), 401, "invalid_client")
