"""The servers that stand behind Holdfast in the tests: which there are, how each is started, and what it offers."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server import binary, clean_environment, eventually, free_port

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "upstreams"
START_LIMIT = 60.0


@dataclass(frozen=True)
class Dialect:
    """What a server offers, in its own words: a call, and what its answer must hold."""

    tools: int
    echo: tuple[str, dict[str, Any], str]
    progress: tuple[str, dict[str, Any], int]
    slow: tuple[str, dict[str, Any]]
    # Says how many slow calls were cancelled; None where only the client can tell.
    cancelled: str | None
    ask: tuple[str, dict[str, Any], str]
    sample: tuple[str, dict[str, Any], str]
    watched: str
    # Changes what is watched; None where nothing does.
    touch: str | None
    prompt: tuple[str, dict[str, str], str]
    completion: tuple[str, str, str, list[str]]


SAMPLED = "This is a test response from the client"
PLAIN = Dialect(
    tools=9,
    echo=("echo", {"text": "hällo \u2028 1.0"}, "hällo \u2028 1.0"),
    progress=("count", {"steps": 4}, 4),
    slow=("slow", {"seconds": 60}),
    cancelled="cancelled",
    ask=("ask", {"question": "Who are you?"}, "Hello, Alice!"),
    sample=("sample", {"prompt": "Say something"}, f"It says: {SAMPLED}"),
    watched="note://now",
    touch="touch",
    prompt=("greet", {"name": "Ada"}, "Greet Ada."),
    completion=("greet", "name", "A", ["Ada", "Alan"]),
)
EVERYTHING = Dialect(
    tools=30,
    echo=("test_simple_text", {}, "This is a simple text response for testing."),
    progress=("test_tool_with_progress", {}, 3),
    slow=("slow_compute", {"seconds": 60, "label": "never"}),
    cancelled=None,
    ask=("test_elicitation", {"message": "Who are you?"}, "testuser"),
    sample=("test_sampling", {"prompt": "Say something"}, f"LLM response: {SAMPLED}"),
    watched="test://watched-resource",
    touch=None,
    prompt=("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"}, "arg1='a', arg2='b'"),
    completion=("test_prompt_with_arguments", "arg1", "testi", ["testing"]),
)


@dataclass(frozen=True)
class Kind:
    name: str
    eras: frozenset[str]
    transport: str
    command: tuple[str, ...]
    dialect: Dialect = field(repr=False, default=PLAIN)

    @property
    def stdio(self) -> list[str]:
        return [*self.command, "--stdio"]


def python(environment: str, source: str) -> tuple[str, ...]:
    """`HOLDFAST_TEST_VENVS` names another place of the virtual environments."""
    place = Path(os.environ.get("HOLDFAST_TEST_VENVS", ROOT / ".venv"))
    return (str(place / environment / "bin" / "python"), str(SOURCES / source))


SESSION, PER_REQUEST = frozenset({"session"}), frozenset({"per-request"})
OLD = python("mcp1", "session_era.py")
NEW = python("mcp2", "per_request_era.py")
OURS = (binary("EVERYTHING_BIN", "everything"),)
KINDS = {
    kind.name: kind
    for kind in [
        Kind("python 1.27, stdio", SESSION, "stdio", OLD),
        Kind("python 1.27, HTTP stateful", SESSION, "http", OLD),
        Kind("python 1.21, HTTP stateful", SESSION, "http", python("mcp121", "session_era.py")),
        Kind("python 2.x, HTTP per-request", PER_REQUEST, "http", NEW),
        Kind("everything, stdio", SESSION | PER_REQUEST, "stdio", OURS, EVERYTHING),
        Kind("everything, HTTP", SESSION | PER_REQUEST, "http", OURS, EVERYTHING),
    ]
}


class Remote:
    """One of them over HTTP, in a process of its own whose output is kept."""

    def __init__(self, kind: Kind, home: Path, port: int = 0) -> None:
        self.kind = kind
        self.port = port or free_port()
        home.mkdir(parents=True, exist_ok=True)
        self.log = home / "upstream.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def spawn(self) -> Remote:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.kind.command, "--port", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**clean_environment(), "PYTHONUNBUFFERED": "1"}, start_new_session=True,
            )  # fmt: skip
        return self

    def start(self) -> Remote:
        self.spawn()
        eventually(self._listens, START_LIMIT, f"{self.kind.name} listens")
        return self

    def _listens(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.text()
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
