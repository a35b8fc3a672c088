"""The rules, one function each: from all files to what is wrong with them."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from house import links, quotes
from house import requirements as manifest
from house.tree import File

LONGEST = 400
MOST_UNCHECKED = 2


@dataclass(frozen=True)
class Finding:
    rule: str
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


Rule = Callable[[list[File]], Iterator[Finding]]


def findings(root: Path, files: list[File]) -> list[Finding]:
    found = [finding for rule in RULES for finding in rule(files)]
    return found + list(formatting(root, files))


# Size and names


def size(files: list[File]) -> Iterator[Finding]:
    for file in files:
        if file.is_code and len(file.lines) > LONGEST:
            yield Finding("size", file.path, LONGEST + 1, f"{len(file.lines)} lines; at most {LONGEST}")


EMPTY_WORDS = {"Utils", "Util", "Utilities", "Helper", "Helpers", "Common", "Manager", "Base", "Impl", "Legacy"}
TYPE = re.compile(r"\b(?:struct|class|enum|actor|protocol|typealias)\s+([A-Z]\w*)")


def names(files: list[File]) -> Iterator[Finding]:
    seen: set[str] = set()
    for file in files:
        parts = file.path.split("/")
        for depth, part in enumerate(parts):
            name = part.split(".")[0].split("+")[-1]
            whole = "/".join(parts[: depth + 1])
            if _last_word(name) in EMPTY_WORDS and whole not in seen:
                seen.add(whole)
                yield Finding("names", whole, 1, f"'{name}' says nothing about what it is")
        if file.path.endswith(".swift"):
            for number, line in enumerate(file.code, 1):
                for match in TYPE.finditer(line):
                    if _last_word(match[1]) in EMPTY_WORDS:
                        yield Finding("names", file.path, number, f"'{match[1]}' says nothing about what it is")


def _last_word(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+", name)
    return words[-1].capitalize() if words else ""


# Constructs

FORBIDDEN: list[tuple[str, str, tuple[str, ...]]] = [
    (r"\bTask\s*(<[^>]*>)?\s*(\([^)]*\))?\s*\{", "a task without a parent", ("Sources",)),
    (r"\bTask\s*\.\s*(detached|immediate\w*|init)\b", "a task without a parent", ("Sources",)),
    (r"\btry!", "try! ends the process", ("Sources", "Tests")),
    (r"\bfatalError\s*\(", "fatalError ends the process", ("Sources", "Tests")),
    (r"\bas!", "as! ends the process", ("Sources",)),
    (r"nonisolated\s*\(\s*unsafe\s*\)", "unchecked sharing", ("Sources", "Tests")),
]


def constructs(files: list[File]) -> Iterator[Finding]:
    for file in files:
        if not file.path.endswith(".swift"):
            continue
        for pattern, message, folders in FORBIDDEN:
            if file.within(*folders):
                for number in _matches(file.code, pattern):
                    yield Finding("constructs", file.path, number, message)


def unchecked(files: list[File]) -> Iterator[Finding]:
    count = 0
    for file in files:
        if not file.path.endswith(".swift"):
            continue
        for number in _matches(file.code, r"@unchecked\s+Sendable"):
            count += 1
            above = file.lines[number - 2].strip() if number > 1 else ""
            if not re.match(r"//\s*\S+", above):
                yield Finding("unchecked", file.path, number, "@unchecked Sendable without its reason on the line above")
            if count > MOST_UNCHECKED:
                yield Finding("unchecked", file.path, number, f"more than {MOST_UNCHECKED} @unchecked Sendable")


# Split so that this file keeps the rule that it states.
MARKS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def unfinished(files: list[File]) -> Iterator[Finding]:
    for file in filter(lambda file: file.is_code, files):
        for number, line in enumerate(file.lines, 1):
            if match := MARKS.search(line):
                yield Finding("unfinished", file.path, number, f"{match[0]}: do it or drop it")


# Tests

SLEEPS = {
    ".swift": re.compile(r"(?<!func )\b(?:u|nano)?sleep\s*\("),
    ".py": re.compile(r"\b(time|asyncio|anyio|trio)\.sleep\s*\(|^\s*from (time|asyncio|anyio) import .*\bsleep\b"),
}
PACED = re.compile(r"(#|//) paces: \S")


def sleeps(files: list[File]) -> Iterator[Finding]:
    for file in files:
        pattern = SLEEPS.get(Path(file.path).suffix)
        # The fixture is a program whose tools take their time.
        if pattern is None or not file.within("Tests") or file.within("Tests/Fixture"):
            continue
        code = file.code if file.path.endswith(".swift") else file.lines
        for number, line in enumerate(code, 1):
            if pattern.search(line) and not PACED.search(file.lines[number - 1]):
                yield Finding("sleeps", file.path, number, "a test that sleeps; wait for the thing, or say what it paces")


SKIPS = re.compile(
    r"\.disabled\s*\(|\bwithKnownIssue\b|\.enabled\s*\(\s*if\b|\bXCTSkip\w*"
    r"|\bpytest\.mark\.(skip|skipif|xfail)\b|\bpytest\.(skip|xfail|importorskip)\s*\(|\bunittest\.skip"
)


def skips(files: list[File]) -> Iterator[Finding]:
    for file in files:
        if file.within("Tests"):
            code = file.code if file.path.endswith(".swift") else file.lines
            for number, line in enumerate(code, 1):
                if SKIPS.search(line):
                    yield Finding("skips", file.path, number, "a test that is skipped or may fail")


# The house plan: what a target may not know

STRANGERS = {
    "MCPProtocol": r"(?!Foundation|Synchronization|Glibc|Musl|Darwin)\w+",
    "MCPEngine": r"JWTKit|MCPAuthorization|Hummingbird\w*|GRDB\w*|NIO\w*|HTTPTypes|AsyncHTTPClient|MCPHTTP|MCPStdio|MCPStorage|MCPUpstreams|Holdfast\w*",
    "MCPProbe": r"JWTKit|Hummingbird\w*|GRDB\w*|MCPEngine|MCPHTTP|MCPStdio|MCPStorage|MCPUpstreams|MCPAuthorization|Holdfast\w*",
    "MCPHTTP": r"JWTKit|MCPAuthorization|GRDB\w*|AsyncHTTPClient|MCPStdio|MCPStorage|MCPUpstreams|Holdfast\w*",
    "MCPStdio": r"JWTKit|MCPAuthorization|Hummingbird\w*|GRDB\w*|NIO\w*|HTTPTypes|AsyncHTTPClient|MCPHTTP|MCPStorage|MCPUpstreams|Holdfast\w*",
    "MCPStorage": r"JWTKit|MCPAuthorization|Hummingbird\w*|NIO\w*|AsyncHTTPClient|MCPHTTP|MCPStdio|MCPUpstreams|Holdfast\w*",
    "Holdfast": r"ArgumentParser|Configuration|HoldfastServer",
    "MCPAuthorization": r"Hummingbird\w*|GRDB\w*|MCPHTTP|MCPStdio|MCPStorage|MCPUpstreams|Holdfast\w*",
    "MCPUpstreams": r"JWTKit|MCPAuthorization|Hummingbird\w*|GRDB\w*|MCPHTTP|MCPStdio|MCPStorage|Holdfast\w*",
}
IMPORT = r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|func|protocol|var|let)\s+)?({})\b"


def imports(files: list[File]) -> Iterator[Finding]:
    for target, strangers in STRANGERS.items():
        pattern = re.compile(IMPORT.format(strangers))
        for file in files:
            if not file.within(f"Sources/{target}") or not file.path.endswith(".swift"):
                continue
            for number, line in enumerate(file.code, 1):
                if match := pattern.match(line):
                    yield Finding("imports", file.path, number, f"{target} must not know {match[1]}")


def _matches(lines: list[str], pattern: str) -> Iterator[int]:
    compiled = re.compile(pattern)
    return (number for number, line in enumerate(lines, 1) if compiled.search(line))


# Documents and format


def documents(files: list[File]) -> Iterator[Finding]:
    for path, number, message in links.broken(files):
        yield Finding("links", path, number, message)


def snippets(files: list[File]) -> Iterator[Finding]:
    for path, number in quotes.unheard_of(files):
        yield Finding("snippets", path, number, "no file that is compiled has this code")


def formatting(root: Path, files: list[File]) -> Iterator[Finding]:
    swift = [file.path for file in files if file.path.endswith(".swift")]
    if not swift:
        return
    done = subprocess.run(
        ["swift", "format", "lint", "--strict", "--parallel", *swift],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = set()
    for line in done.stderr.splitlines():
        if match := re.match(r"(.+?):(\d+):\d+: (?:warning|error): (.*)", line):
            found.add((match[1].removeprefix(f"{root}/"), int(match[2]), match[3]))
    for path, number, message in sorted(found):
        yield Finding("format", path, number, message)
    if done.returncode and not found:
        yield Finding("format", "swift format", 1, done.stderr.strip() or f"ended with {done.returncode}")


def requirements(files: list[File]) -> Iterator[Finding]:
    for path, line, problem in manifest.faults(files):
        yield Finding("requirements", path, line, problem)


RULES: list[Rule] = [size, names, constructs, unchecked, unfinished, sleeps, skips, imports, documents, snippets, requirements]
