"""What the official conformance suite asks of an authorization server (`authorization`), as tests of our own."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from oauth import App, Browser, granted
from requirement import requirement
from server import Server

SERVER = "oauth"
CALLBACK = "http://127.0.0.1:43117/callback"


@requirement("authorization-server-metadata-endpoint")
def test_the_metadata_is_found_and_names_the_issuer_as_it_was_asked_for(server: Server) -> None:
    url = f"http://{server.authority}"
    for place in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
        answer = server.fetch(place)
        assert answer.status == 200 and answer.head.media_type == "application/json"
        metadata = json.loads(answer.body)
        assert metadata["issuer"] == url, "to the last slash"
        for name in ("authorization_endpoint", "token_endpoint"):
            assert metadata[name].startswith(url)
        assert "code" in metadata["response_types_supported"]
        assert "S256" in metadata["code_challenge_methods_supported"]
        assert metadata["client_id_metadata_document_supported"] is True


@requirement("authorization-code-grant")
@pytest.mark.parametrize("way", ["none", "client_secret_post", "client_secret_basic"])
def test_a_code_is_given_once_and_is_worth_a_token(server: Server, way: str) -> None:
    app = App(server, CALLBACK, way=way).register()
    browser = Browser(server)
    page = browser.get(app.url())
    if any(form.action == "/sign-in" for form in page.reader.forms):
        page = browser.sign_in(page)
    location = browser.submit(page.form("/authorize"), "approve").location
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    query = [pair.split("=", 1) for pair in parts.query.split("&")]
    assert [name for name, _ in query].count("code") == 1
    sent = dict(query)
    assert sent["code"] and sent["state"] == app.state
    response = app.redeem(sent["code"])
    tokens = granted(response)
    assert response.get("cache-control") == "no-store"
    assert tokens["access_token"] and tokens["token_type"].lower() == "bearer"
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {tokens['access_token']}"}
    assert server.fetch(server.path, "POST", headers, ping).status == 200
