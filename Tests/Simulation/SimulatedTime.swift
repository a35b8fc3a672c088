import FoundationEssentials
import MCPEngine
import Synchronization

/// Time that jumps to the next thing that is due when nothing else can happen.
final class SimulatedTime: TimeSource {
    private struct Entry {
        var due: Duration
        var number: Int
        var wake: Wake
    }

    private enum Wake {
        case sleeper(CheckedContinuation<Void, any Error>)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var now: Duration = .zero
        /// By when they are due, then as they came.
        var entries: [Entry] = []
        var next = 0

        mutating func add(_ wake: Wake, at due: Duration, as number: Int) {
            let place = entries.firstIndex { $0.due > due } ?? entries.endIndex
            entries.insert(Entry(due: due, number: number, wake: wake), at: place)
        }

        mutating func remove(_ number: Int) -> Wake? {
            entries.firstIndex { $0.number == number }.map { entries.remove(at: $0).wake }
        }

        mutating func makeNumber() -> Int {
            next += 1
            return next
        }
    }

    private let state = Mutex(State())
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    var now: Duration { state.withLock { $0.now } }
    var date: Date { start.addingTimeInterval(now.seconds) }

    func elapsed(by date: Date) -> Duration {
        .milliseconds(Int((date.timeIntervalSince(start) * 1_000).rounded()))
    }

    func sleep(for duration: Duration) async throws {
        let number = state.withLock { $0.makeNumber() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    if duration <= .zero || Task.isCancelled { return true }
                    state.add(.sleeper(continuation), at: state.now + duration, as: number)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            if case .sleeper(let sleeper) = state.withLock({ $0.remove(number) }) {
                sleeper.resume(throwing: CancellationError())
            }
        }
        try Task.checkCancellation()
    }

    /// Calls `action` then, from no task.
    func call(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            let number = state.makeNumber()
            state.add(.call(action), at: state.now + delay, as: number)
            return number
        }
    }

    func cancel(_ call: Int) { _ = state.withLock { $0.remove(call) } }

    /// Goes on to the next thing that is due. False when nothing is.
    func advance() -> Bool {
        let wake = state.withLock { state -> Wake? in
            guard !state.entries.isEmpty else { return nil }
            let entry = state.entries.removeFirst()
            state.now = max(state.now, entry.due)
            return entry.wake
        }
        switch wake {
        case .sleeper(let sleeper): sleeper.resume()
        case .call(let action): action()
        case nil: return false
        }
        return true
    }
}
