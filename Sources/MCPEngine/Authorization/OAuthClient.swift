package import FoundationEssentials

/// A program that asks people for access.
package struct OAuthClient: Equatable, Sendable {
    /// How it came to be known.
    package enum Kind: String, Sendable {
        /// By the operator.
        case preregistered
        /// By itself (RFC 7591): nobody has vouched for its name.
        case registered
        /// By a document at its id, which is a URL: the host has vouched for it.
        case document
    }

    /// How it shows at the token endpoint that it is itself.
    package enum Authentication: String, Sendable {
        case none
        case secretPost = "client_secret_post"
        case secretBasic = "client_secret_basic"
        /// By signing (RFC 7523, 2.2).
        case privateKey = "private_key_jwt"
    }

    package var id: String
    package var kind: Kind
    /// As it calls itself; nil when it says nothing.
    package var name: String?
    /// Each as ``RedirectRule`` wants it.
    package var redirectURIs: [String]
    package var authentication: Authentication
    /// SHA-256 of its secret; nil for one that has none.
    package var secretHash: [UInt8]?
    /// Of one that signs.
    package var keys: ClientKeys?
    /// Whether it wants refresh tokens.
    package var refreshes: Bool
    package var created: Date
    /// When it is forgotten unless somebody uses it; nil for never.
    package var expires: Date?
    /// Whether anybody has connected with it.
    package var isUsed: Bool
    /// Until when a document need not be fetched again.
    package var freshUntil: Date?

    package init(
        id: String, kind: Kind, name: String?, redirectURIs: [String], authentication: Authentication = .none,
        secretHash: [UInt8]? = nil, keys: ClientKeys? = nil, refreshes: Bool = true, created: Date,
        expires: Date? = nil, isUsed: Bool = false,
        freshUntil: Date? = nil
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.redirectURIs = redirectURIs
        self.authentication = authentication
        self.secretHash = secretHash
        self.keys = keys
        self.refreshes = refreshes
        self.created = created
        self.expires = expires
        self.isUsed = isUsed
        self.freshUntil = freshUntil
    }
}
