import Logging
import MCPEngine
import MCPHTTP
public import ServiceLifecycle

/// Over HTTP, to clients of both eras at one URL.
extension MCPServer {
    /// Serves until SIGTERM or SIGINT; then lets what runs finish. A second signal ends the process at once.
    ///
    /// - Parameters:
    ///   - host: An address of this machine.
    ///   - port: 0 for any that is free.
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
        let life = ProcessLife(
            services: try services(http, onRunning: onRunning), gateway: try gateway(), logger: logger)
        try await life.run()
    }

    /// The server as a part of a program that has other services: run it in a `ServiceGroup`, which tells it when to
    /// stop.
    public func service(
        _ http: HTTP, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws -> some Service {
        ServiceGroup(configuration: Self.group(try services(http, onRunning: onRunning), logger))
    }

    private func services(
        _ http: HTTP, onRunning: @escaping @Sendable (_ port: Int) async -> Void
    ) throws -> [any Service] {
        let gateway = try gateway()
        let application = HTTPApplication.make(
            configuration: try http.configuration(options.limits), gateway: gateway, metricsText: { "" },
            logger: logger,
            onRunning: { [logger] port in
                let host = http.host.contains(":") ? "[\(http.host)]" : http.host
                logger.notice("server.listening", metadata: ["url": "http://\(host):\(port)\(http.path)"])
                await onRunning(port)
            })
        return services(around: application, gateway)
    }

    /// Stopped in reverse order: the drain comes first, what feeds it last.
    func services(around front: any Service, _ gateway: Gateway) -> [any Service] {
        [GatewayService(gateway), front, DrainService(gateway)]
    }

    static func group(_ services: [any Service], _ logger: Logger) -> ServiceGroupConfiguration {
        var quiet = logger
        // The services log their own comings and goings; one line of ours says the same.
        quiet.logLevel = max(logger.logLevel, .warning)
        return ServiceGroupConfiguration(
            services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }, logger: quiet)
    }
}
