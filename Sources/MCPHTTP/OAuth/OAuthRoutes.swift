import HTTPTypes
package import Hummingbird
package import Logging
import MCPEngine
import NIOCore

/// The authorization server over HTTP: which request goes where, and what all answers have in common.
package struct OAuthRoutes: PublicRoutes {
    private let paths: OAuthPaths
    private let clientRoutes: OAuthClientRoutes
    private let personRoutes: OAuthPersonRoutes
    private let logger: Logger

    /// - Parameters:
    ///   - path: The MCP endpoint's.
    package init(_ oauth: OAuthConfiguration, path: String, logger: Logger) {
        paths = OAuthPaths(path: path, resources: oauth.server.identity.resources)
        clientRoutes = OAuthClientRoutes(server: oauth.server, maxForm: oauth.maxForm)
        personRoutes = OAuthPersonRoutes(oauth)
        self.logger = logger
    }

    package func respond(to request: Request) async throws -> Response? {
        guard let place = paths.place(of: request.uri.path) else { return nil }
        let response = try await respond(to: request, place)
        logger.info(
            "oauth.request",
            metadata: ["place": "\(place)", "verb": "\(request.method)", "status": "\(response.status.code)"])
        return response
    }

    private func respond(to request: Request, _ place: OAuthPaths.Place) async throws -> Response {
        let verbs = place.verbs
        if request.method == .options, place.isForClients { return OAuthClientRoutes.preflight(verbs) }
        guard verbs.contains(request.method) else {
            let allowed = verbs.map(\.rawValue).joined(separator: ", ")
            var refused =
                place.isForClients
                ? OAuthClientRoutes.failure(OAuthError(.invalidRequest, "Use \(allowed)"), status: .methodNotAllowed)
                : Page.notice("This is not how this address is used", "Use \(allowed).", status: .methodNotAllowed)
                    .response()
            refused.headers[.allow] = place.isForClients ? allowed + ", OPTIONS" : allowed
            return refused
        }
        return place.isForClients
            ? try await clientRoutes.respond(to: request, place) : try await personRoutes.respond(to: request, place)
    }
}

extension Request {
    /// Nil when it is larger than that. What is sent beyond is not kept.
    func form(upTo most: Int) async throws -> [UInt8]? {
        if let declared = headers.value(.contentLength).flatMap({ Int($0) }), declared > most { return nil }
        var bytes: [UInt8] = []
        for try await part in body {
            guard bytes.count + part.readableBytes <= most else { return nil }
            part.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    var sendsForm: Bool {
        headers.value(.contentType).map { MediaType($0[...]).names("application/x-www-form-urlencoded") } ?? false
    }
}
