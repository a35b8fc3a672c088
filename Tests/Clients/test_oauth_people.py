"""Signing in, agreeing, and taking it back: what a person does at a browser, and what others try there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

import pytest

from conversation import Client
from oauth import FORM, OPERATOR, PASSWORD, App, Browser, answer_in, granted, manage, refused
from requirement import requirement
from server import Server, eventually, run_once

SERVER = "oauth"


def consent(server: Server, app: App, browser: Browser | None = None):  # type: ignore[no-untyped-def]
    browser = browser or Browser(server)
    page = browser.get(app.url())
    return browser, browser.sign_in(page) if "password" in page.text.lower() else page


# The pages


@requirement("A-23", "S-31")
def test_pages_run_nothing_load_nothing_and_stand_in_no_frame(server: Server) -> None:
    app = App(server, redirect="cursor://anysphere.cursor-mcp/oauth/callback").register(client_name="Kelp")
    browser = Browser(server)
    asked = browser.get(app.url())
    pages = [asked, browser.sign_in(asked), browser.get("/account"), browser.get(app.url(client_id="x"))]
    for page in pages:
        policy = page.response.get("content-security-policy") or ""
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
        assert "unsafe" not in policy and "script" not in policy
        assert page.response.get("x-frame-options") == "DENY"
        assert page.response.get("cache-control") == "no-store"
        assert page.response.get("x-content-type-options") == "nosniff"
        assert page.response.get("referrer-policy") == "same-origin"
        assert not page.reader.tags & {"script", "img", "iframe", "object", "embed", "link", "base"}
        assert {"html", "title", "h1", "main"} <= page.reader.tags
    # A browser checks the policy also where the answer to the form leads.
    assert "form-action 'self' https: cursor:;" in (pages[1].response.get("content-security-policy") or "")
    assert "form-action 'self';" in (pages[0].response.get("content-security-policy") or "")


@requirement("A-23")
def test_the_person_is_told_who_asks_for_what(server: Server) -> None:
    app = App(server).register(client_name="Kelp <b>&\"'\u202e Assistant")
    _, page = consent(server, app)
    assert "Allow Kelp <b>&\"' Assistant to use" in page.text
    assert b"<b>" not in page.response.body
    assert "sent back to claude.ai" in page.text
    assert "call tools in your name" in page.text and "read them" in page.text
    assert server.url in page.text and "signed in as ada" in page.text
    assert "Nobody has checked who this application is" in page.text
    local = App(server, redirect="http://127.0.0.1/cb").register()
    _, page = consent(server, local)
    assert "runs on the computer in front of you" in page.text
    assert "a program on this computer (127.0.0.1)" in page.text


@requirement("A-24", "O-3")
def test_a_person_who_says_no_is_heard(server: Server) -> None:
    app = App(server).register()
    browser, page = consent(server, app)
    sent = answer_in(browser.submit(page.form("/authorize"), "deny").location)
    assert sent["error"] == "access_denied" and sent["state"] == app.state and "code" not in sent
    # Nor has agreed who presses nothing.
    sent = answer_in(browser.submit(page.form("/authorize")).location)
    assert sent["error"] == "access_denied"


# Cookies and forms


@requirement("S-31")
def test_the_cookie_is_for_this_server_and_no_script(server: Server) -> None:
    browser = Browser(server)
    page = browser.get("/account")
    lines = page.response.head.all("set-cookie")
    page = browser.submit(page.form("/sign-in"), username="ada", password=PASSWORD)
    lines += page.response.head.all("set-cookie")
    assert len(lines) == 2 and lines[0].split(";")[0] != lines[1].split(";")[0], "signing in changes the cookie"
    for line in lines:
        assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}
        assert "Domain" not in line


@requirement("S-31")
def test_behind_tls_the_cookie_belongs_to_the_host_alone(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth", "--public-url", "https://mcp.example.com/mcp", "--api-key", OPERATOR, kind="product").start()
    response = server.fetch("/account", headers={"Host": "mcp.example.com"})
    cookie = response.get("set-cookie") or ""
    assert cookie.startswith("__Host-holdfast=") and cookie.endswith("; Secure")
    document = server.fetch("/.well-known/oauth-authorization-server", headers={"Host": "mcp.example.com"})
    assert b'"issuer":"https://mcp.example.com"' in document.body


@requirement("S-31")
def test_a_form_of_another_browser_or_another_site_does_nothing(server: Server) -> None:
    app, other = App(server).register(), App(server, redirect="https://evil.example/cb").register()
    browser, page = consent(server, app)
    form = page.form("/authorize")
    # Another site makes the browser send the form: it cannot know the seal, and the browser names the site.
    forged = urlencode({"request": form.fields["request"], "approve": "yes"}).encode()
    stale = browser.request("POST", "/authorize", forged, FORM)
    assert stale.status == 403 and "out of date" in stale.text
    told = browser.request("POST", "/authorize", urlencode({**form.fields, "approve": "yes"}).encode(),
                           {**FORM, "Origin": "https://evil.example"})  # fmt: skip
    assert told.status == 403 and told.response.get("location") is None
    # The seal is for this request only.
    form.fields["request"] = other.url().removeprefix("/authorize?")
    assert browser.submit(form, "approve").status == 403
    # And for this browser only.
    _, theirs = consent(server, app)
    form = page.form("/authorize")
    form.fields["csrf"] = theirs.form("/authorize").fields["csrf"]
    form.fields["request"] = app.url().removeprefix("/authorize?")
    assert browser.submit(form, "approve").status == 403
    # Nor does it disconnect anything, or sign anybody out.
    for path in ("/account", "/sign-out"):
        forged = urlencode({"csrf": "0" * 64, "revoke": "x"}).encode()
        assert browser.request("POST", path, forged, FORM).status == 403
    assert "Signed in as ada" in browser.get("/account").text
    # Signing in cannot be done to somebody either.
    signing = Browser(server).get("/account").form("/sign-in")
    assert Browser(server).submit(signing, username="ada", password=PASSWORD).status == 403


@requirement("S-31")
def test_a_cookie_that_somebody_has_put_beside_ours_counts_for_neither(server: Server) -> None:
    browser = Browser(server)
    browser.sign_in(browser.get("/account"))
    ours = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    other = "; ".join(f"{name}={'a' * 50}" for name in browser.cookies)
    for cookie in (f"{ours}; {other}", f"{other}; {ours}"):
        page = server.fetch("/account", headers={"Cookie": cookie})
        assert b"Signed in as" not in page.body and b'action="/sign-in"' in page.body
    assert b"Signed in as" in server.fetch("/account", headers={"Cookie": ours}).body


@requirement("S-31")
@pytest.mark.parametrize("next", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/authorizeX", "/token"])
def test_signing_in_leads_only_to_our_own_pages(server: Server, next: str) -> None:
    browser = Browser(server)
    form = browser.get("/account").form("/sign-in")
    form.fields["next"] = next
    page = browser.submit(form, username="ada", password=PASSWORD)
    assert page.status == 403 and "evil" not in page.response.body.decode()


# Passwords


@requirement("S-31")
def test_nobody_learns_which_names_exist(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-sign-in-attempts", "1000", kind="oauth").start()
    manage(server, "users", "create", "blocked", text=PASSWORD + "\n")
    manage(server, "users", "disable", "blocked")
    browser = Browser(server)
    form = browser.get("/account").form("/sign-in")

    def attempt(name: str, password: str) -> tuple[int, str, float]:
        began = time.monotonic()
        page = browser.submit(form, username=name, password=password)
        return page.status, page.text.replace(name, "NAME"), time.monotonic() - began

    kinds = {"ada": "wrong password", "nobody": "wrong password", "blocked": PASSWORD}
    seen = {name: [attempt(name, password) for _ in range(7)] for name, password in kinds.items()}
    assert {answer[:2] for answers in seen.values() for answer in answers} == {seen["ada"][0][:2]}
    assert seen["ada"][0][0] == 403 and "do not go together" in seen["ada"][0][1]
    times = {name: median(answer[2] for answer in answers) for name, answers in seen.items()}
    assert max(times.values()) < 2 * min(times.values()), times


@requirement("S-31")
def test_guessing_is_slowed_for_that_account_alone(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-sign-in-attempts", "3", kind="oauth").start()
    manage(server, "users", "create", "grace", text=PASSWORD + "\n")
    browser = Browser(server)
    form = browser.get("/account").form("/sign-in")
    answers = [browser.submit(form, username="ADA" if n % 2 else "ada", password="wrong") for n in range(4)]
    assert [answer.status for answer in answers] == [403, 403, 403, 429]
    assert int(answers[-1].response.get("retry-after") or 0) > 0
    assert browser.submit(form, username="ada", password=PASSWORD).status == 429
    assert browser.submit(form, username="grace", password=PASSWORD).status == 303


@requirement("S-31")
def test_few_passwords_wait_to_be_checked_and_the_rest_are_put_off(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-max-passwords-waiting", "1", kind="oauth").start()
    browsers = [Browser(server) for _ in range(8)]
    forms = [browser.get("/account").form("/sign-in") for browser in browsers]
    with ThreadPoolExecutor(8) as pool:
        sending = [
            pool.submit(browser.submit, form, username="ada", password=PASSWORD)
            for browser, form in zip(browsers, forms, strict=True)
        ]
        pages = [sent.result() for sent in sending]
    put_off = [page for page in pages if page.status == 429]
    assert put_off and all(int(page.response.get("retry-after") or 0) > 0 for page in put_off)
    assert "Wait" in put_off[0].text
    assert len(put_off) < len(pages)


def test_the_oldest_browser_makes_room(make_server: Callable[..., Server]) -> None:
    server = make_server("--oauth-max-sign-ins-per-user", "1", kind="oauth").start()
    browsers = [Browser(server), Browser(server)]
    for browser in browsers:
        browser.sign_in(browser.get("/account"))
        assert "password" not in browser.get("/account").text.lower()
    assert "password" in browsers[0].get("/account").text.lower()
    assert "password" not in browsers[1].get("/account").text.lower()


def test_passwords_are_never_arguments_and_must_be_long(server: Server) -> None:
    done = manage(server, "users", "create", "tiny", text="short\n")
    assert done.returncode == 64 and "give 10 to 1024" in done.stderr
    done = manage(server, "users", "create", "tiny", text="")
    assert done.returncode == 1 and "standard input is empty" in done.stderr
    done = manage(server, "users", "create", "tiny", PASSWORD)
    assert done.returncode == 64
    done = manage(server, "users", "create", "white space", text=PASSWORD + "\n")
    assert done.returncode == 64 and "cannot name a user" in done.stderr
    done = manage(server, "users", "create", "ADA", text=PASSWORD + "\n")
    assert done.returncode == 1 and "already" in done.stderr
    listed = manage(server, "users", "list").stdout
    assert re.search(r"^ada +\S+ +\d+ +active$", listed, re.MULTILINE), listed
    assert "tiny" not in listed


# The account


@requirement("A-24")
def test_a_person_disconnects_an_application_and_nobody_elses(server: Server) -> None:
    manage(server, "users", "create", "grace", text=PASSWORD + "\n")
    app = App(server).register(client_name="Limpet")
    browser, page = consent(server, app)
    tokens = granted(app.redeem(answer_in(browser.submit(page.form("/authorize"), "approve").location)["code"]))
    account = browser.get("/account")
    assert "Limpet" in account.text and "claude.ai" in account.text
    form = account.form("/account")
    stranger = Browser(server)
    theirs = stranger.sign_in(stranger.get("/account"), "grace")
    assert "Limpet" not in theirs.text and "None yet" in theirs.text
    app_of_grace = App(server).register()
    sent = answer_in(stranger.submit(stranger.get(app_of_grace.url()).form("/authorize"), "approve").location)
    granted(app_of_grace.redeem(sent["code"]))
    own = stranger.get("/account").form("/account")
    stranger.request("POST", "/account", urlencode({"csrf": own.fields["csrf"], "revoke": form.buttons["revoke"]}).encode(), FORM)
    assert Client(server, key=tokens["access_token"]).initialize().status == 200
    assert browser.submit(form, "revoke").location == "/account"
    eventually(lambda: Client(server, key=tokens["access_token"]).initialize().status == 401, 2, "it is revoked")
    refused(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")
    # Signed out, the account asks who is there.
    assert browser.submit(browser.get("/account").form("/sign-out")).location == "/account"
    assert browser.get("/account").form("/sign-in")


def test_a_disabled_user_is_out_within_two_seconds(make_server: Callable[..., Server]) -> None:
    server = make_server(kind="oauth").start()
    app, browser = App(server).register(), Browser(server)
    tokens = app.connect(browser)

    def status() -> int:
        return Client(server, key=tokens["access_token"]).initialize().status

    assert status() == 200
    assert manage(server, "users", "disable", "Ada").returncode == 0
    eventually(lambda: status() == 401, 2, "the token is refused")
    refused(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")
    assert browser.get("/account").form("/sign-in"), "signed out"
    assert manage(server, "users", "enable", "ada").returncode == 0
    eventually(lambda: status() == 200, 2, "the token is good again")
    assert "1" in manage(server, "users", "disconnect", "ada").stderr
    eventually(lambda: status() == 401, 2, "the connection has ended")
    assert manage(server, "users", "reset", "ada", text="another long password\n").returncode == 0
    again = Browser(server)
    page = again.submit(again.get("/account").form("/sign-in"), username="ada", password=PASSWORD)
    assert page.status == 403
    again.sign_in(again.get("/account"), password="another long password").form("/sign-out")


# Starting


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--oauth"], "oauth: it needs public-url"),
        (["--oauth", "--public-url", "http://mcp.example.com/mcp"], "public-url: "),
        (["--oauth", "--public-url", "https://mcp.example.com/x", "--path", "/token"], "path: with oauth /token is taken"),
        (["--oauth-code-lifetime", "11m"], "oauth-code-lifetime"),
        (["--oauth-client-document-hosts", "https://a.example"], "give a host name"),
    ],
)
def test_what_cannot_work_does_not_start(tmp_path: Path, flags: list[str], words: str) -> None:
    done = run_once("serve", "--data-dir", str(tmp_path / "data"), "--port", "0", *flags)
    assert done.returncode == 64 and words in done.stderr and done.stderr.count("\n") == 1, done


def test_the_start_says_what_to_do_next(make_server: Callable[..., Server]) -> None:
    alone = make_server("--oauth", "--public-url", "https://mcp.example.com/mcp", "--api-key", OPERATOR, kind="product").start()
    assert "nobody can sign in yet; make a user with: holdfast users create NAME" in alone.text()
    assert "Add custom connector: https://mcp.example.com/mcp" in alone.text()
    ready = make_server(kind="oauth").start()
    assert "people sign in with OAuth" in ready.text()


def test_nothing_secret_is_logged(make_server: Callable[..., Server]) -> None:
    server = make_server("--log-level", "trace", kind="oauth").start()
    app = App(server, way="client_secret_post").register()
    browser = Browser(server)
    sent = browser.decide(app.url())
    tokens = granted(app.redeem(sent["code"]))
    app.refresh(tokens["refresh_token"])
    app.redeem(sent["code"])
    log = server.text()
    secrets = [PASSWORD, sent["code"], tokens["access_token"], tokens["refresh_token"], app.secret or "", app.verifier,
               *browser.cookies.values()]  # fmt: skip
    grant = sent["code"].split("_")[1]
    assert not [secret for secret in [*secrets, grant] if secret in log or quote(secret) in log]
    assert server.events("oauth.approved") and server.events("oauth.tokens_issued")
    assert [line.get("reason") for line in server.events("oauth.grant_refused")] == ["reused"]
