"""Plants each fault in a small tree of its own and expects the rule to find it, there and nowhere else."""

import shutil
import tempfile
from pathlib import Path

from house import rules, tree

MARK = "TO" + "DO"

CLEAN = {
    "README.md": "# Title\n\n## A part\n\n[one](Docs/One.md), [part](#a-part), [out](https://example.com/x), `[no](x)`\n",
    "Docs/One.md": "# One\n\n[up](../README.md#a-part)\n\n```\n[not a link](nowhere.md)\n```\n\n```swift\nstruct Base64Session {}\n```\n",
    "Sources/MCPEngine/Session/Session.swift": (
        "import Logging\nimport MCPProtocol\n\n"
        "// A Task { } in a comment, or try! for that matter.\n"
        'let text = "Task { } try! fatalError( \\(text("Task {")) import GRDB"\n\n'
        "struct Base64Session {}\n"
    ),
    "Sources/MCPHTTP/Endpoint.swift": "import Hummingbird\nimport MCPEngine\n",
    "Sources/MCPStorage/Store.swift": (
        "import GRDB\n\n// The handle is used under the lock only.\nfinal class Store: @unchecked Sendable {}\n"
    ),
    "Tests/MCPEngineTests/SessionTests.swift": (
        "import Testing\n\n@Test func aTestWaits() async {\n"
        "    await pause.sleep(for: second)  // paces: the client under test\n}\n"
    ),
    "Tests/Fixture/main.swift": "try await Task.sleep(for: .seconds(1))\n",
    "Tests/Clients/test_one.py": (
        "import time\n\ntime.sleep(0.1)  # paces: polling\n\n\n@requirement(\"P-1\")\ndef test_one(): ...\n"
    ),
    "Tests/MCPEngineTests/ProofTests.swift": '@Test(.requirement("P-2"), .timeLimit(.minutes(1))) func x() {}\n',
    "Tests/requirements.txt": "# What the tests prove.\n\nP-1  One\nP-2  Two\n",
}

ENGINE = "Sources/MCPEngine/Planted.swift"
TEST = "Tests/MCPEngineTests/PlantedTests.swift"
PYTHON = "Tests/Clients/test_planted.py"

# rule, path, text
FAULTS: list[tuple[str, str, str]] = [
    ("size", ENGINE, "let x = 1\n" * 401),
    ("size", PYTHON, "x = 1\n" * 401),
    *[("names", f"Sources/MCPEngine/{name}.swift", "let x = 1\n") for name in ("Utils", "StringHelpers", "SessionManager")],
    ("names", "Sources/MCPEngine/Common/Thing.swift", "let x = 1\n"),
    ("names", "Tests/Clients/helpers.py", "x = 1\n"),
    ("names", ENGINE, "struct StoreBase {}\n"),
    ("names", ENGINE, "protocol LegacyImpl {}\n"),
    ("constructs", ENGINE, "let x = Task { 1 }\n"),
    ("constructs", ENGINE, "let x = Task<Int, Never>(priority: .low) { 1 }\n"),
    ("constructs", ENGINE, "let x = Task.detached { 1 }\n"),
    ("constructs", ENGINE, "let x = try! f()\n"),
    ("constructs", TEST, "let x = try! f()\n"),
    ("constructs", ENGINE, "let x = y as! Int\n"),
    ("constructs", ENGINE, 'func f() { fatalError("no") }\n'),
    ("constructs", ENGINE, "nonisolated(unsafe) var x = 1\n"),
    ("constructs", ENGINE, 'let s = """\n    text\n    """\nlet x = try! f()\n'),
    ("unchecked", ENGINE, "final class A: @unchecked Sendable {}\n"),
    ("unchecked", ENGINE, "// One.\nfinal class A: @unchecked Sendable {}\n// Two.\nfinal class B: @unchecked Sendable {}\n"),
    ("unfinished", ENGINE, f"// {MARK}: later\n"),
    ("unfinished", PYTHON, "# FIX" + "ME\n"),
    ("sleeps", TEST, "func f() async { await Task.sleep(for: .seconds(1)) }\n"),
    ("sleeps", TEST, "func f() { usleep(1) }\n"),
    ("sleeps", PYTHON, "import time\n\ntime.sleep(1)\n"),
    ("sleeps", PYTHON, "import asyncio\n\nawait asyncio.sleep(1)  # a moment\n"),
    ("sleeps", PYTHON, "from time import monotonic, sleep\n"),
    ("skips", TEST, '@Test(.disabled("flaky")) func x() {}\n'),
    ("skips", TEST, "@Test(.enabled(if: isFast)) func x() {}\n"),
    ("skips", TEST, 'func x() { withKnownIssue("no") {} }\n'),
    ("skips", PYTHON, "@pytest.mark.skip\ndef test_x(): ...\n"),
    ("skips", PYTHON, "@pytest.mark.xfail(reason='no')\ndef test_x(): ...\n"),
    ("skips", PYTHON, "pytest.skip('no')\n"),
    ("imports", ENGINE, "import Hummingbird\n"),
    ("imports", ENGINE, "package import GRDB\n"),
    ("imports", ENGINE, "@preconcurrency import NIOCore\n"),
    ("imports", ENGINE, "@testable import struct MCPHTTP.Endpoint\n"),
    ("imports", "Sources/MCPHTTP/Planted.swift", "import MCPStorage\n"),
    ("imports", "Sources/MCPStorage/Planted.swift", "import MCPHTTP\n"),
    ("imports", "Sources/MCPProtocol/Planted.swift", "import Logging\n"),
    ("links", "Docs/Two.md", "[gone](Gone.md)\n"),
    ("links", "Docs/Two.md", "[gone](One.md#nothing)\n"),
    ("links", "Docs/Two.md", "see [it]\n\n[it]: ../Gone.md\n"),
    ("links", "CHANGELOG.md", "![picture](Docs/picture.png)\n"),
    ("snippets", "Docs/Two.md", "```swift\nstruct Base64 {}\n```\n"),
    ("snippets", "Docs/Two.md", "- a\n\n  ```swift\n  import GRDB\n  struct Base64Session {}\n  ```\n"),
    ("requirements", TEST, '@Test(.requirement("P-1", "P-9")) func x() {}\n'),
    ("requirements", PYTHON, '@requirement("P-3")\ndef test_x(): ...\n'),
    ("requirements", "Tests/requirements.txt", "P-1  One\nP-2  Two\nP-3  Three\n"),
    ("requirements", "Tests/requirements.txt", "P-1  One\nP-1  One\nP-2  Two\n"),
    ("requirements", "Tests/requirements.txt", "P-1  One\nP-2\n"),
    ("format", ENGINE, "struct X{ \n  let x=1 }\n"),
]


def run() -> int:
    config = Path(__file__).resolve().parents[2] / ".swift-format"
    failures = _judge(config, "the clean tree", None, [])
    for rule, path, text in FAULTS:
        failures += _judge(config, f"{rule} in {path}: {text.splitlines()[0]!r}", (path, text), [rule])
    silent = {finding for finding in _rule_names()} - {rule for rule, _, _ in FAULTS}
    failures += [f"no fault is planted for the rule {rule}" for rule in sorted(silent)]
    for failure in failures:
        print(failure)
    print(f"house rules, self-test: {len(FAULTS)} faults planted, {len(failures)} failures")
    return 1 if failures else 0


def _rule_names() -> set[str]:
    renamed = {"documents": "links", "formatting": "format"}
    return {renamed.get(rule.__name__, rule.__name__) for rule in [*rules.RULES, rules.formatting]}


def _judge(config: Path, what: str, planted: tuple[str, str] | None, expected: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        shutil.copy(config, root)
        for path, text in [*CLEAN.items(), *([planted] if planted else [])]:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        found = rules.findings(root, tree.read(root))
    # A planted line need not be well formatted, unless that is the fault.
    if expected != ["format"]:
        found = [finding for finding in found if finding.rule != "format" or planted is None]
    if sorted({finding.rule for finding in found}) != expected:
        return [f"{what}: expected {expected or 'nothing'}, found {[str(finding) for finding in found] or 'nothing'}"]
    return []
