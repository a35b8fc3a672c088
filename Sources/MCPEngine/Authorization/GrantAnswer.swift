package import FoundationEssentials

/// A code as a client presents it, with what must come with it.
package struct CodePresentation: Sendable {
    package var code: GrantSecret
    package var client: String
    package var redirectURI: String?
    /// What the challenge was made of.
    package var verifier: String

    package init(code: GrantSecret, client: String, redirectURI: String?, verifier: String) {
        self.code = code
        self.client = client
        self.redirectURI = redirectURI
        self.verifier = verifier
    }
}

/// Tokens to give out.
package struct GrantIssue: Equatable, Sendable {
    package var access: GrantSecret
    /// When the access token ends.
    package var expires: Date
    package var refresh: GrantSecret
    package var terms: GrantTerms
    /// The same as before, to the same question.
    package var isAgain = false
}

package enum GrantAnswer: Equatable, Sendable {
    case issued(GrantIssue)
    case refused(GrantRefusal)
}

/// Why nothing comes of a code or a refresh token. For clients nearly all are the same `invalid_grant`; the words help
/// whoever writes one.
package enum GrantRefusal: String, Sendable, CaseIterable {
    /// It was never given out, or is forgotten.
    case unknown
    case expired
    /// The grant was revoked, or has ended.
    case ended
    /// It was used before; with this everything that came of it is revoked.
    case reused
    case otherClient = "other_client"
    case otherRedirect = "other_redirect"
    case wrongVerifier = "wrong_verifier"
}
