/// Who is calling: an authenticated, stable identity.
///
/// Everything that is remembered (sessions, memories, event ids) belongs to a principal and does not exist for any other.
public struct Principal: Hashable, Sendable {
    /// Stable across restarts and credential rotation, e.g. `local`, `anonymous`, `key:4f1c0a`.
    public var id: String
    /// For people: the name of the key. Never an authority.
    public var name: String

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    /// The caller of an open server on a loopback address.
    public static let local = Principal(id: "local", name: "local")
    /// Every caller of a server that was told to admit anyone.
    public static let anonymous = Principal(id: "anonymous", name: "anonymous")
}
