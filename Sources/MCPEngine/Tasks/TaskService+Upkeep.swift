import Logging
import MCPProtocol

/// What has to be looked for because nobody in this process does it: other processes, their ends, and time.
extension TaskService {
    /// Runs until its task is cancelled. ``sweep()`` comes first.
    package func run() async {
        var unswept: Duration = .zero
        while true {
            do { try await time.sleep(for: limits.reconciliation) } catch { return }
            unswept += limits.reconciliation
            await reconcile()
            if unswept >= limits.sweep {
                unswept = .zero
                await sweep()
            }
        }
    }

    /// Forgets tasks that have expired, and fails those whose process has ended.
    package func sweep() async {
        let now = time.date
        let error = RPCError.internalError("The server restarted before this task finished")
        do {
            _ = try await store.sweep(expiredBy: now)
            for task in try await store.orphans() {
                try await end(task) { $0.finish(.error(error), at: now) }
            }
        } catch {
            failed("tasks.not_swept", error)
        }
    }

    /// Follows what other processes have done to tasks that are worked on or watched here.
    package func reconcile() async {
        let (runs, watched) = (runs, watches.tasks)
        let tasks = Set(runs.map(\.reference)).union(watched.keys)
        guard !tasks.isEmpty else { return }
        do {
            let revisions = try await store.revisions(of: Array(tasks))
            for run in runs where revisions[run.reference] == nil { run.end() }
            let running = Dictionary(runs.map { ($0.reference, $0) }) { first, _ in first }
            for (task, revision) in revisions {
                let isNews = running[task]?.isBehind(revision) == true || watched[task].map { $0 < revision } == true
                if isNews, let record = try await store.find(task) { follow(record) }
            }
        } catch {
            failed("tasks.not_followed", error)
        }
    }

    /// A server that stops in the middle of it has nothing to report.
    private func failed(_ what: Logger.Message, _ error: any Error) {
        if error is CancellationError, Task.isCancelled { return }
        logger.error(what, metadata: ["error": "\(error)"])
    }

    // MARK: Watching

    /// Which of these tasks there are for `owner`, each with the revision it has now: to be acknowledged, and then
    /// given to ``watch(_:_:)``.
    package func known(_ ids: [String], owner: Principal) async throws -> [TaskReference: Int] {
        try await store.revisions(of: ids.map { TaskReference(id: $0, owner: owner.id) })
    }

    /// Calls `handler` with a task after each change of it, in their order. A change that came between ``known(_:owner:)``
    /// and this is told with the next ``reconcile()``. `handler` must not block.
    package func watch(
        _ tasks: [TaskReference: Int], _ handler: @escaping @Sendable (TaskRecord) -> Void
    ) -> TaskWatch {
        TaskWatch(number: watches.add(tasks, handler))
    }

    package func end(_ watch: TaskWatch) { watches.remove(watch.number) }
}

/// What ``TaskService/watch(_:_:)`` began.
package struct TaskWatch: Sendable {
    let number: Int
}
