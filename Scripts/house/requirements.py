"""The manifest of requirements against the tests that name them."""

import ast
import re
from collections.abc import Iterator

from house.tree import File

MANIFEST = "Tests/requirements.txt"
LINE = re.compile(r"(\S+) {2,}(\S.*)")
TRAIT = re.compile(r"\.requirement\(((?:\s*\"[^\"]*\"\s*,?)+)\)")
TEXT = re.compile(r'"([^"]*)"')

Place = tuple[str, int]


def manifest(files: list[File]) -> tuple[dict[str, tuple[int, str]], list[tuple[int, str]]]:
    """Every id with its line and its text, and the lines that are wrong."""
    known: dict[str, tuple[int, str]] = {}
    wrong: list[tuple[int, str]] = []
    for file in files:
        if file.path != MANIFEST:
            continue
        for number, line in enumerate(file.lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            match = LINE.fullmatch(line)
            if match is None:
                wrong.append((number, "not an id, two blanks and a text"))
            elif match[1] in known:
                wrong.append((number, f"{match[1]} is there twice"))
            else:
                known[match[1]] = (number, match[2])
    return known, wrong


def named(files: list[File]) -> Iterator[tuple[str, Place]]:
    """Every id that a test names, and where."""
    for file in files:
        if not file.within("Tests"):
            continue
        if file.path.endswith(".swift"):
            for match in TRAIT.finditer(file.text):
                line = file.text.count("\n", 0, match.start()) + 1
                yield from ((id, (file.path, line)) for id in TEXT.findall(match[1]))
        elif file.path.endswith(".py") and "requirement(" in file.text:
            yield from _named_in_python(file)


def _named_in_python(file: File) -> Iterator[tuple[str, Place]]:
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "requirement":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value, (file.path, argument.lineno)


def faults(files: list[File]) -> Iterator[tuple[str, int, str]]:
    """Path, line and what is wrong: a requirement without a test, or a test of no known requirement."""
    known, wrong = manifest(files)
    for number, problem in wrong:
        yield MANIFEST, number, problem
    tested = set()
    for id, (path, line) in named(files):
        tested.add(id)
        if id not in known:
            yield path, line, f"{id} is not in {MANIFEST}"
    for id, (number, _) in known.items():
        if id not in tested:
            yield MANIFEST, number, f"no test proves {id}"
