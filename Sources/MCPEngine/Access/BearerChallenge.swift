/// The `WWW-Authenticate` header of a refusal (RFC 6750, 3; RFC 9728, 5.1): what to send instead, and where to get it.
package struct BearerChallenge: Sendable {
    package enum Code: String, Sendable {
        case invalidRequest = "invalid_request"
        case invalidToken = "invalid_token"
        case insufficientScope = "insufficient_scope"
    }

    /// An absolute URL; nil while no authorization server can give out tokens
    /// (Docs/decisions/0005-a-401-without-resource-metadata.md).
    package var resourceMetadata: String?
    /// What a client should ask for that has nothing yet.
    package var initialScopes: ScopeSet

    package init(resourceMetadata: String? = nil, initialScopes: ScopeSet = .none) {
        self.resourceMetadata = resourceMetadata
        self.initialScopes = initialScopes
    }

    /// - Parameters:
    ///   - code: Nil when nothing was presented (RFC 6750, 3.1).
    ///   - description: For the developer of the client.
    ///   - scopes: What the client should ask for; ``initialScopes`` when it is nil.
    package func header(_ code: Code? = nil, _ description: String? = nil, scopes: ScopeSet? = nil) -> String {
        var text = #"Bearer realm="holdfast""#
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { text += ", \(name)=\"\(Self.quotable(value))\"" }
        }
        add("error", code?.rawValue)
        add("error_description", description)
        if resourceMetadata != nil {
            add("scope", (scopes ?? initialScopes).text)
            add("resource_metadata", resourceMetadata)
        }
        return text
    }

    /// Only what may stand between quotes without an escape.
    private static func quotable(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in
                (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                    ? byte : UInt8(ascii: "'")
            }, as: UTF8.self)
    }
}
