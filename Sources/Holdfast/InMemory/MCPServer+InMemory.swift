import MCPEngine

/// In memory, to a test: the whole server without a socket.
extension MCPServer {
    /// Runs the server while `body` talks to it. Each time it is as if it had just been started: sessions are kept in
    /// memory, whatever ``Options/dataDirectory`` says.
    public func inMemory<Value>(
        _ setup: ClientSetup = ClientSetup(), _ body: (_ client: InMemoryClient) async throws -> Value
    ) async throws -> Value {
        let gateway = makeGateway(store: InMemoryStore())
        return try await withThrowingTaskGroup(of: Void.self) { group in
            // What outlives a request, for as long as `body` talks.
            group.addTask { await gateway.run() }
            defer {
                group.cancelAll()
                gateway.host.stop()
            }
            return try await body(try await InMemoryClient(gateway, setup))
        }
    }
}
