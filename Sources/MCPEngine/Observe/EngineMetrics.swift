package import MCPProtocol
import Metrics
import Synchronization

/// Everything the engine counts. Handlers are made once: a label costs a lookup, an increment does not.
package final class EngineMetrics: Sendable {
    private let restores = Counter(label: "holdfast_session_restores_total")
    private let evictions = Counter(label: "holdfast_session_evictions_total")
    private let opened = Counter(label: "holdfast_sessions_opened_total")
    private let resumes = Counter(label: "holdfast_stream_resumes_total")
    private let hangups = Counter(label: "holdfast_hangups_total")
    private let late = Counter(label: "holdfast_late_answers_total")
    private let inFlight = Meter(label: "holdfast_requests_in_flight")
    private let streamsOpen = Meter(label: "holdfast_streams_open")
    private let active = Meter(label: "holdfast_sessions", dimensions: [("state", "active")])
    private let draining = Meter(label: "holdfast_sessions", dimensions: [("state", "draining")])
    private let delivered = Counter(label: "holdfast_drain_answers_total", dimensions: [("outcome", "delivered")])
    private let failed = Counter(label: "holdfast_drain_answers_total", dimensions: [("outcome", "failed")])
    private let tasksCreated = Counter(label: "holdfast_tasks_created_total")
    private let tasksEnded = Dictionary(
        uniqueKeysWithValues: TaskStatus.allCases.filter(\.isTerminal).map {
            ($0, Counter(label: "holdfast_tasks_ended_total", dimensions: [("status", $0.rawValue)]))
        })
    private let tasksRunning = Meter(label: "holdfast_tasks_running")
    private let listenersOpen = Meter(label: "holdfast_listeners_open")
    private let families = Mutex(Families())

    private struct Families {
        var requests: [RequestLabels: RequestHandlers] = [:]
        var counters: [String: Counter] = [:]
        var timers: [String: Timer] = [:]
    }

    private struct RequestLabels: Hashable {
        var era: Era
        var method: String
        var outcome: String
    }

    private struct RequestHandlers {
        var count: Counter
        var duration: Timer
    }

    package init() {}

    /// One HTTP request, over and done. `method` must come from a bounded set.
    package func request(era: Era, method: String, outcome: String, duration: Duration) {
        let labels = RequestLabels(era: era, method: method, outcome: outcome)
        let handlers = families.withLock { families in
            if let handlers = families.requests[labels] { return handlers }
            let handlers = RequestHandlers(
                count: Counter(
                    label: "holdfast_requests_total",
                    dimensions: [
                        ("era", era == .handshake ? "handshake" : "per_request"), ("method", method),
                        ("outcome", outcome),
                    ]),
                duration: Timer(label: "holdfast_request_duration_seconds", dimensions: [("method", method)]))
            families.requests[labels] = handlers
            return handlers
        }
        handlers.count.increment()
        handlers.duration.recordNanoseconds(Int64(duration.seconds * 1e9))
    }

    package func sessionOpened() { opened.increment() }
    package func restored() { restores.increment() }
    package func evicted() { evictions.increment() }
    package func resumed() { resumes.increment() }
    package func hangup() { hangups.increment() }
    package func lateAnswer() { late.increment() }
    package func inFlightChanged(by change: Int) { change > 0 ? inFlight.increment() : inFlight.decrement() }
    package func streamOpened() { streamsOpen.increment() }
    package func streamClosed() { streamsOpen.decrement() }

    package func sessions(active: Int, draining: Int) {
        self.active.set(active)
        self.draining.set(draining)
    }

    package func taskCreated() { tasksCreated.increment() }
    package func taskEnded(_ status: TaskStatus) { tasksEnded[status]?.increment() }
    package func tasks(running: Int) { tasksRunning.set(running) }
    package func listeners(open: Int) { listenersOpen.set(open) }

    package func quirkUsed(_ quirk: String) {
        counter("holdfast_quirks_total", ("quirk", quirk)).increment()
    }

    package func refused(_ reason: String) {
        counter("holdfast_refusals_total", ("reason", reason)).increment()
    }

    package func tokenRefused(_ reason: String) {
        counter("holdfast_token_refusals_total", ("reason", reason)).increment()
    }

    package func drained(_ account: DrainAccount) {
        delivered.increment(by: account.delivered)
        failed.increment(by: account.failed)
        let outcome = account.failed > 0 ? "expired" : "complete"
        counter("holdfast_drains_total", ("cause", account.cause.rawValue), ("outcome", outcome)).increment()
    }

    /// Times a call to the store. `operation` is a fixed word, not data.
    package func timingStore<Value>(
        _ operation: String, _ body: () async throws -> Value
    ) async rethrows -> Value {
        let start = ContinuousClock.now
        defer { storeTimer(operation).recordNanoseconds(Int64(start.duration(to: .now).seconds * 1e9)) }
        return try await body()
    }

    private func counter(_ label: String, _ dimensions: (String, String)...) -> Counter {
        let name = label + dimensions.map { "|" + $0.1 }.joined()
        return families.withLock { families in
            if let counter = families.counters[name] { return counter }
            let counter = Counter(label: label, dimensions: dimensions)
            families.counters[name] = counter
            return counter
        }
    }

    private func storeTimer(_ operation: String) -> Timer {
        families.withLock { families in
            if let timer = families.timers[operation] { return timer }
            let timer = Timer(label: "holdfast_store_duration_seconds", dimensions: [("operation", operation)])
            families.timers[operation] = timer
            return timer
        }
    }
}
