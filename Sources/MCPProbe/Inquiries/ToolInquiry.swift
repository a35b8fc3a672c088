import MCPProtocol

struct ToolEvidence: Sendable {
    var pages: [Answer] = []
    /// Every definition, as it came.
    var definitions: [JSON] = []
    /// How many there are on the first page.
    var onFirstPage = 0
    /// A cursor came twice, or there was no end to them.
    var hasEndlessPages = false
    /// The first page once more, on another conversation.
    var again: Answer?

    var first: Answer? { pages.first }
    var bytes: Int { definitions.reduce(0) { $0 + $1.bytes.count } }
    /// Four bytes to a token is a rule of thumb for JSON in English.
    var estimatedTokens: Int { (bytes + 3) / 4 }

    func named(_ definition: JSON) -> String { Excerpt.of(definition["name"]?.string ?? "without a name", limit: 80) }

    /// Declared to change nothing, and callable without knowing anything.
    var harmless: [String] { callable { $0["annotations"]?["readOnlyHint"]?.bool == true } }
    /// Callable without knowing anything, those that say they change nothing first.
    var anything: [String] { harmless + callable { $0["annotations"]?["readOnlyHint"]?.bool != true } }

    private func callable(_ isWanted: (JSON) -> Bool) -> [String] {
        definitions.compactMap { definition in
            guard isWanted(definition), definition["inputSchema"]?["required"]?.elements?.isEmpty ?? true else {
                return nil
            }
            return definition["name"]?.string
        }
    }
}

/// The list of tools, to its end.
enum ToolInquiry {
    private static let mostPages = 20

    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        var found = ToolEvidence()
        var cursors: Set<String> = []
        var cursor: String?
        repeat {
            let answer = await list(caller, evidence, after: cursor, within: OpeningInquiry.patience)
            evidence.note(answer, "tools/list")
            found.pages.append(answer)
            let tools = answer.result?["tools"]?.elements ?? []
            if found.pages.count == 1 { found.onFirstPage = tools.count }
            found.definitions += tools.map { $0.detached() }
            cursor = answer.result?["nextCursor"]?.string
            if let next = cursor, !cursors.insert(next).inserted || found.pages.count == mostPages {
                found.hasEndlessPages = true
                cursor = nil
            }
        } while cursor != nil && !caller.client.isOutOfTime
        if let first = found.first, first.absence == nil, first.reply.took < .seconds(2) {
            if evidence.conversation == nil {
                found.again = await list(caller, evidence, after: nil, within: .seconds(6))
            } else if let other = await caller.converse() {
                found.again = await caller.ask("tools/list", nil, other)
            }
        }
        evidence.tools = found
    }

    private static func list(
        _ caller: Caller, _ evidence: Evidence, after cursor: String?, within limit: Duration
    ) async -> Answer {
        let members: [(String, JSON)] = cursor.map { [("cursor", JSON($0))] } ?? []
        if let conversation = evidence.conversation {
            return await caller.ask(
                "tools/list", members.isEmpty ? nil : .object(members), conversation, within: limit)
        }
        return await caller.askPerRequest("tools/list", members, within: limit)
    }
}
