import FoundationEssentials
import HTTPTypes
import MCPEngine

/// What is found where. Everything stands at the root of the origin, where clients look that do not read metadata.
struct OAuthPaths: Sendable {
    enum Place: Equatable, Sendable {
        case metadata, authorize, token, register, revoke, account, signIn, signOut

        /// The others are for people.
        var isForClients: Bool { [.metadata, .token, .register, .revoke].contains(self) }

        var verbs: [HTTPRequest.Method] {
            switch self {
            case .metadata: [.get, .head]
            case .authorize, .account: [.get, .head, .post]
            case .token, .register, .revoke, .signIn, .signOut: [.post]
            }
        }
    }

    /// Under which the endpoint is known, here and to clients.
    let endpoints: Set<String>

    private static let documents = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
    private static let places: [String: Place] = [
        "/authorize": .authorize, "/token": .token, "/register": .register, "/revoke": .revoke, "/account": .account,
        "/sign-in": .signIn, "/sign-out": .signOut,
    ]

    /// - Parameter path: The endpoint's own.
    init(path: String, resources: [String]) {
        let known = resources.compactMap { URLComponents(string: $0)?.percentEncodedPath } + [path]
        endpoints = Set(known.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 })
    }

    func place(of path: String) -> Place? {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if let place = Self.places[path] { return place }
        // At the root, behind it the endpoint's path, or the other way about.
        let isMetadata = Self.documents.contains { document in
            path == document || endpoints.contains { path == document + $0 || path == $0 + document }
        }
        return isMetadata ? .metadata : nil
    }
}
