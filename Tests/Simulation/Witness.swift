import Logging
import MCPEngine
import MCPProtocol
import Synchronization

/// Sees everything that happens in one run, objects to what must not, and notes what was reached.
final class Witness: Sendable {
    private struct State {
        var objections: [String] = []
        var reached: Set<String> = []
        var tickets: [Ticket] = []
        var nonce = 0
        var failures: [SessionKey: Int] = [:]
        var storeFailures = 0
        var executions: [Int: Int] = [:]
        var trace: UInt64 = 0xCBF2_9CE4_8422_2325
        var story: [String]?
        /// Sessions that a process has, by its number and their marks: how often opened and not closed.
        var open: [String: Int] = [:]
    }

    private let state: Mutex<State>
    private let time: SimulatedTime

    /// - Parameter tells: Whether what happens is kept to be printed.
    init(time: SimulatedTime, tells: Bool) {
        self.time = time
        var state = State()
        if tells { state.story = [] }
        self.state = Mutex(state)
    }

    // MARK: What is noted

    /// Takes part in the run's fingerprint: two runs of one seed that differ anywhere differ in it.
    func trace(_ value: UInt64) {
        state.withLock { $0.trace = ($0.trace ^ value) &* 0x100_0000_01B3 }
    }

    func tell(_ text: @autoclosure () -> String) {
        state.withLock { state in
            guard state.story != nil else { return }
            state.story?.append("\(time.now.milliseconds) ms  \(text())")
        }
    }

    func reach(_ mark: String) { state.withLock { _ = $0.reached.insert(mark) } }

    func object(_ text: String) {
        tell("OBJECTION \(text)")
        state.withLock { $0.objections.append("\(time.now.milliseconds) ms: \(text)") }
    }

    func expect(_ isSo: Bool, _ text: @autoclosure () -> String) { if !isSo { object(text()) } }

    var objections: [String] { state.withLock { $0.objections } }
    var reached: Set<String> { state.withLock { $0.reached } }
    var fingerprint: UInt64 { state.withLock { $0.trace } }
    var story: [String] { state.withLock { $0.story ?? [] } }

    // MARK: Requests

    /// - Parameter nonce: Of the request that this one repeats with more in it.
    func ticket(
        _ kind: Ticket.Kind, _ principal: Principal, _ session: SessionFacts? = nil, repeating nonce: Int? = nil
    ) -> Ticket {
        let now = time.now
        let ticket = state.withLock { state in
            state.nonce += 1
            let ticket = Ticket(nonce ?? state.nonce, kind, principal, session, sent: now)
            state.tickets.append(ticket)
            return ticket
        }
        tell("\(ticket) is sent\(session.map { " on \($0)" } ?? "")")
        return ticket
    }

    func executed(_ nonce: Int) { state.withLock { $0.executions[nonce, default: 0] += 1 } }
    func executions(of nonce: Int) -> Int { state.withLock { $0.executions[nonce, default: 0] } }

    /// Every request has come to something by now.
    func checkTickets() {
        for ticket in state.withLock({ $0.tickets }) {
            expect(ticket.isSettled, "\(ticket) was never answered, and its client is there")
            let most = ticket.kind.mayRunTwice ? 2 : 1
            let times = executions(of: ticket.nonce)
            expect(times <= most, "\(ticket) was carried out \(times) times")
        }
    }

    // MARK: Sessions

    func open(_ session: String) { state.withLock { $0.open[session, default: 0] += 1 } }

    func close(_ session: String) { state.withLock { $0.open[session, default: 0] -= 1 } }

    /// Each was closed as often as it was opened or restored, or lives.
    func checkSessions() {
        for (session, count) in state.withLock({ $0.open }) where count < 0 {
            object("session \(session) closed more often than it was opened")
        }
    }

    // MARK: The store

    func storeFailed(_ key: SessionKey?) {
        state.withLock { state in
            state.storeFailures += 1
            if let key { state.failures[key, default: 0] += 1 }
        }
    }

    func storeHasFailed(for key: SessionKey) -> Bool { state.withLock { $0.failures[key] != nil } }
    var storeHasFailed: Bool { state.withLock { $0.storeFailures > 0 } }
}

// MARK: What processes log

extension Witness {
    func heard(_ event: String, _ metadata: Logger.Metadata, _ process: Int) {
        tell("process \(process): \(event) \(metadata.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " "))")
        let cause = metadata["cause"].map { " \($0)" } ?? metadata["status"].map { " \($0)" } ?? ""
        reach("\(event)\(cause)")
        guard let session = metadata["session"].map({ "\(process)/\($0)" }) else { return }
        switch event {
        case "session.drain_started":
            reach("session draining")
            let isIdle = metadata["cause"].map { "\($0)" } == "idle" || metadata["cause"].map { "\($0)" } == "eviction"
            let inFlight = metadata["in_flight"].map { "\($0)" } ?? "0"
            expect(!isIdle || inFlight == "0", "\(session) was idle with \(inFlight) requests in flight")
        case "session.drain_completed":
            reach("session closed\(metadata["failed"].map { "\($0)" == "0" ? "" : " after its grace" } ?? "")")
            close(session)
        case "session.opened", "session.restored": open(session)
        default: break
        }
    }
}
