package import FoundationEssentials

/// A browser in which somebody has signed in.
package struct SignInRecord: Equatable, Sendable {
    /// SHA-256 of what the browser's cookie holds, 32 bytes.
    package var hash: [UInt8]
    /// ``UserRecord/id``
    package var user: String
    package var created: Date
    package var expires: Date

    package init(hash: [UInt8], user: String, created: Date, expires: Date) {
        self.hash = hash
        self.user = user
        self.created = created
        self.expires = expires
    }
}
