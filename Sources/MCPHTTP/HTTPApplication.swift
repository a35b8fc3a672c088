package import Hummingbird
import HummingbirdCore
package import Logging
package import MCPEngine
import NIOCore

/// The near side as a service: a Hummingbird application whose only responder is the endpoint.
package enum HTTPApplication {
    /// - Parameters:
    ///   - metricsText: What `/metrics` answers, in the Prometheus text format.
    ///   - onRunning: Called with the bound port once requests can be served.
    package static func make(
        configuration: HTTPConfiguration, gateway: Gateway, metricsText: @escaping @Sendable () -> String,
        logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void
    ) -> Application<Endpoint> {
        let connections = Connections()
        let endpoint = Endpoint(configuration, gateway, connections, metricsText: metricsText, logger: logger)
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        decoder.maxHeaderListSize = configuration.maxHeaderBytes
        decoder.maxHeaderFieldSize = min(decoder.maxHeaderFieldSize, configuration.maxHeaderBytes)
        decoder.maxHeaderFieldCount = 200
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionWatchHandler(connections, writeTimeout: TimeAmount(configuration.writeTimeout))
            ],
            idleTimeout: TimeAmount(configuration.idleConnectionTimeout),
            httpDecoderConfiguration: decoder)
        // Hummingbird's own "listening" line comes beside ours.
        let quiet = Logger(label: logger.label) { [logger] _ in
            FrameworkLog(logger, level: max(logger.logLevel, .warning))
        }
        return Application(
            responder: endpoint,
            server: HTTPServerBuilder { HeldHTTP1Channel(HTTP1Channel(responder: $0, configuration: channel)) },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? configuration.port) }, logger: quiet)
    }
}
