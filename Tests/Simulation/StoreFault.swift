import MCPEngine

/// A call of the store that failed, as it was meant to: what may be blamed on it is only what it can have caused.
struct StoreFault: Sendable {
    enum Part: Hashable, Sendable {
        case lookup(SessionKey)
        /// Anything else about sessions.
        case sessions
        case keys
        case tasks
        case offers
    }

    var part: Part
    var process: Int
    var at: Duration
}
