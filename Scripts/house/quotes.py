"""Swift in Markdown that stands in no file which is compiled."""

import re
from collections.abc import Iterator

from house.tree import File

FENCE = re.compile(r"^\s*```(\w*)\s*$")


def unheard_of(files: list[File]) -> Iterator[tuple[str, int]]:
    compiled = ["\n".join(_bare(file.lines)) for file in files if file.path.endswith(".swift")]
    for file in files:
        if file.path.endswith(".md"):
            for number, block in _swift(file):
                quote = "\n".join(_bare(block))
                if not any(f"\n{quote}\n" in f"\n{text}\n" for text in compiled):
                    yield file.path, number


def _bare(lines: list[str]) -> list[str]:
    """Without indentation and empty lines, which are the article's own."""
    return [line.strip() for line in lines if line.strip()]


def _swift(file: File) -> Iterator[tuple[int, list[str]]]:
    language: str | None = None
    block: list[str] = []
    for number, line in enumerate(file.lines, 1):
        if not (fence := FENCE.match(line)):
            block.append(line)
        elif language is None:
            language, block = fence[1], []
        else:
            if language == "swift":
                yield number - len(block), block
            language = None
