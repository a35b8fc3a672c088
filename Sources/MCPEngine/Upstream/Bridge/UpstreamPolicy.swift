package import MCPProtocol

/// How a server behind us is treated.
package struct UpstreamPolicy: Sendable {
    /// Whose calls share one conversation with it, and with that whatever it keeps between calls (B-10 to B-12).
    package enum Lifetime: String, Sendable, CaseIterable {
        /// Everybody's.
        case shared
        case perPrincipal = "per-principal"
        /// Each session of a handshake-era client has its own, which ends after it; requests without a session share one
        /// for their principal.
        case perSession = "per-session"
    }

    /// Unique among upstreams; a metric label, and what messages to people call it.
    package var name: String
    package var lifetime: Lifetime
    /// The only era that it is spoken to in; nil to find out (E-40 to E-46).
    package var era: Era?
    package var limits: UpstreamLimits

    package init(
        name: String, lifetime: Lifetime = .shared, era: Era? = nil, limits: UpstreamLimits = UpstreamLimits()
    ) {
        self.name = name
        self.lifetime = lifetime
        self.era = era
        self.limits = limits
    }
}

/// Every bound and interval that is kept for one server behind us.
package struct UpstreamLimits: Sendable {
    /// From starting it to its answer to `initialize`.
    package var openTime: Duration = .seconds(30)
    /// For one page of one of its lists.
    package var listTime: Duration = .seconds(10)
    /// Pages of one list.
    package var pages = 1_000
    /// Items of one list.
    package var items = 10_000
    /// All its lists together, in bytes.
    package var offerBytes = 16 << 20
    /// Between attempts to open it: the first pause after a failure, which doubles up to the second.
    package var leastBackoff: Duration = .milliseconds(250)
    package var mostBackoff: Duration = .seconds(30)
    /// Open at once.
    package var conversations = 64
    /// After that long without a call, a conversation that is not shared by all is closed.
    package var idleTime: Duration = .seconds(600)
    /// Calls that wait for the answer to a question which a per-request client takes away with it, by principal.
    package var heldCalls = 16
    package var heldTime: Duration = .seconds(600)
    /// Questions that one call may ask one after the other.
    package var rounds = 10
    /// Calls in flight in one conversation.
    package var inFlight = 1_000
    /// Questions and answers of one call that were not taken up yet.
    package var waitingEvents = 64

    package init() {}
}
