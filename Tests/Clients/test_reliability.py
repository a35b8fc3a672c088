"""Small runs of what `Tests/Clients/reliability` does at length."""

from __future__ import annotations

from pathlib import Path

import pytest

import reliability
from requirement import requirement


@requirement("I-03")
@pytest.mark.timeout(180)
def test_a_delete_beside_a_request_loses_nothing_but_at_the_server_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reliability.race(150, 7, tmp_path) == 0
    alone, front, holdfast = capsys.readouterr().out.splitlines()
    # Or else the race is none.
    assert "mcp 1.21.2, alone" in alone and " 0 lost" not in alone
    assert "150 raced, 0 lost" in front and "150 raced, 0 lost" in holdfast


@requirement("I-04")
@pytest.mark.timeout(120)
def test_every_session_is_there_after_a_kill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # A second is promised of a release build; this is none, and shares its machine with other tests.
    assert reliability.restart(300, 7, tmp_path, within=10) == 0
    assert "300 usable" in capsys.readouterr().out
