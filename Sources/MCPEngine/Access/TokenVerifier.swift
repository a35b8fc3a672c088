/// Knows the access tokens of one issuer: the authorization server in this process, or somebody else's.
package protocol TokenVerifier: Sendable {
    /// Asked for every request with a token that is no key; must answer from memory nearly always, and must give up in
    /// time.
    /// - Parameter token: Without its scheme, at most 16 KiB.
    func verify(_ token: String) async -> TokenVerdict
}

package enum TokenVerdict: Sendable {
    case admitted(Admission)
    /// For good: the client needs another token.
    case refused(TokenRefusal)
    /// Nobody can tell now: the client should come back with the same token, and must not be sent to log in.
    case unavailable(TokenOutage)
}

/// Why a token opens nothing.
package struct TokenRefusal: Error, Sendable, Equatable {
    package enum Reason: String, Sendable, CaseIterable {
        /// Not one of this verifier's; the next one may know it.
        case unknown
        case malformed
        case expired
        case notYetValid = "not_yet_valid"
        case revoked
        case wrongIssuer = "wrong_issuer"
        case wrongAudience = "wrong_audience"
        case wrongType = "wrong_type"
        case badSignature = "bad_signature"
        case unknownKey = "unknown_key"
        case weakAlgorithm = "weak_algorithm"
        case noSubject = "no_subject"

        /// For the developer of the client.
        package var words: String {
            switch self {
            case .unknown: "The token is not known here"
            case .malformed: "The token cannot be read"
            case .expired: "The token has expired"
            case .notYetValid: "The token is not valid yet"
            case .revoked: "The token was revoked"
            case .wrongIssuer: "The token is of another issuer"
            case .wrongAudience: "The token is for another resource"
            case .wrongType: "The token is no access token"
            case .badSignature, .unknownKey, .weakAlgorithm: "The signature of the token is not good"
            case .noSubject: "The token does not say whom it is for"
            }
        }
    }

    package var reason: Reason
    /// A sentence for the operator's log, with what to mend. Never a part of the token that is secret.
    package var detail: String

    package init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// Why it cannot be told whether a token is good.
package struct TokenOutage: Error, Sendable, Equatable {
    /// In seconds.
    package var retryAfter: Int
    /// A sentence for the operator's log.
    package var detail: String

    package init(retryAfter: Int = 5, _ detail: String) {
        self.retryAfter = retryAfter
        self.detail = detail
    }
}

/// Several issuers' verifiers, asked in order.
package struct TokenVerifiers: TokenVerifier {
    private let verifiers: [any TokenVerifier]

    package init(_ verifiers: [any TokenVerifier]) { self.verifiers = verifiers }

    package var isEmpty: Bool { verifiers.isEmpty }

    package func verify(_ token: String) async -> TokenVerdict {
        var verdict = TokenVerdict.refused(TokenRefusal(.unknown, "no issuer of this server knows the token"))
        for verifier in verifiers {
            let next = await verifier.verify(token)
            switch next {
            case .refused(let refusal) where refusal.reason == .unknown: continue
            // A later one may know it, and if not, this one might have.
            case .unavailable: verdict = next
            case .admitted, .refused: return next
            }
        }
        return verdict
    }
}
