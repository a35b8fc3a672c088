import MCPEngine
import MCPStdio

/// Over standard input and output, to the one client that started the process.
extension MCPServer {
    /// Serves until the input ends, nobody reads the output, or SIGTERM or SIGINT comes.
    ///
    /// From now on what is printed goes to standard error: standard output is for messages only.
    /// - Throws: ``ServeError`` when standard input or output is closed.
    public func serveStdio() async throws {
        guard let channel = try? DescriptorChannel.standard(longestLine: options.limits.requestBody) else {
            throw ServeError(description: "Standard input and standard output must both be open")
        }
        let gateway = try gateway()
        let front = StdioServer(gateway: gateway, channel: channel, logger: logger)
        let lifespan = Lifespan(
            gateway: gateway, front: front, others: [], logger: logger, onSignal: front.cutGraceShort)
        try await lifespan.run()
    }
}
