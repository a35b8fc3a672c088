import MCPEngine
import MCPProtocol
import Synchronization

/// Somebody who listens for what concerns no request, and must hear that there is another tool.
final class Listening: Sendable {
    private let run: Run
    private let connection: Connection
    private let hasHeard = Atomic(false)

    init(_ run: Run, _ connection: Connection) {
        self.run = run
        self.connection = connection
    }

    func take(_ message: JSON) {
        if message["method"]?.string == Method.toolsListChanged { hasHeard.store(true, ordering: .relaxed) }
    }

    func end(_ ticket: Ticket) {
        guard let changed = connection.process?.changed, let decided = ticket.moment?.decided,
            // Some time for the network, and for a session that was about to end.
            decided < changed, changed + .milliseconds(100) < run.time.now,
            ticket.session?.deleted.map({ $0 > changed }) ?? true
        else { return }
        run.witness.expect(hasHeard.load(ordering: .relaxed), "\(ticket) did not hear that there is another tool")
        run.witness.reach("heard of another tool")
    }
}
