"""The files that the rules are about."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

from house import swift

FOLDERS = ("Sources", "Tests", "Benchmarks", "Examples", "Scripts", "Docs", ".ci")
PASSED_OVER = {"__pycache__"}


@dataclass
class File:
    path: str  # from the root, with slashes
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def is_code(self) -> bool:
        return self.path.endswith((".swift", ".py", ".sh")) or self.path.startswith("Scripts/")

    @cached_property
    def code(self) -> list[str]:
        """The lines without what stands in comments and literals; only for Swift."""
        return swift.blanked(self.text).splitlines()

    def within(self, *folders: str) -> bool:
        return self.path.startswith(tuple(f"{folder}/" for folder in folders))


def read(root: Path) -> list[File]:
    found = [path for path in root.glob("*") if path.is_file()]
    for folder in FOLDERS:
        for place, folders, names in os.walk(root / folder):
            folders[:] = sorted(f for f in folders if f not in PASSED_OVER and not f.startswith("."))
            found += [Path(place) / name for name in names]
    files = []
    for path in sorted(found):
        try:
            files.append(File(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return files


def summary(files: list[File]) -> str:
    sizes = {file.path: len(file.lines) for file in files if file.path.endswith(".swift")}
    if not sizes:
        return "no Swift files"
    longest = max(sizes, key=lambda path: sizes[path])
    return (
        f"{len(sizes)} Swift files: median {median(sizes.values()):.0f} lines, "
        f"longest {sizes[longest]} ({longest})"
    )
