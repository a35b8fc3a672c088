"""Event ids, priming, and streams that go on where they broke off (N7, H-35, H-60 to H-64)."""

from __future__ import annotations

import json
import random
import uuid

import pytest

from conversation import Client, Listening
from requirement import requirement
from server import Server
from wire import Event, Late

FLAGS = ["--json-wait", "100ms", "--keep-alive", "200ms"]


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


def changes(listening: Listening, timeout: float = 5) -> Event:
    """Waits for tools/list_changed on a GET stream."""
    event, message = listening.message(timeout)
    assert message == {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
    return event


@requirement("H-35", "Q-35")
@pytest.mark.parametrize(("version", "primed"), [("2025-11-25", True), ("2025-06-18", False), ("2025-03-26", False)])
def test_only_2025_11_25_is_primed(server: Server, version: str, primed: bool) -> None:
    client = Client(server, version).open()
    answer = client.call("stream", {"n": 3, "everyMs": 1}, token=1)
    empty = [event for event in answer.events if not event.data]
    if primed:
        assert answer.events[0].id and not answer.events[0].data
        assert len(empty) == 1
    else:
        assert not empty
    assert all(event.id for event in answer.events)


def test_without_a_session_there_are_no_event_ids(server: Server) -> None:
    answer = Client(server).call("stream", {"n": 3, "everyMs": 1}, token=1)
    assert answer.mode == "sse"
    assert not [event for event in answer.events if event.id or not event.data]


@requirement("H-60")
def test_event_ids_are_unique_in_the_session(client: Client) -> None:
    answers = [client.call("stream", {"n": 5, "everyMs": 1}, token=n) for n in range(5)]
    ids = [event.id for answer in answers for event in answer.events]
    assert len(ids) == len(set(ids)) >= 30


def resumed_events(client: Client, last: str) -> list[Event]:
    listening = client.listen(last_event_id=last)
    assert listening.head.status == 200 and listening.stream is not None
    events = [event for event in listening.stream.rest() if event.data]
    listening.close()
    return events


@requirement("H-61", "H-62")
def test_resume_gives_exactly_what_was_missed_once(server: Server) -> None:
    """A POST stream, cut after every possible number of events, for two versions of the protocol."""
    for version in ("2025-11-25", "2025-06-18"):
        client = Client(server, version).open()
        for cut in range(1, 8):
            name = f"{version} {cut}"
            call = client.begin_call("stream", {"n": 6, "everyMs": 20}, token=name, id=name)
            seen: list[Event] = []
            while len(seen) < cut:
                event = call.next_event()
                assert event is not None
                if event.data:
                    seen.append(event)
            last = seen[-1].id
            assert last
            call.connection.reset()
            messages = [json.loads(event.data or "") for event in [*seen, *resumed_events(client, last)]]
            assert [m["params"]["progress"] for m in messages[:-1]] == [1, 2, 3, 4, 5, 6]
            assert messages[-1]["id"] == name
            assert messages[-1]["result"]["content"][0]["text"] == "streamed 6"


def test_resume_after_the_priming_event_alone(client: Client) -> None:
    name = gate()
    call = client.begin_call("gate", {"name": name})
    primed = call.next_event()
    assert primed is not None and primed.id and not primed.data
    call.connection.reset()
    client.open_gate(name)
    client.server.wait_in_flight(0)
    (event,) = resumed_events(client, primed.id)
    assert "result" in json.loads(event.data or "")


def test_resume_of_a_finished_stream_may_be_repeated(client: Client) -> None:
    answer = client.call("stream", {"n": 4, "everyMs": 1}, token=1)
    events = [event for event in answer.events if event.data]
    for event, rest in ((events[0], 4), (events[3], 1), (events[0], 4)):
        assert event.id
        assert len(resumed_events(client, event.id)) == rest
    assert events[-1].id and resumed_events(client, events[-1].id) == []


@requirement("H-61")
def test_resume_of_the_get_stream_gives_the_changes_that_were_missed(client: Client) -> None:
    listening = client.listen()
    client.call("grow")
    last = changes(listening).id
    assert last
    listening.connection.reset()
    client.call("grow")
    again = client.listen(last_event_id=last)
    missed = changes(again)
    assert missed.id and missed.id != last
    with pytest.raises(Late):
        again.message(0.3)
    client.call("grow")
    changes(again)
    again.close()


@requirement("H-62")
def test_resume_by_two_at_once_the_newer_one_reads_on(client: Client) -> None:
    name = gate()
    call = client.begin_call("gate", {"name": name})
    primed = call.next_event()
    assert primed is not None and primed.id
    first = client.listen(last_event_id=primed.id)
    second = client.listen(last_event_id=primed.id)
    assert first.head.status == second.head.status == 200
    client.open_gate(name)
    _, message = second.message()
    assert "result" in message
    assert first.stream is not None and not [event for event in first.stream.rest() if event.data]
    for one in (first, second, call):
        one.connection.close()


@requirement("H-61", "H-62", "H-63", "H-64")
def test_resume_with_anothers_or_an_invented_event_id_is_refused(client: Client) -> None:
    answer = client.call("stream", {"n": 3, "everyMs": 1}, token=1)
    theirs = answer.events[1].id
    other = Client(client.server).open()
    for last in (theirs, "nonsense", "0", "-1", "x" * 5000, "ä"):
        status = other.listen(last_event_id=last).head.status
        assert status == 400, (last, status)
    assert client.listen(last_event_id="nonsense").head.status == 400
    assert other.list_tools().status == 200


def test_resume_random_cuts(client: Client) -> None:
    """Cut at a random moment, again and again, until the answer came: every message once, in order."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(8):
        call = client.begin_call("stream", {"n": 30, "everyMs": 5}, token="r")
        stream, connection, last = None, call.connection, ""
        messages = []
        if call.head().status == 200:
            stream = call.stream
        while not (messages and "result" in messages[-1]):
            assert stream is not None
            for _ in range(chance.randint(1, 12)):
                event = stream.next_event()
                if event is None:
                    break
                last = event.id or last
                if event.data:
                    messages.append(json.loads(event.data))
            connection.reset()
            if not (messages and "result" in messages[-1]):
                listening = client.listen(last_event_id=last)
                stream, connection = listening.stream, listening.connection
        assert [m["params"]["progress"] for m in messages[:-1]] == list(range(1, 31))
        assert messages[-1]["result"]["content"][0]["text"] == "streamed 30"
