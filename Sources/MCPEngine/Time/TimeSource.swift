package import FoundationEssentials

/// Where time comes from; tests turn its hands themselves.
package protocol TimeSource: Sendable {
    /// Monotonic, from an arbitrary start.
    var now: Duration { get }
    /// The wall clock, for what is stored and logged.
    var date: Date { get }
    func sleep(for duration: Duration) async throws
}

package struct SystemTime: TimeSource {
    private let start = ContinuousClock.now

    package init() {}

    package var now: Duration { start.duration(to: .now) }
    package var date: Date { Date() }
    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, tolerance: .milliseconds(5))
    }
}

extension Duration {
    package var seconds: Double { self / .seconds(1) }

    package var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
