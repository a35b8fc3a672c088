import MCPProtocol

/// How the authorization server refuses, and whether it takes a new client.
enum SignInChecks {
    private static let signingIn: Set<ProbedClient> = [.claude, .chatgpt, .claudeCode, .vscode]

    static let all = [
        Check(
            "access.wrong-token", "A token that is not valid is not answered with 401", in: .access,
            did: "Sent initialize with a token that nobody issued.",
            why:
                "So does a token that has expired. Clients renew theirs after 401 only; after anything else users must "
                + "connect anew.",
            remedy: "Answer 401 with WWW-Authenticate: Bearer error=\"invalid_token\", resource_metadata=\"…\".",
            clause: "RFC 6750, section 3.1", breaks: signingIn, effect: .loses, causes: ["access.forbidden"]
        ) { evidence, _ in
            guard let access = evidence.access, access.challenge?.status == 401, let answer = access.wrongToken,
                let status = answer.status
            else { return .notExamined }
            if answer.result != nil {
                return .found("it is served: whatever the token, it opens the server", breaks: [], weight: .warning)
            }
            return status == 401 || status == 429 ? .fine : .found(answer.words)
        },
        check(
            "oauth.authorize", "The page to sign in on is not there",
            did: "Opened authorization_endpoint as a browser that an unknown client sends.",
            why: "Users see a failure where they should sign in.",
            remedy: "Answer with a page, also to a client that is not known; or correct authorization_endpoint.",
            looking: \.authorize
        ) { reply in
            guard let status = reply.status else { return (reply.silence, signingIn) }
            return status == 404 || status == 405 || status >= 500 ? ("HTTP \(status)", []) : nil
        },
        check(
            "oauth.open-redirect", "Browsers are sent to addresses that nobody registered",
            did: "Opened authorization_endpoint with a redirect_uri of an unknown client.",
            why: "Whoever makes such a link gets what the server sends there.",
            remedy: "Show a page for an unknown client_id or redirect_uri; never redirect.",
            clause: "RFC 6749, section 4.1.2.1", looking: \.authorize
        ) { reply in
            guard let location = reply.header("location"), location.hasPrefix(SignInInquiry.strange) else { return nil }
            return ("HTTP \(reply.status ?? 0) to \(Excerpt.of(location, limit: 60))", [])
        },
        check(
            "oauth.token-error", "The token endpoint does not refuse as clients expect",
            did: "Sent a code that was never issued to token_endpoint.",
            why:
                "Clients read error in the JSON: invalid_grant has users sign in again, invalid_client makes the client "
                + "register anew. Without it they try for ever, or give up.",
            remedy: "Answer 400 with {\"error\": \"invalid_grant\"}, or 401 with {\"error\": \"invalid_client\"}.",
            clause: "RFC 6749, section 5.2", looking: \.token
        ) { reply in
            guard let status = reply.status else { return (reply.silence, signingIn) }
            if status == 429 { return nil }
            let error = (try? JSON(parsing: reply.body))?["error"]?.string
            return error != nil && (status == 400 || status == 401) ? nil : ("HTTP \(status): \(reply.excerpt)", [])
        },
        check(
            "oauth.registration-refused", "The registration of a client does not work",
            did: "Registered a client with the redirect_uri of Claude at registration_endpoint.",
            why: "Clients that register themselves cannot sign in: \"Couldn't register\".",
            remedy: "Answer 201 with the client as JSON; take https://claude.ai/api/mcp/auth_callback.",
            clause: "RFC 7591, section 3.2.1", looking: \.registration
        ) { reply in
            guard let status = reply.status else { return (reply.silence, signingIn) }
            let client = (try? JSON(parsing: reply.body))?["client_id"]?.string
            return reply.isSuccess && client != nil ? nil : ("HTTP \(status): \(reply.excerpt)", signingIn)
        },
        check(
            "oauth.registration-form", "A registered client has members that clients cannot read",
            did: "Read the answer of registration_endpoint.",
            why: "Parsers fail on a null, and on a time that is not an integer; the user sees that connecting failed.",
            remedy: "Leave out what does not apply; send client_secret_expires_at as an integer.",
            clause: "RFC 7591, section 3.2.1", looking: \.registration
        ) { reply in
            guard reply.isSuccess, let client = try? JSON(parsing: reply.body) else { return nil }
            var wrong = (client.members ?? []).filter { $0.value.isNull }.map {
                "\(Excerpt.of($0.name, limit: 60)) is null"
            }
            for name in ["client_secret_expires_at", "client_id_issued_at"] {
                if let time = client[name], !time.isNull, time.integer == nil { wrong.append("\(name) is no integer") }
            }
            return wrong.isEmpty ? nil : (wrong.joined(separator: "; "), [.claude])
        },
    ]

    private static func check(
        _ id: String, _ title: String, did: String, why: String, remedy: String, clause: String? = nil,
        looking at: any KeyPath<SignInEvidence, HTTPReply?> & Sendable,
        judge: @escaping @Sendable (HTTPReply) -> (saw: String, breaks: Set<ProbedClient>)?
    ) -> Check {
        Check(
            id, title, in: .access, did: did, why: why, remedy: remedy, clause: clause, causes: ["oauth.endpoints"]
        ) { evidence, _ in
            guard let reply = evidence.access?.signIn?[keyPath: at] else { return .notExamined }
            guard let (saw, breaks) = judge(reply) else { return .fine }
            return .found(saw, breaks: breaks)
        }
    }
}
