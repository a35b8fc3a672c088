import Logging
import MCPEngine
import ServiceLifecycle
import UnixSignals

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Services for as long as their process lives. The first SIGTERM or SIGINT drains them, the second ends at once.
struct ProcessLife: Sendable {
    private let group: ServiceGroup
    private let gateway: Gateway
    private let logger: Logger

    init(services: [any Service], gateway: Gateway, logger: Logger) {
        self.gateway = gateway
        self.logger = logger
        group = ServiceGroup(configuration: MCPServer.group(services, logger))
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await group.run()
                return true
            }
            tasks.addTask {
                await heed(signals)
                return false
            }
            while let isOver = try await tasks.next(), !isOver {}
            tasks.cancelAll()
        }
    }

    private func heed(_ signals: UnixSignalsSequence) async {
        var isFirst = true
        for await signal in signals {
            guard isFirst else { _exit(128 + signal.rawValue) }
            isFirst = false
            logger.info("server.signal", metadata: ["signal": "\(signal)"])
            await group.triggerGracefulShutdown()
        }
    }
}
