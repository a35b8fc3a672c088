"""The recorded personas P1 to P9, all at once, against a server alone and as a front door, through nginx, over deploys."""

from __future__ import annotations

from pathlib import Path

import pytest

from crowd import Crowd
from requirement import requirement


@requirement("I-05")
@pytest.mark.timeout(120)
def test_all_personas_at_once_lose_nothing(tmp_path: Path) -> None:
    # So short that the applications must renew in the middle.
    with Crowd(tmp_path, "--log-level", "info", "--oauth-access-lifetime", "3s") as crowd:
        pid = crowd.server.pid
        report = crowd.run(seconds=10, rate=60)
        print(report)
        assert crowd.server.pid == pid
        for what in ("HTTP+SSE answered", "deleted", "left a stream", "renewed", "connected", "401", "429"):
            assert what in report, f"nobody came to {what}: {report}"
        crowd.check()


@requirement("I-05")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("behind", ["http", "stdio"])
def test_a_front_door_behind_nginx_loses_nothing_over_deploys(tmp_path: Path, behind: str) -> None:
    with Crowd(tmp_path, "--log-level", "info", behind=behind, nginx=True) as crowd:
        report = crowd.run(seconds=10, rate=40, every=3)
        print(report)
        assert "connected" in report and "renewed" in report
        crowd.check()
