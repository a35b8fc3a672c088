import FoundationEssentials
package import MCPProtocol

/// Tasks as messages (tasks extension, `io.modelcontextprotocol/tasks`).
package enum TaskWire {
    /// `CreateTaskResult`. Readers that know only tool results find an empty `content` in it.
    /// - Parameter meta: The result's `_meta`.
    package static func created(_ task: TaskRecord, meta: JSON? = nil) -> [UInt8] {
        object(meta) { writer in
            writer.member("resultType", "task")
            members(task, to: &writer)
            writer.name("content")
            writer.beginArray()
            writer.endArray()
        }
    }

    /// The result of `tasks/get`.
    package static func state(_ task: TaskRecord, meta: JSON? = nil) -> [UInt8] {
        object(meta) { writer in
            writer.member("resultType", "complete")
            members(task, to: &writer)
            details(task.machine, to: &writer)
        }
    }

    /// The params of `notifications/tasks`.
    /// - Parameter meta: Holds the id of the subscription.
    package static func notification(_ task: TaskRecord, meta: JSON? = nil) -> [UInt8] {
        object(meta) { writer in
            members(task, to: &writer)
            details(task.machine, to: &writer)
        }
    }

    /// The result of `tasks/update` and `tasks/cancel`.
    package static func acknowledgment(meta: JSON? = nil) -> [UInt8] {
        object(meta) { $0.member("resultType", "complete") }
    }

    private static func object(_ meta: JSON?, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        body(&writer)
        if let meta { writer.member("_meta", meta) }
        writer.endObject()
        return writer.bytes
    }

    private static func members(_ task: TaskRecord, to writer: inout JSONWriter) {
        writer.member("taskId", task.id)
        writer.member("status", task.machine.status.rawValue)
        if let message = task.machine.statusMessage { writer.member("statusMessage", message) }
        writer.member("createdAt", written(task.created))
        writer.member("lastUpdatedAt", written(task.machine.updated))
        writer.name("ttlMs")
        if let ttl = task.ttl { writer.value(ttl) } else { writer.null() }
        if let interval = task.pollInterval { writer.member("pollIntervalMs", interval) }
    }

    private static func details(_ machine: TaskMachine, to writer: inout JSONWriter) {
        if machine.status == .inputRequired {
            writer.name("inputRequests")
            writer.beginObject()
            for question in machine.unanswered { writer.member(question.key, question.request) }
            writer.endObject()
        }
        switch machine.outcome {
        case .result(let bytes):
            writer.name("result")
            writer.raw(bytes)
        case .error(let error):
            writer.name("error")
            error.write(to: &writer)
        case nil: break
        }
    }

    /// ISO 8601, UTC, to the millisecond.
    private static func written(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
