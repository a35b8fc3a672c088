import HTTPTypes
import Hummingbird
import MCPEngine
import MCPProtocol

/// One HTTP request from its arrival to its line in the log.
final class Visit: Sendable {
    let request: Request
    // By themselves, because asking the request for them takes a copy of all of it.
    let headers: HTTPFields
    let method: HTTPRequest.Method
    let context: MCPContext
    let correlationID: String
    private let arrived = ContinuousClock.now

    init(request: Request, context: MCPContext) {
        self.request = request
        self.context = context
        headers = request.headers
        method = request.method
        correlationID = CorrelationID.of(headers)
    }

    /// Counts the request and tells of it.
    func finished(
        status: Int, era: Era = .handshake, method: String, outcome: String, mode: String, principal: Principal? = nil,
        session: Session? = nil, gateway: Gateway, onRequest: @Sendable (RequestLine) -> Void
    ) {
        let duration = arrived.duration(to: .now)
        gateway.metrics.request(era: era, method: method, outcome: outcome, duration: duration)
        onRequest(
            RequestLine(
                correlationID: correlationID, verb: self.method.rawValue, method: method, status: status,
                outcome: outcome, mode: mode, duration: duration, principal: principal?.name, session: session?.mark))
    }
}
