import Holdfast
package import Logging
package import MCPEngine
import MCPStdio
import MCPStorage

/// The whole server for one client on standard input and output.
package struct StdioComposition: Sendable {
    private let settings: Settings
    private let upstreams: [any Upstream]
    private let logger: Logger

    /// - Parameter upstreams: Tools beside the built-in ones.
    package init(settings: Settings, upstreams: [any Upstream] = [], logger: Logger) {
        self.settings = settings
        self.upstreams = upstreams
        self.logger = logger
    }

    /// Serves until its input ends, nobody reads its output, or a signal ends it.
    package func run() async throws {
        guard let channel = try? DescriptorChannel.standard(longestLine: settings.maxBody) else {
            throw StartFailure("stdio: standard input and standard output must both be open")
        }
        let store = try StartFailure.explaining("data-dir") { try SQLiteStore(directory: settings.dataDir) }
        let behind = try UpstreamParts(settings, store: store, logger: logger)
        await behind.loadKeptOffers()
        var parts = GatewayParts(settings: settings, upstreams: upstreams + behind.upstreams, logger: logger)
        // The session is the channel's own: whether others get one does not matter here.
        parts.hasSessions = true
        let gateway = parts.gateway(store: store)
        var configuration = StdioServer.Configuration()
        configuration.buffer = settings.streamBufferBytes
        let server = StdioServer(gateway: gateway, channel: channel, configuration: configuration, logger: logger)
        logger.info("stdio.started", metadata: ["data": "\(settings.dataDir)"])
        try await Lifespan(
            gateway: gateway, front: behind.opening(server), others: behind.services, ending: behind.ending,
            logger: logger,
            onSignal: server.cutGraceShort
        ).run()
    }
}
