import HTTPTypes
import Hummingbird
import Logging
import MCPEngine
import MCPProtocol
import NIOCore

/// What every endpoint does before it looks at a message: who calls, what they sent, and how they are refused.
struct Reception: Sendable {
    struct Refused: Error { var response: Response }

    let configuration: HTTPConfiguration
    let gateway: Gateway
    let onRequest: @Sendable (RequestLine) -> Void
    let logger: Logger

    func principal(_ visit: Visit) -> Result<Principal, Refused> {
        switch BearerGuard(access: configuration.access).check(visit.headers) {
        case .admitted(let principal): return .success(principal)
        case .refused(let challenge):
            return .failure(
                Refused(
                    response: refuse(
                        visit, .unauthorized, "unauthorized", "Send Authorization: Bearer with a key of this server",
                        headers: [.wwwAuthenticate: challenge])))
        }
    }

    func preflight(_ visit: Visit) -> Response {
        let fields = visit.headers
        let requested = HTTPField.Name("Access-Control-Request-Headers").flatMap { fields[$0] }
        return Response(
            status: .noContent, headers: OriginGuard.preflight(for: fields[.origin], requestedHeaders: requested))
    }

    // MARK: Reading the body

    func body(_ visit: Visit) async throws -> Result<[UInt8], Refused> {
        let fields = visit.headers
        if let type = fields.value(.contentType), !MediaType(type[...]).names("application/json") {
            return .failure(
                Refused(
                    response: refuse(
                        visit, .unsupportedMediaType, "unsupported_media_type", "Send Content-Type: application/json")))
        }
        let declared = fields.value(.contentLength).flatMap { Int($0) } ?? 0
        guard declared <= configuration.maxBody else { return tooLarge(visit) }
        var bytes: [UInt8] = []
        // Not more than what is soon there: to announce much costs nothing.
        bytes.reserveCapacity(min(declared, 64 << 10))
        do {
            for try await part in visit.request.body {
                guard bytes.count + part.readableBytes <= configuration.maxBody else { return tooLarge(visit) }
                part.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
            }
        } catch {
            gateway.metrics.hangup()
            logger.debug("request.aborted", metadata: ["correlation": "\(visit.correlationID)"])
            throw error
        }
        return .success(bytes)
    }

    private func tooLarge(_ visit: Visit) -> Result<[UInt8], Refused> {
        .failure(
            Refused(
                response: refuse(
                    visit, .contentTooLarge, "content_too_large",
                    "The body is larger than \(configuration.maxBody) bytes; see max-body")))
    }

    // MARK: Refusals of HTTP's own

    func refuse(
        _ visit: Visit, _ status: HTTPResponse.Status, _ reason: String, _ message: String, headers: HTTPFields = [:]
    ) -> Response {
        gateway.metrics.refused(reason)
        visit.finished(
            status: status.code, method: "none", outcome: "rejected", mode: "json", gateway: gateway,
            onRequest: onRequest)
        let error = RPCError(code: RPCError.invalidRequest(message).code, message: message)
        let era = Classifier.era(of: RequestHeaders(visit.headers))
        var response = Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: Wire.error(error, id: nil, era: era))))
        response.headers[.contentType] = "application/json"
        response.headers[.cacheControl] = "no-store"
        response.headers[.correlationID] = visit.correlationID
        return response
    }
}
