import MCPEngine

/// What was so in the server when it took up a request, and when it had decided what becomes of it.
struct Moment: Sendable {
    var arrived: Duration
    /// For how long nobody had done anything with the session by then.
    var rest: Duration = .zero
    /// When the store last heard of the session by then; nil when it never took it.
    var storeHeard: Duration?
    /// Whoever knew more had not told the store.
    var isUntold = false
    /// The tools of the server behind were on offer.
    var offersFar = false
    /// The session was in memory, when it was decided.
    var holdsSession = false
    var isStopping = false
    var decided: Duration?
}

extension ServerProcess {
    func moment(for session: SessionFacts?) -> Moment {
        var moment = Moment(arrived: run.time.now)
        if let session {
            moment.rest = run.time.now - session.used
            moment.isUntold = run.witness.isUntold(session.key)
            moment.storeHeard = run.witness.storeHeard(of: session.key)
        }
        moment.offersFar = bridge?.offer.tools.isEmpty == false
        return moment
    }

    func decided(_ ticket: Ticket?) {
        guard let ticket else { return }
        ticket.moment?.holdsSession = ticket.session.map { run.witness.holds($0.key, number) } ?? false
        ticket.moment?.isStopping = stopping != nil
        ticket.moment?.decided = run.time.now
    }
}
