import MCPEngine
import MCPProtocol

/// What can have been the reason. Each is a fact about this very request: its session, its process, and its time.
extension Judge {
    /// The session is not there for whoever asks.
    func mayBeGone(_ session: SessionFacts) -> Bool {
        session.deleted != nil || mayBeLost(session)
    }

    /// The same, though nobody has deleted it.
    func mayBeLost(_ session: SessionFacts) -> Bool {
        guard let moment = ticket.moment else { return false }
        if storeHasFailed(.lookup(session.key)) { return true }
        let expiry = run.plan.limits.idleExpiry
        if moment.rest >= expiry { return true }
        // Another process, or this one after an eviction, goes by what the store knows.
        guard let heard = moment.storeHeard else { return !moment.holdsSession }
        return (moment.isUntold || witness.isUntold(session.key)) && moment.arrived - heard >= expiry
    }

    /// The process had begun to stop before the request was answered.
    var stops: Bool { process?.stopping != nil }

    /// The process had begun to stop before it refused the request.
    var wasStopping: Bool { ticket.moment?.isStopping == true }

    var wasFull: Bool { process?.wasFull(since: ticket.sent) == true }

    func storeHasFailed(_ parts: StoreFault.Part...) -> Bool {
        parts.contains { witness.storeHasFailed($0, in: process?.number, since: ticket.sent) }
    }

    // MARK: Others

    /// Those of its caller that may have been in flight while it was.
    func others(inSession: Bool = false) -> [Ticket] {
        witness.beside(ticket, inSession: inSession, longest: run.plan.limits.toolTime + .milliseconds(100))
    }

    /// As many others were in flight as the bound that is named admits.
    func hasCompany(_ message: String) -> Bool {
        let limits = run.plan.limits
        if message.contains("streams") { return others().count { $0.kind == .listen } >= limits.streamsPerPrincipal }
        let isOfSession = message.contains("on this session")
        let most = isOfSession ? limits.inFlightPerSession : limits.inFlightPerPrincipal
        return others(inSession: isOfSession).count(where: \.kind.isTool) >= most
    }

    /// Other calls of its caller are held, as many as the bound of tight runs.
    var holdsOthers: Bool {
        let limits = run.plan.upstream
        let since = ticket.sent - limits.heldTime
        return limits.heldCalls == 1 && witness.asks(beside: ticket, since: since, longest: run.plan.limits.toolTime)
    }

    /// Its caller has as many tasks as it may, those that are over among them.
    var hasEnoughTasks: Bool {
        let made = run.processes.flatMap { $0.store.made(by: ticket.principal.id) }
        return made.count >= run.plan.limits.tasks.perOwner
    }

    // MARK: The work

    /// Something holds it up for longer than a call may take.
    var mayTakeLong: Bool {
        switch ticket.kind {
        case .sleep: run.plan.isSlow
        // Some people never answer.
        case .ask, .question: true
        case .read, .work: run.plan.isSlow || witness.wasSilenced(ticket.nonce)
        default: false
        }
    }

    /// The server behind was away, or had no room.
    func mayBeUnavailable(_ text: String) -> Bool {
        guard let far = process?.far else { return false }
        if text.contains("in flight already") || text.contains("are in use") {
            // Where opening one fails, its place is free a little later.
            return far.wasFull(since: ticket.sent - .milliseconds(50))
        }
        if text.contains("is stopping") { return stops }
        let limits = run.plan.upstream
        // A call is tried twice.
        if far.forgettings(since: ticket.sent) > 1 { return true }
        // It is not opened again at once, and that takes its time.
        return far.hasFailed(since: ticket.sent - limits.mostBackoff * 2 - limits.openTime)
    }
}
