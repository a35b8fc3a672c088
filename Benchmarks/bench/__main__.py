"""Measures every figure, prints a table of what was wanted and what was found, and says whether all were reached."""

import argparse
import datetime
import os
import pathlib
import platform
import re
import signal
import sys
import tempfile
from dataclasses import dataclass

from . import figures, server


@dataclass
class Binaries:
    holdfast: list
    fixture: list
    bare: list
    bareproxy: list
    child: list


def machine():
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    name = model[1] if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, Linux {platform.release()}"


def markdown(rows, plan):
    date = datetime.date.today().isoformat()
    lines = [
        f"Measured {date} on {machine()}; load average at the end {os.getloadavg()[0]:.1f}.", "",
        "| figure | wanted | measured | |", "|---|---|---|---|",
    ]
    lines += [f"| {f.name} | {f.wanted} | {f.measured} | {'PASS' if f.passed else 'FAIL'} |" for f in rows]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/run")
    parser.add_argument("--quick", action="store_true", help="a short run, less trustworthy")
    parser.add_argument("--only", metavar="NAME", choices=[f.__name__ for f in figures.ALL], help="one measurement")
    parser.add_argument("--markdown", metavar="FILE", type=pathlib.Path, help="write the table here as well")
    parser.add_argument("--holdfast", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--fixture", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bare", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bareproxy", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--child", required=True, help=argparse.SUPPRESS)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    plan = figures.Plan.quick() if given.quick else figures.Plan()
    plan.memories = int(os.environ.get("BENCH_MEMORIES", plan.memories))
    plan.rounds = int(os.environ.get("BENCH_ROUNDS", plan.rounds))
    binaries = Binaries(
        [given.holdfast, "serve"], [given.fixture], [given.bare, "PORT"], [given.bareproxy, "PORT"],
        [given.child])
    rows = []
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as directory:
        try:
            for measure in figures.ALL:
                if given.only in (None, measure.__name__):
                    print(f"{measure.__name__.replace('_', ' ')}:", flush=True)
                    rows += measure(binaries, directory, plan)
        finally:
            server.stop_all()
    table = markdown(rows, plan)
    print("\n" + table)
    if given.markdown:
        given.markdown.write_text(table)
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
