/// How long a client may keep an answer, and for whom (MCP 2026-07-28, server/utilities/caching). Older clients are not
/// told.
public struct CacheHint: Sendable, Hashable {
    /// Who may use a kept answer again.
    public enum Scope: String, Sendable {
        /// The same for everybody: a shared cache may keep it.
        case `public`
        /// For this caller alone.
        case `private`
    }

    /// Not negative; sent in whole milliseconds.
    public var ttl: Duration
    /// For whom it may be kept.
    public var scope: Scope

    public init(ttl: Duration, scope: Scope) {
        self.ttl = ttl
        self.scope = scope
    }

    /// Ask again each time.
    public static let none = CacheHint(ttl: .zero, scope: .private)

    /// Of a result; nil when it has none.
    package init?(in result: JSON) {
        guard let milliseconds = result["ttlMs"]?.integer,
            let scope = result["cacheScope"]?.string.flatMap({ Scope(rawValue: $0) })
        else { return nil }
        self.init(ttl: .milliseconds(milliseconds), scope: scope)
    }

    package var milliseconds: Int64 {
        let (seconds, attoseconds) = ttl.components
        // A million years is long enough, and cannot overflow.
        return max(0, min(seconds, 1 << 45) * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
