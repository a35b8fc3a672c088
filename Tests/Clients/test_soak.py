"""That the soak runs and sees what it should; `make soak` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

import soak
from requirement import requirement


@requirement("I-07")
@pytest.mark.timeout(120)
def test_a_short_soak_is_flat_and_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.soak(minutes=0.2, rate=60, home=tmp_path, pause=0.5) == 0
    assert "lost or wrong 0" in capsys.readouterr().out


def test_growth_is_seen() -> None:
    assert soak.slope([(0.0, 1.0), (1800.0, 2.0), (3600.0, 3.0)]) == pytest.approx(2.0)
    assert soak.slope([(0.0, 1.0), (1.0, 1.0)]) == 0
