package import MCPEngine
package import MCPProtocol

/// A client of the per-request era: whatever there is to know about it is in each of its requests, and in their headers.
package struct PerRequestClient: Sendable {
    package let conversation: Conversation
    package var principal: Principal
    package var capabilities: JSON
    package var logLevel: String?
    /// What it repeats of its arguments in `Mcp-Param-…`, by name.
    package var parameters: [String: String] = [:]

    package init(
        _ conversation: Conversation, as principal: Principal = .local, capabilities: JSON = [:],
        logLevel: String? = nil
    ) {
        self.conversation = conversation
        self.principal = principal
        self.capabilities = capabilities
        self.logLevel = logLevel
    }

    private static let version = "2026-07-28"

    package func send(_ method: String, _ params: JSON = [:], id: Int = 1) async -> Reply {
        var meta: [(String, JSON)] = [
            ("io.modelcontextprotocol/protocolVersion", JSON(Self.version)),
            ("io.modelcontextprotocol/clientCapabilities", capabilities),
        ]
        if let logLevel { meta.append(("io.modelcontextprotocol/logLevel", JSON(logLevel))) }
        let members = (params.members ?? []).map { ($0.name, $0.value) } + [("_meta", JSON.object(meta))]
        let body: JSON = [
            "jsonrpc": "2.0", "id": JSON(id), "method": JSON(method), "params": .object(members),
        ]
        let name = (params["name"] ?? params["uri"] ?? params["taskId"])?.string
        var headers = RequestHeaders(
            protocolVersion: [Self.version], method: method, name: name.map { [$0] } ?? [])
        for (name, value) in parameters { headers.addParameter(header: "mcp-param-\(name)", value: value) }
        return await conversation.gateway.handle(
            Call(verb: .post, principal: principal, headers: headers, body: Array(body.bytes)))
    }

    package func call(_ tool: String, _ arguments: JSON = [:], _ more: [(String, JSON)] = [], id: Int = 1) async
        -> Reply
    {
        await send("tools/call", .object([("name", JSON(tool)), ("arguments", arguments)] + more), id: id)
    }

    /// The same call again with what was asked for.
    package func retry(
        _ tool: String, _ arguments: JSON = [:], after result: JSON?, with responses: JSON, id: Int = 2
    ) async -> Reply {
        await call(
            tool, arguments, [("requestState", result?["requestState"] ?? nil), ("inputResponses", responses)], id: id)
    }
}

extension Reply {
    /// The one answer, with whatever came before it passed over.
    package func answer() async throws -> JSON? { try await messages().last }

    package func result() async throws -> JSON? { try await answer()?["result"] }
    package func error() async throws -> JSON? { try await answer()?["error"] }

    /// The status that a client sees when nothing comes before the answer.
    package func statusOfAnswer() async -> Int {
        guard case .stream(let stream) = content else { return status }
        var position = stream.after
        while case .event(let event) = await stream.log.next(for: stream.reader, after: position) {
            position = event.position
            if event.isAnswer { return event.status }
        }
        return 0
    }
}

/// Reads a reply message by message, as a client does that has something to say in between.
package struct StreamReader: Sendable {
    package let stream: ReplyStream
    private var position: Int

    /// Nil when the reply is not a stream.
    package init?(_ reply: Reply) {
        guard case .stream(let stream) = reply.content else { return nil }
        self.stream = stream
        position = stream.after
    }

    /// Nil at the end.
    package mutating func next() async throws -> JSON? {
        guard case .event(let event) = await stream.log.next(for: stream.reader, after: position) else { return nil }
        position = event.position
        return try JSON(parsing: event.payload)
    }

    /// The connection is closed.
    package func close() { stream.whenClosed?() }
}
