import MCPProtocol

/// Everything that was seen, in the words of HTTP and JSON-RPC. Inquiries write it, checks read it.
package struct Evidence: Sendable {
    /// As it was typed.
    package var given: ProbeTarget
    /// Where requests go: elsewhere on the same host, after a redirect.
    package var target: ProbeTarget
    package var hasBearer: Bool
    package var isAggressive: Bool
    package var seed: UInt64
    /// How long an idle stream is watched.
    package var watch = Duration.seconds(65)

    var address: AddressBook?
    var certificate: CertificateEvidence?
    var opening: OpeningEvidence?
    var access: AccessEvidence?
    var eras: EraEvidence?
    var tools: ToolEvidence?
    var sessions: SessionEvidence?
    var errors: ErrorEvidence?
    var streams: StreamEvidence?
    var browser: BrowserEvidence?
    var race: RaceEvidence?
    var results: [ResultEvidence]?
    var idle: IdleEvidence?
    var defects: [SeenDefect] = []

    package init(
        target: ProbeTarget, hasBearer: Bool = false, isAggressive: Bool = false, seed: UInt64 = 0
    ) {
        (given, self.target) = (target, target)
        (self.hasBearer, self.isAggressive, self.seed) = (hasBearer, isAggressive, seed)
    }

    mutating func note(_ answer: Answer?, _ method: String) {
        for (defect, words) in answer?.defects ?? [] {
            defects.append(SeenDefect(defect: defect, method: method, words: words))
        }
    }

    /// A conversation of the handshake era that requests can be made in.
    var conversation: Caller.Manner? { opening?.conversation }
    /// The server speaks the per-request era.
    var isPerRequest: Bool { eras?.isPerRequest ?? opening?.isPerRequest ?? false }
    /// There is some way to ask for tools.
    var canTalk: Bool { conversation != nil || isPerRequest }
    /// The list came, and soon enough to ask for it many times.
    var isUsable: Bool {
        guard let first = tools?.first else { return false }
        return first.result != nil && first.reply.took < .seconds(3)
    }

    /// Whether another conversation can be opened, and soon enough to do so many times.
    var isOpen: Bool {
        guard let warm = opening?.warm, warm.answer.result != nil, warm.answer.reply.took < .seconds(3) else {
            return false
        }
        if let sessions, sessions.reopened?.answer.result == nil { return false }
        if let after = sessions?.oddEnds?.afterHangUp, after.result == nil { return false }
        if let errors, errors.afterwards?.isAnswered == false { return false }
        return true
    }

    var hasSession: Bool { conversation?.session != nil }
    /// Nothing at all can be learnt.
    package var isUnreachable: Bool {
        if let address, address.accepting.isEmpty { return true }
        guard let opening, opening.otherScheme == nil else { return false }
        switch opening.trouble {
        case .unreachable, .notHTTP: return true
        case .tls, .closed, nil: return false
        }
    }
}

struct OpeningEvidence: Sendable {
    /// The very first request, on a new connection.
    var first: Opening
    /// Where a redirect led to.
    var redirect: (status: Int, location: String, isFollowed: Bool)?
    /// One in an older version that was taken when the first was not.
    var fallback: Opening?
    /// The answer to `server/discover`, when there was no handshake.
    var discover: Answer?
    /// Where else the server answers like an MCP server.
    var elsewhere: [String] = []
    /// The URL with the other scheme, where that is spoken and this one is not.
    var otherScheme: String?
    /// GET there begins with an `endpoint` event: the transport of 2024-11-05.
    var hasEndpointEvent = false
    var initialized: Answer?
    /// A second time, with everything warm.
    var warm: Opening?

    var opened: Opening? { first.answer.result != nil ? first : fallback }

    /// None where a client would end it at once.
    var conversation: Caller.Manner? {
        guard let opened, opened.version.map({ ProtocolVersion(rawValue: $0)?.era == .handshake }) ?? true,
            opened.session?.isVisible ?? true
        else { return nil }
        return opened.manner
    }

    var isPerRequest: Bool { discover?.isDiscovery ?? false }

    /// What is wrong with the connection.
    var trouble: HTTPReply.Trouble? {
        if case .broken(let trouble) = first.answer.reply.end, first.answer.status == nil { trouble } else { nil }
    }
}

extension Answer {
    /// The answer of a server that speaks a version of the per-request era.
    var isDiscovery: Bool {
        let versions = result?["supportedVersions"]?.elements ?? fault?.json["data"]?["supported"]?.elements
        return versions?.contains { ($0.string ?? "") >= ProtocolVersion.v2026_07_28.rawValue } ?? false
    }
}

extension String {
    /// What a session id may be made of.
    var isVisible: Bool { !isEmpty && utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}

struct EraEvidence: Sendable {
    /// How a request that differs a little from an ordinary one was taken.
    enum Variation: String, Sendable, CaseIterable {
        case noVersion, otherVersion, unknownVersion, doubledVersion, mixedClaim
        case anyAccept, jsonAccept, noAccept, charset
        case claudeAgent, pythonAgent, openAIAgent
        case large, larger
    }

    var discover: Answer
    /// Opened while the first conversation is open.
    var second: Opening?
    var versions: [Opening] = []
    var variations: [Variation: Answer] = [:]
    /// A list asked for before `notifications/initialized`.
    var early: Answer?
    var slash: HTTPReply?
    var head: HTTPReply?

    var isPerRequest: Bool { discover.isDiscovery }
}

struct SessionEvidence: Sendable {
    var unknown: Answer?
    var missing: Answer?
    var missingInitialized: Answer?
    var text: Answer?
    var equal: [(method: String, answer: Answer)] = []
    var delete: HTTPReply?
    var afterDelete: Answer?
    /// The same, asked as OpenAI's servers do.
    var afterDeleteAsOpenAI: Answer?
    var reopened: Opening?
    var oddEnds: OddEnds?
}

struct ErrorEvidence: Sendable {
    var unknownMethod: Answer?
    var unknownNotification: Answer?
    var unknownTool: Answer?
    var malformed: HTTPReply?
    /// An ordinary request after all that.
    var afterwards: Answer?
}

struct StreamEvidence: Sendable {
    var first: HTTPReply?
    var second: HTTPReply?
    /// A list asked for while the stream is open.
    var beside: Answer?
    var withoutID: HTTPReply?
    /// One whose session was ended after a second.
    var brief: IdleEvidence?
    /// An answer that came as a stream with ids, and the stream taken up again.
    var resumed: (from: String, HTTPReply)?
}

struct BrowserEvidence: Sendable {
    var preflight: HTTPReply
    /// A POST of a page, as the preflight announced it.
    var page: Answer
    /// A POST with the origin of Claude.
    var claude: Answer?
    /// A POST with an origin that nobody knows.
    var stranger: Answer?
}

struct ResultEvidence: Sendable {
    var tool: String
    var answer: Answer
}
