"""The process dies between any two steps of connecting, and the next one goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversation import Client
from oauth import PASSWORD, App, Browser, answer_in, granted
from requirement import requirement
from server import Server

STEPS = ["registered", "sign-in page", "signed in", "consent page", "code", "tokens", "refreshed"]


@requirement("O-6")
@pytest.mark.parametrize("when", [*STEPS, "all"])
def test_a_restart_between_two_steps_costs_nothing(make_server: Callable[..., Server], when: str) -> None:
    server = make_server(kind="oauth").start()

    def after(step: str) -> None:
        if when in (step, "all"):
            server.restart()

    app, browser = App(server, way="client_secret_basic").register(), Browser(server)
    after("registered")
    page = browser.get(app.url())
    after("sign-in page")
    page = browser.submit(page.form("/sign-in"), username="ada", password=PASSWORD)
    after("signed in")
    page = browser.get(page.location)
    after("consent page")
    sent = answer_in(browser.submit(page.form("/authorize"), "approve").location)
    after("code")
    tokens = granted(app.redeem(sent["code"]))
    after("tokens")
    assert Client(server, key=tokens["access_token"]).initialize().status == 200
    renewed = granted(app.refresh(tokens["refresh_token"]))
    after("refreshed")
    # The answer may have been lost with the process: the same one comes again.
    assert granted(app.refresh(tokens["refresh_token"]))["refresh_token"] == renewed["refresh_token"]
    assert Client(server, key=renewed["access_token"]).initialize().status == 200
    assert "An app" in browser.get("/account").text


@requirement("O-6")
def test_what_one_process_began_another_finishes(make_server: Callable[..., Server]) -> None:
    """Two processes on one data directory, as behind a load balancer."""
    one = make_server(kind="oauth").start()
    two = make_server(*one.flags, kind="product", home=one.home)
    two.output, two.errors = one.home / "stdout2", one.home / "stderr2"
    two.start()
    assert two.port != one.port
    app, browser = App(one).register(), Browser(one)
    page = browser.get(app.url())
    browser.server = two
    page = browser.submit(page.form("/sign-in"), username="ada", password=PASSWORD)
    browser.server = one
    page = browser.get(page.location)
    browser.server = two
    sent = answer_in(browser.submit(page.form("/authorize"), "approve").location)
    app.server = one
    tokens = granted(app.redeem(sent["code"]))
    app.server = two
    renewed = granted(app.refresh(tokens["refresh_token"]))
    app.server = one
    assert granted(app.refresh(tokens["refresh_token"]))["access_token"] == renewed["access_token"]
    assert Client(one, key=renewed["access_token"]).initialize().status == 200
    assert Client(two, key=tokens["access_token"]).initialize().status == 200
