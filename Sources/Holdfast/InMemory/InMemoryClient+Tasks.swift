import MCPEngine
import MCPProtocol

/// Calls that go on as tasks (tasks extension, `io.modelcontextprotocol/tasks`).
extension InMemoryClient {
    /// Follows the task that a request was answered with, and answers what it asks.
    /// - Returns: The result that the request would have had without a task.
    /// - Throws: ``RPCError`` when the task failed or was cancelled, `CancellationError` when this task was; then the
    ///   other is cancelled too.
    func outcome(of created: JSON) async throws -> JSON {
        let id = created["taskId"] ?? nil
        var news = try await listen(["taskIds": [id]]).makeAsyncIterator()
        var answered: Set<String> = []
        while true {
            let task = try await send(Method.tasksGet, ["taskId": id])
            switch task["status"]?.string {
            case "completed": return task["result"] ?? [:]
            case "failed": throw RPCError(in: task) ?? .internalError("The task failed")
            case "cancelled": throw RPCError.requestCancelled
            default: break
            }
            let asked = JSON.object(
                (task["inputRequests"]?.members ?? []).filter { answered.insert($0.name).inserted }
                    .map { ($0.name, $0.value) })
            if asked.count > 0 {
                let responses = try await answers(to: asked)
                _ = try await send(Method.tasksUpdate, ["taskId": id, "inputResponses": responses])
            } else if try await news.message() == nil {
                _ = try await send(Method.tasksCancel, ["taskId": id])
                throw CancellationError()
            }
        }
    }
}
