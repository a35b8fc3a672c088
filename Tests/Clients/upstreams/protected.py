"""A server that wants a token and says how to get one, and ways to say it wrongly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from upstreams.healthy import Healthy, Reply, Request, as_json

TOKEN = "let-me-in"


class Protected(Healthy):
    """Also its own authorization server, as far as documents go."""

    needed = 401

    def endpoint(self, request: Request) -> Reply:
        self.origin = "http://" + request.headers["host"]
        if request.verb != "OPTIONS" and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(self.needed, self.challenge(), b"{}")
        return super().endpoint(request)

    def challenge(self) -> dict[str, str]:
        url = f"{self.origin}/.well-known/oauth-protected-resource{self.path}"
        return {"WWW-Authenticate": f'Bearer resource_metadata="{url}", scope="tools"', "Content-Type": "application/json"}

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
