import MCPProtocol
import NIOHTTP1

/// What a client inside a web page meets, and what others are told because of their origin.
enum BrowserInquiry {
    static let inspector = "http://localhost:6274"

    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        let preflight = await caller.fetch(
            caller.target.url, method: .OPTIONS,
            headers: [
                ("Origin", inspector), ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "authorization,content-type,mcp-protocol-version,mcp-session-id"),
            ])
        var manner = Caller.Manner()
        manner.more = [("Origin", inspector)]
        var found = BrowserEvidence(preflight: preflight, page: await caller.open(nil, manner).answer)
        manner.more = [("Origin", "https://claude.ai")]
        found.claude = await caller.open(nil, manner).answer
        manner.more = [("Origin", "https://holdfast-probe.example")]
        found.stranger = await caller.open(nil, manner).answer
        evidence.browser = found
    }
}

/// Tools that say they change nothing and need to know nothing are called once.
enum ResultInquiry {
    private static let most = 4

    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        guard let tools = evidence.tools else { return }
        let names = evidence.isAggressive ? tools.anything : tools.harmless
        var results: [ResultEvidence] = []
        for name in names.prefix(most) {
            let params: JSON = ["name": JSON(name), "arguments": [:]]
            let answer: Answer
            if let conversation = evidence.conversation {
                answer = await caller.ask("tools/call", params, conversation)
            } else {
                answer = await caller.call(perRequest: name)
            }
            evidence.note(answer, "tools/call")
            results.append(ResultEvidence(tool: name, answer: answer))
        }
        evidence.results = results
    }
}

extension Caller {
    func call(perRequest name: String) async -> Answer {
        await askPerRequest("tools/call", [("name", JSON(name)), ("arguments", [:])], naming: name)
    }
}
