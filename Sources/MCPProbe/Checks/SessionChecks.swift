import MCPProtocol

/// What session ids mean, and what an end of a session does.
enum SessionChecks {
    static let all = [
        Check(
            "session.id-characters", "The session id has characters that it may not have", in: .opening,
            did: "Read Mcp-Session-Id on the answer to initialize.",
            why: "Clients cannot send it back, and every request after initialize fails.",
            remedy: "Use visible ASCII characters only, for example hexadecimal digits.",
            clause: "2025-11-25, basic/transports: session management", breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let session = evidence.opening?.opened?.session else { return .notExamined }
            if session.isEmpty { return .found("the header is empty") }
            return session.isVisible ? .fine : .found("among \(session.utf8.count) bytes are some beyond 0x21 to 0x7E")
        },
        Check(
            "session.single", "Only one client at a time is served", in: .tools,
            did: "Sent a second initialize while the first conversation was open, then went on with the first.",
            why:
                "Clients open several conversations at once (Claude for the chat, its tools and its settings), and come "
                + "back without ending the old one.",
            remedy: "Make a session for every initialize; share nothing between them.",
            breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let opening = evidence.opening, evidence.conversation != nil, let warm = opening.warm else {
                return .notExamined
            }
            if warm.answer.isRefusal { return .found("the second initialize: \(warm.answer.words)") }
            guard let tools = evidence.tools, let first = tools.first, first.isRefusal, tools.again?.result != nil
            else { return .fine }
            return .found("the first conversation after a second initialize: \(first.words)")
        },
        Check(
            "session.same-id", "Two clients get the same session id", in: .eras,
            did: "Compared the session ids of two conversations.",
            why: "Each can read and end the other's work.",
            remedy: "Make 128 random bits for every initialize.",
            clause: "2025-11-25, basic/transports: session management", breaks: ProbedClient.everyone, effect: .loses
        ) { evidence, _ in
            guard let first = evidence.conversation?.session, let second = evidence.eras?.second?.session else {
                return .notExamined
            }
            return first == second ? .found("the same id twice") : .fine
        },
        Check(
            "session.missing-id", "Requests without the session id are refused", in: .sessions,
            did: "Sent tools/list and notifications/initialized without Mcp-Session-Id after initialize.",
            why:
                "Claude's cloud does not always send the id back (anthropics/claude-ai-mcp#975: 0 of 30 requests). The "
                + "specification allows this refusal.",
            remedy:
                "Serve such requests on their own, without a session; put Holdfast in front where the server cannot.",
            effect: .loses, causes: ["session.single"]
        ) { evidence, _ in
            guard let sessions = evidence.sessions, let missing = sessions.missing else { return .notExamined }
            if missing.isAnswered, missing.result != nil { return .fine }
            let initialized = sessions.missingInitialized?.words ?? "not sent"
            return .found("tools/list: \(missing.words); notifications/initialized: \(initialized)")
        },
        Check(
            "session.unknown-id", "An unknown session id is not answered with 404", in: .sessions,
            did: "Sent tools/list with a session id that the server never made.",
            why: "After a restart every client has such an id. Only 404 tells it to begin anew: 400 and 503 leave the "
                + "connection dead, 401 sends it to sign in again and again "
                + "(anthropics/claude-code#27425, #48557; supercorp-ai/supergateway#123).",
            remedy: "Answer 404 with a JSON-RPC error; or restore the session.",
            clause: "2025-11-25, basic/transports: session management",
            breaks: [.claude, .claudeCode, .cursor, .chatgpt, .inspector], effect: .loses, causes: ["session.single"]
        ) { evidence, _ in
            guard let answer = evidence.sessions?.unknown else { return .notExamined }
            if answer.result != nil || answer.status == 404 { return .fine }
            // Where there are no sessions, an id is only looked at by proxies.
            return .found(answer.words)
        },
        Check(
            "session.equal-ids", "Requests with equal JSON-RPC ids disturb each other", in: .sessions,
            did: "Sent eight requests at once on one session, all with the id 7.",
            why: "Claude has been seen to send id 1 on every request, several at once "
                + "(anthropics/claude-ai-mcp#539). One hangs, another gets an answer that is not its own.",
            remedy: "Tie an answer to the HTTP request that asked, not to the id.",
            breaks: [.claude], effect: .loses,
            causes: ["answer.parallel", "tools.unanswered", "tools.refused", "session.single", "time.list"]
        ) { evidence, _ in
            guard let equal = evidence.sessions?.equal, !equal.isEmpty else { return .notExamined }
            let swapped = equal.count { method, answer in
                guard let result = answer.result else { return false }
                return (result["tools"] != nil) != (method == "tools/list")
            }
            let none = equal.count { $0.answer.absence != nil || ($0.answer.status ?? 0) >= 500 }
            guard swapped + none > 0 else { return .fine }
            return .found("of \(equal.count) requests \(none) got no answer and \(swapped) another one's")
        },
        Check(
            "session.delete", "DELETE is not answered as it should be", in: .sessions,
            did: "Sent DELETE for a session with nothing running.",
            why:
                "Clients send it when a chat is left. Any 2xx, 404 or 405 is fine; others end up in logs or hold up the "
                + "client's own end.",
            remedy: "Answer 200 without a body at once; or 405 with Allow, if sessions cannot be ended."
        ) { evidence, _ in
            guard let reply = evidence.sessions?.delete else { return .notExamined }
            guard evidence.hasSession else { return .fine }
            guard let status = reply.status else { return .found(reply.silence) }
            if reply.took > .seconds(2) { return .found("HTTP \(status) after \(reply.took.seconds)") }
            return (200..<300).contains(status) || status == 404 || status == 405 ? .fine : .found("HTTP \(status)")
        },
        Check(
            "session.deleted-id", "A session that was ended is not answered with 404", in: .sessions,
            did: "Sent tools/list on a session after DELETE for it was accepted.",
            why: "Clients come back with such ids. What is neither an answer nor 404 leaves them without tools.",
            remedy: "Answer 404 with a JSON-RPC error, at once.",
            clause: "2025-11-25, basic/transports: session management", breaks: ProbedClient.real, effect: .loses,
            causes: ["session.unknown-id", "session.single"]
        ) { evidence, _ in
            guard let sessions = evidence.sessions, let answer = sessions.afterDelete else { return .notExamined }
            guard evidence.hasSession, sessions.delete?.isSuccess == true else { return .fine }
            return answer.result != nil || answer.status == 404 ? .fine : .found(answer.words)
        },
        Check(
            "session.deleted-served", "A session that was ended is still served", in: .sessions,
            did: "Sent tools/list on a session after DELETE for it was accepted.",
            why: "The specification asks for 404. No client known to us suffers, and OpenAI's even needs it.",
            remedy: "Answer 404; or answer DELETE with 405.",
            clause: "2025-11-25, basic/transports: session management", breaks: [.strict], otherwise: .note
        ) { evidence, _ in
            guard let sessions = evidence.sessions, let answer = sessions.afterDelete else { return .notExamined }
            guard evidence.hasSession, sessions.delete?.isSuccess == true else { return .fine }
            return answer.result != nil ? .found(answer.words) : .fine
        },
        Check(
            "session.openai-return", "OpenAI's servers call on sessions that they have ended", in: .sessions,
            did: "Sent tools/list as openai-mcp on a session after DELETE for it was accepted.",
            why: "They send DELETE, then the call (php-mcp/server#39, openai/openai-python#2513, "
                + "github/github-mcp-server#702). The specification asks for the 404 that they then get.",
            remedy: "Serve these as if they came without a session, or answer DELETE with 405; Holdfast in front does.",
            effect: .loses, otherwise: .note, causes: ["session.deleted-id", "session.unknown-id"]
        ) { evidence, demands in
            guard let sessions = evidence.sessions, let answer = sessions.afterDeleteAsOpenAI else {
                return .notExamined
            }
            guard evidence.hasSession, sessions.delete?.isSuccess == true, answer.result == nil else { return .fine }
            return .found(answer.words, weight: demands.clients == [.chatgpt] ? .warning : .note)
        },
        Check(
            "session.no-return", "After a session has ended, no other can be opened", in: .sessions,
            did: "Sent initialize after DELETE.",
            why: "The server serves one client once; then nobody (modelcontextprotocol/swift-sdk#286).",
            remedy: "Make a new session for every initialize.", breaks: ProbedClient.everyone,
            causes: ["session.single"]
        ) { evidence, _ in
            guard let reopened = evidence.sessions?.reopened else { return .notExamined }
            return reopened.answer.result != nil ? .fine : .found(reopened.answer.words)
        },
    ]
}
