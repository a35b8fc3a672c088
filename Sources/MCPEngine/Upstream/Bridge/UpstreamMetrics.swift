import Metrics

/// What is counted of one server behind us.
struct UpstreamMetrics: Sendable {
    private let open: Meter
    private let opens: Counter
    private let failures: Counter
    private let unavailable: Counter
    private let repeated: Counter
    private let held: Meter

    init(upstream name: String) {
        let dimensions = [("upstream", name)]
        open = Meter(label: "holdfast_upstream_conversations", dimensions: dimensions)
        opens = Counter(label: "holdfast_upstream_opens_total", dimensions: dimensions)
        failures = Counter(label: "holdfast_upstream_open_failures_total", dimensions: dimensions)
        unavailable = Counter(label: "holdfast_upstream_unavailable_total", dimensions: dimensions)
        repeated = Counter(label: "holdfast_upstream_repeated_calls_total", dimensions: dimensions)
        held = Meter(label: "holdfast_upstream_held_calls", dimensions: dimensions)
    }

    func opened() {
        open.increment()
        opens.increment()
    }

    func closed() { open.decrement() }
    func failed() { failures.increment() }
    /// A call was answered without the server.
    func refused() { unavailable.increment() }
    /// A call was sent a second time, because the first did not reach the server or does no harm twice.
    func sentAgain() { repeated.increment() }
    func holds(_ count: Int) { held.set(count) }
}
