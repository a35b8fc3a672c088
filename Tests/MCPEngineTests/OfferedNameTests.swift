import MCPEngine
import Testing

struct OfferedNameTests {
    @Test func aNameIsTakenBackAsItWas() {
        for name in ["get_file", "_x", "a.b", "日本"] {
            let offered = OfferedName.make(name, prefix: "files")
            #expect(offered == "files_" + name)
            #expect(offered.flatMap { OfferedName.original($0, prefix: "files") } == name)
        }
        #expect(OfferedName.original("file_x", prefix: "files") == nil)
        #expect(OfferedName.original("files", prefix: "files") == nil)
    }

    @Test func moreThan64BytesAreNoName() {
        let longest = String(repeating: "x", count: 64 - "files_".count)
        #expect(OfferedName.make(longest, prefix: "files")?.utf8.count == 64)
        #expect(OfferedName.make(longest + "x", prefix: "files") == nil)
        #expect(OfferedName.original("files_x" + longest, prefix: "files") == nil)
    }

    @Test func prefixesThatCouldMakeOneNameOfTwoAreFoundOut() throws {
        func ambiguity(_ prefixes: String...) -> [String]? {
            OfferedName.ambiguity(among: prefixes.map { ("of \($0)", $0) }).map { [$0.0, $0.1] }
        }
        #expect(ambiguity("a", "b", "ab", "a-b") == nil)
        #expect(ambiguity("a", "b", "a") == ["of a", "of a"])
        #expect(ambiguity("x", "git", "git_hub") == ["of git", "of git_hub"])
        #expect(ambiguity("git_hub", "git") == ["of git_hub", "of git"])
        #expect(ambiguity("git", "github") == nil)
    }

    @Test(arguments: [
        (["*"], [], "anything", true), ([], [], "anything", false), (["get"], [], "get", true),
        (["get"], [], "get_x", false), (["get_*"], [], "get_x", true), (["get_*"], [], "get_", true),
        (["*_x"], [], "get_x", true), (["a*b*c"], [], "abc", true), (["a*b*c"], [], "a-b-b-c", true),
        (["a*b*c"], [], "ac", false), (["ab*ba"], [], "aba", false), (["**"], [], "", true),
        (["*"], ["delete_*"], "delete_x", false), (["*"], ["delete_*"], "undelete_x", true),
        (["x", "y"], ["y"], "y", false), (["*file*"], [], "read_file_x", true),
    ])
    func aFilterKnowsStarsAndPutsDenialFirst(_ allow: [String], _ deny: [String], _ name: String, _ isOffered: Bool) {
        #expect(UpstreamFilter(allow: allow, deny: deny).offers(name) == isOffered)
    }
}
