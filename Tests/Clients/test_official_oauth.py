"""The official client signs somebody in, calls, refreshes and asks for more, with a real browser on the pages between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata

from application import Drawer, Pages, client_document, self_signed
from chromium import Chromium, chromium
from official import MAJOR, MODES, asynchronous, connect
from requirement import requirement
from server import Server, eventually

NAME = "Kelp Notes"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with Pages() as pages:
        yield pages


def provider(server: Server, browser: Chromium, pages: Pages, document: str | None, picture: str) -> OAuthClientProvider:
    """The client's own OAuth, which shows a person the address and waits for them to come back."""

    async def show(url: str) -> None:
        await anyio.to_thread.run_sync(lambda: browser.agree(url, picture=picture))

    async def come_back() -> Any:
        brought = await anyio.to_thread.run_sync(pages.arrival)
        assert brought["iss"] == f"http://{server.authority}"
        if MAJOR == 1:
            return brought["code"], brought["state"]
        from mcp.shared.auth import AuthorizationCodeResult

        return AuthorizationCodeResult(code=brought["code"], state=brought["state"], iss=brought["iss"])

    metadata = OAuthClientMetadata(client_name=NAME, redirect_uris=[pages.callback], token_endpoint_auth_method="none")
    return OAuthClientProvider(server.url, metadata, Drawer(), show, come_back, client_metadata_url=document)


@requirement("O-3", "O-4", "A-03")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", ["document", "registration"])
def test_a_person_signs_in_and_the_client_calls_refreshes_and_steps_up(
    make_server: Callable[..., Server], browser: Chromium, pages: Pages, tmp_path: Path, way: str, mode: str
) -> None:
    flags = ["--oauth-scopes", "mcp:read"]
    if way == "document":
        flags.append("--oauth-insecure-client-documents")
    server = make_server(*flags, kind="oauth").start()
    browser.driver.delete_all_cookies()
    browser.seen.clear()

    @asynchronous
    async def conversation(document: str | None) -> None:
        oauth = provider(server, browser, pages, document, f"{way}-")
        drawer: Drawer = oauth.context.storage  # type: ignore[assignment]
        async with connect(server.url, mode=mode, auth=oauth) as official:
            assert "memory_store" in await official.tools()
            assert drawer.tokens.scope == "mcp:read" and drawer.tokens.refresh_token
            assert len(browser.seen) == 1
            # More is asked for when it is needed, and what there was is not given up.
            assert "Stored" in await official.call("memory_store", {"content": "Kelp holds on.", "label": "kelp"})
            assert set(drawer.tokens.scope.split()) == {"mcp:read", "mcp:call"}
            assert len(browser.seen) == 2, "the person was asked once more"
            # An access token that is over is renewed without anybody.
            before = drawer.tokens.access_token
            oauth.context.token_expiry_time = time.time() - 1
            assert "Kelp" in await official.call("memory_get", {"label": "kelp"})
            assert drawer.tokens.access_token != before and len(browser.seen) == 2
            # A token that the server ends is replaced after its 401, by signing in again.
            assert server.fetch(
                "/revoke", "POST", {"Content-Type": "application/x-www-form-urlencoded"},
                f"token={drawer.tokens.refresh_token}&client_id={drawer.client.client_id}".encode(),
            ).status == 200  # fmt: skip
            await anyio.to_thread.run_sync(lambda: eventually(lambda: refused(server, drawer), 2, "it is revoked"))
            assert "memory_store" in await official.tools()
            assert len(browser.seen) == 3
            assert "Kelp" in await official.call("memory_get", {"label": "kelp"}), "the same person, the same memory"
            assert len(browser.seen) == 4, "a new beginning is with little again"

    if way == "document":
        with Pages(self_signed(tmp_path / "certificate.pem")) as host:
            url = f"{host.origin}/client.json"
            host.documents["/client.json"] = client_document(url, NAME, "http://127.0.0.1/callback")
            conversation(url)
            assert "/client.json" in host.asked
    else:
        conversation(None)
    for text in browser.seen:
        assert NAME in text and "127.0.0.1" in text, "whom they let in, and where it sends them"


def refused(server: Server, drawer: Drawer) -> bool:
    headers = {"Authorization": f"Bearer {drawer.tokens.access_token}", "Content-Type": "application/json"}
    return server.fetch(server.path, "POST", headers, b"{}").status == 401


@pytest.mark.timeout(120)
def test_the_pages_for_people_are_photographed(
    make_server: Callable[..., Server], browser: Chromium, pages: Pages
) -> None:
    server = make_server(kind="oauth").start()
    browser.driver.delete_all_cookies()
    browser.driver.get(f"http://{server.authority}/account")
    browser.photograph("account-sign-in")
    browser.sign_in("ada", "wrong password")
    browser.wait("form[action='/sign-in']")
    browser.photograph("sign-in-refused")
    browser.sign_in("ada", "correct horse battery")
    browser.wait("form[action='/sign-out']")
    browser.photograph("account-empty")
    browser.driver.get(f"http://{server.authority}/authorize?response_type=code&client_id=nobody&redirect_uri=https://x")
    browser.photograph("error")
    assert "nobody" in browser.text or "not known" in browser.text.lower() or "unknown" in browser.text.lower()
