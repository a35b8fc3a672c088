import HTTPTypes
import Hummingbird
import Logging
import MCPEngine
import MCPProtocol

/// One HTTP request from its arrival to its line in the log.
final class Visit: Sendable {
    let request: Request
    let context: MCPContext
    let correlationID: String
    private let arrived = ContinuousClock.now

    init(request: Request, context: MCPContext) {
        self.request = request
        self.context = context
        correlationID = CorrelationID.of(request.headers)
    }

    /// Counts the request and writes its one line.
    func finished(
        status: Int, era: Era = .handshake, method: String, outcome: String, mode: String, principal: Principal? = nil,
        session: Session? = nil, gateway: Gateway, logger: Logger
    ) {
        let duration = arrived.duration(to: .now)
        gateway.metrics.request(era: era, method: method, outcome: outcome, duration: duration)
        guard logger.logLevel <= .info else { return }
        var metadata = Logger.Metadata(minimumCapacity: 9)
        metadata["correlation"] = .string(correlationID)
        metadata["verb"] = .string(request.method.rawValue)
        metadata["method"] = .string(method)
        metadata["status"] = .stringConvertible(status)
        metadata["outcome"] = .string(outcome)
        metadata["mode"] = .string(mode)
        metadata["ms"] = .stringConvertible(Double((duration.seconds * 1e5).rounded()) / 100)
        if let principal { metadata["principal"] = .string(principal.name) }
        if let session { metadata["session"] = .string(session.mark) }
        logger.info("request", metadata: metadata)
    }
}
