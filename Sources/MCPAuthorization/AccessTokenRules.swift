package import FoundationEssentials
package import MCPEngine
package import MCPProtocol

/// When the claims of a token let somebody in (A-07; RFC 9068, 4). Pure.
package struct AccessTokenRules: Sendable {
    package var issuer: String
    package var resource: ResourceIdentifier
    /// What the issuer puts into `aud` for this server, when it is not the server's URL.
    package var audience: String?
    package var scopes = ScopeClaims()
    /// By how much the issuer's clock may differ from ours.
    package var skew: Duration = .seconds(30)

    package init(issuer: String, resource: ResourceIdentifier) {
        self.issuer = issuer
        self.resource = resource
    }

    /// - Parameter header: Of a JWT; nil for what an issuer told about a token, which need not name the issuer.
    package func admission(_ claims: JSON, header: JSON?, at date: Date) -> Result<Admission, TokenRefusal> {
        if let refusal = header.flatMap(form) ?? use(claims) ?? origin(claims, isJWT: header != nil) {
            return .failure(refusal)
        }
        if let refusal = audience(claims) { return .failure(refusal) }
        let (now, skew) = (date.timeIntervalSince1970, skew / .seconds(1))
        guard let expires = claims["exp"]?.number else {
            return .failure(TokenRefusal(.malformed, "the token has no exp, so it would never end"))
        }
        // What is admitted is admitted until the very moment from which on it is refused.
        guard now < expires + skew else {
            return .failure(TokenRefusal(.expired, "it expired \(Self.rounded(now - expires)) s ago"))
        }
        if let start = claims["nbf"]?.number, now + skew < start {
            let early = Self.rounded(start - now)
            return .failure(
                TokenRefusal(
                    .notYetValid, "it begins in \(early) s; compare the clocks of both machines (oauth-clock-skew)"))
        }
        guard let subject = claims["sub"]?.string, (1...1_024).contains(subject.utf8.count) else {
            return .failure(TokenRefusal(.noSubject, "the token has no sub, or one that is no name"))
        }
        return .success(
            Admission(
                .oauth(issuer: issuer, subject: subject), scopes: scopes.scopes(in: claims),
                expires: Date(timeIntervalSince1970: expires + skew)))
    }

    private static func rounded(_ seconds: Double) -> Int { Int(min(max(seconds, 0), 1e9).rounded()) }

    /// What kind of token its header says it is.
    private func form(_ header: JSON) -> TokenRefusal? {
        if let algorithm = header["alg"]?.string, !PublicKeys.algorithms.contains(algorithm) {
            return TokenRefusal(
                .weakAlgorithm,
                "it is signed with \(Self.shown(algorithm)); have the issuer sign with an asymmetric key, such as RS256 or ES256"
            )
        }
        if header["crit"] != nil {
            return TokenRefusal(.malformed, "its header has crit, which nothing here understands")
        }
        guard let type = header["typ"] else { return nil }
        let name = type.string?.lowercased() ?? ""
        let short = name.hasPrefix("application/") ? String(name.dropFirst(12)) : name
        return ["jwt", "at+jwt"].contains(short)
            ? nil : TokenRefusal(.wrongType, "its typ is \(Self.shown(name)), which is no access token")
    }

    /// Tokens of one issuer that are not access tokens, or that only the holder of a key may use.
    private func use(_ claims: JSON) -> TokenRefusal? {
        if claims["cnf"] != nil {
            return TokenRefusal(.wrongType, "it is bound to a key (cnf) and must not be used as a bearer token")
        }
        // Keycloak says it in a claim.
        if let type = claims["typ"]?.string, ["ID", "Refresh", "Offline", "Logout"].contains(type) {
            return TokenRefusal(.wrongType, "it is a token of type \(type); the client should send the access token")
        }
        return nil
    }

    private func origin(_ claims: JSON, isJWT: Bool) -> TokenRefusal? {
        guard let named = claims["iss"] else {
            return isJWT ? TokenRefusal(.wrongIssuer, "it names no issuer; \(issuer) is wanted") : nil
        }
        return named.stringEquals(issuer)
            ? nil
            : TokenRefusal(.wrongIssuer, "its issuer is \(Self.shown(named.string ?? "")); oauth-issuer is \(issuer)")
    }

    private func audience(_ claims: JSON) -> TokenRefusal? {
        let named =
            claims["aud"].map { aud in aud.string.map { [$0] } ?? aud.elements?.compactMap(\.string) ?? [] } ?? []
        let isOurs = named.contains { name in
            audience.map { $0.utf8.elementsEqual(name.utf8) } ?? resource.isNamed(by: name)
        }
        if isOurs { return nil }
        let wanted = audience ?? resource.text
        return TokenRefusal(
            .wrongAudience,
            "its aud is \(named.isEmpty ? "missing" : Self.shown(named.joined(separator: " "))); have the issuer put "
                + "\(wanted) there, or name what it puts there in oauth-audience")
    }

    /// It may come from anyone, so not too much of it.
    private static func shown(_ text: String) -> String { "\"\(text.prefix(120))\"" }
}
