extension Visitor {
    /// What it does with a person's account, where people sign in; with its key elsewhere.
    func connected(through application: Application, _ visit: (Visitor) async -> Void) async {
        guard !options.users.isEmpty else { return await visit(self) }
        var connection = stage.connections.take(application)
        if connection == nil { connection = await SigningIn(self, application).connect() }
        guard let connection else { return }
        await visit(with(credential: .connection(connection)))
        // People connect once and come for months; some disconnect.
        guard connection.use() < 8 else { return await connection.end(self) }
        stage.connections.put(connection)
    }
}
