import MCPProtocol

/// The metadata of the authorization server, as clients read it.
enum ServerMetadataChecks {
    private static let signingIn: Set<ProbedClient> = [.claude, .chatgpt, .claudeCode, .vscode]

    static let all = [
        Check(
            "oauth.missing", "The authorization server has no metadata", in: .access,
            did: "Looked for RFC 8414 and OpenID metadata of the issuer at every place.",
            why: "Clients cannot find out where to sign in.",
            remedy: "Serve /.well-known/oauth-authorization-server at the issuer.",
            clause: "RFC 8414, section 3", breaks: signingIn
        ) { evidence, _ in
            guard let access = evidence.access, access.challenge != nil, let issuer = access.issuer else {
                return .notExamined
            }
            return access.serverDocument == nil ? .found("for the issuer \(Excerpt.of(issuer))") : .fine
        },
        judged(
            "oauth.issuer", "The metadata names another issuer",
            did: "Compared issuer with the one that the resource names, character by character.",
            why: "Clients must refuse metadata of another issuer.", remedy: "Make the two the same string.",
            clause: "RFC 8414, section 3.3", breaks: signingIn
        ) { json, issuer in
            let named = json["issuer"]?.string ?? ""
            if named == issuer { return .fine }
            // A slash at the end is forgiven by many.
            let isSlash = named.trimmingSlash == issuer.trimmingSlash
            return .found("\(Excerpt.of(named)) instead of \(Excerpt.of(issuer))", breaks: isSlash ? [] : nil)
        },
        judged(
            "oauth.issuer-path", "The issuer has a path",
            did: "Looked at the issuer's URL.",
            why: "Claude has made up /authorize, /token and /register at the root of such issuers "
                + "(anthropics/claude-ai-mcp#82, #214, #716).",
            remedy: "Use a host name without a path as issuer.", clause: nil, breaks: [], otherwise: .warning
        ) { _, issuer in
            guard let target = ProbeTarget(issuer), target.path != "/" else { return .fine }
            return .found(Excerpt.of(issuer))
        },
        judged(
            "oauth.endpoints", "The metadata lacks endpoints",
            did: "Read authorization_endpoint and token_endpoint.",
            why: "Clients cannot sign in without them.", remedy: "Add them, as absolute URLs.",
            clause: "RFC 8414, section 2", breaks: signingIn
        ) { json, _ in
            .found(
                ["authorization_endpoint", "token_endpoint"].filter {
                    json[$0]?.string.flatMap(ProbeTarget.init) == nil
                })
        },
        judged(
            "oauth.pkce", "PKCE with S256 is not advertised",
            did: "Read code_challenge_methods_supported.",
            why: "Clients must refuse to go on without it.",
            remedy: "Add \"code_challenge_methods_supported\": [\"S256\"].",
            clause: "2025-11-25, basic/authorization: authorization code protection", breaks: signingIn
        ) { json, _ in
            let methods = json["code_challenge_methods_supported"]?.elements ?? []
            return methods.contains { $0.stringEquals("S256") } ? .fine : .found("S256 is not among them")
        },
        judged(
            "oauth.registration", "Clients cannot introduce themselves",
            did: "Looked for client_id_metadata_document_supported and registration_endpoint.",
            why: "Without either, each client must be registered by hand and its id typed in by the user.",
            remedy: "Take client id metadata documents, and offer a registration_endpoint for older clients.",
            clause: "2025-11-25, basic/authorization: client registration", breaks: signingIn
        ) { json, _ in
            let takesDocuments = json["client_id_metadata_document_supported"]?.bool == true
            return takesDocuments || json["registration_endpoint"]?.string != nil ? .fine : .found("neither is there")
        },
        judged(
            "oauth.public-clients", "Client id metadata documents are taken, but not from public clients",
            did: "Read token_endpoint_auth_methods_supported.",
            why: "Claude uses them only where \"none\" is listed.", remedy: "Add \"none\".", clause: nil, breaks: [],
            otherwise: .warning
        ) { json, _ in
            guard json["client_id_metadata_document_supported"]?.bool == true else { return .fine }
            let methods = json["token_endpoint_auth_methods_supported"]?.elements ?? []
            return methods.contains { $0.stringEquals("none") } ? .fine : .found("\"none\" is not among them")
        },
        judged(
            "oauth.offline-access", "Refresh tokens are not on offer",
            did: "Read scopes_supported and grant_types_supported of the authorization server.",
            why:
                "Claude asks for offline_access only where it is listed; without it users sign in again when the token "
                + "expires (anthropics/claude-ai-mcp#253, #840).",
            remedy: "List offline_access, and the grant type refresh_token.", clause: nil, breaks: [], otherwise: .note
        ) { json, _ in
            let scopes = json["scopes_supported"]?.elements ?? []
            let hasScope = scopes.contains { $0.stringEquals("offline_access") }
            return hasScope ? .fine : .found("offline_access is not in scopes_supported")
        },
        judged(
            "oauth.null", "Members of the metadata are null",
            did: "Looked for null in the metadata.",
            why: "Parsers of several clients fail on a null where a string or an array may be missing.",
            remedy: "Leave such members out.", clause: "RFC 8414, section 3.2", breaks: [.claude]
        ) { json, _ in
            .found((json.members ?? []).filter { $0.value.isNull }.map { Excerpt.of($0.name, limit: 60) })
        },
        Check(
            "oauth.slow", "The metadata is slow", in: .access,
            did: "Measured the time for each document.",
            why: "Claude gives each 10 s.", remedy: "Serve the documents from memory."
        ) { evidence, _ in
            guard let access = evidence.access else { return .notExamined }
            let documents = access.challenge == nil ? [] : access.resource + access.server
            guard let slowest = documents.max(by: { $0.reply.took < $1.reply.took }) else { return .notExamined }
            guard slowest.reply.took > .seconds(4) else { return .fine }
            let isTooSlow = slowest.reply.took > .seconds(10)
            return .found("\(slowest.url): \(slowest.reply.took.seconds)", breaks: isTooSlow ? [.claude] : [])
        },
    ]

    /// For servers that ask for a token, about the document that clients use.
    private static func judged(
        _ id: String, _ title: String, did: String, why: String, remedy: String, clause: String?,
        breaks: Set<ProbedClient>, otherwise: Weight = .warning,
        judge: @escaping @Sendable (JSON, String) -> Check.Judgement
    ) -> Check {
        Check(
            id, title, in: .access, did: did, why: why, remedy: remedy, clause: clause, breaks: breaks,
            otherwise: otherwise
        ) { evidence, _ in
            guard let access = evidence.access, access.challenge != nil, let issuer = access.issuer,
                let json = access.serverDocument?.json
            else { return .notExamined }
            return judge(json, issuer)
        }
    }
}
