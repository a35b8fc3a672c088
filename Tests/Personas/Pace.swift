import Synchronization

/// Gives every request its moment, so that all together come at a rate.
final class Pace: Sendable {
    private let next: Mutex<ContinuousClock.Instant>
    private let interval: Duration

    init(rate: Double) {
        next = Mutex(.now)
        interval = .seconds(1) / rate
    }

    func turn() async throws {
        let mine = next.withLock { next in
            defer { next = max(next, .now) + interval }
            return max(next, .now)
        }
        try await Task.sleep(until: mine, clock: .continuous)  // paces: the rate of the load
    }
}
