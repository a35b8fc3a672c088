import Synchronization

/// Where work lives that outlives the request which began it: exchanges of the handshake era, and drains.
///
/// Every task it starts is its child and ends with it; nothing in the server is unstructured. A task that has done its
/// job waits for another: handing it one costs a single hop between threads. One whose job was interrupted is cancelled
/// for good, and takes no other.
package final class SessionHost: Sendable {
    /// In a type of its own: as a generic's value a function has to be wrapped anew each time it is passed on.
    private struct Job {
        var run: @Sendable (Interrupt) async -> Void
    }

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
    package func start(_ job: @escaping @Sendable (Interrupt) async -> Void) -> Bool {
        let job = Job(run: job)
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

    private func work(beginningWith first: Job) async {
        let worker = Worker()
        await withDiscardingTaskGroup { group in
            group.addTask {
                var job: Job? = first
                while let begun = job {
                    await begun.run(worker.begin())
                    job = worker.end() ? await self.nextJob() : nil
                }
                worker.release()
            }
            await worker.waitForRelease()
            group.cancelAll()
        }
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

/// Cancels the task that runs a job, while it does.
package struct Interrupt: Sendable {
    fileprivate var worker: Worker
    fileprivate var job: Int

    package func callAsFunction() { worker.interrupt(job) }
}

/// Which job a task is at; it is cancelled from the task around it, which waits for nothing else.
private final class Worker: Sendable {
    private struct State {
        var job = 0
        var isBusy = false
        var isReleased = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func begin() -> Interrupt {
        state.withLock { state in
            state.job += 1
            state.isBusy = true
            return Interrupt(worker: self, job: state.job)
        }
    }

    /// Whether it may take another job.
    func end() -> Bool {
        state.withLock { state in
            state.isBusy = false
            return !state.isReleased
        }
    }

    func interrupt(_ job: Int) { release { $0.isBusy && $0.job == job } }

    func release() { release { _ in true } }

    private func release(if condition: (State) -> Bool) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard condition(state) else { return nil }
            state.isReleased = true
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    func waitForRelease() async {
        await withCheckedContinuation { continuation in
            let isReleased = state.withLock { state in
                if !state.isReleased { state.waiter = continuation }
                return state.isReleased
            }
            if isReleased { continuation.resume() }
        }
    }
}
