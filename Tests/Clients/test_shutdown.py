"""SIGTERM and SIGINT: nothing new, everything owed, then the end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from conversation import BOTH, Client
from requirement import requirement
from server import Server, eventually

SIGNALS = [signal.SIGTERM, signal.SIGINT]


@requirement("Q-08")
@pytest.mark.parametrize("number", SIGNALS, ids=["SIGTERM", "SIGINT"])
def test_a_drain_refuses_what_is_new_and_finishes_what_runs(make_server: Callable[..., Server], number: int) -> None:
    server = make_server("--json-wait", "50ms").start()
    client = Client(server).open()
    listening = client.listen()
    streaming = client.begin_call("sleep", {"ms": 2500})
    plain = client.begin_call("sleep", {"ms": 2500}, headers={"Accept": "application/json"})
    alone = client.begin_call("sleep", {"ms": 2500}, session=None)
    progress = client.begin_call("stream", {"n": 20, "everyMs": 100}, token="p")
    assert streaming.head() and progress.head() and alone.head()
    server.wait_in_flight(4)
    assert server.fetch("/ready").status == 200
    server.signal(number)
    eventually(lambda: server.fetch("/ready").status == 503, 2, "/ready turns 503")
    assert server.fetch("/health").status == 200
    refused = Client(server).initialize().refused(503)
    assert refused.head.get("retry-after") == "1" and refused.head.get("mcp-session-id") is None
    single = client.call("echo", {"text": "late"}, session=None)
    assert single.status == 503 and single.head.get("retry-after") == "1"
    # A 404 would end the session in the client's eyes.
    late = client.call("echo", {"text": "late"})
    assert late.status == 200 or (late.status == 503 and late.head.get("retry-after") == "1")
    assert listening.stream is not None
    retries = [event.retry for event in listening.stream.rest() if event.retry is not None]
    assert retries and retries[0] > 0, "a GET stream ends after a hint when to come back"
    assert streaming.finish().text == plain.finish().text == alone.finish().text == "slept 2500"
    answer = progress.finish()
    assert answer.text == "streamed 20" and len(answer.progress()) == 20
    assert server.wait() == 0
    done = server.events("session.drain_completed")[-1]
    assert done.get("cause") == "shutdown" and int(done.get("failed")) == 0
    assert int(done.get("delivered")) == int(done.get("in_flight")) == 3
    server.start()
    assert client.call("echo", {"text": "the same session"}).text == "the same session"


@pytest.mark.parametrize("number", SIGNALS, ids=["SIGTERM", "SIGINT"])
def test_an_idle_server_ends_at_once_with_status_0(make_server: Callable[..., Server], number: int) -> None:
    server = make_server().start()
    client = Client(server).open()
    listening = client.listen()
    idle = server.connect()
    started = time.monotonic()
    server.signal(number)
    assert listening.stream is not None
    assert [event.retry for event in listening.stream.rest() if event.retry is not None]
    assert server.wait(5) == 0
    assert time.monotonic() - started < 5
    idle.close()


@requirement("Q-08", "Q-03")
def test_what_outlives_the_grace_gets_an_error_each(make_server: Callable[..., Server]) -> None:
    server = make_server("--json-wait", "50ms", "--shutdown-grace", "700ms").start()
    client = Client(server).open()
    calls = [
        client.begin_call("hang", headers={"Accept": BOTH}),
        client.begin_call("hang", headers={"Accept": "application/json"}),
        client.begin_call("hang", session=None),
        client.begin_call("sleep", {"ms": 60_000}),
    ]
    quick = client.begin_call("sleep", {"ms": 300})
    server.wait_in_flight(5)
    started = time.monotonic()
    server.signal(signal.SIGTERM)
    for call in calls:
        assert call.finish().error["code"] == -32603
    assert quick.finish().text == "slept 300"
    assert server.wait(5) == 0
    assert time.monotonic() - started < 5
    done = server.events("session.drain_completed")[-1]
    assert (done.get("cause"), int(done.get("delivered")), int(done.get("failed"))) == ("shutdown", 1, 3)


def test_a_grace_of_zero_answers_at_once(make_server: Callable[..., Server]) -> None:
    server = make_server("--shutdown-grace", "0s", "--json-wait", "50ms").start()
    call = Client(server).open().begin_call("hang")
    server.wait_in_flight(1)
    server.signal(signal.SIGTERM)
    assert call.finish().error["code"] == -32603
    assert server.wait(5) == 0


@pytest.mark.parametrize("second", SIGNALS, ids=["SIGTERM", "SIGINT"])
def test_a_second_signal_ends_at_once(make_server: Callable[..., Server], second: int) -> None:
    server = make_server("--shutdown-grace", "60s", "--json-wait", "50ms").start()
    call = Client(server).open().begin_call("hang")
    server.wait_in_flight(1)
    server.signal(signal.SIGTERM)
    eventually(lambda: server.fetch("/ready").status == 503, 2, "the drain has begun")
    server.signal(second)
    server.wait(3)
    call.connection.close()


def test_a_stalled_reader_does_not_hold_up_the_end(make_server: Callable[..., Server]) -> None:
    server = make_server("--shutdown-grace", "1s", "--write-timeout", "60s").start()
    client = Client(server).open()
    stalled = server.connect(receive_buffer=2048)
    headers = {"Accept": "application/json"}
    pending = client.begin_call("big", {"bytes": 16_000_000}, connection=stalled, headers=headers)
    assert pending.head().status == 200
    half = server.connect()
    half.send("POST", server.path, client.headers({"Content-Length": "1000"}).items(), b"{")
    server.signal(signal.SIGTERM)
    server.wait(10)
    stalled.close()
    half.close()


def test_a_reader_that_catches_up_before_the_end_loses_nothing(make_server: Callable[..., Server]) -> None:
    size = 16_000_000
    server = make_server("--shutdown-grace", "1s", "--shutdown-writing", "60s").start()
    slow = server.connect(receive_buffer=2048)
    pending = Client(server).open().begin_call(
        "big", {"bytes": size}, connection=slow, headers={"Accept": "application/json"}
    )
    assert pending.head().status == 200
    server.signal(signal.SIGTERM)
    server.wait_event("server.drained")
    assert len(pending.finish(timeout=30).text) == size
    assert server.wait(20) == 0


@pytest.mark.parametrize("writing", ["0s", "1s"])
def test_a_reader_that_does_not_is_waited_for_no_longer_than_was_said(
    make_server: Callable[..., Server], writing: str
) -> None:
    server = make_server("--shutdown-grace", "1s", "--shutdown-writing", writing, "--write-timeout", "60s").start()
    stalled = server.connect(receive_buffer=2048)
    pending = Client(server).open().begin_call(
        "big", {"bytes": 16_000_000}, connection=stalled, headers={"Accept": "application/json"}
    )
    assert pending.head().status == 200
    server.signal(signal.SIGTERM)
    server.wait(4)
    assert server.events("server.abandoned_work")
    stalled.close()


def test_restart_after_restart_keeps_sessions(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    client = Client(server).open()
    for _ in range(3):
        assert server.stop() == 0
        server.start()
        assert client.list_tools().result["tools"]
    assert client.delete().status == 200
    assert server.stop() == 0
    server.start()
    client.list_tools().refused(404)
    assert client.delete().status == 200, "a tombstone outlives a restart"
