package import MCPProtocol

/// Where the public keys are that a client signs with: in its own description, or at an address.
package enum ClientKeys: Equatable, Sendable {
    /// A key set (RFC 7517, 5).
    case held(JSON)
    /// The URL of one, as ``ClientDocument/isURL(_:allowsLoopback:)`` wants it.
    case at(String)
}

/// What a client has signed to show who it is, its signature verified (RFC 7523, 3).
package struct ClientAssertion: Sendable {
    /// `iss`, `sub`, `aud`, `exp` and `nbf` as they stand there.
    package var issuer: String?
    package var subject: String?
    package var audience: [String]
    package var expires: Int64?
    package var notBefore: Int64?
    /// SHA-256 of what the signature is over: the same assertion again has the same, however its signature is written.
    package var mark: [UInt8]

    package init(
        issuer: String?, subject: String?, audience: [String], expires: Int64?, notBefore: Int64?, mark: [UInt8]
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.expires = expires
        self.notBefore = notBefore
        self.mark = mark
    }
}

/// Knows how to read and verify signed assertions.
package protocol ClientAssertionReader: Sendable {
    /// The `alg` values that are taken.
    var algorithms: [String] { get }
    /// The `sub` of what is claimed, unverified; nil for what is no assertion.
    func subject(of assertion: String) -> String?
    /// Nil when no key of the set has signed it.
    func read(_ assertion: String, keys: JSON) async -> ClientAssertion?
}
