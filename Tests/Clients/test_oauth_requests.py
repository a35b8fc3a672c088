"""Requests of applications that are not in order, what is registered, and how much of it there may be."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from oauth import FORM, App, Browser, answer_in, granted, manage, read_json, refused
from requirement import requirement
from server import Server

SERVER = "oauth"


# Requests


@requirement("A-22", "O-8")
def test_a_resource_is_compared_without_its_slash_and_case(server: Server) -> None:
    app, browser = App(server).register(), Browser(server)
    url = server.url
    for resource in (url, url + "/", url.replace("http://", "HTTP://"), None):
        sent = browser.decide(app.url(resource=resource))
        granted(app.redeem(sent["code"], resource=resource))
    for resource in ("https://other.example/mcp", f"http://{server.authority}/other", url + "#x", "nonsense"):
        sent = answer_in(browser.get(app.url(resource=resource)).location)
        assert sent["error"] == "invalid_target"


@requirement("A-22")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"prompt": "none"}, "interaction_required"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request_uri": "https://a.example/r"}, "request_uri_not_supported"),
        ({"request": "eyJ"}, "request_not_supported"),
    ],
)
def test_a_request_that_is_not_in_order_goes_back_to_its_client(
    server: Server, changes: dict[str, str | None], error: str
) -> None:
    app = App(server).register()
    location = Browser(server).get(app.url(**changes)).location
    assert location.startswith(app.redirect + "?")
    sent = answer_in(location)
    assert sent["error"] == error and sent["error_description"]
    assert sent["state"] == app.state and sent["iss"] == f"http://{server.authority}"
    assert "code" not in sent


@requirement("A-22")
def test_a_parameter_that_is_there_twice_goes_back_too(server: Server) -> None:
    app = App(server).register()
    sent = answer_in(Browser(server).get(app.url() + "&scope=mcp%3Aread").location)
    assert sent["error"] == "invalid_request"


@requirement("A-22")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": None}, "not complete"),
        ({"client_id": "unknown"}, "not known"),
        ({"client_id": "https://127.0.0.1/c.json"}, "cannot be checked"),
        ({"redirect_uri": "https://evil.example/"}, "not its own"),
        ({"redirect_uri": "https://claude.ai/api/mcp/auth_callback/"}, "not its own"),
        ({"redirect_uri": "https://claude.ai/api/mcp/auth_callback?x=1"}, "not its own"),
        ({"redirect_uri": "javascript:alert(1)"}, "not its own"),
    ],
)
def test_nobody_is_sent_where_it_is_not_sure(server: Server, changes: dict[str, str | None], words: str) -> None:
    app = App(server).register()
    page = Browser(server).get(app.url(**changes))
    assert page.status == 400
    assert page.response.get("location") is None
    assert words in page.text, page.text


def test_the_only_redirect_need_not_be_named(server: Server) -> None:
    app = App(server).register()
    sent = Browser(server).decide(app.url(redirect_uri=None))
    granted(app.redeem(sent["code"], redirect_uri=None))


@requirement("A-22", "O-16")
@pytest.mark.parametrize(
    ("registered", "asked", "accepted"),
    [
        ("http://localhost/callback", "http://localhost:1/callback", True),
        ("http://localhost:3118/callback", "http://localhost:33418/callback", True),
        ("http://127.0.0.1/callback", "http://127.0.0.1:6274/callback", True),
        ("http://127.0.0.1:6274/callback", "http://127.0.0.1/callback", True),
        ("http://[::1]/callback", "http://[::1]:65535/callback", True),
        ("http://localhost/callback", "http://127.0.0.1:3118/callback", False),
        ("http://localhost/callback", "http://localhost:3118/other", False),
        ("http://localhost/callback", "http://localhost.evil.example/callback", False),
        ("http://localhost/callback", "http://localhost@evil.example/callback", False),
        ("http://localhost/callback", "https://localhost:3118/callback", False),
        ("https://vscode.dev/redirect", "https://vscode.dev/redirect", True),
        ("https://vscode.dev/redirect", "https://vscode.dev:444/redirect", False),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp/oauth/callback", True),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp/oauth/other", False),
    ],
)
def test_only_the_port_of_a_loopback_redirect_may_differ(
    server: Server, registered: str, asked: str, accepted: bool
) -> None:
    app = App(server, redirect=registered).register()
    page = Browser(server).get(app.url(redirect_uri=asked))
    assert page.status == (200 if accepted else 400), page.text
    if accepted:
        sent = Browser(server).decide(app.url(redirect_uri=asked))
        granted(app.redeem(sent["code"], redirect_uri=asked))


# Bad requests of programs


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"code": None}, 400, "invalid_request"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"client_id": "unknown"}, 401, "invalid_client"),
        ({"client_secret": "made-up"}, 401, "invalid_client"),
        ({"client_assertion": "eyJ"}, 401, "invalid_client"),
    ],
)
def test_a_token_request_that_is_wrong_is_told_what_is_wrong(
    server: Server, changes: dict[str, str | None], status: int, error: str
) -> None:
    app = App(server).register()
    refused(app.redeem(**{"code": "hfc_x", **changes}), status, error)


def test_bodies_are_bounded_and_of_their_kind(server: Server) -> None:
    def post(path: str, body: bytes, kind: str):  # type: ignore[no-untyped-def]
        return server.fetch(path, "POST", {"Content-Type": kind}, body)

    for path in ("/token", "/revoke"):
        refused(post(path, b"a=" + b"x" * 70_000, FORM["Content-Type"]), 413, "invalid_request")
        refused(post(path, b"{}", "application/json"), 400, "invalid_request")
        refused(post(path, b"grant_type=%zz", FORM["Content-Type"]), 400, "invalid_request")
        refused(post(path, b"grant_type=\xff", FORM["Content-Type"]), 400, "invalid_request")
        refused(post(path, b"token=a&token=b&grant_type=x&grant_type=y", FORM["Content-Type"]), 400, "invalid_request")
        get = server.fetch(path)
        assert (get.status, get.get("allow")) == (405, "POST, OPTIONS")
    refused(post("/register", b"{" + b" " * 70_000, "application/json"), 413, "invalid_request")
    assert post("/sign-in", b"a=" + b"x" * 70_000, FORM["Content-Type"]).status == 413


@requirement("A-27")
@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://a.example/"}, "invalid_client_metadata"),
        ({"redirect_uris": ["http://a.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a.example/cb#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://user@a.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript://x/%0aalert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["data:text/html,x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a.example/" + "x" * 3000]}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"client_name": 7}, "invalid_client_metadata"),
    ],
)
def test_a_registration_that_could_not_work_is_refused(server: Server, metadata: dict[str, object], error: str) -> None:
    body = {"redirect_uris": ["https://a.example/cb"], **metadata}
    response = server.fetch("/register", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode())
    refused(response, 400, error)


@requirement("A-27")
def test_a_registration_says_what_was_registered(server: Server) -> None:
    body = {"redirect_uris": ["https://a.example/cb"], "client_name": None, "token_endpoint_auth_method": "client_secret_post"}
    response = server.fetch("/register", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode())
    answer = read_json(response)
    assert response.status == 201
    assert type(answer["client_id_issued_at"]) is int and answer["client_secret_expires_at"] == 0
    assert answer["grant_types"] == ["authorization_code", "refresh_token"]
    assert "client_name" not in answer and not answer["client_id"].startswith("http")
    for body in (b"", b"[]", b"{", b"null"):
        refused(server.fetch("/register", "POST", {"Content-Type": "application/json"}, body), 400, "invalid_client_metadata")


# Many at once


@requirement("O-15")
def test_many_applications_from_one_address_are_not_held_up(server: Server) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        apps = list(pool.map(lambda _: App(server).register(), range(200)))
        answers = list(pool.map(lambda app: app.redeem("hfc_" + "a" * 25 + "_0_" + "0" * 64), apps))
    for answer in answers:
        refused(answer, 400, "invalid_grant")
    assert time.monotonic() - began < 10


def test_one_connection_that_asks_without_end_holds_up_only_itself(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-max-token-requests", "5", kind="oauth").start()
    browser, app = Browser(server), App(server).register()
    busy, other = app.connect(browser), app.connect(browser)
    # The code's exchange counts, so four are left.
    answers = [app.refresh(busy["refresh_token"]) for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 429]
    assert int(answers[-1].get("retry-after") or 0) >= 1
    granted(app.refresh(other["refresh_token"]))


def test_registrations_have_a_bound_and_unused_ones_make_room(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-max-registered-clients", "2", kind="oauth").start()
    used = App(server).register()
    used.connect(Browser(server))
    unused = App(server).register()
    App(server).register().connect(Browser(server))
    assert Browser(server).get(unused.url()).status == 400, "it has made room"
    full = App(server)
    body = json.dumps({"redirect_uris": [full.redirect]}).encode()
    answer = server.fetch("/register", "POST", {"Content-Type": "application/json"}, body)
    refused(answer, 429, "temporarily_unavailable")
    assert answer.get("retry-after")


def test_what_is_switched_off_is_not_there(make_server: Callable[..., Server]) -> None:
    server = make_server("--no-oauth-registration", "--no-oauth-client-documents", kind="oauth").start()
    document = read_json(server.fetch("/.well-known/oauth-authorization-server"))
    assert "registration_endpoint" not in document
    assert document["client_id_metadata_document_supported"] is False
    assert server.fetch("/register", "POST", {"Content-Type": "application/json"}, b"{}").status == 404
    page = Browser(server).get(App(server, id="https://claude.ai/oauth/x").url())
    assert page.status == 400 and "oauth-client-documents" in page.text


def test_a_client_that_the_operator_made_known_connects(server: Server) -> None:
    name = f"crm-{secrets.token_hex(4)}"
    done = manage(server, "clients", "add", name, "--redirect-uri", "https://crm.example/cb", "--secret", "--name", "CRM")
    assert done.returncode == 0, done
    app = App(server, redirect="https://crm.example/cb", id=name, secret=done.stdout.strip(), way="client_secret_post")
    app.connect(Browser(server))
    assert name in manage(server, "clients", "list").stdout


def test_without_oauth_there_is_nothing_of_it(make_server: Callable[..., Server]) -> None:
    server = make_server(kind="product").start()
    for path in ("/.well-known/oauth-authorization-server", "/authorize", "/token", "/register", "/account"):
        assert server.fetch(path, "POST" if path in ("/token", "/register") else "GET").status == 404
