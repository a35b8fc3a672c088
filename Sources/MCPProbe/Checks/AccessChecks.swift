import MCPProtocol

/// Whether clients that sign in can find out how.
enum AccessChecks {
    /// Those that sign in by OAuth and have no other usual way.
    private static let signingIn: Set<ProbedClient> = [.claude, .chatgpt]

    static let all =
        [
            Check(
                "access.token-refused", "The token is refused", in: .access,
                did: "Sent initialize with the token that was given.",
                why: "A client with this token is refused as well.",
                remedy:
                    "Check the token, and for which URL it was made: 401 right after signing in means another audience.",
                breaks: ProbedClient.everyone
            ) { evidence, _ in
                guard let access = evidence.access, let opening = evidence.opening else { return .notExamined }
                guard evidence.hasBearer, opening.first.answer.status == 401 else { return .fine }
                return .found(
                    "\(access.challenge?.schemes.joined(separator: ", ") ?? "") 401: \(opening.first.answer.words)")
            },
            Check(
                "access.token-needed", "A token is needed, and the probe was given none", in: .access,
                did: "Sent initialize without a token.",
                why: "The rest cannot be looked at.", remedy: "Probe again with --bearer or HOLDFAST_PROBE_BEARER.",
                otherwise: .note
            ) { evidence, _ in
                guard let opening = evidence.opening, evidence.access != nil else { return .notExamined }
                return !evidence.hasBearer && opening.first.answer.status == 401 ? .found("HTTP 401") : .fine
            },
            Check(
                "access.forbidden", "Who has no token is answered with another status than 401", in: .access,
                did: "Sent initialize without a token.",
                why: "Clients begin to sign in after 401 only.",
                remedy: "Answer 401 with WWW-Authenticate: Bearer resource_metadata=\"…\".",
                clause: "2025-11-25, basic/authorization: token handling",
                breaks: signingIn.union([.claudeCode, .vscode])
            ) { evidence, _ in
                guard let access = evidence.access else { return .notExamined }
                guard access.challenge?.status == 403, !access.open.isPage else { return .fine }
                // Where a token helps, 403 was about the token.
                if evidence.hasBearer, !evidence.canTalk { return .fine }
                return .found(access.open.words)
            },
            Check(
                "access.no-metadata", "401, and nowhere a word about how to sign in", in: .access,
                did: "Looked for protected resource metadata where the 401 points, and at its well-known places.",
                why:
                    "Claude.ai and ChatGPT sign in by OAuth, and find the authorization server through this document. With a "
                    + "fixed token in their configuration, other clients do without.",
                remedy:
                    "Serve /.well-known/oauth-protected-resource, and name it in WWW-Authenticate; or tell users to "
                    + "configure the token.",
                clause: "2025-11-25, basic/authorization: authorization server discovery", breaks: signingIn
            ) { evidence, _ in
                guard let access = evidence.access else { return .notExamined }
                guard access.challenge?.status == 401, access.resourceDocument == nil else { return .fine }
                let words = access.resource.map { "\($0.url): \($0.reply.status.map(String.init) ?? "no answer")" }
                // Who brings a token knows of another way.
                return .found(
                    words.joined(separator: "; "), breaks: evidence.hasBearer ? [] : nil,
                    weight: evidence.hasBearer ? .note : nil)
            },
            Check(
                "access.relative-metadata", "resource_metadata is not an absolute URL", in: .access,
                did: "Read WWW-Authenticate of the 401.",
                why: "Clients do not put it together with the server's URL (anthropics/claude-ai-mcp#136).",
                remedy: "Write the whole URL, with https://.",
                clause: "RFC 9728, section 5.1", breaks: signingIn
            ) { evidence, _ in
                guard let challenge = evidence.access?.challenge else { return .notExamined }
                guard let url = challenge.resourceMetadata else { return .fine }
                return url.hasPrefix("https://") || url.hasPrefix("http://") ? .fine : .found(Excerpt.of(url))
            },
            Check(
                "access.no-challenge", "401 without WWW-Authenticate: Bearer", in: .access,
                did: "Read the headers of the 401.",
                why: "Clients learn from it where the metadata is; not all try the well-known places.",
                remedy: "Send WWW-Authenticate: Bearer resource_metadata=\"…\".",
                clause: "RFC 9728, section 5.1; RFC 6750, section 3"
            ) { evidence, _ in
                guard let challenge = evidence.access?.challenge, challenge.status == 401 else { return .notExamined }
                if !challenge.schemes.contains("bearer") { return .found("no Bearer in WWW-Authenticate") }
                guard challenge.resourceMetadata == nil, evidence.access?.resourceDocument != nil else { return .fine }
                return .found("no resource_metadata in it", weight: .warning)
            },
            Check(
                "access.resource", "The metadata names another resource", in: .access,
                did: "Compared resource in the metadata with the URL, character by character.",
                why: "Clients compare it with what the user typed, and stop when it differs.",
                remedy: "Put the exact URL of the endpoint there, with its path.",
                clause: "RFC 9728, section 3.3", breaks: signingIn.union([.claudeCode, .vscode])
            ) { evidence, _ in
                guard let document = evidence.access?.resourceDocument, evidence.access?.challenge != nil else {
                    return .notExamined
                }
                let resource = document.json?["resource"]?.string ?? ""
                let target = evidence.given
                if resource == target.url || resource == target.canonical { return .fine }
                // A slash at the end is forgiven by most.
                if resource.trimmingSlash == target.canonical.trimmingSlash {
                    return .found(Excerpt.of(resource), breaks: [])
                }
                return .found(
                    resource.isEmpty ? "resource is missing" : "\(Excerpt.of(resource)) instead of \(target.canonical)")
            },
            Check(
                "access.path-metadata", "The metadata is not at the place that goes with the path", in: .access,
                did: "Asked for /.well-known/oauth-protected-resource followed by the path of the URL.",
                why: "Clients look there when the 401 does not point somewhere; some look nowhere else.",
                remedy: "Serve the document there and at the root.", clause: "RFC 9728, section 3.1",
                otherwise: .warning
            ) { evidence, _ in
                guard let access = evidence.access, access.challenge != nil, access.resourceDocument != nil else {
                    return .notExamined
                }
                guard let document = access.resource.first(where: { $0.place == .path }), !document.isThere else {
                    return .fine
                }
                let isNamed = access.challenge?.resourceMetadata != nil
                return .found(
                    "\(document.url): \(document.reply.status.map { "HTTP \($0)" } ?? "no answer")",
                    weight: isNamed ? .note : .warning)
            },
            Check(
                "access.no-server", "The metadata names no authorization server", in: .access,
                did: "Read authorization_servers.",
                why: "Clients cannot sign in anywhere.", remedy: "List the issuer of your authorization server.",
                clause: "2025-11-25, basic/authorization", breaks: signingIn.union([.claudeCode, .vscode])
            ) { evidence, _ in
                guard let access = evidence.access, access.challenge != nil, access.resourceDocument != nil else {
                    return .notExamined
                }
                return access.issuer == nil ? .found("authorization_servers has no URL") : .fine
            },
            Check(
                "access.authless", "The server is open, and its host has metadata of an authorization server",
                in: .access,
                did: "Sent initialize without a token, then looked for authorization server metadata.",
                why:
                    "Claude then asks users to sign in, although nothing wants a token (anthropics/claude-ai-mcp#925).",
                remedy: "Serve it on another host name, or leave the metadata out."
            ) { evidence, _ in
                guard let access = evidence.access, access.challenge == nil, access.open.result != nil else {
                    return .notExamined
                }
                return .found(if: access.serverDocument.map { "\($0.url) is there" })
            },
            Check(
                "access.empty-404", "The well-known places answer 404 without a body", in: .access,
                did: "Asked for the metadata of resource and authorization server.",
                why: "Claude Code has been reported to fail on the missing body (ClarionAssistant#3).",
                remedy: "Answer 404 with a JSON body, such as {}."
            ) { evidence, _ in
                guard let access = evidence.access else { return .notExamined }
                let empty = (access.resource + access.server).first { $0.reply.status == 404 && $0.reply.body.isEmpty }
                return .found(if: empty.map(\.url))
            },
            Check(
                "access.page", "The well-known places show a page", in: .access,
                did: "Asked for the metadata of resource and authorization server.",
                why: "A page with 200 is read as broken metadata, and clients stop.",
                remedy: "Answer 404 as JSON for what is not there."
            ) { evidence, _ in
                guard let access = evidence.access else { return .notExamined }
                let pages = (access.resource + access.server).filter {
                    $0.reply.status == 200 && $0.json?.kind != .object
                }
                return .found(if: pages.first.map { "\($0.url) is \($0.reply.mediaType ?? "no type")" })
            },
        ] + ServerMetadataChecks.all + SignInChecks.all
}
