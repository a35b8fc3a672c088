"""Clients whose id is the URL of a document, and hosts of documents that fail or lead astray."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from document_host import DocumentHost
from oauth import App, Browser, granted, refused
from requirement import requirement
from server import Server, eventually

SERVER = "oauth"
TIMEOUT = 0.6
FLAGS = ["--oauth-insecure-client-documents", "--oauth-client-document-timeout", f"{TIMEOUT}s"]
OTHER_CALLBACK = "https://claude.com/api/mcp/auth_callback"


@pytest.fixture
def host() -> Iterator[DocumentHost]:
    host = DocumentHost()
    yield host
    host.close()


@requirement("A-40", "A-41", "A-70", "O-3")
def test_an_application_known_by_its_document_connects(server: Server, host: DocumentHost) -> None:
    for redirect in ("https://claude.ai/api/mcp/auth_callback", OTHER_CALLBACK):
        app = App(server, redirect=redirect, id=host.url)
        tokens = app.connect(Browser(server))
        granted(app.refresh(tokens["refresh_token"]))
    assert host.asked == ["/client.json"], "a document that is fresh is not fetched again"


@requirement("A-23", "A-43")
def test_the_person_sees_who_vouches_for_the_application_and_where_it_leads(server: Server, host: DocumentHost) -> None:
    browser = Browser(server)
    page = browser.sign_in(browser.get(App(server, id=host.url).url()))
    assert "Kelp Assistant" in page.text
    assert "The owner of 127.0.0.1 vouches for it" in page.text
    assert "sent back to claude.ai" in page.text
    assert "another site than the one that vouches" in page.text


def test_a_host_is_not_asked_for_more_documents_than_it_may_be(
    make_server: Callable[..., Server], host: DocumentHost
) -> None:
    server = make_server(*FLAGS, "--oauth-max-client-document-fetches", "1", kind="oauth").start()
    App(server, id=host.url).connect(Browser(server))
    page = Browser(server).get(App(server, id=host.url.replace("client.json", "other.json")).url())
    assert page.status == 400 and "too often just now" in page.text
    assert host.asked == ["/client.json"]


@requirement("A-42")
def test_a_redirect_must_stand_in_the_document(server: Server, host: DocumentHost) -> None:
    app = App(server, redirect="https://evil.example/cb", id=host.url)
    page = Browser(server).get(app.url())
    assert page.status == 400 and "not its own" in page.text


def bad(name: str) -> Callable[[DocumentHost], None]:
    def spoil(host: DocumentHost) -> None:
        if name in ("html", "huge", "redirect", "stall", "drip"):
            host.behaviour = getattr(host, name)
        else:
            host.behaviour = host.status(int(name))

    return spoil


@requirement("A-41", "A-42", "O-5")
@pytest.mark.parametrize("name", ["html", "huge", "redirect", "stall", "drip", "404", "503", "204"])
def test_a_document_that_cannot_be_had_stops_an_unknown_client_and_not_a_known_one(
    make_server: Callable[..., Server], host: DocumentHost, name: str
) -> None:
    server = make_server(*FLAGS, kind="oauth").start()
    good = host.behaviour
    bad(name)(host)
    app = App(server, id=host.url)
    began = time.monotonic()
    page = Browser(server).get(app.url())
    assert page.status == 400 and "cannot be checked" in page.text
    assert page.response.get("location") is None
    assert time.monotonic() - began < TIMEOUT + 2
    assert "/elsewhere.json" not in host.asked
    App(server).register().connect(Browser(server))
    # Failures are not remembered; what was good once is.
    host.behaviour, host.cache_control = good, "max-age=0"
    app.connect(Browser(server))
    bad(name)(host)
    server.restart()
    app.connect(Browser(server))


@requirement("A-41")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": "https://claude.ai/oauth/mcp-oauth-client-metadata"}, "client_id is not the URL"),
        ({"client_id": ...}, "client_id is not the URL"),
        ({"client_secret": "x"}, "client_secret"),
        ({"redirect_uris": ...}, "redirect_uris"),
        ({"redirect_uris": ["http://a.example/"]}, "redirect URI"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "secret"),
    ],
)
def test_a_document_that_is_wrong_is_not_used(
    server: Server, host: DocumentHost, changes: dict[str, object], reason: str
) -> None:
    host.changes = changes
    page = Browser(server).get(App(server, id=host.url).url())
    assert page.status == 400 and reason in page.text, page.text


@requirement("A-40")
@pytest.mark.parametrize(
    "id",
    [
        "http://example.com/c.json",
        "https://example.com",
        "https://example.com/",
        "https://user@example.com/c.json",
        "https://example.com/c.json#x",
        "https://example.com/a/../c.json",
        "https://example.com/a/%2e%2e/c.json",
        "ftp://example.com/c.json",
        "https://EXAMPLE.com/c.json",
        "https://ex%61mple.com/c.json",
    ],
)
def test_a_url_that_can_be_read_in_two_ways_is_no_client(server: Server, id: str) -> None:
    page = Browser(server).get(App(server, id=id).url())
    assert page.status == 400 and "not known" in page.text


@requirement("S-50", "O-5")
@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "2130706433",
        "0x7f.1", "127.1",
    ],
)  # fmt: skip
def test_no_document_is_fetched_from_inside(make_server: Callable[..., Server], host: DocumentHost, place: str) -> None:
    server = closed_server(make_server)
    page = Browser(server).get(App(server, id=f"https://{place}:{host.port}/client.json").url())
    assert page.status == 400
    assert "not on the public internet" in page.text or "no address" in page.text or "not known" in page.text, page.text
    # Nor over http, which only the setting for tests allows.
    page = Browser(server).get(App(server, id=f"http://{place}:{host.port}/client.json").url())
    assert page.status == 400 and "not known" in page.text
    assert host.asked == []


def closed_server(make_server: Callable[..., Server]) -> Server:
    return make_server(kind="oauth").start()


def test_the_setting_for_tests_is_loud(server: Server) -> None:
    assert any(line.level == "warning" for line in server.events("oauth.insecure_client_documents"))


@requirement("A-43")
def test_only_hosts_that_are_listed_are_asked(make_server: Callable[..., Server], host: DocumentHost) -> None:
    server = make_server(*FLAGS, "--oauth-client-document-hosts", "claude.ai,*.openai.com", kind="oauth").start()
    page = Browser(server).get(App(server, id=host.url).url())
    assert page.status == 400 and "oauth-client-document-hosts" in page.text
    assert host.asked == []


def test_one_host_is_not_asked_without_end(server: Server, host: DocumentHost) -> None:
    host.behaviour = host.status(404)
    for _ in range(70):
        assert Browser(server).get(App(server, id=host.url).url()).status == 400
    assert len(host.asked) <= 60


def test_tokens_do_not_depend_on_the_host_of_the_document(
    make_server: Callable[..., Server], host: DocumentHost
) -> None:
    server = make_server(*FLAGS, kind="oauth").start()
    app = App(server, id=host.url)
    tokens = app.connect(Browser(server))
    host.close()
    granted(app.refresh(tokens["refresh_token"]))
    refused(App(server, id=host.url + "x").refresh(tokens["refresh_token"]), 401, "invalid_client")
    eventually(lambda: server.events("oauth.document_failed"), 2)
