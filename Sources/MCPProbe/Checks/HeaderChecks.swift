/// Requests that differ a little from the ordinary one, as those of real clients do.
enum HeaderChecks {
    static let all = [
        Check(
            "header.discover", "The version probe of new clients is not answered cleanly", in: .eras,
            did: "Sent server/discover, as clients of 2026-07-28 do first.",
            why:
                "New clients open with it, Claude among them. A failure, a page, a hang or an empty answer is no word about "
                + "versions: they stop instead of falling back to initialize.",
            remedy: "Answer a method that you do not know with a JSON-RPC error -32601, and a version with 400.",
            breaks: [.claude, .claudeCode], causes: ["reach.failing", "reach.user-agent", "initialize.unanswered"]
        ) { evidence, _ in
            guard let answer = evidence.eras?.discover else { return .notExamined }
            switch answer.outcome {
            case .result, .error: return .fine
            case .accepted, .nothing: return .found(answer.words)
            case .refused(let status, let fault):
                if status >= 500 || (300..<400).contains(status) { return .found(answer.words) }
                // Any other refusal means "not this era" to them; a page does not.
                return fault == nil && answer.isPage ? .found(answer.words) : .fine
            }
        },
        Check(
            "header.version-missing", "Requests without MCP-Protocol-Version are refused", in: .eras,
            did: "Sent tools/list without that header.",
            why: "Clients older than 2025-06-18 send none, and Claude has been seen without it "
                + "(anthropics/claude-ai-mcp#70).",
            remedy: "Take the version that was negotiated, or 2025-03-26.",
            clause: "2025-11-25, basic/transports: protocol version header",
            breaks: [.claude], effect: .loses
        ) { evidence, _ in refused(evidence, .noVersion) },
        Check(
            "header.version-other", "A version other than the negotiated one is refused in the header", in: .eras,
            did: "Sent tools/list with MCP-Protocol-Version 2025-06-18 in a conversation of 2025-11-25.",
            why: "Clients contradict themselves: Claude was seen to (anthropics/claude-code#92835).",
            remedy: "Take every version that you speak, and go on with the negotiated one.", effect: .loses,
            otherwise: .note
        ) { evidence, _ in refused(evidence, .otherVersion) },
        Check(
            "header.version-unknown", "An unknown MCP-Protocol-Version is not refused", in: .eras,
            did: "Sent tools/list with MCP-Protocol-Version 1999-01-01.",
            why: "The specification asks for 400. No client known to us suffers.",
            remedy: "Answer 400.", clause: "2025-11-25, basic/transports: protocol version header",
            breaks: [.strict], otherwise: .note
        ) { evidence, _ in
            guard let answer = evidence.eras?.variations[.unknownVersion] else { return .notExamined }
            return answer.status == 400 ? .fine : .found(answer.words, weight: nil)
        },
        Check(
            "header.version-doubled", "A version that is given twice is refused", in: .eras,
            did: "Sent tools/list with MCP-Protocol-Version \"2025-11-25, 2025-11-25\".",
            why: "Claude and a proxy together have been seen to send that (different-ai/openwork#3944).",
            remedy: "Take equal values for one.", otherwise: .note
        ) { evidence, _ in refused(evidence, .doubledVersion) },
        Check(
            "header.mixed-eras", "A request with marks of both eras is refused", in: .eras,
            did: "Sent tools/list as Claude-User with the header 2025-11-25 and a _meta that claims 2026-07-28.",
            why: "Claude has been seen to send that, and then every call fails (anthropics/claude-code#93290).",
            remedy: "For that client, go by the header.", effect: .loses
        ) { evidence, _ in refused(evidence, .mixedClaim) },
        Check(
            "header.accept-any", "Accept: */* is refused", in: .eras,
            did: "Sent tools/list with Accept: */*.",
            why: "Claude sends it at times (anthropics/claude-ai-mcp#76).",
            remedy: "Take it for everything, and answer as JSON.", effect: .loses
        ) { evidence, _ in refused(evidence, .anyAccept) },
        Check(
            "header.accept-missing", "Requests without Accept are refused", in: .eras,
            did: "Sent tools/list without an Accept header.",
            why: "It means the same as */*, and some clients and proxies leave it out.",
            remedy: "Answer as JSON.", effect: .loses, otherwise: .note, causes: ["header.accept-any"]
        ) { evidence, _ in refused(evidence, .noAccept) },
        Check(
            "header.accept-json", "Accept: application/json alone is refused", in: .eras,
            did: "Sent tools/list with Accept: application/json.",
            why: "The specification asks clients for both types; simple ones send one.",
            remedy: "Answer as JSON.", otherwise: .note, causes: ["header.accept-any"]
        ) { evidence, _ in refused(evidence, .jsonAccept) },
        Check(
            "header.charset", "Content-Type with a charset is refused", in: .eras,
            did: "Sent tools/list as application/json; charset=utf-8.",
            why: "Many HTTP libraries add the parameter by themselves.",
            remedy: "Compare the media type without its parameters.", breaks: ProbedClient.real
        ) { evidence, _ in refused(evidence, .charset) },
        Check(
            "request.size", "Large requests are refused", in: .eras,
            did: "Sent tools/list with 128 KiB, and with 1.2 MB, of padding in _meta.",
            why:
                "Models write documents into arguments. Express takes 100 KB unless it is told to take more, nginx 1 MB; "
                + "what is larger gets 413, often as a page, which the chat shows as a failed tool.",
            remedy: "Raise the limit: express.json({ limit: \"4mb\" }), client_max_body_size 4m.",
            effect: .loses
        ) { evidence, _ in
            guard let eras = evidence.eras, !eras.variations.isEmpty else { return .notExamined }
            if case .found(let large) = refused(evidence, .large) { return .found("128 KiB: \(large.saw)") }
            guard case .found(let larger) = refused(evidence, .larger) else { return .fine }
            return .found("1.2 MB: \(larger.saw)", weight: .note)
        },
        Check(
            "header.early-list", "Lists are refused before notifications/initialized", in: .eras,
            did: "Sent tools/list after initialize, before notifications/initialized.",
            why: "Messages may overtake each other, and Claude asks for the list first. It asks again afterwards.",
            remedy: "Serve requests as soon as initialize is answered.",
            otherwise: .note, causes: ["tools.unanswered", "tools.refused"]
        ) { evidence, _ in
            guard let answer = evidence.eras?.early else { return .notExamined }
            return answer.result == nil ? .found(answer.words) : .fine
        },
    ]

    private static func refused(_ evidence: Evidence, _ variation: EraEvidence.Variation) -> Check.Judgement {
        guard let answer = evidence.eras?.variations[variation] else { return .notExamined }
        return answer.isAnswered && (answer.status ?? 500) < 400 ? .fine : .found(answer.words)
    }
}
