import FoundationEssentials
import HTTPTypes
import Hummingbird
import MCPEngine
import MCPProtocol
import NIOCore

/// What programs ask of the authorization server: JSON, for any origin, never kept by anybody.
struct OAuthClientRoutes: Sendable {
    let server: AuthorizationServer
    let maxForm: Int

    func respond(to request: Request, _ place: OAuthPaths.Place) async throws -> Response {
        if place == .metadata { return Self.answer(OAuthMetadata.json(of: server)) }
        guard let body = try await request.form(upTo: maxForm) else {
            return Self.failure(
                OAuthError(.invalidRequest, "The body is larger than \(maxForm) bytes"), status: .contentTooLarge)
        }
        do {
            return try await respond(to: request, place, body)
        } catch let error as OAuthError {
            return Self.failure(error)
        } catch let error as StoreError {
            server.reportFailure(error)
            return Self.failure(.unavailable)
        }
    }

    private func respond(to request: Request, _ place: OAuthPaths.Place, _ body: [UInt8]) async throws -> Response {
        if place == .register {
            guard server.registers else {
                return Self.failure(
                    OAuthError(.invalidRequest, "Clients do not register themselves here; ask the operator"),
                    status: .notFound)
            }
            let type = request.headers.value(.contentType)
            guard type.map({ MediaType($0[...]).names("application/json") }) ?? true else {
                throw OAuthError(.invalidClientMetadata, "Send Content-Type: application/json")
            }
            return Self.answer(Self.json(try await server.register(body)), status: .created)
        }
        guard request.sendsForm else {
            throw OAuthError(.invalidRequest, "Send Content-Type: application/x-www-form-urlencoded")
        }
        let parameters = try OAuthParameters(parsing: body)
        let basic = try Self.basic(in: request.headers)
        if place == .revoke {
            try await server.revoke(parameters, basic: basic)
            return Response(status: .ok, headers: Self.headers)
        }
        return Self.answer(Self.json(try await server.token(parameters, basic: basic)))
    }

    // MARK: Answers

    private static var headers: HTTPFields {
        [.cacheControl: "no-store", .accessControlAllowOrigin: "*"]
    }

    static func answer(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: Array(json.bytes))))
    }

    static func failure(_ error: OAuthError, status: HTTPResponse.Status? = nil) -> Response {
        var response = answer(
            ["error": JSON(error.code.rawValue), "error_description": JSON(error.description)],
            status: status ?? HTTPResponse.Status(code: error.status))
        if response.status == .unauthorized { response.headers[.wwwAuthenticate] = #"Basic realm="holdfast""# }
        if let seconds = error.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }

    static func preflight(_ verbs: [HTTPRequest.Method]) -> Response {
        let verbs = verbs.map(\.rawValue).joined(separator: ", ")
        return Response(
            status: .noContent,
            headers: [
                .allow: verbs + ", OPTIONS", .accessControlAllowOrigin: "*", .accessControlAllowMethods: verbs,
                .accessControlAllowHeaders: "Authorization, Content-Type, Accept, MCP-Protocol-Version",
                .accessControlMaxAge: "600",
            ])
    }

    private static func json(_ answer: TokenAnswer) -> JSON {
        var members: [(String, JSON)] = [
            ("access_token", JSON(answer.accessToken)), ("token_type", "Bearer"),
            ("expires_in", JSON(answer.expiresIn)),
        ]
        if let token = answer.refreshToken { members.append(("refresh_token", JSON(token))) }
        members.append(("scope", JSON(answer.scope)))
        return .object(members)
    }

    private static func json(_ registration: ClientRegistration) -> JSON {
        let client = registration.client
        var members: [(String, JSON)] = [
            ("client_id", JSON(client.id)),
            ("client_id_issued_at", JSON(Int64(client.created.timeIntervalSince1970))),
        ]
        if let secret = registration.secret {
            members += [("client_secret", JSON(secret)), ("client_secret_expires_at", 0)]
        }
        if let name = client.name { members.append(("client_name", JSON(name))) }
        let grants: [JSON] = client.refreshes ? ["authorization_code", "refresh_token"] : ["authorization_code"]
        return .object(
            members + [
                ("redirect_uris", JSON(client.redirectURIs.map { JSON($0) })),
                ("token_endpoint_auth_method", JSON(client.authentication.rawValue)), ("grant_types", JSON(grants)),
                ("response_types", ["code"]),
            ])
    }

    /// What follows `Basic` in the one `Authorization` header there may be.
    private static func basic(in headers: HTTPFields) throws(OAuthError) -> String? {
        guard let header = headers.value(.authorization) else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "basic" else {
            throw OAuthError(.invalidClient, "Authorization must be Basic, or not be there")
        }
        return String(parts[1].trimmed)
    }
}
