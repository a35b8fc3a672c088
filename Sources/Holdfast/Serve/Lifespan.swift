package import Logging
package import MCPEngine
package import ServiceLifecycle
import UnixSignals

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The services from their start to the end of the process. The first SIGTERM or SIGINT drains, the second ends at once.
package struct Lifespan: Sendable {
    private let group: ServiceGroup
    private let gateway: Gateway
    private let logger: Logger
    private let onSignal: @Sendable () -> Void
    private let drained = Milestone()
    private let written = Milestone()

    /// How long cancelled work may take to notice, and what runs beside the front to end.
    private let noticing: Duration

    /// - Parameters:
    ///   - front: What writes replies; it stops after the drain. When it ends by itself, so does everything else.
    ///   - others: What runs beside it and stops before the gateway.
    ///   - ending: How long `others` may take to stop; a child process is asked before it is killed.
    ///   - onSignal: Called at the first signal, before the drain.
    package init(
        gateway: Gateway, front: any Service, others: [any Service], ending: Duration = .zero, logger: Logger,
        onSignal: @escaping @Sendable () -> Void = {}
    ) {
        self.gateway = gateway
        noticing = .milliseconds(250) + ending
        self.logger = logger
        self.onSignal = onSignal
        var quiet = logger
        // The services log their own comings and goings; one line of ours says the same.
        quiet.logLevel = max(logger.logLevel, .warning)
        let services = Self.services(
            others, around: Announcing(service: front, end: written), gateway,
            drain: Announcing(service: DrainService(gateway), end: drained))
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }, logger: quiet))
    }

    /// Stopped in reverse order: the drain comes first, what feeds it last.
    static func services(
        _ others: [any Service] = [], around front: any Service, _ gateway: Gateway, drain: (any Service)? = nil
    ) -> [any Service] {
        [GatewayService(gateway)] + others + [front, drain ?? DrainService(gateway)]
    }

    package func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        // The services decide when it is over; the other two only help them to.
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await group.run()
                return true
            }
            tasks.addTask {
                await heed(signals)
                return false
            }
            tasks.addTask {
                await endWithTheFront()
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
            onSignal()
            await group.triggerGracefulShutdown()
        }
    }

    /// Every answer is out; a tool that does not heed its cancellation, or a client that does not read, must not keep
    /// the process.
    private func endWithTheFront() async {
        await either {
            await written.reached()
            await group.triggerGracefulShutdown()
        } or: {
            await drained.reached()
            try? await Task.sleep(for: gateway.configuration.limits.shutdownWriting)
        }
        do { try await Task.sleep(for: noticing) } catch { return }
        guard !gateway.isReady else { return }
        logger.warning("server.abandoned_work", metadata: ["in_flight": "\(gateway.inFlight)"])
        _exit(0)
    }
}

/// A point in the life of the process that one task waits for and another reaches.
private struct Milestone: Sendable {
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Never.self) }

    func reach() { continuation.finish() }
    func reached() async { for await _ in stream {} }
}

/// A service that says when it has ended.
private struct Announcing: Service {
    let service: any Service
    let end: Milestone

    func run() async throws {
        defer { end.reach() }
        try await service.run()
        end.reach()
        // The group takes one that returns before its turn for broken.
        try? await gracefulShutdown()
    }
}
