"""A server process: started on a free port and a data directory of its own, watched, ended in every way there is."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from wire import Connection, Response

T = TypeVar("T")

ADDRESS = re.compile(rb"listens on http://([0-9.]+|\[[0-9a-fA-F:]+\]|localhost):(\d+)(/\S*)")
SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
IN_FLIGHT = r"in_?flight"
START_LIMIT = 20.0
BUILT = Path(__file__).parents[2] / ".build" / "debug"


def binary(variable: str, name: str) -> str:
    return os.environ.get(variable) or str(BUILT / name)


def clean_environment() -> dict[str, str]:
    """The environment without what the server would take for settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST_") and k != "PORT"}


def eventually(check: Callable[[], T], timeout: float = 5, what: str = "") -> T:
    """Polls until `check` gives something true, and returns it."""
    deadline = time.monotonic() + timeout
    while True:
        if found := check():
            return found
        assert time.monotonic() < deadline, f"not within {timeout} s: {what or check}"
        time.sleep(0.01)  # paces: polling an observable condition


@dataclass
class LogLine:
    raw: str
    fields: dict[str, Any]

    @property
    def level(self) -> str:
        return str(self.fields.get("level", "")).lower()

    @property
    def message(self) -> str:
        return str(self.fields.get("message", self.fields.get("msg", "")))

    def is_event(self, name: str) -> bool:
        return name in (self.message, self.fields.get("event"), self.get("event"))

    def get(self, name: str) -> Any:
        """A field, wherever the line keeps it: at the top or under `metadata`."""
        if name in self.fields:
            return self.fields[name]
        metadata = self.fields.get("metadata")
        return metadata.get(name) if isinstance(metadata, dict) else None


@dataclass(frozen=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


def parse_metrics(text: str) -> list[Sample]:
    """The Prometheus text format; a line that is not in it is an error."""
    samples = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        assert match, f"not a Prometheus sample: {line!r}"
        labels = dict(LABEL.findall(match[2] or ""))
        samples.append(Sample(match[1], labels, float(match[3])))
    return samples


class Server:
    """`fixture …` or `holdfast serve …`. Its output is kept in two files, over restarts too."""

    def __init__(self, command: list[str], home: Path, *flags: str, environment: dict[str, str] | None = None) -> None:
        self.command = command
        self.home = home
        self.data = home / "data"
        self.flags = list(flags)
        self.environment = environment or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.ending = False
        self.host = "127.0.0.1"
        self.port = 0
        self.path = "/mcp"
        self.key = flags[flags.index("--api-key") + 1] if "--api-key" in flags else None
        home.mkdir(parents=True, exist_ok=True)
        self.output = home / "stdout"
        self.errors = home / "stderr"

    @classmethod
    def fixture(cls, home: Path, *flags: str, **options: Any) -> Server:
        return cls([binary("FIXTURE_BIN", "fixture")], home, *flags, **options)

    @classmethod
    def product(cls, home: Path, *flags: str, **options: Any) -> Server:
        return cls([binary("HOLDFAST_BIN", "holdfast"), "serve"], home, *flags, **options)

    def add_key(self, name: str) -> str:
        """`holdfast keys create` on this server's data directory."""
        key = create_key(self.data, name)
        self.key = self.key or key
        return key

    # Life

    def _arguments(self) -> list[str]:
        flags = ["--port", str(self.port), "--data-dir", str(self.data)]
        if "--log-format" not in self.flags:
            flags += ["--log-format", "json"]
        if "--log-level" not in self.flags:
            flags += ["--log-level", "debug"]
        return [*flags, *self.flags]

    def spawn(self) -> None:
        """Starts the process without waiting for it to listen."""
        self.ending = False
        self.offsets = (self._size(self.output), self._size(self.errors))
        environment = clean_environment()
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [*self.command, *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={**environment, **self.environment},
                start_new_session=True,
            )

    def start(self) -> Server:
        self.spawn()
        match = eventually(self._announced, START_LIMIT, "the server prints where it listens")
        assert not isinstance(match, str), match
        self.port = int(match[2])
        self.path = match[3].decode().rstrip(".,;\"'")
        return self

    def _announced(self) -> re.Match[bytes] | str | None:
        assert self.process is not None
        status = self.process.poll()
        for file, offset in zip((self.output, self.errors), self.offsets, strict=True):
            text = file.read_bytes()[offset:]
            # A line that is still being written may hold half a port.
            text = text[: text.rfind(b"\n") + 1]
            if (match := ADDRESS.search(text)) and match[2] != b"0":
                return match
        return f"the server ended with status {status}:\n{self.tail()}" if status is not None else None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.ending = True
        self.process.send_signal(number)

    def wait(self, timeout: float = 10) -> int:
        assert self.process is not None
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server did not end within {timeout} s:\n{self.tail()}") from None
        self.process = None
        return status

    def stop(self, timeout: float = 15) -> int:
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self) -> None:
        """What a power failure or an out-of-memory killer does."""
        self.signal(signal.SIGKILL)
        self.wait()

    def restart(self) -> None:
        """kill -9, and a new process on the same port and data."""
        self.kill()
        self.start()

    def discard(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    # Talking

    @property
    def address(self) -> tuple[str, int]:
        return (self.host, self.port)

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}{self.path}"

    def connect(self, timeout: float = 10, receive_buffer: int | None = None) -> Connection:
        return Connection(self.address, timeout, receive_buffer)

    def fetch(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        with self.connect() as connection:
            return connection.request(method, path, {"Host": self.authority, **(headers or {})}.items(), body)

    # Seeing

    def metrics(self) -> list[Sample]:
        response = self.fetch("/metrics", headers={"Authorization": f"Bearer {self.key}"} if self.key else None)
        assert response.status == 200, response
        return parse_metrics(response.body.decode())

    def total(self, name: str, **labels: str) -> float:
        """The sum of every sample whose name matches the pattern and whose labels have these values."""
        return sum(
            sample.value
            for sample in self.metrics()
            if re.search(name, sample.name) and all(sample.labels.get(k) == v for k, v in labels.items())
        )

    def in_flight(self) -> int:
        return int(self.total(IN_FLIGHT))

    def wait_in_flight(self, count: int, timeout: float = 5) -> None:
        eventually(lambda: self.in_flight() == count, timeout, f"{count} requests in flight")

    @staticmethod
    def _size(file: Path) -> int:
        return file.stat().st_size if file.exists() else 0

    def text(self) -> str:
        return "".join(file.read_text(errors="replace") for file in (self.output, self.errors) if file.exists())

    def tail(self) -> str:
        return "\n".join(self.text().splitlines()[-15:])

    def log(self) -> list[LogLine]:
        """Every JSON line so far, whichever stream it went to."""
        lines = []
        for file in (self.output, self.errors):
            text = file.read_text(errors="replace") if file.exists() else ""
            for line in text[: text.rfind("\n") + 1].splitlines():
                if line.startswith("{"):
                    lines.append(LogLine(line, json.loads(line)))
        return lines

    def events(self, name: str) -> list[LogLine]:
        return [line for line in self.log() if line.is_event(name)]

    def wait_event(self, name: str, count: int = 1, timeout: float = 5) -> list[LogLine]:
        def enough() -> list[LogLine] | None:
            found = self.events(name)
            return found if len(found) >= count else None

        return eventually(enough, timeout, f"{count} × {name} in the log")

    def complaints(self) -> list[str]:
        """What no test may leave behind: error-level lines, and what the runtime prints when it dies."""
        bad = [line.raw for line in self.log() if line.level in ("error", "critical", "fatal")]
        marks = ("Fatal error", "Crash", "*** ", "Precondition failed", "SWIFT TASK CONTINUATION MISUSE")
        bad += [line for line in self.text().splitlines() if any(mark in line for mark in marks)]
        return bad


class Example(Server):
    """One of `Examples/`: it takes a port, listens on 127.0.0.1 at /mcp, and promises no more than that."""

    def __init__(self, name: str, home: Path, *flags: str) -> None:
        super().__init__([binary(f"{name.upper()}_BIN", name)], home, *flags)

    def _arguments(self) -> list[str]:
        return ["--port", str(self.port), *self.flags]

    def start(self) -> Server:
        self.port = self.port or free_port()
        self.spawn()
        assert eventually(self._listens, START_LIMIT, "the server listens") is True, self.tail()
        return self

    def _listens(self) -> bool | str:
        if not self.running:
            return "ended"
        try:
            self.connect(1).close()
            return True
        except OSError:
            return False

    def in_flight(self) -> int:
        """An example shows no metrics."""
        return 0


class InFront(Server):
    """Holdfast in front of an example, reached as `way` says: over HTTP, or on its standard input and output."""

    def __init__(self, name: str, way: str, home: Path) -> None:
        self.behind: Example | None = None
        program = [binary("HOLDFAST_BIN", "holdfast"), "serve"]
        if way == "stdio":
            flags = ["--", binary(f"{name.upper()}_BIN", name), "--stdio"]
        else:
            self.behind = Example(name, home / "behind")
            self.behind.start()
            flags = ["--upstream", self.behind.url]
        super().__init__(program, home, *flags)

    def discard(self) -> None:
        super().discard()
        if self.behind is not None:
            self.behind.discard()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_once(
    *command: str, timeout: float = 20, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command of the product to its end."""
    clean = clean_environment()
    return subprocess.run(
        [binary("HOLDFAST_BIN", "holdfast"), *command],
        capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
        env={**clean, **(environment or {})}, start_new_session=True,
    )  # fmt: skip


def create_key(data: Path, name: str) -> str:
    """`holdfast keys create`: the key is the one long word that it prints."""
    done = run_once("keys", "create", name, "--data-dir", str(data))
    assert done.returncode == 0, done
    words = [word.strip("\"'`.,") for word in done.stdout.split()]
    keys = [word for word in words if len(word) >= 24 and "/" not in word]
    assert len(keys) == 1, f"one key was expected in {done.stdout!r}"
    return keys[0]
