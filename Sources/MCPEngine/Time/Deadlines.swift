import Synchronization

/// Many coarse timers served by one task: reply deadlines, keep-alives, time limits, graces.
///
/// A deadline fires at the first tick after it is due, never before. Setting and cancelling one costs a lock and a
/// dictionary entry, which is what makes it affordable on every request.
package final class Deadlines: Sendable {
    package struct Token: Hashable, Sendable {
        fileprivate var tick: Int
        fileprivate var id: Int
    }

    private struct State {
        var pending: [Int: [Int: @Sendable () -> Void]] = [:]
        var nextID = 0
        var lastTick = 0
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let time: any TimeSource
    private let resolution: Duration
    private let ticksPerSecond: Double

    package init(time: any TimeSource, resolution: Duration = .milliseconds(25)) {
        self.time = time
        self.resolution = resolution
        self.ticksPerSecond = 1 / resolution.seconds
    }

    /// Calls `action` once, on the task of ``run()``, unless it is cancelled first. `action` must not block.
    package func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Token {
        let due = Int(((time.now + delay).seconds * ticksPerSecond).rounded(.up))
        let (token, sleeper) = state.withLock { state in
            state.nextID += 1
            let token = Token(tick: max(due, state.lastTick + 1), id: state.nextID)
            state.pending[token.tick, default: [:]][token.id] = action
            defer { state.sleeper = nil }
            return (token, state.sleeper)
        }
        sleeper?.resume()
        return token
    }

    package func cancel(_ token: Token) {
        // The closure is released outside the lock: what it holds may have a say in its own end.
        let released = state.withLock { state -> (@Sendable () -> Void)? in
            guard let action = state.pending[token.tick]?.removeValue(forKey: token.id) else { return nil }
            if state.pending[token.tick]?.isEmpty == true { state.pending[token.tick] = nil }
            return action
        }
        _ = released
    }

    /// Runs until its task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await waitUntilNeeded()
            try? await time.sleep(for: resolution)
            fireDue()
        }
    }

    package func fireDue() {
        let now = Int(time.now.seconds * ticksPerSecond)
        let due = state.withLock { state -> [@Sendable () -> Void] in
            guard now > state.lastTick else { return [] }
            var due: [@Sendable () -> Void] = []
            if now - state.lastTick > state.pending.count {
                for tick in state.pending.keys.filter({ $0 <= now }).sorted() {
                    due += state.pending.removeValue(forKey: tick)?.values.map { $0 } ?? []
                }
            } else {
                for tick in (state.lastTick + 1)...now {
                    if let actions = state.pending.removeValue(forKey: tick) { due += actions.values }
                }
            }
            state.lastTick = now
            return due
        }
        for action in due { action() }
    }

    private func waitUntilNeeded() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if !state.pending.isEmpty || Task.isCancelled { return true }
                    state.sleeper = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.sleeper = nil }
                return state.sleeper
            }?.resume()
        }
    }
}
