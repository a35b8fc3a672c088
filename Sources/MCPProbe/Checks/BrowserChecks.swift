import MCPProtocol

/// Origins, and what results weigh.
enum BrowserChecks {
    static let all = [
        Check(
            "origin.claude", "The origin of Claude is refused", in: .browser,
            did: "Sent initialize with Origin: https://claude.ai.",
            why: "A refusal is remembered for the URL (anthropics/claude-ai-mcp#1005).",
            remedy: "Allow the origins https://claude.ai and https://claude.com.", breaks: [.claude]
        ) { evidence, _ in
            guard let answer = evidence.browser?.claude, evidence.conversation != nil else { return .notExamined }
            if answer.result != nil { return .fine }
            guard let status = answer.status, status < 500, status != 429 else { return .fine }
            // From there nobody comes to an address of this machine.
            let isLocal = evidence.target.isPrivate
            return .found(answer.words, breaks: isLocal ? [] : nil, weight: isLocal ? .note : nil)
        },
        Check(
            "origin.unchecked", "Every origin is served", in: .browser,
            did: "Sent initialize with an origin that nobody knows.",
            why: "A web page that somebody visits can reach a server on that person's machine or network.",
            remedy: "Answer 403 to origins that are not allowed.",
            clause: "2025-11-25, basic/transports: security warning", breaks: [.strict], otherwise: .note
        ) { evidence, _ in
            guard let answer = evidence.browser?.stranger, evidence.conversation != nil else { return .notExamined }
            return answer.result != nil ? .found("https://holdfast-probe.example is served") : .fine
        },
        Check(
            "browser.preflight", "Clients in a browser cannot connect", in: .browser,
            did: "Sent OPTIONS as the MCP Inspector does when it connects without its proxy.",
            why: "The browser asks first, without a token, whether the page may; only then it sends the request.",
            remedy:
                "Answer OPTIONS with Access-Control-Allow-Origin, -Methods and -Headers, without asking for a token.",
            otherwise: .note
        ) { evidence, demands in
            guard let reply = evidence.browser?.preflight else { return .notExamined }
            let allowed = reply.header("access-control-allow-origin")
            if reply.isSuccess, allowed == "*" || allowed == BrowserInquiry.inspector { return .fine }
            let words = reply.status.map { "HTTP \($0)" } ?? "no answer"
            return .found(
                words + (allowed == nil ? " without Access-Control-Allow-Origin" : ""),
                weight: demands.clients == [.inspector] ? .warning : .note)
        },
        Check(
            "browser.exposed", "Clients in a browser cannot read what the server says in headers", in: .browser,
            did: "Sent initialize with the MCP Inspector's origin, and read which headers a page may see.",
            why:
                "A browser hides a response without Access-Control-Allow-Origin, and each header that is not exposed: "
                + "without the session id the next request is refused, without WWW-Authenticate nobody finds the way to "
                + "sign in.",
            remedy: "Send Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate on every response.",
            otherwise: .note, causes: ["browser.preflight"]
        ) { evidence, demands in
            guard let reply = evidence.browser?.page.reply, let status = reply.status else { return .notExamined }
            return .found(if: hidden(reply, status)).weighing(demands.clients == [.inspector] ? .warning : .note)
        },
        Check(
            "result.lost", "A call gets no answer", in: .results,
            did: "Called tools that say they change nothing and need no arguments.",
            why: "The chat waits until the client gives up, and shows nothing.",
            remedy: "Answer each call; a failure is a result with isError.", breaks: ProbedClient.everyone,
            effect: .loses,
            causes: ["session.single"]
        ) { evidence, _ in
            guard let results = evidence.results, !results.isEmpty else { return .notExamined }
            // One that takes its time is not lost.
            let lost = results.filter { $0.answer.absence != nil && $0.answer.absence != .late }
            return .found(lost.map { "\(Excerpt.of($0.tool, limit: 80)): \($0.answer.words)" })
        },
        Check(
            "result.size", "Results are larger than clients take", in: .results,
            did: "Called tools that say they change nothing, and measured their results (four bytes to a token).",
            why: "Claude.ai puts a file in the place of larger results; Claude Code cuts or refuses them.",
            remedy: "Send pages, with a way to get the rest."
        ) { evidence, demands in
            guard let results = evidence.results, !results.isEmpty else { return .notExamined }
            let largest = results.max { $0.bytes < $1.bytes }
            guard let largest else { return .notExamined }
            let words = "\(Excerpt.of(largest.tool, limit: 80)): \(largest.bytes) bytes"
            let characters = ToolChecks.beyond(demands.limits(.resultCharacters), Double(largest.bytes), words)
            if case .found = characters { return characters }
            return ToolChecks.beyond(demands.limits(.resultTokens), Double(largest.bytes / 4), words)
        },
    ]

    /// What a page does not get to see of a response.
    private static func hidden(_ reply: HTTPReply, _ status: Int) -> String? {
        let allowed = reply.header("access-control-allow-origin")
        guard allowed == "*" || allowed == BrowserInquiry.inspector else {
            return "HTTP \(status) "
                + (allowed.map { "for \(Excerpt.of($0)) only" } ?? "without Access-Control-Allow-Origin")
        }
        let exposed = reply.list("access-control-expose-headers")
        let needed = ["Mcp-Session-Id", "WWW-Authenticate"].filter { reply.header($0) != nil }
        let hidden = needed.filter { !exposed.contains($0.lowercased()) && !exposed.contains("*") }
        return hidden.isEmpty ? nil : hidden.joined(separator: " and ") + " cannot be read"
    }
}

extension ResultEvidence {
    var bytes: Int { answer.result?.bytes.count ?? 0 }
}
