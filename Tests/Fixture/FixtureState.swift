import Synchronization

/// What the fixture's calls share: counters, and gates that one call waits at and another opens.
final class FixtureState: Sendable {
    static let hanging = "\u{0}hanging"

    private struct Waiter {
        var gate: String
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var counts: [String: Int] = [:]
        var opened: Set<String> = []
        var waiters: [Int: Waiter] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    func count(_ name: String) -> Int {
        state.withLock { state in
            state.counts[name, default: 0] += 1
            return state.counts[name, default: 0]
        }
    }

    func open(_ gate: String) {
        let waiting = state.withLock { state in
            // Hanging calls are released each time; a named gate stays open.
            if gate != Self.hanging { state.opened.insert(gate) }
            let leaving = state.waiters.filter { $0.value.gate == gate }
            for key in leaving.keys { state.waiters[key] = nil }
            return leaving.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits at the gate; throws when its task is cancelled.
    func pass(_ gate: String) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await wait(number, at: gate)
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume()
        }
        try Task.checkCancellation()
    }

    /// Waits whatever becomes of its task.
    func hang() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await wait(number, at: Self.hanging, heedingCancellation: false)
    }

    private func wait(_ number: Int, at gate: String, heedingCancellation: Bool = true) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if state.opened.contains(gate) || heedingCancellation && Task.isCancelled { return true }
                state.waiters[number] = Waiter(gate: gate, continuation: continuation)
                return false
            }
            if ready { continuation.resume() }
        }
    }
}
