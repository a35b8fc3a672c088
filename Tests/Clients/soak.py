"""Mixed personas for long: `make soak MINUTES=60`. Memory, descriptors and threads must not grow, and nothing be lost.

Every ten seconds the server's own numbers are read; the slopes are those of the second half, by least squares. Exit
status 1 when something was lost, memory or threads grew by more than is allowed in an hour, or something is left when
everybody has gone.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import tempfile
import time
from pathlib import Path

from crowd import Crowd
from server import Server

PAGE = os.sysconf("SC_PAGE_SIZE")
# What may be gained in an hour.
GROWTH = {"memory (MiB)": 32.0, "threads": 4.0}
# What comes and goes with the load: how many more than at the start may be left when everybody has gone.
LEFT = {"descriptors": 10.0, "in flight": 0.0, "streams": 0.0}


def sample(server: Server) -> dict[str, float]:
    process = Path("/proc") / str(server.pid)
    return {
        "memory (MiB)": int((process / "statm").read_text().split()[1]) * PAGE / (1 << 20),
        "descriptors": len(os.listdir(process / "fd")),
        "threads": len(os.listdir(process / "task")),
        "in flight": server.in_flight(),
        "streams": server.total("holdfast_streams_open"),
        "sessions": server.total("holdfast_sessions$"),
    }


def slope(points: list[tuple[float, float]]) -> float:
    """By hour."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return 3600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def at_rest(server: Server, first: dict[str, float]) -> dict[str, float]:
    """Its numbers once everybody has gone; after ten seconds whatever they are."""
    until = time.monotonic() + 10
    while True:
        now = sample(server)
        if all(now[name] <= first[name] + more for name, more in LEFT.items()) or time.monotonic() > until:
            return now
        time.sleep(0.2)  # paces: one look


def soak(minutes: float, rate: float, home: Path, pause: float) -> int:
    # An hour's: the applications of the personas renew in the middle.
    with Crowd(home, "--log-level", "notice", "--oauth-access-lifetime", "60s") as crowd:
        server = crowd.server
        load = crowd.load(seconds=minutes * 60, rate=rate)
        samples: list[tuple[float, dict[str, float]]] = []
        while not load.is_over:
            samples.append((time.monotonic() - load.began, sample(server)))
            time.sleep(pause)  # paces: one sample
        print(load.report())
        assert not server.complaints(), server.complaints()[:5]
        second_half, first = samples[len(samples) // 2 :], samples[0][1]
        left = at_rest(server, first)
        failures = 0
        for name in [*GROWTH, *LEFT]:
            values = [value[name] for _, value in samples]
            grows = slope([(at, value[name]) for at, value in second_half])
            # In a run of minutes, an hour's slope is mostly noise: what counts is what was really gained.
            gained = grows * (second_half[-1][0] - second_half[0][0]) / 3600
            failures += gained > GROWTH[name] if name in GROWTH else left[name] > first[name] + LEFT[name]
            print(
                f"{name:<14} first {values[0]:.0f}, most {max(values):.0f}, last {values[-1]:.0f}, "
                f"afterwards {left[name]:.0f}; {grows:+.1f} an hour"
            )
        return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--every", type=float, default=10, help="seconds between samples")
    given = parser.parse_args()
    print(f"{datetime.date.today()}, {given.minutes:g} minutes at {given.rate:g} requests a second")
    with tempfile.TemporaryDirectory(prefix="holdfast-") as home:
        return 1 if soak(given.minutes, given.rate, Path(home), given.every) else 0


if __name__ == "__main__":
    sys.exit(main())
