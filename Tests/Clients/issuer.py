"""Somebody else's authorization server, as far as a resource server sees it: metadata, keys, introspection. Scripted, in
the test's own process, on a loopback address, with every request that it got."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from conversation import Client
from server import Server, free_port

# The operator's own key, which works beside tokens.
OPERATOR = "hf-operator-key-0123456789abcdefghijkl"


@dataclass
class Key:
    id: str | None
    algorithm: str
    private: Any
    # What is published beside the key itself, or instead of it.
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def make(cls, id: str | None, algorithm: str = "ES256", **extra: Any) -> Key:
        private = {
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
            "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }.get(algorithm, lambda: rsa.generate_private_key(65537, 2048))()
        return cls(id, algorithm, private, extra)

    @property
    def published(self) -> dict[str, Any]:
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        entry = json.loads(algorithm.to_jwk(self.private.public_key()))
        entry.pop("key_ops", None)
        entry |= {"use": "sig", "alg": self.algorithm} | ({} if self.id is None else {"kid": self.id})
        return {name: value for name, value in (entry | self.extra).items() if value is not None}


@dataclass
class Asked:
    verb: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


class Issuer:
    def __init__(self, path: str = "", port: int = 0) -> None:
        self.path = path
        self.keys = [Key.make("first")]
        # Entries of the key set that are no keys of ours.
        self.strange: list[Any] = []
        self.active: dict[str, dict[str, Any]] = {}
        self.asked: list[Asked] = []
        # By path: what is answered instead, as (status, body); or a function that says so.
        self.instead: dict[str, tuple[int, bytes] | Callable[[], tuple[int, bytes]]] = {}
        self.metadata: dict[str, Any] = {}
        # What it knows Holdfast by; the secret has signs that must be encoded.
        self.client, self.secret = "holdfast", "s3cret/+:x"
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.answer("GET")

            def do_POST(self) -> None:
                self.answer("POST")

            def answer(self, verb: str) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                form = dict(urllib.parse.parse_qsl(body.decode()))
                asked = Asked(verb, self.path, {k.lower(): v for k, v in self.headers.items()}, form)
                issuer.asked.append(asked)
                status, content = issuer.answer(asked)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    pass

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.stopped = False
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return self.origin + self.path

    def __enter__(self) -> Issuer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """From now on nobody listens on its port."""
        if not self.stopped:
            self.stopped = True
            self.server.shutdown()
            self.server.server_close()

    # What it answers

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        if (instead := self.instead.get(asked.path)) is not None:
            return instead() if callable(instead) else instead
        if asked.path == f"/.well-known/oauth-authorization-server{self.path}":
            return 200, json.dumps(self.described).encode()
        if asked.path == "/keys":
            return 200, json.dumps({"keys": self.strange + [key.published for key in self.keys]}).encode()
        if asked.path == "/introspect" and asked.verb == "POST":
            return self.introspect(asked)
        return 404, b'{"error":"not_found"}'

    @property
    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": self.origin + "/authorize",
            "token_endpoint": self.origin + "/token",
            "jwks_uri": self.origin + "/keys",
            "introspection_endpoint": self.origin + "/introspect",
            "response_types_supported": ["code"],
        } | self.metadata

    def introspect(self, asked: Asked) -> tuple[int, bytes]:
        if asked.form.get("client_secret") is not None:
            good = (asked.form["client_id"], asked.form["client_secret"]) == (self.client, self.secret)
        else:
            scheme, _, pair = asked.headers.get("authorization", "").partition(" ")
            given = base64.b64decode(pair).decode().split(":") if scheme == "Basic" else []
            good = [urllib.parse.unquote_plus(part) for part in given] == [self.client, self.secret]
        if not good:
            return 401, b'{"error":"invalid_client"}'
        claims = self.active.get(asked.form.get("token", ""))
        return 200, json.dumps({"active": True, **claims} if claims else {"active": False}).encode()

    def asked_for(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    # What it gives out

    def claims(self, audience: Any, scope: str | None = "mcp:call", seconds: float = 600, **other: Any) -> dict[str, Any]:
        now = time.time()
        claims = {
            "iss": self.url, "aud": audience, "sub": "alice", "scope": scope, "client_id": "a client",
            "iat": int(now), "exp": int(now + seconds),
        } | other  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def token(
        self, audience: Any, scope: str | None = "mcp:call", seconds: float = 600, *, key: Key | None = None,
        header: dict[str, Any] | None = None, **other: Any,
    ) -> str:  # fmt: skip
        key = key or self.keys[-1]
        headers = {"typ": "at+jwt", "kid": key.id} | (header or {})
        headers = {name: value for name, value in headers.items() if value is not None}
        return jwt.encode(self.claims(audience, scope, seconds, **other), key.private, key.algorithm, headers)

    def opaque(self, name: str, audience: Any, scope: str | None = "mcp:call", seconds: float = 600, **other: Any) -> str:
        self.active[name] = self.claims(audience, scope, seconds, **other)
        return name


def challenge(value: str | None) -> dict[str, str]:
    """The parameters of a `WWW-Authenticate: Bearer` header, each of which is a quoted string."""
    assert value is not None and value.startswith("Bearer "), value
    parameters = {}
    for part in value.removeprefix("Bearer ").split('", '):
        name, _, text = part.partition('="')
        assert name not in parameters, value
        parameters[name] = text.removesuffix('"')
    return parameters


def signed_in(server: Server, issuer: Issuer, *arguments: Any, **options: Any) -> Client:
    """A client with a token for that server."""
    return Client(server, key=issuer.token(server.url, *arguments, **options))


def behind(issuer: Issuer, make_server: Callable[..., Server], *flags: str, **options: Any) -> Server:
    """A server that takes the issuer's tokens."""
    port = free_port()
    server = make_server(
        "--api-key", OPERATOR, "--oauth-issuer", issuer.url, "--public-url", f"http://127.0.0.1:{port}/mcp", *flags,
        **options,
    )  # fmt: skip
    server.port = port
    return server.start()
