import Logging
import MCPEngine
import MCPHTTP
public import ServiceLifecycle

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Over HTTP, to clients of both eras at one URL.
extension MCPServer {
    /// Serves until SIGTERM or SIGINT; then lets what runs finish. A second signal ends the process at once.
    ///
    /// - Parameters:
    ///   - host: An address of this machine.
    ///   - port: 0 for any that is free.
    ///   - path: Of the one endpoint.
    ///   - access: Who may call; see ``Access``.
    ///   - onRunning: Told the port once clients can connect.
    /// - Throws: What kept the server from starting.
    public func serve(
        host: String = "127.0.0.1", port: Int = 8080, path: String = "/mcp", access: Access = .local,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws {
        var http = HTTP()
        (http.host, http.port, http.path, http.access) = (host, port, path, access)
        try await serve(http, onRunning: onRunning)
    }

    /// The same with everything that can be chosen.
    public func serve(
        _ http: HTTP, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws {
        signal(SIGPIPE, SIG_IGN)
        let (front, gateway) = (try front(http, onRunning: onRunning), try gateway())
        try await Lifespan(gateway: gateway, front: front, others: [], logger: logger).run()
    }

    /// The server as a part of a program that has other services: run it in a `ServiceGroup`, which tells it when to
    /// stop.
    public func service(
        _ http: HTTP, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws -> some Service {
        let (front, gateway) = (try front(http, onRunning: onRunning), try gateway())
        var quiet = logger
        // The services log their own comings and goings; one line of ours says the same.
        quiet.logLevel = max(logger.logLevel, .warning)
        return ServiceGroup(services: Lifespan.services(around: front, gateway), logger: quiet)
    }

    private func front(
        _ http: HTTP, onRunning: @escaping @Sendable (_ port: Int) async -> Void
    ) throws -> some Service {
        HTTPApplication.make(
            configuration: try http.configuration(options.limits), gateway: try gateway(), metricsText: { "" },
            logger: logger,
            onRunning: { [logger] port in
                let host = http.host.contains(":") ? "[\(http.host)]" : http.host
                logger.notice("server.listening", metadata: ["url": "http://\(host):\(port)\(http.path)"])
                await onRunning(port)
            })
    }
}
