package import MCPProtocol

/// What the function behind a task may ask of it.
package protocol TaskPort: Sendable {
    var taskID: String { get }
    /// Puts questions to the client, by keys that this task has not used before, and waits until all are answered.
    /// - Parameter requests: `{method, params}` of `elicitation/create`, `sampling/createMessage` or `roots/list`.
    /// - Returns: The client's answer to each, as it came.
    /// - Throws: `CancellationError` when the task is over, ``TaskMachine/AskRefusal`` for what cannot be asked, and
    ///   ``StoreError``.
    func ask(_ requests: [String: JSON]) async throws -> [String: JSON]
}
