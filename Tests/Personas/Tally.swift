import Synchronization

/// What came of all requests, by every persona.
final class Tally: Sendable {
    private struct State {
        var outcomes: [String: Int] = [:]
        var faults: [String] = []
        var requests = 0
        var counted = 0
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

    /// A call that the server numbers was answered.
    func counted() { state.withLock { $0.counted += 1 } }

    var countedCalls: Int { state.withLock { $0.counted } }
    var requests: Int { state.withLock { $0.requests } }
    var faults: [String] { state.withLock { $0.faults } }

    /// One line, for people and for programs.
    func report(seconds: Double) -> String {
        state.withLock { state in
            let sorted = state.durations.sorted()
            func quantile(_ share: Double) -> Int {
                sorted.isEmpty ? 0 : Int(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] * 1000)
            }
            let outcomes = state.outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            return """
                \(state.requests) requests in \(Int(seconds)) s; lost or wrong \(state.outcomes["FAULT", default: 0]); \
                initialize and lists p50 \(quantile(0.5)) ms, p99 \(quantile(0.99)) ms; \(outcomes.joined(separator: ", "))
                """
        }
    }
}
