import FoundationEssentials
import MCPProbe
import MCPTesting
import Testing

@Suite struct CheckListTests {
    private static func document(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Docs/\(name)"), encoding: .utf8)
    }

    @Test(.requirement("PR-12")) func everyCheckIsDocumentedAndNoOther() throws {
        let page = try Self.document("Probe.md")
        let begin = try #require(page.firstRange(of: "## Checks\n"))
        #expect(page[begin.lowerBound...] == CheckPage.markdown, "make docs writes it anew")
        #expect(CheckList.all.allSatisfy { CheckPage.markdown.contains("**`\($0.id)`**") })
    }

    @Test func everyIDIsThereOnce() {
        #expect(Set(CheckList.all.map(\.id)).count == CheckList.all.count)
    }

    @Test func everyCauseIsACheckAndNoneIsItsOwn() {
        for check in CheckList.all {
            for cause in check.causes {
                #expect(CheckList.byID[cause] != nil, "\(check.id) has the cause \(cause)")
                #expect(cause != check.id)
            }
        }
    }

    @Test func checksAreNamedByIDOrByItsFirstPart() {
        #expect(CheckList.named("race.lost").map(\.id) == ["race.lost"])
        #expect(CheckList.named("race").count > 1)
        #expect(CheckList.named("rac").isEmpty)
    }
}
