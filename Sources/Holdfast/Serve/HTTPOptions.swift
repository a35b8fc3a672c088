import MCPHTTP

extension MCPServer {
    /// How a server is reached over HTTP.
    public struct HTTP: Sendable {
        /// The address to listen on.
        public var host = "127.0.0.1"
        /// 0 for any that is free.
        public var port = 8080
        /// Of the one endpoint.
        public var path = "/mcp"
        /// Who may call.
        public var access = Access.local
        /// Web pages that may call the server, as browsers name them: `https://example.com`; `*` for every page. Its
        /// own pages always may.
        public var allowedOrigins: [String] = []
        /// Names by which the server may be called, without ports. On a loopback address they are checked even when
        /// this is empty, so that no web page gets in by rebinding a name of its own.
        public var allowedHosts: [String] = []

        public init() {}
    }
}

extension MCPServer.HTTP {
    func configuration(_ limits: MCPServer.Limits) throws -> HTTPConfiguration {
        var configuration = HTTPConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.path = path
        configuration.access = try access.onHost(host)
        configuration.origins = OriginGuard(allowed: allowedOrigins)
        configuration.hosts = hosts
        configuration.maxBody = limits.requestBody
        return configuration
    }

    private var hosts: HostGuard {
        let own = ["localhost", "127.0.0.1", "::1", host]
        if !allowedHosts.isEmpty { return HostGuard(allowed: allowedHosts + own) }
        return Loopback.contains(host) ? HostGuard(allowed: own) : .any
    }
}
