import Synchronization

/// A door that one task waits at and another opens.
package final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var watching: [CheckedContinuation<Void, Never>] = []
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the gate is open; returns early when the task is cancelled.
    package func pass() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (ready, watching) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                    state.arrived += 1
                    defer { state.watching = [] }
                    if state.isOpen || Task.isCancelled { return (true, state.watching) }
                    state.waiting[number] = continuation
                    return (false, state.watching)
                }
                for watcher in watching { watcher.resume() }
                if ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// Returns once `count` tasks have come to the gate.
    package func arrivals(_ count: Int = 1) async {
        while true {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.arrived >= count { return true }
                    state.watching.append(continuation)
                    return false
                }
                if ready { continuation.resume() }
            }
            if state.withLock({ $0.arrived >= count }) { return }
        }
    }
}
