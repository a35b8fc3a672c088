package import Logging
package import MCPEngine
import MCPProtocol
import ServiceLifecycle

/// One client on one channel of lines (2025-11-25, basic/transports, stdio; both eras): each line is a message.
///
/// It ends by itself when the client has said its last word and has been told everything it is owed, and when the client
/// is gone. The gateway must run as long as it does.
package struct StdioServer: Service {
    package struct Configuration: Sendable {
        /// Everybody who can write to the channel is this principal.
        package var principal = Principal.local
        /// Bytes that may wait for a client which does not read; beyond that nothing more is read from it either.
        package var buffer = 1 << 20
        /// How long the last answers may take to be written, once all of them are known.
        package var lastWrites: Duration = .seconds(5)

        package init() {}
    }

    private let gateway: Gateway
    private let channel: any LineChannel
    private let duplex: Duplex
    private let configuration: Configuration
    private let logger: Logger

    package init(
        gateway: Gateway, channel: any LineChannel, configuration: Configuration = Configuration(), logger: Logger
    ) {
        self.gateway = gateway
        self.channel = channel
        self.configuration = configuration
        self.logger = logger
        duplex = Duplex(gateway: gateway, principal: configuration.principal, buffer: configuration.buffer)
    }

    /// A client that has ended its input and then asks the process to end does not want to wait for the grace.
    package func cutGraceShort() { duplex.cutGraceShort() }

    /// Serves the channel to its end; once.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await write() }
            await withTaskCancellationOrGracefulShutdownHandler {
                await read()
            } onCancelOrGracefulShutdown: { [channel] in
                channel.stopReading()
            }
            if Task.isCancelled { duplex.abandon() }
            let patience = gateway.configuration.limits.drainGrace + configuration.lastWrites
            let timer = gateway.deadlines.schedule(after: patience) { [channel] in channel.stopWriting() }
            await duplex.end()
            await group.waitForAll()
            gateway.deadlines.cancel(timer)
        }
        channel.close()
    }

    // MARK: In

    private func read() async {
        // A client that does not read is not read from: what it is owed stays bounded.
        while await duplex.outbox.room(), let line = await channel.next() {
            let arrived = ContinuousClock.now
            switch line {
            case .text(let bytes):
                let receipt = await duplex.receive(bytes) { log($0, since: arrived) }
                switch receipt {
                case .taken: break
                case .unreadable(let error), .forbidden(let error, _): duplex.outbox.post(error)
                }
            case .tooLong:
                gateway.metrics.refused("content_too_large")
                let error = RPCError.invalidRequest("A line is longer than this server takes; see max-body")
                duplex.outbox.post(Wire.error(error, id: nil, era: .handshake))
                log(Duplex.Report(era: .handshake, method: "invalid", outcome: "rejected"), since: arrived)
            }
        }
    }

    private func log(_ report: Duplex.Report, since arrived: ContinuousClock.Instant) {
        let duration = arrived.duration(to: .now)
        gateway.metrics.request(era: report.era, method: report.method, outcome: report.outcome, duration: duration)
        var metadata: Logger.Metadata = [
            "method": .string(report.method), "outcome": .string(report.outcome), "mode": "stdio",
            "ms": .stringConvertible(Double((duration.seconds * 1e5).rounded()) / 100),
        ]
        if let session = report.session { metadata["session"] = .string(session.mark) }
        logger.info("request", metadata: metadata)
    }

    // MARK: Out

    private func write() async {
        while case .message(let payload) = await duplex.outbox.next() {
            do {
                try await channel.write(Self.line(payload))
            } catch {
                // Nobody reads any more. That is how most conversations end.
                duplex.abandon()
                channel.stopReading()
                return
            }
        }
    }

    /// JSON may be laid out over lines; a message may not.
    private static func line(_ payload: [UInt8]) -> [UInt8] {
        func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
        return payload.contains(where: isBreak) ? payload.map { isBreak($0) ? 0x20 : $0 } : payload
    }
}
