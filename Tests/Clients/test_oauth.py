"""The authorization server: connecting, renewing, revoking, and what it says when something is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversation import Client
from oauth import App, Browser, add_user, granted, oauth_server, read_json, refused
from requirement import requirement
from server import Server, eventually


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    server = oauth_server(make_server).start()
    add_user(server)
    return server


def served(server: Server, token: str) -> int:
    return Client(server, key=token).initialize().status


@requirement("A-22", "A-24", "A-25", "O-4")
@pytest.mark.parametrize("way", ["none", "client_secret_post", "client_secret_basic"])
def test_an_application_that_registers_itself_connects(server: Server, way: str) -> None:
    app = App(server, way=way).register()
    assert (app.secret is None) == (way == "none")
    tokens = app.connect(Browser(server))
    assert tokens["scope"] == "mcp:read mcp:call"
    assert served(server, tokens["access_token"]) == 200
    renewed = granted(app.refresh(tokens["refresh_token"]))
    assert renewed["access_token"] != tokens["access_token"]
    assert served(server, renewed["access_token"]) == 200
