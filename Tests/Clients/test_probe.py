"""The probe against healthy servers, Holdfast, the Python libraries, and what is no server at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from oauth import OPERATOR
from probing import Probed, checked, on_terminal, probe, probe_site
from requirement import requirement
from server import Server, free_port
from upstream import OLD, SESSION, Kind, Remote, python
from upstreams import faulty, faulty_sessions
from upstreams.healthy import ECHO, NOW, Healthy, Listener, Reply, Request, as_json
from upstreams.protected import TOKEN, Protected

Maker = Callable[..., Server]
pytestmark = pytest.mark.timeout(120)


# What is in order


@requirement("PR-02", "PR-03", "PR-13")
def test_a_healthy_server_is_clean_and_left_as_it_was() -> None:
    site = Healthy()
    probed = checked(probe_site(site))
    assert probed.status == 0 and probed.report["outcome"] == "clean", probed.grave
    assert set(probed.findings) == {"reach.private", "session.openai-return"}, probed.report["findings"]
    assert probed.seconds < 15
    assert not site.sessions, "sessions are left"
    race = probed.report["race"]
    assert race["rounds"] >= 12 and race["lost"] == race["hung"] == race["misrefused"] == 0


@requirement("PR-03")
def test_a_healthy_server_that_streams_is_clean() -> None:
    probed = checked(probe_site(faulty.with_(streaming=True)()))
    assert probed.status == 0, probed.grave


@requirement("PR-04")
@pytest.mark.parametrize("strict", [False, True])
def test_holdfast_is_clean(make_server: Maker, strict: bool) -> None:
    server = make_server(kind="product").start()
    probed = checked(probe(server.url, *(["--as", "strict"] if strict else [])))
    assert probed.status == 0 and set(probed.findings) == {"reach.private"}, probed.report["findings"]
    assert probed.seconds < 15
    assert probed.report["server"]["tools"] == 7


@requirement("PR-04", "PR-15")
def test_holdfast_with_keys_is_clean_for_who_has_one(make_server: Maker) -> None:
    server = make_server(kind="product")
    key = server.add_key("ada")
    server.start()
    probed = checked(probe(server.url, bearer=key))
    assert probed.status == 0, probed.grave
    assert key not in probed.output and key not in probed.errors
    assert probe(server.url, "--bearer", key, "--only", "tools").status == 0


@requirement("PR-04", "PR-15")
def test_holdfast_with_oauth_is_clean_before_and_after_signing_in(make_server: Maker) -> None:
    server = make_server(kind="oauth").start()
    probed = checked(probe(server.url))
    assert probed.status == 0 and set(probed.findings) == {"reach.private", "access.token-needed"}, probed.report
    probed = checked(probe(server.url, bearer=OPERATOR))
    assert probed.status == 0 and set(probed.findings) == {"reach.private"}, probed.report["findings"]
    assert OPERATOR not in probed.output + probed.errors


@requirement("PR-04")
def test_holdfast_in_front_of_another_server_is_clean(make_server: Maker) -> None:
    server = make_server("--", *OLD, "--stdio", kind="product").start()
    probed = checked(probe(server.url))
    assert probed.status == 0, probed.grave
    assert probed.report["race"]["lost"] == 0


# The Python libraries

PLAIN = {
    "mcp 1.21, stateful": (python("mcp121", "session_era.py"), []),
    "mcp 1.27, stateful": (python("mcp1", "session_era.py"), []),
    "mcp 2.x, stateful": (python("mcp2", "plain.py"), ["mcp"]),
    "mcp 2.x, stateless": (python("mcp2", "plain.py"), ["mcp", "--stateless"]),
    "FastMCP 4, stateful": (python("fastmcp", "plain.py"), ["fastmcp"]),
    "FastMCP 4, stateless": (python("fastmcp", "plain.py"), ["fastmcp", "--stateless"]),
    "mcp 2.x, per request": (python("mcp2", "per_request_era.py"), []),
}
SHARED_QUEUES = {"race.lost", "session.equal-ids"}
FOUND = {
    "mcp 1.21, stateful": {*SHARED_QUEUES, "session.unknown-id"},
    "mcp 1.27, stateful": SHARED_QUEUES,
    "mcp 2.x, stateful": SHARED_QUEUES,
    "mcp 2.x, stateless": set(),
    "FastMCP 4, stateful": SHARED_QUEUES,
    "FastMCP 4, stateless": set(),
    "mcp 2.x, per request": {"initialize.per-request-only"},
}


@pytest.fixture(scope="module")
def pythons(workplace: Path) -> Iterator[dict[str, Future[Probed]]]:
    """All of them are probed at the same time: most of it is waiting."""

    def one(name: str) -> Probed:
        command, more = PLAIN[name]
        remote = Remote(Kind(name, SESSION, "http", (*command, *more)), workplace / name.replace(" ", "-")).start()
        try:
            return probe(remote.url)
        finally:
            remote.kill()

    with ThreadPoolExecutor(3) as pool:
        yield {name: pool.submit(one, name) for name in PLAIN}


@requirement("PR-05")
@pytest.mark.parametrize("name", PLAIN)
def test_a_python_server_gets_what_is_true_of_it(name: str, pythons: dict[str, Future[Probed]]) -> None:
    probed = checked(pythons[name].result())
    assert set(probed.errors_found) == FOUND[name], probed.grave
    assert probed.status == (1 if FOUND[name] else 0)
    assert probed.seconds < 15


# How sessions are ended


@requirement("PR-19")
def test_sessions_end_as_real_clients_end_them() -> None:
    class Slow(faulty_sessions.Beginning):
        loses = False

    probed = checked(probe_site(Slow(), "--only", "race"))
    assert probed.status == 0, probed.grave
    race = probed.report["race"]
    assert race["rounds"] >= 12 and race["listening"] * 3 >= race["rounds"] - 3, race["listening"]
    rounds: dict[int, dict[str, dict[str, Any]]] = {}
    for request in race["requests"]:
        rounds.setdefault(request["round"], {})[request["role"]] = request
    for number, round in rounds.items():
        assert {"delete", "old-at-once", "new-at-once"} <= set(round), round
        assert ("stream" in round) == (number % 3 == 1), round
        running = round.get("list") or round["call"]
        if number % 6 == 1:
            # In the middle of an answer that has begun, and takes 50 ms.
            assert running["sentMs"] < 0 < 30 < running["endedMs"], running
        assert {"old-later", "new-later"} <= set(round) or number > 3
        for role in {"old-later", "new-later"} & set(round):
            assert round[role]["sentMs"] >= 2000, round[role]


# For whom


@requirement("PR-01")
def test_the_verdict_names_the_clients_that_break() -> None:
    probed = probe_site(faulty.get(lambda self, request: Reply(404))(), "--only", "stream")
    assert probed.report["verdict"].startswith("Tools will not appear in Claude Code and Cursor: ")
    probed = probe_site(faulty_sessions.racing(faulty.drop)(), "--only", "race")
    assert probed.report["verdict"].startswith("Tools or answers can get lost in Claude.ai, ")


@requirement("PR-01")
def test_one_client_is_judged_by_its_own_demands() -> None:
    site = faulty.get(lambda self, request: Reply(404))
    assert probe_site(site(), "--as", "claude-code", "--only", "stream").findings["stream.get"] == "error"
    assert probe_site(site(), "--as", "claude", "--only", "stream").findings["stream.get"] == "warning"
    site = faulty.on("notifications/initialized", lambda *_: Reply(200))
    assert probe_site(site(), "--as", "strict", "--only", "initialize").findings["initialize.initialized-status"] == "error"


def test_only_some_checks_run() -> None:
    probed = checked(probe_site(Healthy(), "--only", "tools", "reach.port"))
    assert {check["id"].split(".")[0] for check in probed.report["checks"]} == {"tools", "reach"}
    assert "race" not in probed.report


# What calls what, and who learns the token


class Counting(Healthy):
    def __init__(self) -> None:
        super().__init__()
        self.called: list[str] = []

    def tools(self) -> list[dict[str, Any]]:
        return [{**NOW, "name": "drop_tables", "annotations": {"title": "Drop"}}, ECHO, NOW]

    def call(self, request: Request, message: dict[str, Any], name: str) -> Reply:
        self.called.append(name)
        return super().call(request, message, name)


@requirement("PR-16")
def test_only_tools_that_change_nothing_are_called() -> None:
    site = Counting()
    assert probe_site(site).status == 0
    assert set(site.called) == {"now", "holdfast-probe-no-such-tool"}


@requirement("PR-16")
def test_aggressive_calls_what_needs_no_arguments() -> None:
    site = Counting()
    probe_site(site, "--aggressive", "--only", "result")
    assert "drop_tables" in site.called and "echo" not in site.called


@requirement("PR-15")
def test_the_token_goes_nowhere_else_and_is_not_repeated() -> None:
    heard: list[str] = []

    def listening(self: Healthy, request: Request) -> Reply:
        heard.append(request.headers.get("authorization", ""))
        return as_json({})

    with Listener(faulty.with_(serve=listening)()) as other:
        away = f"http://localhost:{other.server_address[1]}/mcp"
        site = faulty.everything(lambda: Reply(307, {"Location": away}))
        probed = probe_site(site(), bearer="very-secret")
        assert probed.errors_found == ["reach.redirect"] and not heard

        naming = type("Naming", (Protected,), {"resource": lambda self: {
            "resource": self.origin + self.path, "authorization_servers": [f"http://localhost:{other.server_address[1]}"],
        }})  # fmt: skip
        probe_site(naming(), bearer=TOKEN)
        assert heard and not any(heard), heard
    echo = faulty.on("initialize", lambda r, m: Reply(400, {}, r.headers.get("authorization", "").encode()))
    probed = probe_site(echo(), bearer="very-secret")
    assert "very-secret" not in probed.output and "(the token)" in probed.output, probed.output


def test_a_token_opens_what_is_protected() -> None:
    probed = checked(probe_site(Protected(), bearer=TOKEN))
    assert probed.status == 0, probed.grave
    probed = checked(probe_site(Protected()))
    assert probed.status == 0 and "access.token-needed" in probed.findings, probed.grave


# What is no server


@requirement("PR-02")
def test_where_nothing_answers_the_status_is_2() -> None:
    probed = checked(probe(f"http://127.0.0.1:{free_port()}/mcp"))
    assert (probed.status, probed.errors_found) == (2, ["reach.connect"])
    probed = checked(probe("http://no-such-host.invalid/mcp"))
    assert (probed.status, probed.errors_found) == (2, ["reach.address"])


@requirement("PR-02")
@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (["localhost:8080"], "http://localhost:8080"),
        (["mcp.example.com/mcp"], "https://mcp.example.com/mcp"),
        (["http://local host/mcp"], "local host"),
        (["ftp://localhost/mcp"], "ftp://"),
        (["http://me:secret@localhost/mcp"], "password"),
        (["http://localhost/mcp", "--as", "netscape"], "--as"),
        (["http://localhost/mcp", "--watch", "0"], "--watch"),
        (["http://localhost/mcp", "--only", "no.such"], "no.such"),
        (["http://localhost/mcp", "--bearer", "a b"], "token"),
        ([], "url"),
    ],
)
def test_a_bad_command_line_is_one_line(arguments: list[str], naming: str) -> None:
    probed = probe(arguments[0] if arguments else "--json", *arguments[1:], as_json=bool(arguments))
    lines = probed.errors.strip().splitlines()
    assert probed.status == 64 and len(lines) == 1, probed
    assert naming in lines[0] or not arguments
    assert "secret" not in lines[0]


# Reports


class Page(HTMLParser):
    VOID = {"meta", "line", "br"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag


@requirement("PR-01", "PR-14")
def test_the_page_stands_alone_and_shows_the_race(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    with Listener(faulty_sessions.racing(faulty.drop)()) as listener:
        probed = probe(listener.url, "--html", str(file), "--seed", "3", as_json=False)
    assert probed.output.startswith("Tools or answers can get lost in Claude.ai"), probed.output
    assert "seed 3" in probed.output and "\x1b" not in probed.output
    text = file.read_text()
    page = Page()
    page.feed(text)
    assert not page.open and not page.links and "script" not in page.seen
    assert "svg" in page.seen and 'class="lost"' in text and 'class="delete"' in text
    assert "@import" not in text and "url(" not in text
    assert "prefers-color-scheme:dark" in text and "width=device-width" in text


@requirement("PR-01")
def test_a_terminal_shows_what_is_done_then_the_verdict_in_lines_that_fit() -> None:
    with Listener(faulty_sessions.racing(faulty.drop)()) as listener:
        seen = on_terminal(listener.url, "--only", "race", columns=60)
    progress, _, report = seen.rpartition("\r\x1b[K")
    assert "Ending sessions while requests run" in progress
    assert report.startswith("\x1b[31mTools or answers can get lost in "), report
    lines = re.sub(r"\x1b\[\d*m", "", report).splitlines()
    assert max(len(line) for line in lines) <= 60, max(lines, key=len)
    assert "  check  race.lost" in lines


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with Listener(faulty.everything(lambda: Reply(404))()) as listener:
        probed = probe(listener.url, "--html", str(tmp_path / "no" / "place.html"), as_json=False)
    assert probed.status == 64 and "html: " in probed.errors, probed
