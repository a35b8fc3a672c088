import MCPProtocol
import Synchronization

/// Tasks of a server of the handshake era, and the calls that begin them and wait for them (§3.5).
extension UpstreamConversation {
    /// A server of 2025-11-25 that can be called so; without its word nobody may (§3.5).
    var takesCallsAsTasks: Bool {
        opened?.result["capabilities"]?["tasks"]?["requests"]?["tools"]?["call"]?.kind == .object
    }

    /// The call that waits for the task which the message names as its own.
    func waiter(for request: Request) -> UpstreamCall? {
        guard let task = request.params?["_meta"]?[MetaKey.relatedTask]?["taskId"]?.string else { return nil }
        return state.withLock { $0.calls.values.first { $0.task?.id == task } }
    }

    /// The task that came of a call which nobody waits for any more, if one does in time.
    func task(begunBy call: UpstreamCall) async -> ServerTask? {
        let timer = deadlines.schedule(after: limits.listTime) { [weak self] in self?.abandon(call) }
        defer { deadlines.cancel(timer) }
        while let event = try? await call.next() {
            guard case .ended(let end) = event else { continue }
            return (try? end.get())?.result.flatMap { ServerTask($0, of: call, in: .handshake) }
        }
        return nil
    }

    /// Nobody waits for what a task comes to.
    func cancel(_ task: ServerTask, meta: JSON? = nil) async {
        _ = try? await request(Method.tasksCancel, within: limits.listTime, params: task.params(meta: meta))
    }
}
