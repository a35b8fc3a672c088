import MCPProtocol

/// How the server refuses, and whether it survives what is wrong.
enum ErrorInquiry {
    static let noSuchTool = "holdfast-probe-no-such-tool"

    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        guard let conversation = evidence.conversation else { return }
        var found = ErrorEvidence()
        found.unknownMethod = await caller.ask("holdfast/no-such-method", nil, conversation)
        evidence.note(found.unknownMethod, "an unknown method")
        found.unknownNotification = await caller.notify("notifications/holdfast-probe", nil, conversation)
        found.unknownTool = await caller.ask(
            "tools/call", ["name": JSON(noSuchTool), "arguments": [:]], conversation)
        evidence.note(found.unknownTool, "tools/call")
        found.malformed = await caller.send(raw: Array(#"{"jsonrpc":"2.0","id":1,"method":"#.utf8), conversation)
        found.afterwards = await caller.ask("tools/list", nil, conversation)
        evidence.errors = found
    }
}
