import MCPProtocol

/// What a server made of a call, to be answered later (§3.5). It is between the server and us: clients never learn of it
/// (B-85).
struct ServerTask: Sendable {
    let id: String
    /// Of the call that began it, under which its progress is reported.
    let token: RequestID
    /// How long to wait before asking about it.
    let pollInterval: Duration

    /// What a client declares that a server of the per-request era may answer with a task.
    static let extensions: JSON = .object([(ExtensionID.tasks, JSON.object([]))])

    /// Nil when `result` is a result, and not the beginning of a task.
    init?(_ result: JSON, of call: UpstreamCall, in era: Era) {
        let task: JSON?
        switch era {
        case .handshake: task = result["content"] == nil ? result["task"] : nil
        case .perRequest: task = result["resultType"]?.string == "task" ? result : nil
        }
        guard let task, let id = task["taskId"]?.string else { return nil }
        self.id = id
        token = call.id
        pollInterval = Self.interval(task)
    }

    /// One that was begun before, in the per-request era.
    init(id: String) {
        self.id = id
        token = .number(0)
        pollInterval = Self.interval([:])
    }

    /// What the server asks for, between a tenth of a second and ten.
    private static func interval(_ task: JSON) -> Duration {
        let wanted = task["pollIntervalMs"]?.integer ?? 1_000
        return .milliseconds(min(max(wanted, 100), 10_000))
    }

    func params(_ more: (String, JSON)..., meta: JSON?) -> JSON {
        .object([("taskId", JSON(id))] + more + (meta.map { [("_meta", $0)] } ?? []))
    }
}
