import Synchronization

/// Where work lives that outlives the request which began it: exchanges of the handshake era, and drains.
///
/// Every task it starts is its child and ends with it; nothing in the server is unstructured.
package final class SessionHost: Sendable {
    package typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let input: AsyncStream<Job>.Continuation

    /// - Parameter waiting: How many jobs may wait to be started; more are refused.
    package init(waiting: Int = 65_536) {
        (jobs, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(waiting))
    }

    /// False when the job cannot be taken: too many wait, or the host has stopped.
    package func start(_ job: @escaping Job) -> Bool {
        if case .enqueued = input.yield(job) { return true }
        return false
    }

    /// Runs jobs until ``stop()``, then waits for those that run. Cancellation reaches every one of them.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask(operation: job) }
        }
    }

    package func stop() {
        input.finish()
    }
}
