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

    func admission(_ visit: Visit) async -> Result<Admission, Refused> {
        let guardian = BearerGuard(access: configuration.access)
        var verdict = guardian.check(visit.headers)
        if case .undecided(let token) = verdict { verdict = await guardian.ask(about: token) }
        switch verdict {
        case .admitted(let admission): return .success(admission)
        case .refused(let refusal): return .failure(Refused(response: response(visit, to: refusal)))
        case .undecided: return .failure(Refused(response: response(visit, to: .nothing)))
        }
    }

    func response(_ visit: Visit, to refusal: BearerGuard.Refusal) -> Response {
        let challenge = configuration.access.challenge
        switch refusal {
        case .nothing:
            return refuse(
                visit, .unauthorized, "unauthorized", AccessPolicy.signIn,
                headers: [.wwwAuthenticate: challenge.header()])
        case .malformed:
            let message = "The Authorization header is not Bearer and one token of visible ASCII characters"
            return refuse(
                visit, .badRequest, "unauthorized", message,
                headers: [.wwwAuthenticate: challenge.header(.invalidRequest, message)])
        case .badToken(let refusal):
            note("token.refused", visit, refusal.reason.rawValue, refusal.detail)
            return refuse(
                visit, .unauthorized, "unauthorized", "The key or token is not good, or not good any more",
                headers: [.wwwAuthenticate: challenge.header(.invalidToken, refusal.reason.words)])
        case .outage(let outage):
            note("token.not_verified", visit, "unavailable", outage.detail)
            return refuse(
                visit, .serviceUnavailable, "issuer_unavailable",
                "Who you are cannot be verified now; keep the token and try again",
                headers: [.retryAfter: String(outage.retryAfter)])
        }
    }

    private func note(_ event: Logger.Message, _ visit: Visit, _ reason: String, _ detail: String) {
        gateway.metrics.tokenRefused(reason)
        logger.info(
            event, metadata: ["correlation": "\(visit.correlationID)", "reason": "\(reason)", "detail": "\(detail)"])
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
