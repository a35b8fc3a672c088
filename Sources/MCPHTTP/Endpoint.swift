import HTTPTypes
package import Hummingbird
import Logging
import MCPEngine
import MCPProtocol

/// Every HTTP request enters here: guards, then the MCP endpoint or one of the routes for operators.
package struct Endpoint: HTTPResponder {
    let configuration: HTTPConfiguration
    let gateway: Gateway
    let reception: Reception
    let operations: OperationRoutes
    let twoEndpoints: TwoEndpointRoutes?
    let writer: ReplyWriter

    init(
        _ configuration: HTTPConfiguration, _ gateway: Gateway, _ connections: Connections,
        metricsText: @escaping @Sendable () -> String, logger: Logger
    ) {
        self.configuration = configuration
        self.gateway = gateway
        let onRequest = configuration.onRequest ?? { $0.write(to: logger) }
        reception = Reception(configuration: configuration, gateway: gateway, onRequest: onRequest, logger: logger)
        twoEndpoints = configuration.twoEndpoints.map { [reception] in
            TwoEndpointRoutes($0, reception: reception, connections: connections)
        }
        operations = OperationRoutes(configuration: configuration, gateway: gateway, metricsText: metricsText)
        writer = ReplyWriter(
            configuration: configuration, gateway: gateway, connections: connections, onRequest: onRequest)
    }

    package func respond(to request: Request, context: MCPContext) async throws -> Response {
        try await respond(
            Visit(request: request, context: context), isEndpoint: configuration.isEndpoint(request.uri.path))
    }

    func respond(_ visit: Visit, isEndpoint: Bool) async throws -> Response {
        let origin = visit.headers.value(.origin)
        let authority = visit.request.head.authority
        guard configuration.hosts.admits(authority) else {
            return reception.refuse(
                visit, .forbidden, "host_not_allowed", "This server does not answer to that Host; see allowed-hosts")
        }
        for routes in configuration.publicRoutes {
            guard var response = try await routes.respond(to: visit.request) else { continue }
            response.headers[.correlationID] = visit.correlationID
            if visit.method == .head { response.body = ResponseBody() }
            return response
        }
        let hostWasChecked = configuration.hosts.isStrict
        guard configuration.origins.admits(origin, host: authority, hostWasChecked: hostWasChecked) else {
            return reception.refuse(
                visit, .forbidden, "origin_not_allowed", "That Origin may not call this server; see allowed-origins")
        }
        var response: Response
        if let twoEndpoints, let part = twoEndpoints.part(for: visit.request) {
            response = try await twoEndpoints.respond(to: visit, part)
        } else if isEndpoint {
            response = try await endpoint(visit)
        } else {
            response = operations.respond(to: visit.request)
        }
        if let origin { OriginGuard.addHeaders(for: origin, to: &response.headers) }
        response.headers[.correlationID] = visit.correlationID
        // The answer to HEAD is a head (RFC 9110, 9.3.2); a body would be read as the next answer's beginning.
        if visit.method == .head { response.body = ResponseBody() }
        return response
    }

    // MARK: /mcp

    private func endpoint(_ visit: Visit) async throws -> Response {
        let verb: Call.Verb
        switch visit.method {
        case .post: verb = .post
        case .get: verb = .get
        case .delete: verb = .delete
        case .options: return reception.preflight(visit)
        default:
            return reception.refuse(
                visit, .methodNotAllowed, "method_not_allowed", "Use POST, GET or DELETE",
                headers: [.allow: "GET, POST, DELETE, OPTIONS"])
        }
        let admission: Admission
        switch await reception.admission(visit) {
        case .success(let admitted): admission = admitted
        case .failure(let refused): return refused.response
        }
        var call = Call(
            verb: verb, admission: admission, headers: RequestHeaders(visit.headers),
            userAgent: visit.headers.value(.userAgent))
        if verb == .post {
            switch try await reception.body(visit) {
            case .success(let bytes): call.body = bytes
            case .failure(let refused): return refused.response
            }
        }
        // Nothing else needs to know, and most requests are not in a session.
        if call.headers.sessionID != nil { call.takesEvents = Accepts(visit.request.headers.value(.accept)).sse }
        let reply = await gateway.handle(call)
        return await writer.response(to: visit, admission: admission, reply: reply)
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
        for field in fields where field.name.canonicalName.hasPrefix(RequestHeaders.parameterPrefix) {
            addParameter(header: field.name.canonicalName, value: field.value)
        }
    }
}
