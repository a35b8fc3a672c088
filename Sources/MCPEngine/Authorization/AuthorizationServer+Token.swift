import FoundationEssentials
import Logging

/// What a client gets for a code or a refresh token (RFC 6749, 5.1).
package struct TokenAnswer: Sendable, Equatable {
    package var accessToken: String
    /// In whole seconds.
    package var expiresIn: Int
    package var refreshToken: String?
    package var scope: String
}

extension AuthorizationServer {
    /// - Throws: ``OAuthError``, ``StoreError``.
    package func token(_ parameters: OAuthParameters, basic: String?) async throws -> TokenAnswer {
        try parameters.requireSingle()
        let kind = try parameters.required("grant_type")
        guard kind == "authorization_code" || kind == "refresh_token" else {
            throw OAuthError(.unsupportedGrantType, "grant_type must be authorization_code or refresh_token")
        }
        let client = try await authenticate(parameters, basic: basic)
        return kind == "refresh_token"
            ? try await refresh(parameters, client) : try await redeem(parameters, client)
    }

    /// - Throws: ``OAuthError``, ``StoreError``.
    func authenticate(_ parameters: OAuthParameters, basic: String?) async throws -> OAuthClient {
        let credentials = try ClientCredentials(parameters, basic: basic) { assertions?.subject(of: $0) }
        let client: OAuthClient
        do { client = try await clients.knownClient(credentials.id) } catch is ClientFault {
            throw OAuthError(.invalidClient, "The client is not known here; register again")
        }
        if client.authentication == .privateKey, let assertion = credentials.assertion, let assertions {
            try await assertions.check(
                assertion, of: client, audiences: [identity.issuer, identity.issuer + "/token"])
            return client
        }
        guard credentials.belong(to: client) else {
            throw OAuthError(
                .invalidClient,
                client.authentication == .privateKey
                    ? "This client signs: send client_assertion"
                    : client.secretHash == nil
                        ? "This client has no secret; present only client_id"
                        : "The client_secret is missing or wrong")
        }
        return client
    }

    private func redeem(_ parameters: OAuthParameters, _ client: OAuthClient) async throws -> TokenAnswer {
        let text = try parameters.required("code")
        let verifier = try parameters.required("code_verifier")
        guard PKCE.isVerifier(verifier) else {
            throw OAuthError(.invalidRequest, "code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
        }
        guard let code = GrantSecret(parsing: text), code.kind == .code else { throw refused(.unknown, nil) }
        try admit(code, client)
        let presentation = CodePresentation(
            code: code, client: client.id, redirectURI: parameters["redirect_uri"], verifier: verifier)
        return try await answer(code, parameters, client) { $0.redeem(presentation, $1, at: $2) }
    }

    private func refresh(_ parameters: OAuthParameters, _ client: OAuthClient) async throws -> TokenAnswer {
        let text = try parameters.required("refresh_token")
        guard let token = GrantSecret(parsing: text), token.kind == .refresh else { throw refused(.unknown, nil) }
        try admit(token, client)
        return try await answer(token, parameters, client) { $0.refresh(token, client: client.id, $1, at: $2) }
    }

    /// One connection that asks without end slows down nobody but itself.
    private func admit(_ secret: GrantSecret, _ client: OAuthClient) throws {
        if let seconds = requests.attempt("\(secret.grant) \(client.id)") {
            var error = OAuthError.tooOften
            error.retryAfter = seconds
            throw error
        }
    }

    private func answer(
        _ secret: GrantSecret, _ parameters: OAuthParameters, _ client: OAuthClient,
        _ event: @escaping @Sendable (inout GrantMachine, GrantMachine.Lifetimes, Date) -> GrantAnswer
    ) async throws -> TokenAnswer {
        guard let standing = try await store.standing(of: secret.grant) else { throw refused(.unknown, nil) }
        guard standing.user.disabled == nil else {
            throw OAuthError(.invalidGrant, "The person may not use this server any more")
        }
        let terms = standing.grant.machine.terms
        guard identity.resources.contains(terms.resource) else {
            throw OAuthError(.invalidGrant, "The endpoint that this was for has another URL now; authorize again")
        }
        // Before anything happens to the grant: such a request is mended and sent again.
        let resources = parameters.all("resource")
        guard try resources.isEmpty || resource(named: resources) == terms.resource else {
            throw OAuthError(.invalidTarget, "resource is not the one that was asked for in the authorization request")
        }
        let scopes = try narrowed(parameters["scope"], terms)
        let (lifetimes, now) = (limits.grants, time.date)
        guard let change = try await store.change(secret.grant, { event(&$0, lifetimes, now) }) else {
            throw refused(.unknown, nil)
        }
        switch change.effect {
        case .refused(let refusal): throw refused(refusal, change.grant)
        case .issued(let issue):
            if client.expires != nil { try await store.use(client.id, until: now + lifetimes.refresh.seconds) }
            log("oauth.tokens_issued", change.grant, ["again": "\(issue.isAgain)"])
            return TokenAnswer(
                accessToken: issue.access.text, expiresIn: max(1, Int(issue.expires.timeIntervalSince(now))),
                refreshToken: terms.refreshes ? issue.refresh.text : nil, scope: scopes.joined(separator: " "))
        }
    }

    /// A refresh may name the scopes it has (RFC 6749, 6), and gets all of them.
    private func narrowed(_ text: String?, _ terms: GrantTerms) throws(OAuthError) -> [String] {
        let asked = Set((text ?? "").split(separator: " ").map(String.init)).intersection(identity.scopes)
        guard ScopeSet(terms.scopes).covers(ScopeSet(asked)) else {
            throw OAuthError(.invalidScope, "More was asked for than the person has agreed to; authorize again")
        }
        return terms.scopes
    }

    private func refused(_ refusal: GrantRefusal, _ grant: GrantRecord?) -> OAuthError {
        if let grant {
            let level: Logger.Level = refusal == .reused ? .warning : .info
            logger.log(
                level: level, "oauth.grant_refused",
                metadata: [
                    "grant": "\(grant.mark)", "client": "\(grant.machine.terms.client.prefix(200))",
                    "reason": "\(refusal.rawValue)",
                ])
        }
        return OAuthError(.invalidGrant, Self.words(refusal))
    }

    private static func words(_ refusal: GrantRefusal) -> String {
        switch refusal {
        case .unknown: "This code or refresh token was not given out here, or is forgotten; authorize again"
        case .expired: "This code or refresh token has expired; authorize again"
        case .ended: "The connection has ended; authorize again"
        case .reused: "This was used before; everything that came of it is revoked, authorize again"
        case .otherClient: "This was given to another client"
        case .otherRedirect: "redirect_uri is not the one of the authorization request"
        case .wrongVerifier: "code_verifier does not belong to the code_challenge of the authorization request"
        }
    }
}
