import MCPEngine
import MCPProtocol
import Synchronization

/// What one request's client has read of its reply, over one connection or several.
final class Reading: Sendable {
    private struct State {
        var last: String?
        var position = 0
        var process: ServerProcess?
    }

    private let run: Run
    private let ticket: Ticket
    private let id: Int
    private let state: Mutex<State>

    init(_ run: Run, _ ticket: Ticket, _ process: ServerProcess?, id: Int) {
        self.run = run
        self.ticket = ticket
        self.id = id
        state = Mutex(State(process: process))
    }

    private var judge: Judge { Judge(run: run, ticket: ticket, process: state.withLock { $0.process }) }
    /// The id of the last event, to resume with.
    var last: String? { state.withLock { $0.last } }

    func take(_ event: Connection.Event, question: (JSON) async -> Void) async {
        let before = state.withLock { state in
            defer { (state.last, state.position) = (event.id ?? state.last, event.position) }
            return state.position
        }
        run.witness.expect(event.position > before, "\(ticket) read an event twice")
        if event.isAnswer { return judge.answer(event.message, id: id) }
        run.witness.expect(ticket.answers == 0, "\(ticket) got \(event.message) after its answer")
        if event.message["id"] != nil {
            // On a shared pipe nothing says which call a question belongs to: that of its session will do (B-29).
            let mayAsk =
                ticket.kind == .ask || ticket.kind == .question
                || ticket.kind.isBehind && run.plan.behind?.isPipe == true
            run.witness.expect(mayAsk, "\(ticket) was asked another's question")
            let meant = event.message["params"]?["for"]?.string ?? ticket.principal.id
            run.witness.expect(meant == ticket.principal.id, "\(ticket) was asked the question of \(meant)")
            return await question(event.message)
        }
        guard event.message["method"]?.string == Method.progress else { return }
        let token = event.message["params"]?["progressToken"]?.integer
        run.witness.expect(token == Int64(ticket.nonce), "\(ticket) got another's progress: \(event.message)")
        ticket.progressed()
        // Of a server behind, which says in it whose it is.
        guard ticket.kind.isBehind else { return }
        let progress = event.message["params"]?["progress"]?.integer
        run.witness.expect(progress == Int64(ticket.nonce), "\(ticket) got the progress of \(progress ?? -1)")
    }

    func end(with outcome: Connection.Outcome) { judge.outcome(outcome, id: id) }

    /// Whether there is more to be had.
    func isInterrupted(_ outcome: Connection.Outcome) -> Bool {
        guard ticket.answers == 0, last != nil else { return false }
        switch outcome {
        case .broken, .tooSlow, .dismissed: return true
        default: return false
        }
    }

    /// It was taken up again, in `process`, by `get`.
    func resumed(with outcome: Connection.Outcome, by get: Ticket, in process: ServerProcess?) {
        let before = state.withLock { state in
            defer { state.process = process }
            return state.process
        }
        get.settle()
        switch outcome {
        case .stream:
            run.witness.reach("resumed")
            run.witness.expect(ticket.answers == 1, "\(ticket) was resumed to an end without an answer")
        // Not kept any more, or in another process.
        case .message(_, 400, _):
            let isOld = run.time.now - ticket.sent >= run.plan.limits.keptStreamAge
            run.witness.expect(
                isOld || before !== process || isCrowdedOut, "\(ticket) is not kept, though it is young")
            run.witness.reach("resumed too late")
        case .message(let json, let status, _):
            Judge(run: run, ticket: get, process: process).refusal(json, status: status)
        case .refused, .broken, .tooSlow, .dismissed: break
        case .accepted, .ended, .notAllowed: run.witness.object("a resume got \(outcome)")
        }
    }

    /// The session has left memory, and its streams with it; or those of others have taken the room.
    private var isCrowdedOut: Bool {
        guard let session = ticket.session, let process = ticket.process else { return false }
        return run.witness.wasEvicted(session.key, process, since: ticket.sent)
            || run.plan.isTight && run.witness.settled(in: process, after: ticket.sent, but: ticket) > 0
    }
}
