import MCPProtocol
import NIOHTTP1

/// Versions, and requests that differ from the ordinary one as those of real clients do.
enum EraInquiry {
    static let unheardOf = "2099-01-01"
    private static let older = ProtocolVersion.handshakeVersions.map(\.rawValue).filter {
        $0 != ProtocolVersion.latestHandshake.rawValue
    }

    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        var found = EraEvidence(
            discover: await caller.askPerRequest("server/discover", within: .milliseconds(5500)))
        found.head = await caller.fetch(caller.target.url, method: .HEAD, headers: caller.authorization)
        found.slash = await slash(caller)
        if let conversation = evidence.conversation {
            let second = await caller.open()
            found.second = second
            if second.answer.result != nil { found.versions = await versions(caller) }
            if evidence.isUsable {
                found.early = await caller.ask("tools/list", nil, second.manner)
                found.variations = await variations(caller, conversation)
            }
        }
        evidence.note(found.discover, "server/discover")
        evidence.eras = found
    }

    private static func versions(_ caller: Caller) async -> [Opening] {
        await withTaskGroup { group in
            for version in older + [unheardOf] { group.addTask { await caller.open(version) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.asked < $1.asked }
        }
    }

    private static func variations(
        _ caller: Caller, _ conversation: Caller.Manner
    ) async -> [EraEvidence.Variation: Answer] {
        // A few at once: how many the server bears is another matter.
        await withTaskGroup(of: [EraEvidence.Variation: Answer].self) { group in
            for lane in 0..<3 {
                group.addTask {
                    var found: [EraEvidence.Variation: Answer] = [:]
                    for (index, variation) in EraEvidence.Variation.allCases.enumerated() where index % 3 == lane {
                        let (manner, params) = variation.applied(to: conversation)
                        found[variation] = await caller.ask("tools/list", params, manner)
                    }
                    return found
                }
            }
            var all: [EraEvidence.Variation: Answer] = [:]
            for await some in group { all.merge(some) { first, _ in first } }
            return all
        }
    }

    /// The same URL with a slash at its end, or without.
    private static func slash(_ caller: Caller) async -> HTTPReply? {
        let path = caller.target.path
        guard path != "/" else { return nil }
        var other = caller
        guard let target = ProbeTarget(caller.target.at(path.hasSuffix("/") ? String(path.dropLast()) : path + "/"))
        else { return nil }
        other.target = target
        return await other.open().answer.reply
    }
}

extension EraEvidence.Variation {
    /// Above what some frameworks take unless they are told to take more, and above what nginx does.
    static let largeBody = 128 << 10
    static let largerBody = 1_200_000

    func applied(to conversation: Caller.Manner) -> (Caller.Manner, JSON?) {
        var manner = conversation
        switch self {
        case .noVersion: manner.version = nil
        case .otherVersion: manner.version = ProtocolVersion.v2025_06_18.rawValue
        case .unknownVersion: manner.version = "1999-01-01"
        case .doubledVersion: manner.version = conversation.version.map { "\($0), \($0)" }
        case .mixedClaim:
            manner.userAgent = "Claude-User"
            let claim: JSON = [
                "io.modelcontextprotocol/protocolVersion": JSON(ProtocolVersion.v2026_07_28.rawValue),
                "io.modelcontextprotocol/clientCapabilities": [:],
            ]
            return (manner, ["_meta": claim])
        case .anyAccept: manner.accept = "*/*"
        case .jsonAccept: manner.accept = "application/json"
        case .noAccept: manner.accept = nil
        case .charset: manner.contentType = "application/json; charset=utf-8"
        case .claudeAgent: manner.userAgent = "Claude-User"
        case .pythonAgent: manner.userAgent = "python-httpx/0.28.1"
        case .openAIAgent: manner.userAgent = "openai-mcp/1.0.0"
        case .large, .larger:
            let padding = String(repeating: "x", count: self == .large ? Self.largeBody : Self.largerBody)
            return (manner, ["_meta": ["holdfast.probe/padding": JSON(padding)]])
        }
        return (manner, nil)
    }
}

extension Caller {
    /// The header with the token, where there is one.
    var authorization: [(name: String, value: String)] { bearer.map { [("Authorization", "Bearer \($0)")] } ?? [] }
}
