/// Does anything answer, and is it an MCP server?
enum ReachChecks {
    static let all = [
        Check(
            "reach.address", "The name of the server cannot be looked up", in: .address,
            did: "Looked up the addresses of the host.",
            why: "Without an address no client gets any further.",
            remedy: "Check the spelling of the host, and its DNS records.",
            breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let book = evidence.address else { return .notExamined }
            return .found(if: book.failure.map { "\(evidence.target.host): \($0)" })
        },
        Check(
            "reach.connect", "No connection can be made", in: .address,
            did: "Opened a TCP connection to each address.",
            why: "Nothing listens there, or a firewall drops the packets.",
            remedy: "Start the server, let it listen on this address and port, and open the firewall.",
            breaks: ProbedClient.everyone, causes: ["reach.address", "reach.scheme"]
        ) { evidence, _ in
            guard let book = evidence.address else { return .notExamined }
            guard book.accepting.isEmpty else { return .fine }
            return .found(book.entries.map { "\($0.address) port \(evidence.target.port): \($0.trouble ?? "")" })
        },
        Check(
            "reach.ipv6", "An address of the other IP version takes no connections", in: .address,
            did: "Opened a TCP connection to each IPv4 and IPv6 address of the host.",
            why:
                "Clients that try that address first fail or wait; which one a client tries first is not for you to say.",
            remedy: "Listen on that address too, or remove its DNS record (AAAA for IPv6, A for IPv4).",
            causes: ["reach.connect"]
        ) { evidence, _ in
            guard let book = evidence.address else { return .notExamined }
            guard !book.accepting.isEmpty else { return .fine }
            let dead = book.entries.filter { $0.trouble != nil && $0.isIPv6 != book.accepting[0].isIPv6 }
            guard let first = dead.first else { return .fine }
            // A name of this machine stands for both, and nearly all clients try both.
            return .found(
                "\(first.address): \(first.trouble ?? "")", weight: evidence.target.isLoopback ? .note : .warning)
        },
        Check(
            "reach.ipv4", "The server has no IPv4 address", in: .address,
            did: "Looked for IPv4 addresses of the host.",
            why: "Claude's and ChatGPT's servers are known to connect by IPv4.",
            remedy: "Add an A record, and listen on IPv4.",
            breaks: ProbedClient.hosted, causes: ["reach.address", "reach.connect"]
        ) { evidence, _ in
            guard let book = evidence.address, !book.entries.isEmpty else { return .notExamined }
            if evidence.target.isPrivate || book.entries.contains(where: { !$0.isIPv6 }) { return .fine }
            return .found("only " + book.entries.map(\.address).joined(separator: ", "))
        },
        Check(
            "reach.private", "The address is not one that hosted clients can reach", in: .address,
            did: "Looked at the host of the URL.",
            why: "Claude.ai and ChatGPT call from their own clouds. This address is of this machine or network only.",
            remedy: "Give them a public https URL on port 443, and probe that one as well.", otherwise: .note
        ) { evidence, _ in
            if evidence.target.isPrivate { return .found(evidence.target.authority) }
            // A name that looks public and is not.
            let inside = (evidence.address?.entries ?? []).filter { ProbeTarget.isPrivate(address: $0.address) }
            guard let first = inside.first else { return .fine }
            return .found("\(evidence.target.host) is \(first.address)", breaks: ProbedClient.hosted)
        },
        Check(
            "reach.port", "The server is not at https on port 443", in: .address,
            did: "Looked at the URL.",
            why: "Claude's cloud only calls https on port 443 (anthropics/claude-ai-mcp#85, staff).",
            remedy: "Terminate TLS on port 443 in front of the server.",
            breaks: ProbedClient.hosted, causes: ["reach.private", "reach.address", "reach.connect"]
        ) { evidence, _ in
            let target = evidence.target
            if target.isPrivate || (target.scheme == "https" && target.port == 443) { return .fine }
            return .found(target.origin)
        },
        Check(
            "reach.scheme", "The scheme of the URL is wrong", in: .opening,
            did: "Tried https where http found nothing, and http where https did not.",
            why: "Clients take the URL as it is.", remedy: "Use the URL that answers.", breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let other = evidence.opening?.otherScheme ?? evidence.address?.otherScheme else {
                return evidence.address == nil ? .notExamined : .fine
            }
            return .found("\(other) answers, \(evidence.target.url) does not")
        },
        Check(
            "reach.tls", "The TLS connection fails", in: .opening,
            did: "Connected with TLS and verified the certificate.",
            why: "No client goes on with a certificate that it cannot verify.",
            remedy:
                "Install a certificate for this very host name with its whole chain, from an authority that is trusted "
                + "everywhere, and renew it in time.",
            breaks: ProbedClient.everyone, causes: CertificateChecks.fatal + ["reach.scheme"]
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            if case .tls(let words) = opening.trouble { return .found(words) }
            return .fine
        },
        Check(
            "reach.http", "What answers is not HTTP", in: .opening,
            did: "Sent an HTTP request.",
            why: "Another protocol is spoken on this port; often it is https asked as http, or the other way round.",
            remedy: "Check scheme and port of the URL.", breaks: ProbedClient.everyone, causes: ["reach.scheme"]
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            if case .notHTTP(let words) = opening.trouble { return .found(words) }
            if case .unreachable(let words) = opening.trouble { return .found(words) }
            return .fine
        },
        Check(
            "reach.redirect", "The URL redirects", in: .opening,
            did: "Sent initialize to the URL as it was typed.",
            why: "Clients do not follow redirects of POST alike: some turn them into GET, some drop the token, "
                + "some give up (anthropics/claude-ai-mcp#99).",
            remedy: "Give clients the final URL, or serve this one in place.",
            breaks: ProbedClient.hosted.union([.cursor])
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            return .found(
                if: opening.redirect.map {
                    "HTTP \($0.status) to \($0.location)" + ($0.isFollowed ? "; what follows was seen there" : "")
                })
        },
        Check(
            "reach.not-mcp", "Nothing at this URL speaks MCP", in: .opening,
            did: "Sent initialize, and looked at the usual places beside it.",
            why: "Clients try this URL and no other.",
            remedy: "Correct the path; most servers are at /mcp.",
            breaks: ProbedClient.everyone, causes: ["reach.redirect", "reach.two-endpoints", "reach.user-agent"]
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            let answer = opening.first.answer
            guard let status = answer.status, status < 500, ![401, 403, 429].contains(status), !answer.isAnswered,
                !evidence.canTalk, !answer.isFaultOfRPC
            else { return .fine }
            if case .nothing(let absence) = answer.outcome {
                guard case .unreadable = absence else { return .fine }
            }
            let found = opening.elsewhere
            let hint = found.isEmpty ? "" : "; an MCP server answers at \(found.joined(separator: " and "))"
            return .found(answer.words + hint)
        },
        Check(
            "reach.forbidden", "A filter in front of the server refuses the request", in: .opening,
            did: "Sent initialize.",
            why: "A page with 403 comes from a bot filter or firewall, not from an MCP server; clients get it as well "
                + "(anthropics/claude-ai-mcp#49, #76).",
            remedy: "Let clients of the protocol through there, or switch the filter off for this path.",
            breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let answer = evidence.opening?.first.answer else { return .notExamined }
            return answer.status == 403 && answer.isPage ? .found(answer.words) : .fine
        },
        Check(
            "reach.two-endpoints", "The server only speaks the transport of 2024-11-05", in: .opening,
            did: "Sent initialize, then opened a stream with GET.",
            why:
                "HTTP+SSE is deprecated. Clients that still know it fall back to it after a refused POST, new ones do not.",
            remedy: "Serve Streamable HTTP, for example by putting Holdfast in front.",
            clause: "2025-11-25, basic/transports, backwards compatibility"
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            return opening.hasEndpointEvent ? .found("GET begins with an endpoint event") : .fine
        },
        Check(
            "reach.failing", "The server fails", in: .opening,
            did: "Sent initialize.",
            why: "A status of 500 and above is a failure to every client, and some remember it for the URL.",
            remedy: "Look into the server's log; behind a proxy, look whether the server runs at all.",
            breaks: ProbedClient.everyone
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            guard let status = opening.first.answer.status, status >= 500, !opening.first.answer.isAnswered else {
                return .fine
            }
            return .found(opening.first.answer.words)
        },
        Check(
            "reach.throttled", "The server asks for fewer requests", in: .opening,
            did: "Sent initialize.",
            why: "All users of a hosted client come from a few addresses; a limit per address stops them all.",
            remedy: "Count by token, not by address, and generously for initialize and lists.",
            breaks: ProbedClient.hosted
        ) { evidence, _ in
            guard let opening = evidence.opening else { return .notExamined }
            return opening.first.answer.status == 429 ? .found("HTTP 429 to the first initialize") : .fine
        },
        Check(
            "reach.user-agent", "A client is refused for its User-Agent", in: .eras,
            did: "Sent the same request as Claude-User, python-httpx and openai-mcp.",
            why: "A bot filter in front answers these with 403 or a page, which clients show as a general failure "
                + "(anthropics/claude-ai-mcp#49, #76, #327, #872).",
            remedy: "Let these through in the bot filter, or switch it off for this path."
        ) { evidence, _ in
            guard let eras = evidence.eras, !eras.variations.isEmpty else { return .notExamined }
            let agents: [(EraEvidence.Variation, String, ProbedClient)] = [
                (.claudeAgent, "Claude-User", .claude), (.pythonAgent, "python-httpx/0.28.1", .claude),
                (.openAIAgent, "openai-mcp/1.0.0", .chatgpt),
            ]
            let refused = agents.filter { eras.variations[$0.0]?.isAnswered == false }
            guard !refused.isEmpty else { return .fine }
            let words = refused.map { "\($0.1): \(eras.variations[$0.0]?.words ?? "")" }
            return .found(words.joined(separator: "; "), breaks: Set(refused.map(\.2)))
        },
        Check(
            "reach.slash", "The URL with a slash at its end is another matter", in: .eras,
            did: "Sent initialize to the URL with a slash at its end, or without the one that it has.",
            why: "Users and some clients add a slash. A redirect that changes scheme or host loses the token.",
            remedy: "Serve both spellings in place.", otherwise: .note
        ) { evidence, _ in
            guard let reply = evidence.eras?.slash, let status = reply.status else { return .notExamined }
            if (300..<400).contains(status) {
                let location = reply.header("location") ?? ""
                let isWorse = location.hasPrefix("http://") && evidence.target.scheme == "https"
                return .found("HTTP \(status) to \(Excerpt.of(location))", weight: isWorse ? .warning : .note)
            }
            return status == 404 || status == 405 || status >= 500 ? .found("HTTP \(status)") : .fine
        },
        Check(
            "reach.head", "HEAD makes the server fail", in: .eras,
            did: "Sent HEAD.",
            why: "Claude's reachability check has used it (PrefectHQ/fastmcp#1466).",
            remedy: "Answer 200, 204 or 405."
        ) { evidence, _ in
            guard let reply = evidence.eras?.head else { return .notExamined }
            if let status = reply.status { return status >= 500 ? .found("HTTP \(status)") : .fine }
            return .found(reply.silence)
        },
    ]
}
