"""Links in Markdown that lead nowhere."""

import posixpath
import re
from collections.abc import Iterator

from house.tree import File

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.IGNORECASE)


def broken(files: list[File]) -> Iterator[tuple[str, int, str]]:
    known = {file.path: file for file in files}
    folders = {posixpath.dirname(path) for path in known}
    folders |= {parent for folder in folders for parent in _parents(folder)}
    for file in files:
        if not file.path.endswith(".md"):
            continue
        for number, target in _targets(file):
            path, _, anchor = target.partition("#")
            where = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), path)) if path else file.path
            if where not in known and where not in folders:
                yield file.path, number, f"there is no {where}"
            elif anchor and where.endswith(".md") and where in known and anchor not in _anchors(known[where]):
                yield file.path, number, f"{where} has no heading #{anchor}"


def _targets(file: File) -> Iterator[tuple[int, str]]:
    for number, line in _prose(file):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)) + REFERENCE.findall(line):
            if not ELSEWHERE.match(target):
                yield number, target


def _prose(file: File) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, line in enumerate(file.lines, 1):
        if re.match(r"\s*(```|~~~)", line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _anchors(file: File) -> set[str]:
    anchors: set[str] = set()
    for _, line in _prose(file):
        if match := HEADING.match(line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).lower()
            anchor = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            count = 0
            while (name := f"{anchor}-{count}" if count else anchor) in anchors:
                count += 1
            anchors.add(name)
    return anchors


def _parents(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder or "."
