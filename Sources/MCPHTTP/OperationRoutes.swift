import HTTPTypes
import Hummingbird
import MCPEngine
import NIOCore

/// For operators: is it alive, does it serve, what has it done.
struct OperationRoutes: Sendable {
    let configuration: HTTPConfiguration
    let gateway: Gateway
    let metricsText: @Sendable () -> String

    func respond(to request: Request) -> Response {
        switch request.uri.path {
        case "/health": return answer(request, json(.ok, #"{"status":"ok"}"#))
        case "/ready":
            return answer(
                request,
                gateway.isReady
                    ? json(.ok, #"{"status":"ready"}"#) : json(.serviceUnavailable, #"{"status":"draining"}"#))
        case "/metrics": return answer(request, metrics(request))
        default:
            let message = "Nothing here. The MCP endpoint is \(configuration.path)"
            return json(.notFound, #"{"error":"not_found","message":"\#(message)"}"#)
        }
    }

    private func answer(_ request: Request, _ response: Response) -> Response {
        switch request.method {
        case .get: return response
        case .head: return Response(status: response.status, headers: response.headers)
        default:
            var refused = json(.methodNotAllowed, #"{"error":"method_not_allowed"}"#)
            refused.headers[.allow] = "GET, HEAD"
            return refused
        }
    }

    /// Counts of everybody's sessions are nobody's business who may not come in, nor of one user among many: where
    /// there are issuers, this takes a key.
    private func metrics(_ request: Request) -> Response {
        guard case .admitted(let admission) = BearerGuard(access: configuration.access).check(request.headers),
            !admission.isVisitor
        else {
            var refused = json(.unauthorized, #"{"error":"unauthorized","message":"Send Authorization: Bearer KEY"}"#)
            // Not the way to an issuer: its tokens would not do.
            refused.headers[.wwwAuthenticate] = BearerChallenge().header()
            return refused
        }
        gateway.observe()
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: metricsText())))
    }

    private func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
