import Synchronization

/// What came of all requests, by every persona.
final class Tally: Sendable {
    private struct State {
        var outcomes: [String: Int] = [:]
        var faults: [String] = []
        var requests = 0
        /// What is no outcome of a request.
        var notes: [String: Int] = [:]
        var durations: [Double] = []
    }

    private let state = Mutex(State())

    /// A request came to what it should: an answer, a refusal there was reason for, a farewell.
    func fine(_ outcome: String) { state.withLock { $0.outcomes[outcome, default: 0] += 1 } }

    /// It did not.
    func fault(_ persona: String, _ what: String) {
        state.withLock { state in
            state.outcomes["FAULT", default: 0] += 1
            if state.faults.count < 40 { state.faults.append("\(persona): \(what)") }
        }
    }

    func sent() { state.withLock { $0.requests += 1 } }

    /// How long `initialize` or a list took.
    func listed(in seconds: Double) { state.withLock { $0.durations.append(seconds) } }

    /// Something that is good to know and nobody's outcome.
    func note(_ what: String) { state.withLock { $0.notes[what, default: 0] += 1 } }

    var requests: Int { state.withLock { $0.requests } }
    var faults: [String] { state.withLock { $0.faults } }

    /// One line, for people and for programs.
    func report(seconds: Double) -> String {
        state.withLock { state in
            let sorted = state.durations.sorted()
            func quantile(_ share: Double) -> Int {
                sorted.isEmpty ? 0 : Int(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] * 1000)
            }
            func list(_ counts: [String: Int]) -> String {
                counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            }
            return """
                \(state.requests) requests in \(Int(seconds)) s; lost or wrong \(state.outcomes["FAULT", default: 0]); \
                initialize and lists p50 \(quantile(0.5)) ms, p99 \(quantile(0.99)) ms; \(list(state.outcomes)); \(list(state.notes))
                """
        }
    }
}
