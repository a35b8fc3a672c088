"""DELETE against everything: the cases D1–D17."""

from __future__ import annotations

import itertools
import json
import subprocess
import time
import uuid
from collections.abc import Callable

import pytest

from conversation import Client
from requirement import requirement
from server import Server, eventually
from wire import Cut, Late

# Replies become streams soon: a response head then proves that the request was accepted.
FLAGS = ["--json-wait", "50ms", "--drain-grace", "5s"]
CLAUDE = "Claude-User"
OPENAI = "openai-mcp/1.0.0"
# The promise is 50 ms at the median, which the race measures; one sample on a busy machine may be slower.
AT_ONCE = 1.0


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


@requirement("H-41", "H-65", "H-66", "Q-01")
def test_d1_after_delete_the_id_is_404_and_a_new_handshake_is_served(client: Client) -> None:
    assert client.list_tools().result["tools"]
    started = time.monotonic()
    deleted = client.delete()
    assert time.monotonic() - started < AT_ONCE
    assert (deleted.status, deleted.body) == (200, b"")
    time.sleep(2)  # paces: the two seconds of the original report
    client.list_tools().refused(404)
    assert Client(client.server).open().list_tools().result["tools"]


def test_d2_delete_and_list_at_the_same_moment(server: Server) -> None:
    for _ in range(25):
        client = Client(server).open()
        deleting = client.begin_delete()
        listed = client.list_tools()
        with deleting:
            assert deleting.response("DELETE").status == 200
        if listed.status != 200:
            listed.refused(404)
        client.list_tools().refused(404)


def test_d3_a_request_without_an_id_is_served_after_the_delete(client: Client) -> None:
    assert client.delete().status == 200
    assert client.list_tools(session=None).result["tools"]


@requirement("H-43")
def test_d4_delete_and_at_once_a_new_session(client: Client) -> None:
    old = client.session
    deleting = client.begin_delete()
    again = Client(client.server).open()
    assert again.session != old
    assert again.list_tools().result["tools"]
    with deleting:
        assert deleting.response("DELETE").status == 200


def test_d5_deleting_the_old_session_leaves_the_new_one_alone(client: Client) -> None:
    new = Client(client.server).open()
    assert client.delete().status == 200
    assert new.list_tools().result["tools"]
    assert new.call("echo", {"text": "still here"}).text == "still here"


@requirement("H-67", "Q-02")
@pytest.mark.parametrize("accept", ["application/json, text/event-stream", "application/json"])
def test_d6_a_running_call_is_delivered_after_the_delete(server: Server, accept: str) -> None:
    client = Client(server, accept=accept).open()
    name = gate()
    call = client.begin_call("gate", {"name": name})
    if "event-stream" in accept:
        call.head()
    server.wait_in_flight(1)
    started = time.monotonic()
    assert client.delete().status == 200
    assert time.monotonic() - started < AT_ONCE
    client.list_tools().refused(404)
    Client(server).open_gate(name)
    assert call.finish().text is not None


@requirement("H-67", "Q-02", "Q-06")
def test_d6_several_calls_are_all_delivered(client: Client) -> None:
    names = [gate() for _ in range(8)]
    calls = [client.begin_call("gate", {"name": name}) for name in names]
    for call in calls:
        call.head()
    assert client.delete().status == 200
    for name in reversed(names):
        client.open_gate(name)
    for call in calls:
        assert call.finish().text is not None


@requirement("Q-02")
def test_d7_every_progress_event_and_the_answer_arrive_after_the_delete(client: Client) -> None:
    call = client.begin_call("stream", {"n": 10, "everyMs": 50}, token="d7")
    seen = 0
    while seen < 3:
        event = call.next_event()
        assert event is not None
        seen += bool(event.data)
    assert client.delete().status == 200
    answer = call.finish()
    assert [p["progress"] for p in answer.progress()] == list(range(1, 11))
    assert answer.text == "streamed 10"


@pytest.mark.timeout(90)
@pytest.mark.parametrize("first", ["DELETE", "tools/list"])
def test_d8_delete_and_list_written_together_500_times(server: Server, first: str) -> None:
    for _ in range(500):
        client = Client(server)
        assert client.initialize().status == 200
        deleter, lister = server.connect(), server.connect()
        body = json.dumps(client.message("tools/list")).encode()
        steps: list[Callable[[], None]] = [
            lambda: deleter.send("DELETE", server.path, client.headers({"Content-Type": None}).items()),
            lambda: lister.send("POST", server.path, client.headers().items(), body),
        ]
        for step in steps if first == "DELETE" else reversed(steps):
            step()
        with deleter, lister:
            assert deleter.response("DELETE").status == 200
            listed = lister.response()
        message = json.loads(listed.body)
        if listed.status == 200:
            assert message["result"]["tools"]
        else:
            assert listed.status == 404 and message["error"]


@requirement("H-66")
def test_d9_delete_may_be_repeated_and_ends_the_session_once(server: Server) -> None:
    client = Client(server).open()
    before = len(server.events("session.drain_completed"))
    first, second = client.begin_delete(), client.begin_delete()
    with first, second:
        assert [c.response("DELETE").status for c in (first, second)] == [200, 200]
    assert client.delete().status == 200
    server.wait_event("session.drain_completed", before + 1)
    # A second end would have been logged before this answer.
    assert Client(server).open().delete().status == 200
    server.wait_event("session.drain_completed", before + 2)
    assert len(server.events("session.drain_completed")) == before + 2


@requirement("H-66", "H-41")
def test_d10_odd_session_ids_in_a_delete(server: Server) -> None:
    client = Client(server)
    assert client.delete(session=None).status == 400
    assert client.delete(session="0123456789abcdef0123456789abcdef").status == 404
    for odd in ["", "x" * 4096, "\xe4\xf6\xfc", "a b", "../../etc/passwd", "%00", "'; DROP TABLE sessions; --"]:
        assert client.delete(session=odd).status in (400, 404), odd
    assert Client(server).open().list_tools().status == 200


@requirement("Q-05")
def test_d11_delete_ends_the_open_get_stream_in_order(client: Client) -> None:
    listening = client.listen()
    assert client.delete().status == 200
    assert listening.stream is not None
    # Cut would be raised here if the stream did not end with its last chunk.
    assert [event.data for event in listening.stream.rest() if event.data] == []
    client.call("echo", {"text": "late"}).refused(404)
    assert client.listen().head.status == 404


@requirement("Q-06")
def test_d12_the_client_hangs_up_before_its_delete_is_answered(server: Server) -> None:
    for abort in itertools.chain([True] * 10, [False] * 10):
        client = Client(server).open()
        deleting = client.begin_delete()
        deleting.reset() if abort else deleting.close()
        status = client.list_tools().status
        assert status in (200, 404)
        if not abort:
            # What was sent whole and then closed in order is carried out.
            eventually(lambda: client.list_tools().status == 404, what="the DELETE is carried out")


@pytest.mark.parametrize("agent", [OPENAI, CLAUDE])
def test_d13_a_client_known_to_call_on_a_deleted_id_is_served(server: Server, agent: str) -> None:
    client = Client(server, user_agent=agent).open()
    assert client.list_tools().status == 200
    quirks = server.total("quirk")
    assert client.delete().status == 200
    assert client.call("echo", {"text": "on a deleted id"}).text == "on a deleted id"
    assert server.total("quirk") == quirks + 1
    plain = Client(server).open()
    assert plain.delete().status == 200
    plain.call("echo", {"text": "no"}).refused(404)


def test_d13_an_unknown_id_is_404_for_that_client_too(server: Server) -> None:
    client = Client(server, user_agent=OPENAI)
    client.list_tools(session="0123456789abcdef0123456789abcdef").refused(404)


def test_d13_strict_serves_nobody_on_a_deleted_id(make_server: Callable[..., Server]) -> None:
    server = make_server("--strict").start()
    client = Client(server, user_agent=OPENAI).open()
    assert client.delete().status == 200
    client.call("echo", {"text": "no"}).refused(404)


@requirement("H-66", "S-10")
def test_d14_nobody_deletes_anothers_session(make_server: Callable[..., Server]) -> None:
    server = make_server(*FLAGS)
    one, two = server.add_key("one"), server.add_key("two")
    server.start()
    owner = Client(server, key=one).open()
    stranger = Client(server, key=two).open()
    name = gate()
    call = owner.begin_call("gate", {"name": name})
    call.head()
    foreign = stranger.delete(session=owner.session)
    unknown = stranger.delete(session="0123456789abcdef0123456789abcdef")
    assert foreign.status == unknown.status == 404
    assert foreign.body == unknown.body, "another's id and an unknown one get the same words"
    stranger.open_gate(name)
    assert call.finish().text is not None
    assert owner.list_tools().status == 200


def test_d15_delete_without_or_with_a_wrong_key_ends_nothing(make_server: Callable[..., Server]) -> None:
    server = make_server()
    key = server.add_key("only")
    server.start()
    client = Client(server, key=key).open()
    for wrong in [None, "Bearer not-a-key", f"Basic {key}"]:
        answer = client.delete(headers={"Authorization": wrong})
        assert answer.status == 401
        assert (answer.head.get("www-authenticate") or "").lower().startswith("bearer")
    assert client.list_tools().status == 200


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ({"Content-Length": "2", "Content-Type": "application/json"}, b"{}"),
        ({"Transfer-Encoding": "chunked"}, b"0\r\n\r\n"),
    ],
    ids=["a body", "an empty chunked body"],
)
def test_d16_a_delete_with_a_body_leaves_the_connection_usable(
    client: Client, framing: dict[str, str], body: bytes
) -> None:
    with client.server.connect() as connection:
        headers = client.headers({"Content-Type": None, **framing})
        assert connection.request("DELETE", client.server.path, headers.items(), body).status == 200
        assert client.list_tools(session=None, connection=connection).result["tools"]


def test_d17_delete_at_another_replica_lets_the_running_call_finish(make_server: Callable[..., Server]) -> None:
    first = make_server(*FLAGS).start()
    second = make_server(*FLAGS, home=first.home)
    second.output, second.errors = second.home / "stdout2", second.home / "stderr2"
    second.start()
    client = Client(first).open()
    name = gate()
    call = client.begin_call("gate", {"name": name})
    call.head()
    elsewhere = Client(second)
    assert elsewhere.delete(session=client.session).status == 200
    client.open_gate(name)
    assert call.finish().text is not None


@requirement("Q-03", "H-67")
def test_drain_what_outlives_the_grace_gets_an_error_each(make_server: Callable[..., Server]) -> None:
    """Promise 3: an honest error, as JSON and as a stream, then the end."""
    server = make_server("--json-wait", "50ms", "--drain-grace", "500ms").start()
    client = Client(server).open()
    streaming = [client.begin_call("hang") for _ in range(2)]
    plain = client.begin_call("hang", headers={"Accept": "application/json"})
    quick = client.begin_call("sleep", {"ms": 200})
    for call in streaming:
        assert call.head().media_type == "text/event-stream"
    server.wait_in_flight(4)
    assert client.delete().status == 200
    for call in [*streaming, plain]:
        assert call.finish().error["code"] == -32603
    assert quick.finish().text == "slept 200"
    done = server.wait_event("session.drain_completed")[-1]
    assert done.get("cause") == "delete"
    assert [int(done.get(name)) for name in ("in_flight", "delivered", "failed")] == [4, 1, 3]
    assert Client(server).call("release", session=None).status == 200


@requirement("H-61", "Q-02")
def test_drain_a_stream_that_is_owed_its_answer_may_be_resumed_during_the_grace(client: Client) -> None:
    name = gate()
    call = client.begin_call("gate", {"name": name})
    event = call.next_event()
    assert event is not None and event.id
    call.connection.close()
    assert client.delete().status == 200
    resumed = client.listen(last_event_id=event.id)
    assert resumed.head.status == 200
    client.open_gate(name)
    _, message = resumed.message()
    assert message["id"] == call.request_id and "result" in message
    assert resumed.stream is not None and resumed.stream.next_event() is None


def test_drain_a_delete_does_not_touch_other_sessions_streams(client: Client) -> None:
    """Promise 2: no request can close another's stream."""
    other = Client(client.server).open()
    listening = other.listen()
    call = other.begin_call("stream", {"n": 5, "everyMs": 20}, token=1)
    for _ in range(20):
        assert Client(client.server).open().delete().status == 200
    assert call.finish().text == "streamed 5"
    with pytest.raises(Late):
        listening.message(0.2)
    listening.close()


@requirement("Q-04")
def test_curl_deletes_and_posts_within_100_ms(client: Client) -> None:
    """The raw sequence of the original report, by a client that is not ours."""
    url, session = client.server.url, client.session
    name = gate()
    call = client.begin_call("gate", {"name": name})
    call.head()
    common = ["-sS", "-H", f"Mcp-Session-Id: {session}", "-H", "Accept: application/json, text/event-stream"]
    list_tools = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    post = ["-H", "Content-Type: application/json", "-d", list_tools, "-w", "\n%{http_code}", url]
    # One process, two transfers: the POST follows the DELETE at once, on the same connection.
    command = ["curl", *common, "-X", "DELETE", "-w", "%{http_code} %{time_total}\n", url, "--next", *common, *post]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    status, seconds = first.split()
    assert status == "200" and float(seconds) < AT_ONCE
    assert rest[-1] == "404"
    assert json.loads(rest[0])["error"]
    fresh = subprocess.run(
        ["curl", "-sS", "-H", "Accept: application/json", *post], capture_output=True, text=True, timeout=10
    )
    assert fresh.stdout.splitlines()[-1] == "200"
    client.open_gate(name)
    assert call.finish().text is not None


@requirement("Q-01")
def test_late_get_with_a_deleted_id_never_hangs(client: Client) -> None:
    assert client.delete().status == 200
    listening = client.listen()
    assert listening.head.status == 404
    with pytest.raises((Cut, Late)):
        listening.connection.read_head(0.1)
    listening.close()
