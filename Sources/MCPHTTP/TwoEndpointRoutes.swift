import HTTPTypes
import Hummingbird
import MCPEngine
import MCPProtocol
import NIOCore

/// HTTP+SSE of 2024-11-05: one stream that carries everything to the client, and POSTs that carry everything from it
/// (H-20 to H-26). The session lives as long as the stream.
struct TwoEndpointRoutes: Sendable {
    enum Part { case stream, messages }

    private static let parameter = "session_id"

    private let paths: TwoEndpoints
    private let reception: Reception
    private let connections: Connections
    private let channels = OpenChannels()

    init(_ paths: TwoEndpoints, reception: Reception, connections: Connections) {
        self.paths = paths
        self.reception = reception
        self.connections = connections
    }

    private var gateway: Gateway { reception.gateway }
    private var configuration: HTTPConfiguration { reception.configuration }

    /// On a path that both transports share, only a GET without a session means this one (H-26).
    func part(for request: Request) -> Part? {
        let path = request.uri.path
        if HTTPConfiguration.path(path, names: paths.messages) { return .messages }
        guard HTTPConfiguration.path(path, names: paths.stream) else { return nil }
        guard configuration.isEndpoint(path) else { return .stream }
        let isTheirs = request.method == .get && request.headers.value(.mcpSessionID) == nil
        return isTheirs && request.headers.value(.mcpProtocolVersion) == nil ? .stream : nil
    }

    func respond(to visit: Visit, _ part: Part) async throws -> Response {
        let method: HTTPRequest.Method = part == .stream ? .get : .post
        if visit.method == .options { return reception.preflight(visit) }
        guard visit.method == method else {
            return reception.refuse(
                visit, .methodNotAllowed, "method_not_allowed", "Use \(method) here",
                headers: [.allow: "\(method), OPTIONS"])
        }
        switch await reception.admission(visit) {
        case .failure(let refused): return refused.response
        case .success(let admission):
            // Everything here happens in a session, which a visitor cannot have.
            if admission.isVisitor { return reception.response(visit, to: .nothing) }
            switch part {
            case .stream: return open(visit, admission)
            case .messages: return try await take(visit, admission)
            }
        }
    }

    // MARK: GET

    private func open(_ visit: Visit, _ admission: Admission) -> Response {
        let principal = admission.principal
        guard gateway.isReady else {
            return reception.refuse(
                visit, .serviceUnavailable, "shutting_down", "The server is restarting; try again in a second",
                headers: [.retryAfter: "1"])
        }
        guard gateway.admitListener(principal) else {
            return reception.refuse(
                visit, .tooManyRequests, "too_many_streams", "Too many open streams for this principal; close one",
                headers: [.retryAfter: "1"])
        }
        let duplex = Duplex(
            gateway: gateway, principal: principal, userAgent: visit.headers.value(.userAgent),
            buffer: gateway.configuration.limits.stream.bytes)
        let id = channels.add(duplex, of: principal)
        gateway.metrics.streamOpened()
        let lease = StreamLease { [self] outcome in
            channels.remove(id)
            duplex.abandon()
            gateway.unlisten(principal.id)
            gateway.metrics.streamClosed()
            if outcome == "hangup" { gateway.metrics.hangup() }
            visit.finished(
                status: 200, method: "GET", outcome: outcome, mode: "sse", principal: principal,
                session: duplex.session, gateway: gateway, onRequest: reception.onRequest)
        }
        let body = ChannelBody(
            duplex: duplex, admission: admission, readmission: Readmission(visit, configuration),
            endpoint: "\(paths.prefix)\(paths.messages)?\(Self.parameter)=\(id)",
            timed: TimedWriter(
                channel: visit.context.channel, limit: configuration.writeTimeout, deadlines: gateway.deadlines),
            keepAlive: configuration.keepAlive, gateway: gateway, connections: connections)
        return Response(
            eventStream: ResponseBody { writer in
                // An error here is a connection that broke.
                defer { lease.end(outcome: "hangup") }
                lease.end(outcome: try await body.write(to: &writer))
            })
    }

    // MARK: POST

    private func take(_ visit: Visit, _ admission: Admission) async throws -> Response {
        let principal = admission.principal
        let bytes: [UInt8]
        switch try await reception.body(visit) {
        case .success(let body): bytes = body
        case .failure(let refused): return refused.response
        }
        guard let id = visit.request.uri.queryParameters[Self.parameter[...]] else {
            return reception.refuse(
                visit, .badRequest, "malformed", "The query must name the session, as the endpoint event does")
        }
        guard let duplex = channels.find(String(id), for: principal) else { return unknown(visit) }
        // What is said to a client that does not read must not pile up: new messages wait while it catches up, and if it
        // does not, its stream is cut.
        guard duplex.outbox.waiting < gateway.configuration.limits.inFlightPerSession else {
            return reception.refuse(
                visit, .tooManyRequests, "stream_not_read", "The stream of this session is not being read",
                headers: [.retryAfter: "1"])
        }
        guard await duplex.outbox.room() else { return unknown(visit) }
        let receipt = await duplex.receive(bytes, admission) { [gateway, reception] report in
            visit.finished(
                status: report.isForbidden ? 403 : report.isReadable ? 202 : 400, era: report.era,
                method: report.method, outcome: report.outcome,
                mode: report.isReadable ? "sse" : "json", principal: principal, session: report.session,
                gateway: gateway, onRequest: reception.onRequest)
        }
        switch receipt {
        case .taken: return Response(status: .accepted)
        case .unreadable(let error): return json(.badRequest, error)
        case .forbidden(let error, let challenge):
            var response = json(.forbidden, error)
            response.headers[.wwwAuthenticate] = challenge
            return response
        }
    }

    private func json(_ status: HTTPResponse.Status, _ bytes: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func unknown(_ visit: Visit) -> Response {
        reception.refuse(
            visit, .notFound, "unknown_session", "Session not found. Open \(paths.stream) to begin a new one")
    }
}
