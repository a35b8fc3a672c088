import MCPProtocol

/// Does the server take a client, in which versions, and how fast?
enum OpeningChecks {
    static let all = [
        Check(
            "initialize.unanswered", "initialize gets no answer", in: .opening,
            did: "Sent initialize as 2025-11-25.",
            why: "Every client begins with it, or falls back to it.",
            remedy:
                "Answer with one JSON-RPC response, as application/json or as an event stream that is ended after it.",
            clause: "2025-11-25, basic/transports: sending messages to the server",
            breaks: ProbedClient.everyone,
            causes: ["reach.connect", "reach.tls", "reach.http", "reach.redirect", "reach.failing", "time.initialize"]
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            guard let absence = opening.first.answer.absence else { return .fine }
            if case .unreadable = absence, !evidence.canTalk { return .fine }
            return .found(opening.first.answer.words)
        },
        Check(
            "initialize.refused", "initialize is refused", in: .opening,
            did: "Sent initialize as 2025-11-25, then as 2025-06-18 and 2025-03-26, then server/discover.",
            why: "A client whose initialize is refused shows no tools.",
            remedy: "Read the error; it is the server's own.",
            breaks: ProbedClient.everyone,
            causes: ["reach.scheme", "reach.not-mcp", "reach.user-agent", "access.token-refused", "access.forbidden"]
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            guard opening.first.answer.result == nil, !evidence.canTalk else { return .fine }
            let answer = opening.first.answer
            guard
                answer.isAnswered || answer.status == 400
                    || (answer.fault != nil && answer.status.map { $0 < 500 && $0 != 401 && $0 != 429 } ?? false)
            else { return .fine }
            return .found(answer.words)
        },
        Check(
            "initialize.no-downgrade", "A newer version is refused instead of answered with an older one", in: .opening,
            did: "Sent initialize as 2025-11-25, then as older versions.",
            why: "Clients send the newest version that they know, once. The server must answer with one of its own.",
            remedy: "Answer initialize with the newest version that you speak, whatever was asked for.",
            clause: "2025-11-25, basic/lifecycle: version negotiation",
            breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            guard let fallback = opening.fallback else { return .fine }
            return .found("2025-11-25: \(opening.first.answer.words); \(fallback.asked) is taken")
        },
        Check(
            "initialize.per-request-only", "Only clients of 2026-07-28 are taken", in: .opening,
            did: "Sent initialize, then server/discover.",
            why: "Most clients open with initialize, and cannot go on without it.",
            remedy: "Serve both eras at one URL, for example by putting Holdfast in front.",
            breaks: [.chatgpt, .cursor, .vscode]
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            guard opening.opened == nil, opening.isPerRequest else { return .fine }
            return .found("initialize: \(opening.first.answer.words)")
        },
        Check(
            "initialize.malformed", "The answer to initialize lacks something", in: .opening,
            did: "Read the result of initialize.",
            why: "Clients check its form, and end the conversation when something is missing.",
            remedy: "Send protocolVersion, capabilities (an object) and serverInfo with name and version.",
            clause: "2025-11-25, schema: InitializeResult", breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let result = evidence.opening?.opened?.answer.result else { return .notExamined }
            var missing: [String] = []
            if result["protocolVersion"]?.string == nil { missing.append("protocolVersion is not a string") }
            if result["capabilities"]?.kind != .object { missing.append("capabilities is not an object") }
            if result["serverInfo"]?["name"]?.string == nil { missing.append("serverInfo.name is not a string") }
            if result["serverInfo"]?["version"]?.string == nil { missing.append("serverInfo.version is not a string") }
            return .found(missing)
        },
        Check(
            "initialize.version", "The server chose a version that does not exist", in: .opening,
            did: "Read protocolVersion in the result of initialize, also after asking for a version of the year 2099.",
            why: "A client that does not know the version must end the conversation.",
            remedy: "Answer with a published version, the newest that you speak.",
            clause: "2025-11-25, basic/lifecycle: version negotiation", breaks: ProbedClient.everyone,
            causes: ["initialize.malformed"]
        ) { evidence, _ in
            guard let opened = evidence.opening?.opened else { return .notExamined }
            let all = [opened] + (evidence.eras?.versions ?? [])
            let odd = all.compactMap { opening -> String? in
                guard let version = opening.version, ProtocolVersion(rawValue: version)?.era != .handshake else {
                    return nil
                }
                return "asked for \(opening.asked), got \(Excerpt.of(version, limit: 40))"
            }
            return .found(odd)
        },
        Check(
            "initialize.negotiation", "Some versions are refused instead of negotiated", in: .eras,
            did: "Sent initialize as every version, and as one of the year 2099.",
            why: "Clients of that version cannot connect, although both could speak another one.",
            remedy: "Answer initialize with a version of your own, whatever was asked for.",
            clause: "2025-11-25, basic/lifecycle: version negotiation",
            causes: ["initialize.no-downgrade", "session.single"]
        ) { evidence, _ in
            guard let versions = evidence.eras?.versions, !versions.isEmpty else { return .notExamined }
            return .found(
                versions.filter { $0.answer.result == nil }.map { "\($0.asked): \($0.answer.words)" })
        },
        Check(
            "initialize.no-tools", "The server does not say that it has tools", in: .opening,
            did: "Read the capabilities in the result of initialize.",
            why: "Clients ask for tools only where the capability is declared.",
            remedy: "Declare \"tools\": {} in the capabilities.",
            clause: "2025-11-25, server/tools: capabilities", breaks: ProbedClient.everyone,
            causes: ["initialize.malformed"]
        ) { evidence, _ in
            guard let result = evidence.opening?.opened?.answer.result else { return .notExamined }
            guard let capabilities = result["capabilities"], capabilities["tools"]?.kind != .object else {
                return .fine
            }
            let names = (capabilities.members ?? []).map(\.name).joined(separator: ", ")
            return .found(names.isEmpty ? "it declares nothing" : "it declares only \(Excerpt.of(names))")
        },
        Check(
            "initialize.initialized", "notifications/initialized is not accepted", in: .opening,
            did: "Sent notifications/initialized after initialize.",
            why: "Clients that get an error for it end the conversation.",
            remedy: "Answer 202 with no body.",
            clause: "2025-11-25, basic/transports: 202 Accepted for notifications", breaks: ProbedClient.real,
            causes: ["initialize.version", "session.id-characters"]
        ) { evidence, _ in
            guard let answer = evidence.opening?.initialized else { return .notExamined }
            if case .accepted = answer.outcome { return .fine }
            return .found(answer.words)
        },
        Check(
            "initialize.initialized-status", "notifications/initialized is answered with another status than 202",
            in: .opening, did: "Sent notifications/initialized after initialize.",
            why: "The specification asks for 202 without a body; clients known to us take any 2xx.",
            remedy: "Answer 202 with no body.", clause: "2025-11-25, basic/transports: 202 Accepted for notifications",
            breaks: [.strict], otherwise: .note, causes: ["initialize.initialized"]
        ) { evidence, _ in
            guard let reply = evidence.opening?.initialized?.reply, let status = reply.status else {
                return .notExamined
            }
            if status == 202, reply.body.isEmpty { return .fine }
            return .found("HTTP \(status)" + (reply.body.isEmpty ? "" : " with a body"))
        },
        Check(
            "time.initialize", "initialize takes too long", in: .opening,
            did: "Measured the time to the first byte of the answer to initialize, cold and warm.",
            why: "Clients give up: each has a budget for it, and Claude remembers the failure for the URL.",
            remedy: "Answer initialize from memory; open databases and other servers afterwards.",
            causes: ["reach.connect", "reach.tls", "reach.http"]
        ) { evidence, demands in
            guard let opening = evidence.opening, opening.trouble == nil else { return .notExamined }
            let replies = [opening.first.answer.reply, opening.warm?.answer.reply].compactMap { $0 }
            return judge(replies, .initializeSeconds, demands)
        },
        Check(
            "time.list", "tools/list takes too long", in: .tools,
            did: "Measured the time to the first byte of the first page of tools.",
            why: "Clients give up, and show the server as connected and without tools.",
            remedy: "Answer lists from memory.", causes: ["time.initialize"]
        ) { evidence, demands in
            guard let first = evidence.tools?.first, !first.reply.isBroken else { return .notExamined }
            return judge([first.reply], .listSeconds, demands)
        },
    ]

    /// - Parameter replies: The first is cold.
    private static func judge(
        _ replies: [HTTPReply], _ measure: ClientLimit.Measure, _ demands: Demands
    ) -> Check.Judgement {
        // A stream that has begun is not yet an answer.
        let times = replies.map {
            ($0.isEventStream ? $0.firstByteAt.map { [sent = $0.sent] in $0 - sent } : $0.firstByte) ?? $0.took
        }
        guard let slowest = times.max() else { return .notExamined }
        let limits = demands.limits(measure)
        if let silent = replies.first(where: { $0.status == nil && $0.end == .late }) {
            // Whose budget is known and longer may still get an answer.
            let patient = limits.filter { silent.took < .seconds($0.value) }.map(\.client)
            return .found("no answer within \(silent.took.seconds)", breaks: demands.clients.subtracting(patient))
        }
        let words = zip(["cold", "warm"], times).map { "\($1.seconds) \($0)" }.joined(separator: ", ")
        let exceeded = limits.filter { slowest > .seconds($0.value) }
        if !exceeded.isEmpty {
            let budgets = exceeded.map { "\($0.client.name) waits \(Int($0.value)) s" }.joined(separator: ", ")
            return .found("\(words); \(budgets)", breaks: Set(exceeded.filter(\.isHard).map(\.client)))
        }
        if let first = limits.first, slowest > .seconds(first.value / 2) {
            return .found("\(words); \(first.client.name) waits \(Int(first.value)) s", breaks: [])
        }
        return .fine
    }
}

extension HTTPReply {
    var isBroken: Bool { if case .broken = end { true } else { false } }
}
