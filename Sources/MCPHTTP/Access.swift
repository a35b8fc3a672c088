package import MCPEngine

/// Who may come in: whom the address lets in, then who has a key, then who has a token of an issuer.
///
/// The two functions are called on every request and must not block. Issuers are asked last, so that keys cost nothing
/// more where there are issuers as well.
package struct Access: Sendable {
    /// Who a caller is that presents nothing; nil when a token is required.
    let principal: @Sendable () -> Principal?
    /// Whose key it is.
    let verify: @Sendable (String) -> Principal?
    /// Asked about what is no key.
    package var tokens = TokenVerifiers([])
    /// How it is said that something is missing.
    package var challenge = BearerChallenge()
    /// Whether the gateway decides what is open to who presents nothing (O-17).
    package var admitsVisitors = false

    package init(
        open principal: @escaping @Sendable () -> Principal?, verify: @escaping @Sendable (String) -> Principal?
    ) {
        self.principal = principal
        self.verify = verify
    }

    /// Everybody, as `principal`.
    package static func open(_ principal: Principal) -> Access {
        Access(open: { principal }, verify: { _ in nil })
    }

    /// Only who presents a token that `verify` knows.
    package static func bearer(_ verify: @escaping @Sendable (String) -> Principal?) -> Access {
        Access(open: { nil }, verify: verify)
    }
}
