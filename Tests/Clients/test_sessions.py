"""Session ids and reconnects: the cases S1–S16."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Callable

import pytest

from conversation import Client
from requirement import requirement
from server import Server, eventually

FLAGS = ["--json-wait", "50ms", "--drain-grace", "5s"]
SESSIONS = r"^holdfast_sessions$"
UNKNOWN = "0123456789abcdef0123456789abcdef"


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


@requirement("Q-21")
def test_s1_a_client_that_never_sends_the_id_is_served(server: Server) -> None:
    client = Client(server)
    assert client.initialize().head.get("mcp-session-id")
    client.session = None
    assert client.initialized().status == 202
    assert client.list_tools().result["tools"]
    for number in range(27):
        assert client.call("echo", {"text": f"call {number}"}).text == f"call {number}"


def test_s2_a_handshake_spread_over_connections_with_and_without_the_id(server: Server) -> None:
    client = Client(server)
    client.initialize()
    assert client.list_tools().status == 200
    assert client.initialized(session=None).status == 202
    assert client.list_tools().status == 200
    assert client.request("prompts/list").status == 200
    assert client.request("resources/list").status == 200
    assert client.delete().status == 200


def test_s3_a_handshake_before_every_call_keeps_the_number_of_sessions_bounded(
    make_server: Callable[..., Server],
) -> None:
    server = make_server("--max-sessions", "20", "--session-idle-expiry", "1s").start()
    for number in range(100):
        client = Client(server).open()
        assert client.call("count").text == str(number + 1)
        assert server.total(SESSIONS, state="active") <= 20
    eventually(lambda: server.total(SESSIONS, state="active") == 0, 8, "idle sessions are gone")


@requirement("H-47")
def test_s4_a_call_without_any_handshake_is_served(server: Server) -> None:
    assert Client(server).call("echo", {"text": "hello"}).text == "hello"


@pytest.mark.timeout(90)
def test_s5_kill_and_restart_between_any_two_requests(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    client = Client(server)
    assert client.initialize().status == 200
    session = client.session
    server.restart()
    assert client.initialized().status == 202
    server.restart()
    assert client.list_tools().result["tools"]
    server.restart()
    assert client.call("echo", {"text": "one"}).text == "one"
    server.restart()
    assert client.call("echo", {"text": "two"}).text == "two"
    listening = client.listen()
    assert listening.head.status == 200
    listening.close()
    server.restart()
    assert client.delete().status == 200
    server.restart()
    client.list_tools().refused(404)
    assert client.session == session
    assert server.events("session.restored")


@pytest.mark.timeout(60)
def test_s5_what_was_negotiated_survives_too(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    clients = [Client(server, version).open() for version in ("2025-11-25", "2025-03-26")]
    assert all(client.request("logging/setLevel", {"level": "warning"}).result == {} for client in clients)
    server.restart()
    for client in clients:
        batch = client.post([client.message("ping")], headers={"MCP-Protocol-Version": None})
        assert batch.status == (200 if client.version == "2025-03-26" else 400)
        quiet = client.call("log", {"level": "info", "text": "below"}, token=1)
        assert not [n for n in quiet.notifications if n["method"] == "notifications/message"]
        loud = client.call("log", {"level": "error", "text": "above"}, token=1)
        assert [n["params"]["level"] for n in loud.notifications if n["method"] == "notifications/message"] == ["error"]


@requirement("Q-08")
@pytest.mark.timeout(60)
def test_s6_one_id_over_five_deploys(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    client = Client(server).open()
    for number in range(5):
        assert server.stop() == 0
        server.start()
        assert client.call("echo", {"text": f"deploy {number}"}).text == f"deploy {number}"


@requirement("H-41", "S-10", "S-11")
def test_s7_an_id_means_nothing_to_another_principal(make_server: Callable[..., Server]) -> None:
    server = make_server()
    one, two = server.add_key("one"), server.add_key("two")
    server.start()
    first, second = Client(server, key=one).open(), Client(server, key=two).open()
    assert [first.call("count").text for _ in range(3)] == ["1", "2", "3"]
    assert second.call("count").text == "1"
    foreign = second.call("count", session=first.session).refused(404)
    unknown = second.call("count", session=UNKNOWN).refused(404)
    assert foreign.error == unknown.error
    assert second.listen(session=first.session).head.status == 404
    assert second.call("count").text == "2"
    assert first.call("count").text == "4"
    assert first.call("secret").text != second.call("secret").text


def test_s7_the_owner_is_checked_after_a_restart_as_well(make_server: Callable[..., Server]) -> None:
    server = make_server()
    one, two = server.add_key("one"), server.add_key("two")
    server.start()
    owner, stranger = Client(server, key=one).open(), Client(server, key=two)
    server.restart()
    stranger.list_tools(session=owner.session).refused(404)
    assert stranger.delete(session=owner.session).status == 404
    assert owner.list_tools().result["tools"]


@requirement("H-43")
def test_s8_initialize_twice_on_one_connection_and_id(server: Server) -> None:
    client = Client(server)
    with server.connect() as connection:
        assert client.initialize(connection=connection).status == 200
        first = client.session
        assert client.initialize(connection=connection, session=first).status == 200
        assert client.initialize(connection=connection, session=UNKNOWN).status == 200
        assert client.session not in (None, UNKNOWN)
    assert client.list_tools().status == 200


def test_s9_four_handshakes_with_abandoned_streams(server: Server) -> None:
    for _ in range(4):
        client = Client(server)
        client.initialize()
        abandoned = client.listen()
        assert abandoned.head.status == 200
        assert client.initialized().status == 202
        assert client.list_tools().status == 200
        abandoned.connection.reset()
    eventually(lambda: server.total("streams_open") == 0, what="abandoned streams are let go")


@pytest.mark.timeout(90)
def test_s10_a_reconnect_storm_after_a_restart(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    old = [Client(server).open() for _ in range(50)]
    server.restart()
    fresh = [Client(server) for _ in range(50)]
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "storm", "version": "1"}}
    started = time.monotonic()
    storm = [c.begin("tools/list") for c in old] + [c.begin("initialize", params) for c in fresh]
    heads = [pending.head() for pending in storm]
    assert {head.status for head in heads} == {200}
    slowest = max(head.arrived for head in heads) - started
    assert slowest < 5, f"the slowest of 100 answers took {slowest:.2f} s"
    for client, pending in zip(fresh, storm[50:], strict=True):
        client.session = pending.head().get("mcp-session-id")
        assert pending.finish().result
        listening = client.listen()
        assert listening.head.status == 200
        listening.close()


def test_s11_equal_json_rpc_ids_at_once_in_four_sessions(server: Server) -> None:
    clients = [Client(server).open() for _ in range(4)]
    calls = [
        (ms, client.begin_call("sleep", {"ms": ms}, id=number))
        for base, client in enumerate(clients)
        for number in range(1, 9)
        for ms in [150 + 10 * number + base]
    ]
    for ms, call in calls:
        assert call.finish().text == f"slept {ms}"


@requirement("Q-20")
@pytest.mark.parametrize("accept", ["application/json, text/event-stream", "application/json"])
def test_s11_equal_json_rpc_ids_at_once_in_one_session(client: Client, accept: str) -> None:
    headers = {"Accept": accept}
    calls = [(ms, client.begin_call("sleep", {"ms": ms}, id=1, headers=headers)) for ms in range(190, 110, -10)]
    for ms, call in calls:
        assert call.finish().text == f"slept {ms}"


@requirement("Q-20", "M-06")
def test_s12_an_ambiguous_cancellation_cancels_nothing(client: Client) -> None:
    names = [gate(), gate()]
    calls = [client.begin_call("gate", {"name": name}, id=7) for name in names]
    for call in calls:
        call.head()
    for session in (client.session, None):
        assert client.notify("notifications/cancelled", {"requestId": 7}, session=session).status == 202
    for name in names:
        client.open_gate(name)
    for call in calls:
        assert call.finish().text is not None


@requirement("M-06", "Q-39")
@pytest.mark.parametrize("accept", ["application/json, text/event-stream", "application/json"])
@pytest.mark.parametrize("request_id", [7, "seven"])
def test_s13_a_cancelled_call_ends_with_an_error(client: Client, accept: str, request_id: int | str) -> None:
    call = client.begin_call("sleep", {"ms": 60_000}, id=request_id, headers={"Accept": accept})
    bystander = client.begin_call("sleep", {"ms": 300}, id=8)
    client.server.wait_in_flight(2)
    cancelled = client.notify("notifications/cancelled", {"requestId": request_id, "reason": "the user went away"})
    assert cancelled.status == 202
    assert call.finish().error["code"] == -32800
    assert bystander.finish().text == "slept 300"


def test_s13_a_cancellation_reaches_only_its_own_session_and_id_type(client: Client) -> None:
    other = Client(client.server).open()
    name = gate()
    call = client.begin_call("gate", {"name": name}, id=1)
    call.head()
    assert other.notify("notifications/cancelled", {"requestId": 1}).status == 202
    assert client.notify("notifications/cancelled", {"requestId": "1"}).status == 202
    assert client.notify("notifications/cancelled", {"requestId": 99}).status == 202
    assert client.notify("notifications/cancelled", {}).status == 202
    client.open_gate(name)
    assert call.finish().text is not None


@requirement("M-06")
def test_s13_a_late_cancellation_changes_nothing(client: Client) -> None:
    assert client.call("echo", {"text": "done"}, id=5).text == "done"
    assert client.notify("notifications/cancelled", {"requestId": 5}).status == 202
    assert client.call("echo", {"text": "again"}, id=5).text == "again"


@requirement("H-32", "H-39", "Q-38", "M-07")
def test_s14_notifications_at_any_time_are_accepted(server: Server) -> None:
    client = Client(server)
    assert client.initialized().status == 202
    client.open()
    for method in ("notifications/initialized", "notifications/of_our_own", "notifications/roots/list_changed"):
        answer = client.notify(method)
        assert answer.status == 202 and answer.body == b""
        assert answer.head.get("content-type") is None
    assert client.list_tools().status == 200


@requirement("H-32")
def test_s15_an_answer_to_nothing_is_accepted_and_ignored(client: Client) -> None:
    for message in (
        {"jsonrpc": "2.0", "id": 4711, "result": {}},
        {"jsonrpc": "2.0", "id": "nobody", "error": {"code": -1, "message": "no"}},
    ):
        answer = client.post(message)
        assert (answer.status, answer.body) == (202, b"")
    assert client.list_tools().status == 200


@pytest.mark.timeout(60)
def test_s16_a_deploy_in_the_middle_of_a_call(make_server: Callable[..., Server]) -> None:
    old = make_server(*FLAGS).start()
    client = Client(old).open()
    listening = client.listen()
    call = client.begin_call("sleep", {"ms": 2000})
    call.head()
    new = make_server(*FLAGS, home=old.home)
    new.output, new.errors = new.home / "stdout2", new.home / "stderr2"
    new.start()
    old.signal(signal.SIGTERM)
    moved = Client(new)
    moved.session, moved.negotiated = client.session, client.negotiated
    assert moved.call("echo", {"text": "over here"}).text == "over here"
    assert call.finish().text == "slept 2000"
    assert listening.stream is not None
    assert [event.retry for event in listening.stream.rest() if event.retry is not None]
    assert old.wait() == 0
    assert moved.call("echo", {"text": "still"}).text == "still"


def test_caps_an_idle_session_makes_room_and_comes_back_when_it_is_needed(make_server: Callable[..., Server]) -> None:
    server = make_server("--max-sessions", "3").start()
    clients = [Client(server).open() for _ in range(6)]
    assert server.total(SESSIONS, state="active") <= 3
    for number, client in enumerate(clients):
        assert client.call("echo", {"text": f"session {number}"}).text == f"session {number}"
    assert server.total(SESSIONS, state="active") <= 3
    assert server.total("evictions") >= 3


def test_caps_when_no_session_is_idle_a_new_one_is_refused(make_server: Callable[..., Server]) -> None:
    server = make_server("--max-sessions", "2", "--json-wait", "50ms").start()
    name = gate()
    busy = [Client(server).open() for _ in range(2)]
    calls = [client.begin_call("gate", {"name": name}) for client in busy]
    for call in calls:
        call.head()
    refused = Client(server).initialize().refused(503)
    assert int(refused.head.get("retry-after") or "") >= 1
    assert refused.head.get("mcp-session-id") is None
    assert [client.list_tools().status for client in busy] == [200, 200]
    busy[0].open_gate(name)
    for call in calls:
        assert call.finish().text is not None
    assert Client(server).open().list_tools().status == 200


def test_caps_in_flight_per_session(make_server: Callable[..., Server]) -> None:
    server = make_server("--max-in-flight-per-session", "4", "--json-wait", "50ms").start()
    client, other = Client(server).open(), Client(server).open()
    name = gate()
    calls = [client.begin_call("gate", {"name": name}) for _ in range(4)]
    for call in calls:
        call.head()
    refused = client.call("echo", {"text": "one too many"})
    assert refused.error
    assert refused.status in (200, 429, 503)
    if refused.status != 200:
        assert refused.head.get("retry-after")
    assert other.call("echo", {"text": "not affected"}).text == "not affected"
    client.open_gate(name)
    for call in calls:
        assert call.finish().text is not None
    assert client.call("echo", {"text": "room again"}).text == "room again"


@requirement("H-44", "Q-07")
def test_idle_expiry_ends_an_idle_session_and_says_so(make_server: Callable[..., Server]) -> None:
    server = make_server("--session-idle-expiry", "500ms").start()
    client = Client(server).open()
    server.wait_event("session.expired", timeout=8)
    client.list_tools().refused(404)
    assert client.list_tools(session=None).status == 200


@requirement("H-44", "Q-07")
def test_idle_expiry_spares_running_calls_and_open_streams(make_server: Callable[..., Server]) -> None:
    server = make_server("--session-idle-expiry", "500ms", "--json-wait", "50ms").start()
    calling, listening = Client(server).open(), Client(server).open()
    name = gate()
    call = calling.begin_call("gate", {"name": name})
    call.head()
    stream = listening.listen()
    idle = Client(server).open()
    time.sleep(1)  # paces: twice the expiry
    server.wait_event("session.expired", timeout=8)
    idle.list_tools().refused(404)
    assert listening.list_tools().status == 200
    stream.close()
    calling.open_gate(name)
    assert call.finish().text is not None


@requirement("H-40")
def test_every_response_of_a_session_repeats_its_id(client: Client) -> None:
    assert client.list_tools().head.get("mcp-session-id") == client.session
    assert client.list_tools(session=None).head.get("mcp-session-id") is None


@requirement("H-40", "S-10")
def test_session_ids_are_long_random_and_visible_ascii(server: Server) -> None:
    ids = {Client(server).open().session for _ in range(50)}
    assert len(ids) == 50
    for session in ids:
        assert session is not None and len(session) >= 22
        assert all(0x21 <= ord(character) <= 0x7E for character in session)


@requirement("H-40")
def test_a_refused_initialize_makes_no_session(server: Server) -> None:
    client = Client(server)
    answer = client.request("initialize", {"protocolVersion": 5}, session=None)
    assert answer.error["code"] == -32602
    assert answer.head.get("mcp-session-id") is None


@requirement("H-41", "Q-22")
def test_unknown_ids_get_404_whatever_they_look_like(client: Client) -> None:
    for odd in [UNKNOWN, "x", "x" * 4096, "\xe4\xf6\xfc", "' OR 1=1 --", "0" * 32]:
        client.list_tools(session=odd).refused(404)
        assert client.notify("notifications/initialized", session=odd).status == 404
