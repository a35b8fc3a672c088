import MCPProtocol

/// The first conversation: is there an MCP server, and does it take a client?
enum OpeningInquiry {
    /// Longer than the shortest budget of a client, and no longer.
    static let patience = Duration.seconds(11)
    private static let olderVersions = [
        ProtocolVersion.v2025_06_18.rawValue, ProtocolVersion.v2025_03_26.rawValue,
    ]
    private static let usualPaths = ["/mcp", "/mcp/", "/sse", "/"]

    static func run(_ caller: inout Caller, _ evidence: inout Evidence) async {
        var opening = OpeningEvidence(first: await caller.open(within: patience))
        evidence.note(opening.first.answer, "initialize")
        for _ in 0..<3 {
            guard let status = opening.first.answer.status, (300..<400).contains(status),
                let location = opening.first.answer.reply.header("location")
            else { break }
            let next = follow(location, from: caller.target)
            if opening.redirect == nil {
                opening.redirect = (status, Excerpt.of(location), next != nil)
            }
            guard let next else { break }
            (caller.target, evidence.target) = (next, next)
            opening.first = await caller.open(within: patience)
            evidence.note(opening.first.answer, "initialize")
        }
        if await isOtherSpoken(caller, opening) { opening.otherScheme = caller.target.withOtherScheme?.url }
        if opening.first.answer.result == nil { await look(further: caller, &opening) }
        if let opened = opening.opened {
            caller.version = opened.asked
            opening.initialized = await caller.notify("notifications/initialized", nil, opened.manner)
            opening.warm = await caller.open(within: patience)
            evidence.note(opening.warm?.answer, "initialize")
        }
        evidence.opening = opening
    }

    /// There was no answer to `initialize`: what is there instead?
    private static func look(further caller: Caller, _ opening: inout OpeningEvidence) async {
        let answer = opening.first.answer
        guard let status = answer.status, status != 401 else { return }
        if answer.isAnswered || status == 400 {
            opening.discover = await caller.askPerRequest("server/discover")
            for version in olderVersions where opening.fallback == nil {
                let older = await caller.open(version)
                if older.answer.result != nil { opening.fallback = older }
            }
        } else if !answer.isAnswered, status < 500, !answer.isFaultOfRPC {
            let get = await caller.listen(Caller.Manner(), for: .milliseconds(500))
            opening.hasEndpointEvent = get.events.first?.name == "endpoint"
            opening.elsewhere = await places(caller)
        }
    }

    /// Whether only the scheme of the URL is wrong.
    private static func isOtherSpoken(_ caller: Caller, _ opening: OpeningEvidence) async -> Bool {
        let answer = opening.first.answer
        // Servers of https say 400 to what comes without it.
        let isRefused = answer.status == 400 && answer.fault == nil
        guard opening.trouble != nil || isRefused, let target = caller.target.withOtherScheme else { return false }
        if target.scheme == "https" { return await CertificateInquiry.isSpoken(by: target, caller.client) }
        guard opening.trouble != nil else { return false }
        var (other, manner) = (caller, Caller.Manner())
        other.target = target
        manner.isAuthorized = false
        return await other.open(nil, manner).answer.status != nil
    }

    private static func places(_ caller: Caller) async -> [String] {
        await withTaskGroup { group in
            for path in usualPaths where path != caller.target.path {
                var other = caller
                guard let target = ProbeTarget(caller.target.at(path)) else { continue }
                other.target = target
                group.addTask { [other] in
                    let opened = await other.open()
                    let isThere = opened.answer.isAnswered || opened.answer.status == 401
                    return isThere ? target.url : nil
                }
            }
            let found = await group.reduce(into: Set<String>()) { if let url = $1 { $0.insert(url) } }
            // One that does not mind a slash at its end is one.
            return found.filter { !$0.hasSuffix("/") || !found.contains($0.trimmingSlash) }.sorted()
        }
    }

    /// To the same host only, and not from `https` to `http`: the token goes along.
    private static func follow(_ location: String, from target: ProbeTarget) -> ProbeTarget? {
        let url = location.hasPrefix("/") && !location.hasPrefix("//") ? target.at(location) : location
        guard let next = ProbeTarget(url), next.host == target.host else { return nil }
        if target.scheme == "https", next.scheme == "http" { return nil }
        return next == target ? nil : next
    }
}
