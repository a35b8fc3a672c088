import HTTPTypes
package import Hummingbird
import Logging
import MCPEngine
import MCPProtocol
import NIOCore

/// Every HTTP request enters here: guards, then the MCP endpoint or one of the routes for operators.
package struct Endpoint: HTTPResponder {
    let configuration: HTTPConfiguration
    let gateway: Gateway
    let operations: OperationRoutes
    let writer: ReplyWriter
    let logger: Logger

    init(
        _ configuration: HTTPConfiguration, _ gateway: Gateway, _ connections: Connections,
        metricsText: @escaping @Sendable () -> String, logger: Logger
    ) {
        self.configuration = configuration
        self.gateway = gateway
        self.logger = logger
        operations = OperationRoutes(configuration: configuration, gateway: gateway, metricsText: metricsText)
        writer = ReplyWriter(configuration: configuration, gateway: gateway, connections: connections, logger: logger)
    }

    package func respond(to request: Request, context: MCPContext) async throws -> Response {
        try await respond(Visit(request: request, context: context), isEndpoint: isEndpoint(request.uri.path))
    }

    func respond(_ visit: Visit, isEndpoint: Bool) async throws -> Response {
        let request = visit.request
        let origin = request.headers.value(.origin)
        guard configuration.hosts.admits(request.head.authority) else {
            return refuse(
                visit, .forbidden, "host_not_allowed", "This server does not answer to that Host; see allowed-hosts")
        }
        let hostWasChecked = configuration.hosts.isStrict
        guard configuration.origins.admits(origin, host: request.head.authority, hostWasChecked: hostWasChecked) else {
            return refuse(
                visit, .forbidden, "origin_not_allowed", "That Origin may not call this server; see allowed-origins")
        }
        var response: Response
        if isEndpoint {
            response = try await endpoint(visit)
        } else {
            response = operations.respond(to: request)
        }
        if let origin { OriginGuard.addHeaders(for: origin, to: &response.headers) }
        response.headers[.correlationID] = visit.correlationID
        // The answer to HEAD is a head (RFC 9110, 9.3.2); a body would be read as the next answer's beginning.
        if request.method == .head { response.body = ResponseBody() }
        return response
    }

    /// A trailing slash is served in place: some clients do not follow redirects (R26).
    private func isEndpoint(_ path: String) -> Bool {
        path == configuration.path || (path.hasSuffix("/") && path.dropLast() == configuration.path)
    }

    // MARK: /mcp

    private func endpoint(_ visit: Visit) async throws -> Response {
        let verb: Call.Verb
        switch visit.request.method {
        case .post: verb = .post
        case .get: verb = .get
        case .delete: verb = .delete
        case .options: return preflight(visit)
        default:
            return refuse(
                visit, .methodNotAllowed, "method_not_allowed", "Use POST, GET or DELETE",
                headers: [.allow: "GET, POST, DELETE, OPTIONS"])
        }
        let principal: Principal
        switch BearerGuard(access: configuration.access).check(visit.request.headers) {
        case .admitted(let admitted): principal = admitted
        case .refused(let challenge):
            return refuse(
                visit, .unauthorized, "unauthorized", "Send Authorization: Bearer with a key of this server",
                headers: [.wwwAuthenticate: challenge])
        }
        var call = Call(
            verb: verb, principal: principal, headers: RequestHeaders(visit.request.headers),
            userAgent: visit.request.headers.value(.userAgent))
        if verb == .post {
            switch try await body(visit) {
            case .success(let bytes): call.body = bytes
            case .failure(let refused): return refused.response
            }
        }
        let reply = await gateway.handle(call)
        return await writer.response(to: visit, principal: principal, reply: reply)
    }

    private func preflight(_ visit: Visit) -> Response {
        let fields = visit.request.headers
        let requested = HTTPField.Name("Access-Control-Request-Headers").flatMap { fields[$0] }
        return Response(
            status: .noContent, headers: OriginGuard.preflight(for: fields[.origin], requestedHeaders: requested))
    }

    // MARK: Reading the body

    private struct Refused: Error { var response: Response }

    private func body(_ visit: Visit) async throws -> Result<[UInt8], Refused> {
        let fields = visit.request.headers
        if let type = fields.value(.contentType), !MediaType(type[...]).names("application/json") {
            return .failure(
                Refused(
                    response: refuse(
                        visit, .unsupportedMediaType, "unsupported_media_type", "Send Content-Type: application/json")))
        }
        let declared = fields.value(.contentLength).flatMap { Int($0) } ?? 0
        if declared <= configuration.maxBody {
            do {
                let buffer = try await visit.request.body.collect(upTo: configuration.maxBody)
                return .success(Array(buffer.readableBytesView))
            } catch is NIOTooManyBytesError {
                // Falls through to the refusal.
            } catch let error as HTTPError where error.status == .contentTooLarge {
                // Likewise.
            } catch {
                gateway.metrics.hangup()
                logger.debug("request.aborted", metadata: ["correlation": "\(visit.correlationID)"])
                throw error
            }
        }
        return .failure(
            Refused(
                response: refuse(
                    visit, .contentTooLarge, "content_too_large",
                    "The body is larger than \(configuration.maxBody) bytes; see max-body")))
    }

    // MARK: Refusals of HTTP's own

    private func refuse(
        _ visit: Visit, _ status: HTTPResponse.Status, _ reason: String, _ message: String, headers: HTTPFields = [:]
    ) -> Response {
        gateway.metrics.refused(reason)
        visit.finished(
            status: status.code, method: "none", outcome: "rejected", mode: "json", gateway: gateway, logger: logger)
        let error = RPCError(code: RPCError.invalidRequest(message).code, message: message)
        let era = Classifier.era(of: RequestHeaders(visit.request.headers))
        var response = Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: Wire.error(error, id: nil, era: era))))
        response.headers[.contentType] = "application/json"
        response.headers[.cacheControl] = "no-store"
        response.headers[.correlationID] = visit.correlationID
        return response
    }
}

extension RequestHeaders {
    init(_ fields: HTTPFields) {
        self.init()
        protocolVersion = fields[values: .mcpProtocolVersion]
        sessionID = fields.value(.mcpSessionID)
        lastEventID = fields.value(.lastEventID)
        method = fields.value(.mcpMethod)
        name = fields[values: .mcpName]
        // Only there can be parameters in headers.
        guard method != nil else { return }
        for field in fields { addParameter(header: field.name.canonicalName, value: field.value) }
    }
}
