import MCPProtocol

/// What is said differently on the two sides of the bridge; everything else passes as it came (§4).
enum Translation {
    // MARK: To the server

    /// The parameters of a request as the server gets them: the client's, with our own metadata in place of the client's.
    /// - Parameters:
    ///   - input: What the client was asked for, and its state, when the request is sent again (M-27).
    ///   - isTask: Whether the server may make a task of it, which it then calls so in its era's way (§3.5).
    static func params(
        _ work: Work, as id: RequestID, in version: ProtocolVersion, identity: Implementation,
        for port: any ExchangePort, input: (state: JSON?, responses: JSON)?, isTask: Bool
    ) -> JSON {
        let replaced: Set<String> = ["_meta", "requestState", "inputResponses", "task"]
        var members = (work.params.members ?? []).filter { !replaced.contains($0.name) }.map { ($0.name, $0.value) }
        var meta: [(String, JSON)] = []
        let sent = work.params["_meta"]
        for (name, value) in sent?.members ?? [] where name != "progressToken" && !own.contains(name) {
            meta.append((name, value))
        }
        if sent?["progressToken"] != nil { meta.append(("progressToken", id.json)) }
        if version.era == .perRequest {
            var capabilities = port.canAsk ? port.capabilities.json.without(["extensions", "experimental"]) : [:]
            if isTask {
                let others = (capabilities.members ?? []).map { ($0.name, $0.value) }
                capabilities = .object(others + [("extensions", ServerTask.extensions)])
            }
            let ours = ConversationOpener.meta(version, identity, capabilities: capabilities, level: port.logLevel)
            meta += (ours.members ?? []).map { ($0.name, $0.value) }
        }
        if !meta.isEmpty { members.append(("_meta", .object(meta))) }
        if isTask, version.era == .handshake { members.append(("task", [:])) }
        if let input {
            members.append(("inputResponses", input.responses))
            if let state = input.state { members.append(("requestState", state)) }
        }
        return .object(members)
    }

    private static let own: Set<String> = [
        MetaKey.protocolVersion, MetaKey.clientInfo, MetaKey.clientCapabilities, MetaKey.logLevel,
    ]

    // MARK: To the client

    /// A result as `envelope` has it.
    static func result(_ result: JSON, of subject: Work.Subject, in envelope: ResultEnvelope) -> [UInt8] {
        var dropped: Set<String> = ["resultType", "_meta"]
        let isPerRequest = envelope.version.era == .perRequest
        if isPerRequest { dropped.formUnion(["ttlMs", "cacheScope"]) }
        if !isPerRequest, result["resultType"] != nil { dropped.formUnion(["ttlMs", "cacheScope"]) }
        // A client that knows only objects gets the text beside it (B-90).
        let structured = result["structuredContent"]
        if structured != nil, structured?.kind != .object, !envelope.version.hasAnyStructuredContent {
            dropped.insert("structuredContent")
        }
        var cache: CacheHint?
        // A server of the handshake era says nothing of how long its results stay good (B-50).
        if case .resource = subject { cache = CacheHint(in: result) ?? CacheHint.none }
        // The server's task is between the server and us (B-85).
        var meta = result["_meta"]?.without([MetaKey.relatedTask])
        if !isPerRequest { meta = meta?.without([MetaKey.serverInfo]) }
        guard isPerRequest else {
            // Nothing goes around it: every member stays in its place.
            var writer = JSONWriter()
            writer.beginObject()
            for (name, value) in result.members ?? [] {
                if name == "_meta" {
                    if let meta, meta == value || meta.count > 0 { writer.member(name, meta) }
                } else if !dropped.contains(name) {
                    writer.member(name, value)
                }
            }
            writer.endObject()
            return writer.bytes
        }
        return envelope.result(meta: meta?.count == 0 ? nil : meta, cache: cache) { writer in
            for (name, value) in result.members ?? [] where !dropped.contains(name) { writer.member(name, value) }
        }
    }

    /// An error of the server as our client gets it: what it says about our own doings stays here (B-03).
    static func error(_ json: JSON, from upstream: String, of subject: Work.Subject) -> any Error {
        let code = json["code"]?.integer.flatMap { Int(exactly: $0) } ?? RPCError.Code.internalError
        let message = json["message"]?.string ?? ""
        switch (code, subject) {
        case (RPCError.Code.resourceNotFound, .resource(let uri)): return ResourceNotFound(uri)
        case (RPCError.Code.invalidParams, .resource(let uri)) where json["data"]?["uri"] != nil:
            return ResourceNotFound(uri)
        case (RPCError.Code.headerMismatch, _), (RPCError.Code.missingCapability, _),
            (RPCError.Code.unsupportedVersion, _), (RPCError.Code.parseError, _), (RPCError.Code.invalidRequest, _):
            return ToolError("The server \(upstream) refused the request: \(message)")
        default: return RPCError(code: code, message: message, data: json["data"]?.detached())
        }
    }
}
