"""A server that wants a token and says how to get one, and ways to say it wrongly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from upstreams.faulty import wait
from upstreams.healthy import Healthy, Reply, Request, as_json

TOKEN = "let-me-in"


class Protected(Healthy):
    """Also its own authorization server, as far as documents go."""

    needed = 401

    def endpoint(self, request: Request) -> Reply:
        token = request.headers.get("authorization")
        if request.verb != "OPTIONS" and token != f"Bearer {TOKEN}":
            return self.unknown_token() if token else self.refused()
        return super().endpoint(request)

    def refused(self) -> Reply:
        return Reply(self.needed, {**self.challenge(), **self.for_pages()}, b"{}")

    def unknown_token(self) -> Reply:
        return self.refused()

    def serve(self, request: Request) -> Reply:
        self.origin = "http://" + request.headers["host"]
        endpoint = getattr(self, "at_" + request.path.split("?")[0].strip("/"), None)
        return endpoint(request) if endpoint else super().serve(request)

    def at_authorize(self, request: Request) -> Reply:
        return Reply(400, {"Content-Type": "text/html"}, b"<!doctype html><title>Who are you?</title>")

    def at_token(self, request: Request) -> Reply:
        return as_json({"error": "invalid_client"}, 401)

    def at_register(self, request: Request) -> Reply:
        client = {**json.loads(request.body), "client_id": "you", "client_id_issued_at": 1_800_000_000}
        return as_json(client, 201)

    def challenge(self) -> dict[str, str]:
        url = f"{self.origin}/.well-known/oauth-protected-resource{self.path}"
        challenge = f'Bearer resource_metadata="{url}", scope="tools"'
        return {"WWW-Authenticate": challenge, "Content-Type": "application/json"}

    def document(self, path: str) -> Reply:
        if path == f"/.well-known/oauth-protected-resource{self.path}":
            return as_json(self.resource())
        if path == "/.well-known/oauth-authorization-server":
            return as_json(self.issuer())
        return super().document(path)

    def resource(self) -> dict[str, Any]:
        return {"resource": self.origin + self.path, "authorization_servers": [self.origin]}

    def issuer(self) -> dict[str, Any]:
        return {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "registration_endpoint": f"{self.origin}/register",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "client_id_metadata_document_supported": True,
            "scopes_supported": ["tools", "offline_access"],
        }


class BySession(Protected):
    """Looks at the token where a session begins, and never again."""

    verbs = ("POST", "DELETE")

    def endpoint(self, request: Request) -> Reply:
        if request.verb in self.verbs and self.knows(request.session or ""):
            return Healthy.endpoint(self, request)
        return super().endpoint(request)


class AnyToken(Protected):
    """Wants a token, and looks at none."""

    def endpoint(self, request: Request) -> Reply:
        return Healthy.endpoint(self, request) if "authorization" in request.headers else super().endpoint(request)


def redirecting(self: Protected, request: Request) -> Reply:
    query = parse_qs(request.path.partition("?")[2])
    return Reply(302, {"Location": f"{query['redirect_uri'][0]}?error=invalid_client"})


def validating(self: Protected, request: Request) -> Reply:
    """What a framework says by itself."""
    return as_json({"detail": [{"loc": ["body", "client_secret"], "msg": "field required"}]}, 422)


# A registration is only tried when it may leave something behind.
SIGNING_IN = ("--aggressive", "--only", "access", "oauth")


def full(self: Protected, request: Request) -> Reply:
    return as_json({"error": "invalid_redirect_uri"}, 400)


def nulls(self: Protected, request: Request) -> Reply:
    return as_json({**json.loads(request.body), "client_id": "you", "client_uri": None}, 201)


def floats(self: Protected, request: Request) -> Reply:
    return as_json({**json.loads(request.body), "client_id": "you", "client_secret_expires_at": 1.8e9 + 0.5}, 201)


def protected(**changes: Any) -> Callable[[], Healthy]:
    return type("Faulty", (Protected,), changes)


def naming(**changes: Any) -> Callable[[], Healthy]:
    """Other members in the metadata of the authorization server; what is ... is left out."""

    def issuer(self: Protected) -> dict[str, Any]:
        merged = {**Protected.issuer(self), **changes}
        return {name: value for name, value in merged.items() if value is not ...}

    return protected(issuer=issuer)


def describing(**changes: Any) -> Callable[[], Healthy]:
    """Other members in the metadata of the resource."""
    return protected(resource=lambda self: {**Protected.resource(self), **changes})


def page(self: Healthy, path: str) -> Reply:
    return Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Hello</title>")


def everywhere(self: Protected, path: str) -> Reply:
    """Open to all, with metadata of an authorization server nobody needs."""
    if path == "/.well-known/oauth-authorization-server":
        return Reply(200, {"Content-Type": "application/json"}, json.dumps({"issuer": "http://localhost"}).encode())
    return Healthy.document(self, path)


def rooted(self: Protected, path: str) -> Reply:
    if path == "/.well-known/oauth-protected-resource":
        return as_json(self.resource())
    return Healthy.document(self, path) if "protected-resource" in path else Protected.document(self, path)


def rooted_challenge(self: Protected) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer resource_metadata="{self.origin}/.well-known/oauth-protected-resource"'}


def relative_challenge(self: Protected) -> dict[str, str]:
    return {"WWW-Authenticate": 'Bearer resource_metadata="/.well-known/oauth-protected-resource/mcp"'}


def without_issuer(self: Protected, path: str) -> Reply:
    return Protected.document(self, path) if "resource" in path else Healthy.document(self, path)


def slow_document(self: Protected, path: str) -> Reply:
    wait(4.3 if path == "/.well-known/oauth-authorization-server" else 0)
    return Protected.document(self, path)


class Tenant(Protected):
    """Its issuer has a path."""

    def resource(self) -> dict[str, Any]:
        return {**super().resource(), "authorization_servers": [f"{self.origin}/tenant"]}

    def issuer(self) -> dict[str, Any]:
        return {**super().issuer(), "issuer": f"{self.origin}/tenant"}

    def document(self, path: str) -> Reply:
        return super().document(path.removesuffix("/tenant"))
