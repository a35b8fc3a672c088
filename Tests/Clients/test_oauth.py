"""The authorization server and its clients: connecting, renewing, revoking, and what is said when something is wrong."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from conversation import Client
from oauth import OPERATOR, App, Browser, granted, manage, read_json, refused
from requirement import requirement
from server import Server, eventually

SERVER = "oauth"
CORS = {"Origin": "https://a-web-page.example"}


def served(server: Server, token: str) -> int:
    return Client(server, key=token).initialize().status


# Metadata


@requirement("A-20", "A-21", "A-29", "O-2")
def test_metadata_is_the_same_wherever_a_client_looks(server: Server) -> None:
    issuer = f"http://{server.authority}"
    well_known = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
    paths = [form for path in well_known for form in (path, path + "/mcp", "/mcp" + path, path + "/")]
    documents = [read_json(server.fetch(path, headers=CORS)) for path in paths]
    document = documents[0]
    assert all(other == document for other in documents)
    assert document["issuer"] == issuer
    assert document["authorization_endpoint"] == issuer + "/authorize"
    assert document["token_endpoint"] == issuer + "/token"
    assert document["registration_endpoint"] == issuer + "/register"
    assert document["revocation_endpoint"] == issuer + "/revoke"
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    assert set(document["grant_types_supported"]) == {"authorization_code", "refresh_token"}
    assert "none" in document["token_endpoint_auth_methods_supported"]
    assert set(document["scopes_supported"]) == {"mcp:read", "mcp:call", "offline_access"}
    assert document["client_id_metadata_document_supported"] is True
    assert document["authorization_response_iss_parameter_supported"] is True
    head = server.fetch(well_known[0], "HEAD")
    assert head.status == 200 and head.body == b""


@requirement("A-28")
def test_web_pages_may_use_what_is_for_programs_and_nothing_else(server: Server) -> None:
    for path in ("/.well-known/oauth-authorization-server", "/token", "/register", "/revoke"):
        preflight = server.fetch(path, "OPTIONS", {**CORS, "Access-Control-Request-Method": "POST"})
        assert preflight.status == 204 and preflight.get("access-control-allow-origin") == "*"
        assert "Content-Type" in (preflight.get("access-control-allow-headers") or "")
    for path in ("/authorize", "/account", "/sign-in"):
        assert server.fetch(path, "OPTIONS", CORS).status == 405
        assert server.fetch(path, headers=CORS).get("access-control-allow-origin") is None


# Connecting


@requirement("A-22", "A-24", "A-25", "A-27", "O-4")
@pytest.mark.parametrize("way", ["none", "client_secret_post", "client_secret_basic"])
def test_an_application_that_registers_itself_connects(server: Server, way: str) -> None:
    app = App(server, way=way).register()
    assert (app.secret is None) == (way == "none")
    tokens = app.connect(Browser(server))
    assert tokens["scope"] == "mcp:read mcp:call"
    assert tokens["expires_in"] == 8 * 3600
    assert served(server, tokens["access_token"]) == 200
    renewed = granted(app.refresh(tokens["refresh_token"]))
    assert renewed["access_token"] != tokens["access_token"]
    assert served(server, renewed["access_token"]) == 200
    if way != "none":
        app.secret = "wrong"
        refused(app.refresh(renewed["refresh_token"]), 401, "invalid_client")
        app.secret = None
        refused(app.refresh(renewed["refresh_token"]), 401, "invalid_client")


def test_keys_work_beside_tokens_and_one_person_is_one_caller(server: Server) -> None:
    assert served(server, OPERATOR) == 200
    one, two = (App(server).register().connect(Browser(server)) for _ in range(2))
    call = {"content": "Kelp holds on.", "label": f"kelp-{secrets.token_hex(4)}"}
    assert Client(server, key=one["access_token"]).open().call("memory_store", call).status == 200
    read = {"label": call["label"]}
    assert "Kelp holds on." in Client(server, key=two["access_token"]).open().call("memory_get", read).text
    assert Client(server, key=OPERATOR).open().call("memory_get", read).result["isError"] is True


def test_who_has_only_read_does_not_call(server: Server) -> None:
    app = App(server).register()
    sent = Browser(server).decide(app.url(scope=" mcp:read offline_access"))
    tokens = granted(app.redeem(sent["code"]))
    assert tokens["scope"] == "mcp:read" and "refresh_token" in tokens
    client = Client(server, key=tokens["access_token"]).open()
    assert client.list_tools().status == 200
    assert client.call("memory_status", {}).status == 403


# Codes


@requirement("A-24", "O-7")
def test_a_code_that_comes_again_takes_everything_with_it(server: Server) -> None:
    app = App(server).register()
    code = Browser(server).decide(app.url())["code"]
    tokens = granted(app.redeem(code))
    refused(app.redeem(code), 400, "invalid_grant")
    refused(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")
    eventually(lambda: served(server, tokens["access_token"]) == 401, 2, "the token is revoked")


@requirement("A-24", "O-7")
def test_a_code_is_worth_nothing_without_what_belongs_to_it(server: Server) -> None:
    app, other = App(server).register(), App(server).register()
    code = Browser(server).decide(app.url())["code"]
    refused(app.redeem(code, code_verifier=secrets.token_urlsafe(48)), 400, "invalid_grant")
    refused(app.redeem(code, redirect_uri="https://claude.ai/elsewhere"), 400, "invalid_grant")
    refused(app.redeem(code[:-1] + ("0" if code[-1] != "0" else "1")), 400, "invalid_grant")
    refused(app.redeem("nonsense"), 400, "invalid_grant")
    other.verifier = app.verifier
    refused(other.redeem(code), 400, "invalid_grant")
    refused(app.redeem(code, code_verifier=None), 400, "invalid_request")
    refused(app.redeem(code, code_verifier="short"), 400, "invalid_request")
    refused(app.redeem(code, resource="https://other.example/mcp"), 400, "invalid_target")
    granted(app.redeem(code))


@requirement("O-7")
def test_a_code_expires(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-code-lifetime", "1s", kind="oauth").start()
    app = App(server).register()
    code = Browser(server).decide(app.url())["code"]
    time.sleep(1.1)  # paces: the code's own second
    assert "expired" in refused(app.redeem(code), 400, "invalid_grant")["error_description"]


# Renewing and giving back


@requirement("A-25", "O-12")
def test_two_refreshes_at_once_get_one_answer(server: Server) -> None:
    app = App(server).register()
    token = app.connect(Browser(server))["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        answers = [granted(response) for response in pool.map(lambda _: app.refresh(token), range(8))]
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert len({answer["access_token"] for answer in answers}) == 1
    assert served(server, answers[0]["access_token"]) == 200
    granted(app.refresh(answers[0]["refresh_token"]))


@requirement("A-25", "O-12")
def test_a_refresh_token_that_comes_after_the_grace_ends_the_connection(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-refresh-grace", "0s", kind="oauth").start()
    app, browser = App(server).register(), Browser(server)
    first = app.connect(browser)
    second = granted(app.refresh(first["refresh_token"]))
    refused(app.refresh(first["refresh_token"]), 400, "invalid_grant")
    refused(app.refresh(second["refresh_token"]), 400, "invalid_grant")
    eventually(lambda: served(server, second["access_token"]) == 401, 2, "the token is revoked")
    assert "used twice" in browser.get("/account").text


@requirement("O-13")
def test_a_client_that_is_gone_and_a_token_that_is_dead_are_told_apart(server: Server) -> None:
    app = App(server).register()
    token = app.connect(Browser(server))["refresh_token"]
    refused(app.refresh("hfr_" + "a" * 25 + "_1_" + "0" * 64), 400, "invalid_grant")
    assert manage(server, "clients", "remove", app.id).returncode == 0
    refused(app.refresh(token), 401, "invalid_client")


@requirement("A-26")
def test_an_access_token_ends_when_it_says(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-access-lifetime", "1s", kind="oauth").start()
    app = App(server).register()
    tokens = app.connect(Browser(server))
    assert tokens["expires_in"] == 1
    answer = eventually(lambda: (a := Client(server, key=tokens["access_token"]).initialize()).status == 401 and a, 4)
    assert 'error="invalid_token"' in answer.head.get("www-authenticate")
    granted(app.refresh(tokens["refresh_token"]))


@requirement("A-26", "O-8")
def test_tokens_are_for_one_url_and_end_when_it_changes(make_server: Callable[..., Server]) -> None:
    server = make_server(kind="oauth").start()
    app = App(server).register()
    tokens = app.connect(Browser(server))
    place = server.flags.index("--public-url") + 1
    server.flags[place] = server.flags[place].replace("127.0.0.1", "localhost")
    server.restart()
    assert served(server, tokens["access_token"]) == 401
    for resource in (None, server.flags[place]):
        refused(app.refresh(tokens["refresh_token"], resource=resource), 400, "invalid_grant")
    assert [line.get("reason") for line in server.events("token.refused")] == ["wrong_audience"]


def test_a_refresh_may_name_the_scopes_it_has_and_no_more(server: Server) -> None:
    app = App(server).register()
    sent = Browser(server).decide(app.url(scope="mcp:read"))
    token = granted(app.redeem(sent["code"]))["refresh_token"]
    refused(app.refresh(token, scope="mcp:read mcp:call"), 400, "invalid_scope")
    for scope in ("offline_access", " mcp:read offline_access"):
        answer = granted(app.refresh(token, scope=scope))
        assert answer["scope"] == "mcp:read"
        token = answer["refresh_token"]


def test_a_token_given_back_opens_nothing(server: Server) -> None:
    app = App(server).register()
    tokens = app.connect(Browser(server))
    other = App(server).register()
    refused(other.revoke(tokens["refresh_token"]), 400, "invalid_grant")
    assert served(server, tokens["access_token"]) == 200
    assert app.revoke("never heard of").status == 200
    assert app.revoke(tokens["access_token"]).status == 200
    eventually(lambda: served(server, tokens["access_token"]) == 401, 2, "the access token is revoked")
    renewed = granted(app.refresh(tokens["refresh_token"]))
    assert app.revoke(renewed["refresh_token"]).status == 200
    refused(app.refresh(renewed["refresh_token"]), 400, "invalid_grant")
    eventually(lambda: served(server, renewed["access_token"]) == 401, 2, "what came of it is revoked")
