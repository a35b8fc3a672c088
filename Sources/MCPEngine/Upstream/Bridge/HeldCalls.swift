import MCPProtocol
import Synchronization

/// Calls that stay open at a server of the handshake era while a per-request client is away with the question that the
/// server asked (B-20 to B-26). Each is known by a ticket, which the client's sealed state carries.
final class HeldCalls: Sendable {
    struct Held: Sendable {
        var call: UpstreamCall
        var conversation: UpstreamConversation
        /// What the client was asked, in order; a question's key is its place.
        var questions: [ServerQuestion]
        fileprivate var owner: String
        fileprivate var expiry: Deadlines.Token
    }

    private let held = Mutex<[String: Held]>([:])
    private let deadlines: Deadlines
    private let random: any RandomSource
    private let limits: UpstreamLimits
    private let metrics: UpstreamMetrics
    private let expired: @Sendable (Held) -> Void

    /// - Parameter expired: Called for a call whose client did not come back.
    init(
        deadlines: Deadlines, random: any RandomSource, limits: UpstreamLimits, metrics: UpstreamMetrics,
        expired: @escaping @Sendable (Held) -> Void
    ) {
        self.deadlines = deadlines
        self.random = random
        self.limits = limits
        self.metrics = metrics
        self.expired = expired
    }

    /// Holds a call, and returns its ticket.
    /// - Throws: ``ToolError`` when the principal has as many as it may.
    func hold(
        _ call: UpstreamCall, _ conversation: UpstreamConversation, _ questions: [ServerQuestion],
        for principal: Principal
    ) throws(ToolError) -> String {
        let ticket = RandomText.lowercase(25, from: random)
        let expiry = deadlines.schedule(after: limits.heldTime) { [weak self] in
            if let self, let held = take(ticket) { expired(held) }
        }
        let (isHeld, count) = held.withLock { held in
            guard held.values.count(where: { $0.owner == principal.id }) < limits.heldCalls else {
                return (false, held.count)
            }
            held[ticket] = Held(
                call: call, conversation: conversation, questions: questions, owner: principal.id, expiry: expiry)
            return (true, held.count)
        }
        guard isHeld else {
            deadlines.cancel(expiry)
            throw ToolError(
                "\(limits.heldCalls) calls wait for answers to their questions already; answer those first.")
        }
        metrics.holds(count)
        return ticket
    }

    /// Each ticket is good once.
    func take(_ ticket: String) -> Held? {
        let (taken, count) = held.withLock { held in (held.removeValue(forKey: ticket), held.count) }
        guard let taken else { return nil }
        deadlines.cancel(taken.expiry)
        metrics.holds(count)
        return taken
    }
}
