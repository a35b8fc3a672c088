/// What a person has agreed to, once and for good: nothing that comes of a grant goes beyond it.
package struct GrantTerms: Equatable, Sendable {
    /// ``UserRecord/id``
    package var user: String
    /// ``OAuthClient/id``
    package var client: String
    /// As the client gave it, or the only registered one when it gave none.
    package var redirectURI: String
    /// The PKCE challenge: base64url of the SHA-256 of what the client will show with the code (RFC 7636, 4.2).
    package var challenge: String
    /// The canonical URI of the endpoint that the tokens are for (RFC 8707).
    package var resource: String
    package var scopes: [String]
    /// Whether refresh tokens are given out.
    package var refreshes: Bool

    package init(
        user: String, client: String, redirectURI: String, challenge: String, resource: String, scopes: [String],
        refreshes: Bool = true
    ) {
        self.user = user
        self.client = client
        self.redirectURI = redirectURI
        self.challenge = challenge
        self.resource = resource
        self.scopes = scopes
        self.refreshes = refreshes
    }

    func isAnswered(by verifier: String) -> Bool {
        let answer = PKCE.challenge(for: verifier)
        return constantTimeEquals(Array(answer.utf8), Array(challenge.utf8))
    }
}
