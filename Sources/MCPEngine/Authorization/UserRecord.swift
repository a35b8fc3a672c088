package import FoundationEssentials

/// Somebody who can sign in.
package struct UserRecord: Equatable, Sendable {
    /// Random, and never used again: what the person owns belongs to it, not to the name.
    package var id: String
    /// Unique, whatever its case.
    package var name: String
    package var password: PasswordHash
    package var created: Date
    /// Since when nobody gets in with it.
    package var disabled: Date?

    package init(id: String, name: String, password: PasswordHash, created: Date, disabled: Date? = nil) {
        self.id = id
        self.name = name
        self.password = password
        self.created = created
        self.disabled = disabled
    }

    package var principal: Principal { Principal(id: "user:\(id)", name: name) }
}
