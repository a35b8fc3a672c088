import Synchronization

/// Where work lives that outlives the request which began it: exchanges of the handshake era, and drains.
///
/// Every task it starts is its child and ends with it; nothing in the server is unstructured. A task that has done its
/// job waits for another: handing it one costs a single hop between threads.
package final class SessionHost: Sendable {
    package typealias Job = @Sendable () async -> Void

    private struct State {
        /// Jobs for which no task was free.
        var waiting: [Job] = []
        /// What makes new tasks, while nothing waits.
        var starter: CheckedContinuation<Void, Never>?
        var free: [CheckedContinuation<Job?, Never>] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let spare: Int

    /// - Parameters:
    ///   - waiting: How many jobs may wait to be started; more are refused.
    ///   - spare: How many tasks without a job are kept.
    package init(waiting: Int = 65_536, spare: Int = 64) {
        limit = waiting
        self.spare = spare
    }

    /// False when the job cannot be taken: too many wait, or the host has stopped.
    package func start(_ job: @escaping Job) -> Bool {
        let (taken, free, starter) = state.withLock { state in
            if state.isStopped { return (false, nil, nil) as Start }
            if let free = state.free.popLast() { return (true, free, nil) }
            guard state.waiting.count < limit else { return (false, nil, nil) }
            state.waiting.append(job)
            defer { state.starter = nil }
            return (true, nil, state.starter)
        }
        free?.resume(returning: job)
        starter?.resume()
        return taken
    }

    private typealias Start = (
        taken: Bool, free: CheckedContinuation<Job?, Never>?, starter: CheckedContinuation<Void, Never>?
    )

    /// Runs jobs until ``stop()``, then waits for those that run. Cancellation reaches every one of them.
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                while let jobs = await jobsToStart() {
                    for job in jobs { group.addTask { await self.work(beginningWith: job) } }
                }
            }
        } onCancel: {
            stop()
        }
    }

    /// Takes no more jobs. Those that were taken are still run.
    package func stop() {
        let (free, starter) = state.withLock { state in
            state.isStopped = true
            defer { (state.free, state.starter) = ([], nil) }
            return (state.free, state.starter)
        }
        for task in free { task.resume(returning: nil) }
        starter?.resume()
    }

    /// Nil when there will be none any more.
    private func jobsToStart() async -> [Job]? {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if !state.waiting.isEmpty || state.isStopped { return true }
                state.starter = continuation
                return false
            }
            if ready { continuation.resume() }
        }
        return state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting.isEmpty && state.isStopped ? nil : state.waiting
        }
    }

    private func work(beginningWith first: @escaping Job) async {
        await first()
        while let job = await nextJob() { await job() }
    }

    private func nextJob() async -> Job? {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isStopped || state.free.count >= spare { return true }
                state.free.append(continuation)
                return false
            }
            if isOver { continuation.resume(returning: nil) }
        }
    }
}
