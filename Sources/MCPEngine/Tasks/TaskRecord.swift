package import FoundationEssentials
package import MCPProtocol

/// A task as it is kept: what was fixed when it was made, and its machine.
package struct TaskRecord: Equatable, Sendable {
    /// 129 random bits, made here.
    package var id: String
    /// The ``Principal/id`` that it exists for.
    package var owner: String
    package var tool: String
    package var created: Date
    /// From ``created`` on, in milliseconds; nil when it is kept for ever.
    package var ttl: Int?
    /// How often a client should ask, in milliseconds.
    package var pollInterval: Int?
    /// Counts the changes of ``machine``; the store sees to it.
    package var revision: Int
    package var machine: TaskMachine

    package init(
        id: String, owner: String, tool: String, created: Date, ttl: Int?, pollInterval: Int?, revision: Int = 0,
        machine: TaskMachine
    ) {
        self.id = id
        self.owner = owner
        self.tool = tool
        self.created = created
        self.ttl = ttl
        self.pollInterval = pollInterval
        self.revision = revision
        self.machine = machine
    }

    /// From then on it does not exist.
    package var expires: Date? { ttl.map { Date(milliseconds: created.milliseconds + Int64($0)) } }
    package func hasExpired(by date: Date) -> Bool { expires.map { $0 <= date } ?? false }
    package var reference: TaskReference { TaskReference(id: id, owner: owner) }
}

extension RPCError {
    /// Unknown, expired or another's: the answer is the same (M-41).
    package static let taskNotFound = RPCError.invalidParams("Task not found")
}
