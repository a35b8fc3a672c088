"""Holdfast as an OAuth resource server, in front of an issuer that it does not own: who is let in, how far, and what is
said to the rest."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from conversation import Client
from issuer import OPERATOR, Issuer, challenge, signed_in
from per_request import PerRequest, Subscription
from requirement import requirement
from server import Server, eventually, run_once, free_port
from test_two_endpoints import Old

WELL_KNOWN = "/.well-known/oauth-protected-resource"


@pytest.fixture
def plain(guarded: Callable[..., Server]) -> Server:
    return guarded("--oauth-keys-pause", "10ms")


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


# Nothing, or nothing good


@requirement("O-1", "A-02", "A-10")
def test_who_has_no_token_is_told_where_to_get_one(plain: Server) -> None:
    for verb in ("POST", "GET", "DELETE"):
        head = plain.fetch(plain.path, verb, {"Content-Type": "application/json"}, b"{}" if verb == "POST" else None).head
        assert head.status == 401
        said = challenge(head.get("www-authenticate"))
        assert said["resource_metadata"] == f"http://{plain.authority}{WELL_KNOWN}/mcp"
        assert said["scope"] == "mcp:call mcp:read"
        assert "error" not in said, "nothing was presented, so nothing was wrong"
        assert head.get("set-cookie") is None and head.get("location") is None
        assert head.get("cache-control") == "no-store"
    answer = Client(plain).initialize()
    assert answer.status == 401 and isinstance(answer.error["message"], str)
    probe = PerRequest(plain).request("server/discover")
    assert probe.status == 401 and "resource_metadata" in (probe.head.get("www-authenticate") or "")


@requirement("A-02", "O-9", "A-07")
@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("expired", {"seconds": -60}),
        ("not_yet_valid", {"nbf": 4_000_000_000}),
        ("wrong_audience", {"audience": "https://other.example/mcp"}),
        ("wrong_audience", {"audience": None}),
        ("wrong_audience", {"audience": []}),
        ("wrong_issuer", {"iss": "https://other.example"}),
        ("wrong_issuer", {"iss": None}),
        ("no_subject", {"sub": None}),
        ("malformed", {"exp": None}),
        ("wrong_type", {"header": {"typ": "logout+jwt"}}),
        ("wrong_type", {"typ": "Refresh"}),
        ("wrong_type", {"cnf": {"jkt": "x"}}),
        ("malformed", {"header": {"crit": ["exp"]}}),
        ("unknown_key", {"header": {"kid": "never published"}}),
    ],
)
def test_a_token_that_is_not_good_is_401_and_the_log_says_why(
    plain: Server, issuer: Issuer, reason: str, change: dict[str, Any]
) -> None:
    arguments = {"audience": plain.url} | change
    answer = Client(plain, key=issuer.token(**arguments)).initialize(headers={"X-Correlation-ID": "the-one"})
    assert answer.status == 401
    said = challenge(answer.head.get("www-authenticate"))
    assert said["error"] == "invalid_token" and said["resource_metadata"].endswith(f"{WELL_KNOWN}/mcp")
    [line] = plain.wait_event("token.refused")
    assert line.get("reason") == reason and line.get("correlation") == "the-one"
    assert line.get("detail")
    assert issuer.token(**arguments).split(".")[1] not in plain.text()
    assert plain.total("holdfast_token_refusals_total", reason=reason) == 1


@requirement("A-07")
def test_a_token_must_be_signed_by_the_issuer_and_with_a_key_of_its_own(plain: Server, issuer: Issuer) -> None:
    good = issuer.token(plain.url)
    assert Client(plain, key=good).initialize().status == 200
    head, body, signature = good.split(".")
    forged = [
        f"{head}.{body}.{signature[:-6]}AAAAAA",
        f"{head}.{body}.",
        f"{head}.{issuer.token(plain.url, sub='mallory').split('.')[1]}.{signature}",
    ]
    # What is public must never do as a shared secret.
    public = json.dumps(issuer.keys[0].published).encode()
    hs256 = encoded(b'{"alg":"HS256","kid":"first"}') + "." + body
    forged.append(f"{hs256}.{encoded(hmac.digest(public, hs256.encode(), 'sha256'))}")
    forged.append(encoded(b'{"alg":"none","kid":"first"}') + f".{body}.")
    for token in forged:
        answer = Client(plain, key=token).initialize()
        assert answer.status == 401, token
        assert challenge(answer.head.get("www-authenticate"))["error"] == "invalid_token"


@requirement("O-19", "A-01")
@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ("bearer {}", 200, None),
        ("Bearer  {}", 200, None),
        ("BEARER {} ", 200, None),
        ("Basic {}", 401, None),
        ("{}", 401, None),
        ("Bearer", 401, None),
        ("Bearer {} {}", 400, "invalid_request"),
        ("Bearer " + "x" * 16_400, 401, "invalid_token"),
    ],
)
def test_the_authorization_header_in_all_its_forms(
    plain: Server, issuer: Issuer, form: str, status: int, error: str | None
) -> None:
    header = form.replace("{}", issuer.token(plain.url))
    answer = Client(plain).initialize(headers={"Authorization": header})
    assert answer.status == status
    if status != 200:
        assert challenge(answer.head.get("www-authenticate")).get("error") == error
    assert plain.fetch(plain.path, "POST", {"Authorization": "Bearer " + "x" * 70_000}).status in (401, 431)


@requirement("O-19", "A-01")
def test_a_token_in_the_url_is_no_token(plain: Server, issuer: Issuer) -> None:
    token = issuer.token(plain.url)
    for query in (f"?access_token={token}", f"?token={token}"):
        answer = Client(plain).initialize(path=plain.path + query)
        assert answer.status == 401
        assert "error" not in challenge(answer.head.get("www-authenticate"))


# What is published


@requirement("A-05", "A-06", "O-2")
def test_the_metadata_is_at_both_places_and_names_the_url_as_it_is_typed(
    issuer: Issuer, make_server: Callable[..., Server]
) -> None:
    port = free_port()
    typed = f"http://LOCALHOST:{port}/front/mcp"
    server = make_server("--api-key", OPERATOR, "--oauth-issuer", issuer.url, "--public-url", typed)
    server.port = port
    server.start()
    said = challenge(Client(server).initialize().head.get("www-authenticate"))
    places = [f"{WELL_KNOWN}/front/mcp", f"{WELL_KNOWN}/front/mcp/", f"{WELL_KNOWN}/mcp", WELL_KNOWN]
    assert said["resource_metadata"] == f"http://localhost:{port}{places[0]}"
    for place in places:
        answer = server.fetch(place, headers={"Origin": "https://anywhere.example"})
        assert answer.status == 200, place
        assert answer.get("content-type") == "application/json" and answer.get("cache-control") == "no-store"
        assert answer.get("access-control-allow-origin") == "*"
        document = json.loads(answer.body)
        assert document == {
            "resource": typed,
            "authorization_servers": [issuer.url],
            "scopes_supported": ["mcp:call", "mcp:read"],
            "bearer_methods_supported": ["header"],
            "resource_name": "holdfast",
        }
        preflight = server.fetch(
            place, "OPTIONS", {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
        )
        assert preflight.status == 204 and preflight.get("access-control-allow-origin") == "*"
        assert server.fetch(place, "POST").status == 405
        head = server.fetch(place, "HEAD")
        assert head.status == 200 and head.body == b""
    assert server.fetch(f"{WELL_KNOWN}/other").status == 404
    # Another spelling of the same URL is the same audience; another path is not.
    for audience, status in [
        (typed, 200), (typed.lower(), 200), (typed + "/", 200), (["x", typed], 200), (typed.replace("mcp", "MCP"), 401),
        (f"http://localhost:{port}", 401), (f"http://localhost:{port}/front/mcp/x", 401), (typed + "?a=b", 401),
    ]:  # fmt: skip
        assert Client(server, key=issuer.token(audience)).initialize().status == status, audience


@requirement("O-18")
def test_a_server_without_oauth_has_no_metadata_and_needs_none(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    for place in (WELL_KNOWN, f"{WELL_KNOWN}/mcp", "/.well-known/oauth-authorization-server"):
        answer = server.fetch(place)
        assert answer.status == 404 and answer.get("content-type") == "application/json"
        assert json.loads(answer.body)["error"] == "not_found"
    assert Client(server).initialize().status == 200
    locked = make_server("--api-key", OPERATOR).start()
    refused = Client(locked).initialize()
    assert refused.status == 401
    assert "resource_metadata" not in challenge(refused.head.get("www-authenticate"))


# Sessions


@requirement("A-08", "O-20")
def test_a_refusal_never_ends_or_hides_a_session(plain: Server, issuer: Issuer) -> None:
    client = signed_in(plain, issuer).open()
    expired = issuer.token(plain.url, seconds=-60)
    for header in (None, f"Bearer {expired}", "Bearer nonsense"):
        for answer in (
            client.list_tools(headers={"Authorization": header}),
            client.delete(headers={"Authorization": header}),
            client.list_tools(session="0" * 32, headers={"Authorization": header}),
        ):
            assert answer.status == 401, "who it is comes before which session"
    stranger = signed_in(plain, issuer, sub="bob")
    assert stranger.list_tools(session=client.session).status == 404
    assert client.list_tools().status == 200
    assert client.delete().status == 200
    again = Client(plain)
    assert again.initialize().status == 401
    again.key = issuer.token(plain.url)
    assert again.initialize().status == 200


@requirement("S-10", "O-11")
def test_a_fresh_token_of_the_same_subject_keeps_the_session_and_what_runs(plain: Server, issuer: Issuer) -> None:
    client = signed_in(plain, issuer).open()
    waiting = client.begin_call("gate", {"name": "refresh"})
    plain.wait_in_flight(1)
    client.key = issuer.token(plain.url, "mcp:call mcp:read", 900, jti="another")
    assert client.list_tools().status == 200
    assert Client(plain, key=issuer.token(plain.url, sub="bob")).list_tools(session=client.session).status == 404
    client.open_gate("refresh")
    assert waiting.finish().text
    assert client.delete().status == 200


@requirement("O-14", "A-10")
def test_probes_without_a_token_change_nothing(plain: Server, issuer: Issuer) -> None:
    client = signed_in(plain, issuer).open()
    before = plain.total("holdfast_sessions_opened_total")
    for _ in range(100):
        assert Client(plain).initialize().status == 401
    assert client.list_tools().status == 200
    assert plain.total("holdfast_sessions_opened_total") == before
    assert not [line for line in plain.log() if line.level in ("warning", "error")]


# Time


@requirement("A-09", "O-10")
def test_a_call_outlives_its_token_and_a_listening_stream_does_not(
    guarded: Callable[..., Server], issuer: Issuer
) -> None:
    server = guarded("--oauth-clock-skew", "0s", "--json-wait", "100ms")
    client = signed_in(server, issuer, seconds=3).open()
    waiting = client.begin_call("gate", {"name": "long"})
    assert waiting.head().media_type == "text/event-stream"
    listening = client.listen()
    assert listening.head.status == 200
    assert listening.stream and listening.stream.next_event(8) is None, "it ends in order"
    assert client.list_tools().status == 401, "the next request takes a fresh one"
    fresh = issuer.token(server.url)
    client.key = fresh
    assert client.listen().head.status == 200
    client.open_gate("long")
    assert waiting.finish().text


@requirement("A-09")
def test_a_subscription_ends_with_its_answer_when_its_token_does(
    guarded: Callable[..., Server], issuer: Issuer
) -> None:
    server = guarded("--oauth-clock-skew", "0s")
    caller = PerRequest(server, key=issuer.token(server.url, seconds=2))
    subscription = Subscription(caller.begin("subscriptions/listen", {"notifications": {"toolsListChanged": True}}))
    answer = subscription.reply.finish(8)
    assert answer.message["id"] == subscription.id and "result" in answer.message


@requirement("A-09")
def test_what_listens_ends_soon_after_its_key_or_token_is_revoked(make_server: Callable[..., Server]) -> None:
    server = make_server("--keep-alive", "200ms", "--legacy-sse")
    server.add_key("operator")
    revoked = server.add_key("revoked")
    server.start()
    client = Client(server, key=revoked).open()
    listening = client.listen()
    subscription = PerRequest(server, key=revoked).listen({"toolsListChanged": True})
    old = Old(server, key=revoked).open()
    old.call("sleep", {"ms": 2500}, id="runs")
    server.wait_in_flight(1)
    done = run_once("keys", "revoke", "revoked", "--data-dir", str(server.data))
    assert done.returncode == 0, done
    assert listening.stream and listening.stream.next_event(5) is None, "it ends in order"
    assert "result" in subscription.reply.finish(5).message
    assert old.text("runs") == "slept 2500", "what runs is still delivered"
    assert old.stream.next_event(5) is None, "it ends in order"


@requirement("A-09")
def test_what_is_revoked_ends_however_much_it_is_told(make_server: Callable[..., Server]) -> None:
    server = make_server("--keep-alive", "1s")
    operator, revoked = server.add_key("operator"), server.add_key("revoked")
    server.start()
    listening = Client(server, key=revoked).open().listen()
    other, over = Client(server, key=operator).open(), threading.Event()

    def talk() -> None:
        while not over.wait(0.1):
            other.call("grow")

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        assert listening.stream and listening.stream.next_event(5) is not None, "it is told"
        assert run_once("keys", "revoke", "revoked", "--data-dir", str(server.data)).returncode == 0
        eventually(lambda: listening.stream.next_event(5) is None, 8, "it ends")
    finally:
        over.set()
        talking.join()


# Keys beside tokens


def test_keys_go_on_working_and_open_everything(plain: Server) -> None:
    holder = Client(plain, key=OPERATOR).open()
    assert holder.call("echo", {"text": "x"}).text == "x"


def test_the_metrics_take_a_key(plain: Server, issuer: Issuer) -> None:
    token = issuer.token(plain.url)
    refused = plain.fetch("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert refused.status == 401 and "resource_metadata" not in (refused.get("www-authenticate") or "")
    assert plain.metrics()


def test_many_requests_with_one_new_token_make_one_question(guarded: Callable[..., Server], issuer: Issuer) -> None:
    server = guarded()
    token, statuses = issuer.token(server.url), []

    def ask() -> None:
        statuses.append(Client(server, key=token).initialize().status)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 16
    eventually(lambda: server.in_flight() == 0, 5, "nothing is left")
