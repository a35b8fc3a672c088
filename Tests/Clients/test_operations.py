"""What an operator sees: health, readiness, metrics, and a log that says what happened and keeps secrets."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime

import pytest

from conversation import Client
from server import LogLine, Server, eventually, parse_metrics

FLAGS = ["--json-wait", "50ms", "--drain-grace", "5s"]
EVENT_FIELDS = {
    "session.opened": [],
    "session.drain_started": ["cause", "in_flight"],
    "session.drain_completed": ["cause", "in_flight", "delivered", "failed", "milliseconds"],
}


def gate() -> str:
    return f"gate-{uuid.uuid4().hex}"


def request_line(server: Server, correlation: str) -> LogLine:
    def found() -> LogLine | None:
        lines = [line for line in server.log() if line.get("correlation") == correlation and line.get("status")]
        assert len(lines) <= 1, "each request is one line"
        return lines[0] if lines else None

    return eventually(found, what=f"a log line for {correlation}")


# Health, readiness, metrics


def test_health_and_readiness(server: Server) -> None:
    for path in ("/health", "/ready"):
        response = server.fetch(path)
        assert response.status == 200
        assert json.loads(response.body)
        assert server.fetch(path, "HEAD").status == 200


def test_metrics_are_prometheus_text(client: Client) -> None:
    assert client.call("echo", {"text": "x"}).text == "x"
    response = client.server.fetch("/metrics")
    assert (response.get("content-type") or "").startswith("text/plain")
    text = response.body.decode()
    samples = parse_metrics(text)
    assert text.endswith("\n")
    keys = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in samples]
    assert len(keys) == len(set(keys)), "no sample comes twice"
    typed = set(re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram|summary)$", text, re.MULTILINE))
    for sample in samples:
        assert sample.name in typed or re.sub(r"_(bucket|sum|count|total)$", "", sample.name) in typed, sample


def test_metrics_tell_what_the_issue_asks_for(client: Client) -> None:
    server = client.server
    client.list_tools()
    listening = client.listen()
    call = client.begin_call("stream", {"n": 3, "everyMs": 1}, token=1)
    events = [call.next_event() for _ in range(2)]
    call.finish()
    assert events[1] is not None
    client.listen(last_event_id=events[1].id).close()
    listening.close()
    quirky = Client(server, user_agent="openai-mcp/1.0.0").open()
    quirky.delete()
    quirky.list_tools()
    samples = server.metrics()

    def labels(name: str) -> set[str]:
        return {label for sample in samples if re.search(name, sample.name) for label in sample.labels}

    assert {"era", "method", "outcome"} <= labels("requests_total")
    assert any(sample.name.endswith("_bucket") and "duration" in sample.name for sample in samples)
    assert server.total("requests_total", method="tools/list") > 0
    assert "state" in labels("^holdfast_sessions$")
    assert {"cause", "outcome"} <= labels("drains_total")
    names = ["in_flight", "drain_answers", "streams_open", "resumes", "quirks", "store_duration", "sessions_opened"]
    for name in names:
        assert [sample for sample in samples if name in sample.name], name


def test_metrics_count_a_drain(client: Client) -> None:
    server = client.server
    drains = server.total("drains_total", cause="delete")
    delivered = server.total("drain_answers", outcome="delivered")
    name = gate()
    calls = [client.begin_call("gate", {"name": name}) for _ in range(3)]
    for call in calls:
        call.head()
    assert client.delete().status == 200
    client.open_gate(name)
    for call in calls:
        call.finish()
    eventually(lambda: server.total("drains_total", cause="delete") == drains + 1, what="the drain is counted")
    assert server.total("drain_answers", outcome="delivered") == delivered + 3


def test_metrics_have_no_labels_that_a_client_can_invent(client: Client) -> None:
    before = len(client.server.metrics())
    for number in range(50):
        client.request(f"no/such/{number}")
        client.call(f"no_such_tool_{number}")
        client.list_tools(headers={"User-Agent": f"agent-{number}"})
        client.server.fetch(f"/no/such/{number}")
    after = client.server.metrics()
    assert len(after) < before + 60
    assert "no/such" not in str(after) and "agent-" not in str(after)


def test_a_hang_up_is_counted_and_no_warning(client: Client) -> None:
    hangups = client.server.total("hangups")
    call = client.begin_call("stream", {"n": 100, "everyMs": 10}, token=1)
    call.next_event()
    call.connection.reset()
    eventually(lambda: client.server.total("hangups") > hangups, what="the hang-up is counted")
    client.server.wait_in_flight(0)
    assert not [line.raw for line in client.server.log() if line.level in ("warning", "error", "critical")]


# Correlation


def test_a_correlation_id_that_is_well_formed_comes_back_and_is_logged(client: Client) -> None:
    mine = f"test-{uuid.uuid4()}"
    answer = client.list_tools(headers={"X-Correlation-ID": mine})
    assert answer.head.get("x-correlation-id") == mine
    line = request_line(client.server, mine)
    assert line.get("method") == "tools/list" and str(line.get("status")) == "200"


def test_a_trace_gives_the_correlation_id(client: Client) -> None:
    trace = uuid.uuid4().hex
    answer = client.list_tools(headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert trace in (answer.head.get("x-correlation-id") or "")
    assert request_line(client.server, answer.head.get("x-correlation-id") or "")


@pytest.mark.parametrize("bad", [None, "", "a b", 'x"}\\n', "x" * 1000, "\xe4", "${jndi:ldap://x}"])
def test_any_other_correlation_id_is_replaced(client: Client, bad: str | None) -> None:
    made = client.list_tools(headers={"X-Correlation-ID": bad}).head.get("x-correlation-id") or ""
    assert made and made != bad and re.fullmatch(r"[A-Za-z0-9._-]{1,128}", made)
    assert request_line(client.server, made)


def test_refusals_have_a_correlation_id_too(client: Client) -> None:
    mine = {"X-Correlation-ID": f"refused-{uuid.uuid4().hex}"}
    answers = [
        client.list_tools(headers=mine, session="unknown").head,
        client.post(b"{", headers=mine).head,
        client.list_tools(headers={**mine, "Origin": "https://evil.example"}).head,
        client.list_tools(headers={**mine, "Content-Type": "text/plain"}).head,
    ]
    assert [head.status for head in answers] == [404, 400, 403, 415]
    assert {head.get("x-correlation-id") for head in answers} == set(mine.values())


# The log


def test_every_log_line_is_one_json_object_with_time_level_and_message(client: Client) -> None:
    client.call("echo", {"text": 'line\nbreak "quote" \u2028'})
    client.request("no/such\nmethod")
    client.call("fail")
    lines = client.server.log()
    assert len(lines) > 3
    for line in lines:
        assert line.message and line.level in ("trace", "debug", "info", "notice", "warning")
        datetime.fromisoformat(str(line.get("time")).replace("Z", "+00:00"))
    noise = [text for text in client.server.errors.read_text().splitlines() if text and not text.startswith("{")]
    starts = [text for text in noise if "://" in text or "key" in text.lower() or "data" in text.lower()]
    assert len(noise) - len(starts) <= 4, f"besides the start there are only JSON lines: {noise}"


def test_the_life_of_a_session_is_told(client: Client) -> None:
    server = client.server
    name = gate()
    call = client.begin_call("gate", {"name": name})
    call.head()
    hang = client.begin_call("sleep", {"ms": 60_000})
    hang.head()
    assert client.notify("notifications/cancelled", {"requestId": hang.request_id}).status == 202
    assert hang.finish().error
    before = {event: len(server.events(event)) for event in EVENT_FIELDS}
    assert before["session.opened"] >= 1
    assert client.delete().status == 200
    started = server.wait_event("session.drain_started", before["session.drain_started"] + 1)[-1]
    assert started.get("cause") == "delete" and int(started.get("in_flight")) == 1
    client.open_gate(name)
    call.finish()
    completed = server.wait_event("session.drain_completed", before["session.drain_completed"] + 1)[-1]
    for event, line in (("session.drain_started", started), ("session.drain_completed", completed)):
        for field in EVENT_FIELDS[event]:
            assert line.get(field) is not None, (event, field)
    assert [int(completed.get(field)) for field in ("in_flight", "delivered", "failed")] == [1, 1, 0]
    assert float(completed.get("milliseconds")) >= 0
    opened = server.events("session.opened")[-1]
    assert opened.get("session") == started.get("session") == completed.get("session")


def test_restores_and_expiries_are_told(make_server: Callable[..., Server]) -> None:
    server = make_server("--session-idle-expiry", "4s").start()
    client = Client(server).open()
    server.restart()
    assert client.list_tools().status == 200
    assert len(server.wait_event("session.restored")) == 1
    assert server.total("restores") == 1
    server.wait_event("session.expired", timeout=16)
    completed = server.wait_event("session.drain_completed")[-1]
    assert completed.get("cause") == "idle"
    client.list_tools().refused(404)


@pytest.mark.parametrize("level", ["debug", "trace"])
def test_no_session_id_key_or_argument_is_ever_logged(make_server: Callable[..., Server], level: str) -> None:
    server = make_server("--log-level", level, "--json-wait", "50ms")
    key = server.add_key("someone")
    server.start()
    secret = f"secret{uuid.uuid4().hex}"
    wrong = f"wrong{uuid.uuid4().hex}"
    client = Client(server, key=key).open()
    client.call("echo", {"text": secret})
    client.call("echo", {secret: secret, "text": 5})
    client.call("log", {"level": "error", "text": secret})
    client.call("fail", {"text": secret})
    client.call(secret)
    client.request(f"{secret}/method")
    client.request("logging/setLevel", {"level": secret})
    client.post(f'{{"jsonrpc":"2.0","id":"{secret}","method":"ping", {secret}'.encode())
    client.request("ping", id=secret)
    client.notify("notifications/cancelled", {"requestId": secret, "reason": secret})
    client.list_tools(session=wrong)
    client.list_tools(headers={"Authorization": f"Bearer {wrong}"})
    client.listen(last_event_id=secret)
    listening = client.listen()
    dropped = client.begin_call("stream", {"n": 5, "everyMs": 50, secret: secret}, token=secret)
    dropped.next_event()
    dropped.connection.reset()
    server.wait_in_flight(0)
    assert client.delete().status == 200
    client.list_tools()
    listening.close()
    client.delete(session=wrong)
    assert server.stop() == 0
    text = server.text()
    assert "session.opened" in text
    for name, value in (("session id", client.session), ("key", key), ("argument", secret), ("wrong id or key", wrong)):
        assert value and value not in text, f"the log holds a {name}"
        assert value[-16:] not in text, f"the log holds the end of a {name}"
