import MCPProtocol

/// An `initialize`, and the conversation that it opened, if it did.
struct Opening: Sendable {
    var asked: String
    var answer: Answer
    /// What the server chose.
    var version: String? { answer.result?["protocolVersion"]?.string }
    var session: String? { answer.reply.header("mcp-session-id") }

    /// How requests of the conversation are made.
    var manner: Caller.Manner {
        var manner = Caller.Manner()
        manner.session = session
        manner.version = version
        return manner
    }
}

extension Caller {
    func open(
        _ version: String? = nil, _ manner: Manner = Manner(), within limit: Duration = .seconds(6)
    ) async -> Opening {
        let version = version ?? self.version
        let params: JSON = [
            "protocolVersion": JSON(version), "capabilities": [:],
            "clientInfo": ["name": "holdfast-probe", "version": "1"],
        ]
        let opening = Opening(asked: version, answer: await ask("initialize", params, manner, within: limit))
        if let session = opening.session, session.isVisible { opened(session) }
        return opening
    }

    /// Initializes and says so: a conversation that is ready. Nil when it cannot be had.
    func converse() async -> Manner? {
        let opening = await open()
        guard opening.answer.result != nil else { return nil }
        _ = await notify("notifications/initialized", nil, opening.manner)
        return opening.manner
    }

    /// A request of the per-request era.
    func askPerRequest(
        _ method: String, _ params: [(String, JSON)] = [], naming name: String? = nil,
        within limit: Duration = .seconds(6)
    ) async -> Answer {
        let version = ProtocolVersion.v2026_07_28.rawValue
        var manner = Manner()
        manner.version = version
        manner.more = [("Mcp-Method", method)]
        if let name { manner.more.append(("Mcp-Name", HeaderValue.encode(name))) }
        let meta: JSON = [
            "io.modelcontextprotocol/protocolVersion": JSON(version),
            "io.modelcontextprotocol/clientCapabilities": [:],
            "io.modelcontextprotocol/clientInfo": ["name": "holdfast-probe", "version": "1"],
        ]
        return await ask(method, .object(params + [("_meta", meta)]), manner, within: limit)
    }
}
