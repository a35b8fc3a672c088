import Hummingbird
import MCPEngine
import NIOCore
import ServiceLifecycle

/// Writes what one channel has to say to one connection, until either of them ends.
struct ChannelBody: Sendable {
    let duplex: Duplex
    let admission: Admission
    let readmission: Readmission
    /// Where the client is to POST.
    let endpoint: String
    let timed: TimedWriter
    let keepAlive: Duration
    let gateway: Gateway
    let connections: Connections

    /// Returns how it ended: the outcome for the log line and the metrics.
    func write(to writer: inout any ResponseBodyWriter) async throws -> String {
        // There is no way back to a stream that broke: whatever happens to its connection ends the session (H-22).
        let watch = connections.watch(timed.channel) { [duplex] _ in duplex.abandon() }
        defer { connections.unwatch(watch) }
        // As at a shutdown, and when it is revoked: what runs is still delivered.
        let expiry = gateway.whenExpired(admission) { [duplex, gateway] in end(duplex, gateway) }
        defer { if let expiry { gateway.deadlines.cancel(expiry) } }
        try await timed.write(SSEEncoder.endpoint(endpoint), to: &writer)
        try await withGracefulShutdownHandler {
            try await messages(to: &writer)
        } onGracefulShutdown: { [duplex, gateway] in
            self.end(duplex, gateway)
        }
        let isOver = timed.channel.isActive && !gateway.isReady
        // Spread, so that a restart is not followed by everybody at once.
        if isOver { try await timed.write(SSEEncoder.retry(milliseconds: .random(in: 500...3000)), to: &writer) }
        try await timed.finish(&writer)
        return isOver ? "ended" : "hangup"
    }

    private func end(_ duplex: Duplex, _ gateway: Gateway) {
        if !gateway.host.start({ _ in await duplex.end() }) { duplex.abandon() }
    }

    private func messages(to writer: inout any ResponseBodyWriter) async throws {
        var readmission = readmission
        while true {
            if await readmission.falls() { end(duplex, gateway) }
            switch await duplex.outbox.next(within: keepAlive, deadlines: gateway.deadlines) {
            case .message(let payload): try await timed.write(SSEEncoder.event(payload, id: nil), to: &writer)
            case .quiet: try await timed.write(SSEEncoder.comment("keep-alive"), to: &writer)
            case .end: return
            }
        }
    }
}
