package import FoundationEssentials
import MCPEngine
import Synchronization

/// Time that stands still until a test moves it.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        var due: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Duration = .zero
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    package init() {}

    package var now: Duration { state.withLock { $0.now } }
    package var date: Date { start.addingTimeInterval(now.seconds) }

    package func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (ready, watchers) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                    if duration <= .zero || Task.isCancelled { return (true, []) }
                    state.sleepers[number] = Sleeper(due: state.now + duration, continuation: continuation)
                    defer { state.watchers = [] }
                    return (false, state.watchers)
                }
                for watcher in watchers { watcher.resume() }
                if ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?
                .continuation.resume(throwing: CancellationError())
        }
        try Task.checkCancellation()
    }

    /// Moves on, and wakes whoever has slept long enough.
    package func advance(by duration: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            state.now += duration
            let due = state.sleepers.filter { $0.value.due <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.due < $1.due }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Returns when somebody sleeps, so that a test moves time only when there is someone to notice.
    package func waitForSleeper() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if !state.sleepers.isEmpty || Task.isCancelled { return true }
                    state.watchers.append(continuation)
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            let watchers = state.withLock { state in
                defer { state.watchers = [] }
                return state.watchers
            }
            for watcher in watchers { watcher.resume() }
        }
    }
}
