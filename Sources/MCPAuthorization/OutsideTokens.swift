package import MCPEngine
import MCPProtocol

/// The access tokens of somebody else's authorization server: signed ones are verified here, the rest are asked about.
package struct OutsideTokens: TokenVerifier {
    /// Which tokens the issuer is asked about.
    package enum Asking: String, Sendable {
        /// Those that cannot be read here.
        case opaque
        /// All, so that what the issuer revokes ends at once.
        case all
    }

    private let issuer: Issuer
    private let rules: AccessTokenRules
    private let introspection: Introspection?
    private let asking: Asking
    private let time: any TimeSource

    package init(
        _ issuer: Issuer, rules: AccessTokenRules, introspection: Introspection?, asking: Asking = .opaque,
        time: any TimeSource = SystemTime()
    ) {
        self.issuer = issuer
        self.rules = rules
        self.introspection = introspection
        self.asking = asking
        self.time = time
    }

    package func verify(_ token: String) async -> TokenVerdict {
        let jwt = CompactJWT(token)
        if let jwt, asking == .opaque || introspection == nil { return await verify(jwt) }
        guard let introspection else {
            return .refused(
                TokenRefusal(
                    .unknown, "it is no key, and no signed token; opaque ones take oauth-introspection-client"))
        }
        // What shows already that it is not for us is not worth a question.
        if let jwt, case .failure(let refusal) = rules.admission(jwt.claims, header: jwt.header, at: time.date) {
            return .refused(refusal)
        }
        return await ask(introspection, about: token)
    }

    // The claims first, which cost nothing: what could not be admitted anyway makes nobody fetch a key.
    private func verify(_ jwt: CompactJWT) async -> TokenVerdict {
        let admission: Admission
        switch rules.admission(jwt.claims, header: jwt.header, at: time.date) {
        case .failure(let refusal): return .refused(refusal)
        case .success(let found): admission = found
        }
        let (key, algorithm) = (jwt.header["kid"]?.string, jwt.header["alg"]?.string ?? "")
        switch await issuer.known(for: (key, algorithm)) {
        case .failure(let problem): return problem.verdict
        case .success(let known):
            guard known.keys.verify(jwt.signature, of: jwt.signed, key: key, algorithm) else {
                return .refused(TokenRefusal(.badSignature, "its signature was not made with the issuer's key"))
            }
            return .admitted(admission)
        }
    }

    private func ask(_ introspection: Introspection, about token: String) async -> TokenVerdict {
        let metadata: IssuerMetadata
        switch await issuer.known(for: nil) {
        case .failure(let problem): return problem.verdict
        case .success(let known): metadata = known.metadata
        }
        do {
            guard let claims = try await introspection.claims(of: token, at: metadata) else {
                return .refused(
                    TokenRefusal(.revoked, "the issuer says that it is not active: expired, revoked or never its own"))
            }
            switch rules.admission(claims, header: nil, at: time.date) {
            case .success(let admission): return .admitted(admission)
            case .failure(let refusal): return .refused(refusal)
            }
        } catch { return .unavailable(TokenOutage(error.description)) }
    }
}
