import Synchronization

/// Who wants to know when a task changes. Each hears of every task's changes in their order, one at a time.
final class TaskWatches: Sendable {
    private struct Watch {
        /// The revisions already told.
        var tasks: [TaskReference: Int]
        var handler: @Sendable (TaskRecord) -> Void
        var untold: [TaskRecord] = []
        var isTelling = false
    }

    private struct State {
        var watches: [Int: Watch] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    func add(_ tasks: [TaskReference: Int], _ handler: @escaping @Sendable (TaskRecord) -> Void) -> Int {
        state.withLock { state in
            state.next += 1
            state.watches[state.next] = Watch(tasks: tasks, handler: handler)
            return state.next
        }
    }

    func remove(_ number: Int) {
        // Released outside the lock: what the handler holds may have a say in its own end.
        let removed = state.withLock { $0.watches.removeValue(forKey: number) }
        _ = removed
    }

    /// Every task that is watched, with the oldest revision that somebody was told last.
    var tasks: [TaskReference: Int] {
        state.withLock { state in
            state.watches.values.reduce(into: [:]) { $0.merge($1.tasks, uniquingKeysWith: min) }
        }
    }

    func tell(_ record: TaskRecord) {
        let reference = record.reference
        let tellers = state.withLock { state -> [Int] in
            var tellers: [Int] = []
            for number in state.watches.keys {
                guard let told = state.watches[number]?.tasks[reference], record.revision > told else { continue }
                state.watches[number]?.tasks[reference] = record.revision
                state.watches[number]?.untold.append(record)
                guard state.watches[number]?.isTelling == false else { continue }
                state.watches[number]?.isTelling = true
                tellers.append(number)
            }
            return tellers
        }
        for number in tellers { while let (record, handler) = next(number) { handler(record) } }
    }

    private func next(_ number: Int) -> (TaskRecord, @Sendable (TaskRecord) -> Void)? {
        state.withLock { state in
            guard let watch = state.watches[number] else { return nil }
            guard let record = watch.untold.first else {
                state.watches[number]?.isTelling = false
                return nil
            }
            state.watches[number]?.untold.removeFirst()
            return (record, watch.handler)
        }
    }
}
