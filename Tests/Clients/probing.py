"""The probe as a process, and its reports."""

from __future__ import annotations

import fcntl
import json
import os
import struct
import subprocess
import termios
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema

from server import binary, clean_environment
from upstreams.healthy import Listener

ROOT = Path(__file__).parents[2]
LIMIT = 200.0
SCHEMA = json.loads((ROOT / "Docs" / "probe-report.schema.json").read_text())


@dataclass
class Probed:
    status: int
    output: str
    errors: str
    seconds: float

    @cached_property
    def report(self) -> dict[str, Any]:
        assert self.output.startswith("{"), (self.status, self.output[:500], self.errors[:500])
        return json.loads(self.output)

    @property
    def findings(self) -> dict[str, str]:
        """Weights by id."""
        return {finding["id"]: finding["weight"] for finding in self.report["findings"]}

    @property
    def errors_found(self) -> list[str]:
        return [id for id, weight in self.findings.items() if weight == "error"]

    @property
    def grave(self) -> dict[str, str]:
        """What has to be mended, and what was seen."""
        found = self.report["findings"]
        return {finding["id"]: finding["saw"] for finding in found if finding["weight"] != "note"}


def checked(probed: Probed) -> Probed:
    """Its report keeps to the schema."""
    jsonschema.validate(probed.report, SCHEMA)
    return probed


def probe(url: str, *arguments: str, bearer: str | None = None, as_json: bool = True) -> Probed:
    environment = clean_environment()
    if bearer is not None:
        environment["HOLDFAST_PROBE_BEARER"] = bearer
    command = [binary("HOLDFAST_BIN", "holdfast"), "probe", url, *(["--json", "-"] if as_json else []), *arguments]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, env=environment, check=False)
    return Probed(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def on_terminal(url: str, *arguments: str, columns: int) -> str:
    """What somebody at a terminal sees: both outputs, with colours."""
    near, far = os.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [binary("HOLDFAST_BIN", "holdfast"), "probe", url, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=far, stderr=far, env=clean_environment())
    os.close(far)
    seen = b""
    try:
        while piece := os.read(near, 65536):
            seen += piece
    except OSError:
        pass  # Linux says so when nobody has the other side any more.
    finally:
        os.close(near)
    process.wait(LIMIT)
    return seen.decode()


def probe_site(site: Any, *arguments: str, bearer: str | None = None) -> Probed:
    with Listener(site) as listener:
        return probe(listener.url, *arguments, bearer=bearer)


class Crowd:
    """Many probes at once: most of their time they wait."""

    def __init__(self, width: int = 10) -> None:
        self.pool = ThreadPoolExecutor(width)
        self.probes: dict[str, Future[Probed]] = {}

    def send(self, name: str, *arguments: Any, **options: Any) -> None:
        self.probes[name] = self.pool.submit(probe_site, *arguments, **options)

    def __getitem__(self, name: str) -> Probed:
        return self.probes[name].result(LIMIT)

    def dismiss(self) -> None:
        self.pool.shutdown(cancel_futures=True)
