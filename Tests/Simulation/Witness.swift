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
        var storeFaults: [StoreFault] = []
        /// When the store last heard of each session that it took.
        var heard: [SessionKey: Duration] = [:]
        /// Sessions, by their marks, of whose last use the store may not know.
        var untold: Set<String> = []
        var executions: [Int: Int] = [:]
        /// How often a tool has told of its progress.
        var steps: [Int: Int] = [:]
        /// Requests to which the server behind said nothing.
        var silenced: Set<Int> = []
        var trace: UInt64 = 0xCBF2_9CE4_8422_2325
        var story: [String]?
        /// Sessions that a process has, by its number and their marks: how often opened and not closed.
        var open: [String: Int] = [:]
        var evicted: [String: Duration] = [:]
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

    /// - Parameter first: The request that this one repeats with more in it.
    func ticket(
        _ kind: Ticket.Kind, _ principal: Principal, _ session: SessionFacts? = nil, repeating first: Ticket? = nil
    ) -> Ticket {
        let ticket = state.withLock { state in
            state.nonce += 1
            let ticket = Ticket(state.nonce, kind, principal, session, repeating: first, time)
            state.tickets.append(ticket)
            return ticket
        }
        tell("\(ticket) is sent\(session.map { " on \($0)" } ?? "")")
        return ticket
    }

    func executed(_ nonce: Int) { state.withLock { $0.executions[nonce, default: 0] += 1 } }
    func executions(of nonce: Int) -> Int { state.withLock { $0.executions[nonce, default: 0] } }

    func progressed(_ nonce: Int) { state.withLock { $0.steps[nonce, default: 0] += 1 } }
    func steps(of nonce: Int) -> Int { state.withLock { $0.steps[nonce, default: 0] } }

    func silenced(_ nonce: Int) { state.withLock { _ = $0.silenced.insert(nonce) } }
    func wasSilenced(_ nonce: Int) -> Bool { state.withLock { $0.silenced.contains(nonce) } }

    /// Every request has come to something by now.
    func checkTickets() {
        for ticket in state.withLock({ $0.tickets }) {
            expect(ticket.isSettled, "\(ticket) was never answered, and its client is there")
            let most = ticket.kind.mayRunTwice ? 2 : 1
            let times = executions(of: ticket.nonce)
            expect(times <= most, "\(ticket) was carried out \(times) times")
        }
    }

    /// Requests of the same caller, and of the same session if it is said, that may have been in flight in the same
    /// process at some time while `ticket` was.
    func beside(_ ticket: Ticket, inSession: Bool = false, longest: Duration) -> [Ticket] {
        state.withLock { state in
            state.tickets.filter { other in
                other !== ticket && other.process == ticket.process && other.principal.id == ticket.principal.id
                    && (!inSession || other.session === ticket.session)
                    && other.mayRun(at: ticket.sent, longest: longest)
            }
        }
    }

    /// Whether another request of the same caller was answered with a question in the same process, after `moment`, as
    /// far as its client stayed to hear of it.
    func asks(beside ticket: Ticket, since moment: Duration, longest: Duration) -> Bool {
        state.withLock { state in
            state.tickets.contains { other in
                other !== ticket && other.process == ticket.process && other.principal.id == ticket.principal.id
                    && (other.asked.map { $0 >= moment }
                        ?? (other.mayAsk && other.mayRun(at: moment, longest: longest)))
            }
        }
    }

    /// How many requests in sessions came to something in that process after `moment`.
    func settled(in process: Int, after moment: Duration, but ticket: Ticket) -> Int {
        state.withLock { state in
            state.tickets.count { other in
                other !== ticket && other.process == process && other.session != nil && other.kind.isTool
                    && other.mayRun(at: moment, longest: .zero)
            }
        }
    }

    // MARK: Sessions

    private func open(_ session: String) { state.withLock { $0.open[session, default: 0] += 1 } }

    private func evicted(_ session: String) {
        let now = time.now
        state.withLock { state in
            state.evicted[session] = now
            if let mark = session.split(separator: "/").last { state.untold.insert(String(mark)) }
        }
    }

    private func close(_ session: String) { state.withLock { $0.open[session, default: 0] -= 1 } }

    /// Whether that process has it in memory.
    func holds(_ key: SessionKey, _ process: Int) -> Bool {
        state.withLock { $0.open["\(process)/\(key.mark)", default: 0] > 0 }
    }

    func wasEvicted(_ key: SessionKey, _ process: Int, since: Duration) -> Bool {
        state.withLock { $0.evicted["\(process)/\(key.mark)"].map { $0 >= since } ?? false }
    }

    /// Each was closed as often as it was opened or restored, or lives.
    func checkSessions() {
        for (session, count) in state.withLock({ $0.open }) where count < 0 {
            object("session \(session) closed more often than it was opened")
        }
    }

    // MARK: The store

    func storeFailed(_ fault: StoreFault) { state.withLock { $0.storeFaults.append(fault) } }

    /// Whether such a call of that process has failed since then.
    func storeHasFailed(_ parts: StoreFault.Part..., in process: Int?, since: Duration = .zero) -> Bool {
        state.withLock { state in
            state.storeFaults.contains {
                $0.process == process && $0.at >= since && (parts.isEmpty || parts.contains($0.part))
            }
        }
    }

    func storeHeard(of key: SessionKey, at seen: Duration) {
        state.withLock { state in
            state.heard[key] = max(seen, state.heard[key] ?? .zero)
            state.untold.remove(key.mark)
        }
    }

    func storeHeard(of key: SessionKey) -> Duration? { state.withLock { $0.heard[key] } }

    /// It was used, and whoever knows that may not come to tell the store.
    func untold(_ key: SessionKey) { state.withLock { _ = $0.untold.insert(key.mark) } }

    func isUntold(_ key: SessionKey) -> Bool { state.withLock { $0.untold.contains(key.mark) } }
}

extension SessionKey {
    /// As logs name it.
    var mark: String { String(hex.prefix(8)) }
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
            if metadata["cause"].map({ "\($0)" }) == "eviction" { evicted(session) }
        case "session.opened", "session.restored": open(session)
        default: break
        }
    }
}
