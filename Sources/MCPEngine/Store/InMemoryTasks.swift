package import FoundationEssentials

/// Tasks of one process only: they end with it, so none is ever an orphan.
extension InMemoryStore: TaskStore {
    package func insert(_ task: TaskRecord, perOwner: Int, inAll: Int) throws -> TaskAdmission {
        try withTasks { tasks in
            tasks = tasks.filter { !$0.value.hasExpired(by: task.created) }
            guard tasks[task.id] == nil else { throw StoreError(.conflict, "a task of this id exists already") }
            guard tasks.count < inAll else { return .tooMany }
            guard tasks.values.count(where: { $0.owner == task.owner }) < perOwner else { return .tooManyOfOwner }
            tasks[task.id] = task
            return .kept
        }
    }

    package func find(_ task: TaskReference) -> TaskRecord? {
        withTasks { tasks in tasks[task.id].flatMap { $0.owner == task.owner ? $0 : nil } }
    }

    package func change<Effect: Sendable>(
        _ task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Effect
    ) -> TaskChange<Effect>? {
        withTasks { tasks in
            guard var record = tasks[task.id], record.owner == task.owner else { return nil }
            let before = record.machine
            let effect = event(&record.machine)
            if record.machine != before { record.revision += 1 }
            tasks[task.id] = record
            return TaskChange(record: record, effect: effect)
        }
    }

    package func revisions(of tasks: [TaskReference]) -> [TaskReference: Int] {
        withTasks { kept in
            var revisions: [TaskReference: Int] = [:]
            for task in tasks {
                guard let record = kept[task.id], record.owner == task.owner else { continue }
                revisions[task] = record.revision
            }
            return revisions
        }
    }

    package func orphans() -> [TaskReference] { [] }

    package func sweep(expiredBy date: Date) -> Int {
        withTasks { tasks in
            let before = tasks.count
            tasks = tasks.filter { !$0.value.hasExpired(by: date) }
            return before - tasks.count
        }
    }
}
