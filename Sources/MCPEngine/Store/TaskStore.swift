import Crypto
package import FoundationEssentials

/// Whether a task found room.
package enum TaskAdmission: Equatable, Sendable { case kept, tooManyOfOwner, tooMany }

/// A task that an event has happened to.
package struct TaskChange<Effect: Sendable>: Sendable {
    /// As it is now.
    package var record: TaskRecord
    package var effect: Effect

    package init(record: TaskRecord, effect: Effect) {
        self.record = record
        self.effect = effect
    }
}

/// The name of a task, and whose it is.
package struct TaskReference: Hashable, Sendable {
    package var id: String
    package var owner: String

    package init(id: String, owner: String) {
        self.id = id
        self.owner = owner
    }

    /// For logs: the id itself is what its owner asks with.
    var mark: String { String(SHA256.hash(data: Array(id.utf8)).hexadecimal.prefix(8)) }
}

/// Tasks that outlive the process, though what works on them does not. No call assumes that it is the only writer.
/// Dates keep at least milliseconds.
package protocol TaskStore: Sendable {
    /// Keeps a new task, which this process works on, once what has expired by its creation is forgotten: durably
    /// before it returns. Throws ``StoreError/Kind/conflict`` when the id is taken.
    /// - Parameters:
    ///   - perOwner: Tasks of one owner, this one among them.
    ///   - inAll: Tasks of all owners.
    func insert(_ task: TaskRecord, perOwner: Int, inAll: Int) async throws -> TaskAdmission
    func find(_ task: TaskReference) async throws -> TaskRecord?
    /// Lets `event` happen to the task's machine, with nothing happening to it in between, and counts up the revision
    /// if that changed it. `event` may be called more than once; only the last call counts. Nil when there is no such
    /// task of this owner.
    func change<Effect: Sendable>(
        _ task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Effect
    ) async throws -> TaskChange<Effect>?
    /// The revisions of those tasks that are there.
    func revisions(of tasks: [TaskReference]) async throws -> [TaskReference: Int]
    /// Tasks that are not over, though the process that worked on them has ended, however it ended.
    func orphans() async throws -> [TaskReference]
    /// Forgets what has expired; returns how many those were.
    func sweep(expiredBy date: Date) async throws -> Int
}
