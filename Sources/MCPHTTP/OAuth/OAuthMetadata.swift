import MCPEngine
import MCPProtocol

/// What clients learn about the authorization server (RFC 8414, 2).
enum OAuthMetadata {
    static func json(of server: AuthorizationServer) -> JSON {
        let issuer = server.identity.issuer
        func list(_ texts: [String]) -> JSON { JSON(texts.map { JSON($0) }) }
        let signing = server.assertions?.algorithms ?? []
        let ways = list(
            ["none", "client_secret_post", "client_secret_basic"] + (signing.isEmpty ? [] : ["private_key_jwt"]))
        var members: [(String, JSON)] = [
            ("issuer", JSON(issuer)),
            ("authorization_endpoint", JSON(issuer + "/authorize")),
            ("token_endpoint", JSON(issuer + "/token")),
            ("revocation_endpoint", JSON(issuer + "/revoke")),
            ("scopes_supported", list(server.identity.scopes + [AuthorizationServer.offline])),
            ("response_types_supported", ["code"]),
            ("response_modes_supported", ["query"]),
            ("grant_types_supported", ["authorization_code", "refresh_token"]),
            ("token_endpoint_auth_methods_supported", ways),
            ("revocation_endpoint_auth_methods_supported", ways),
            ("code_challenge_methods_supported", ["S256"]),
            ("client_id_metadata_document_supported", JSON(server.clients.takesDocuments)),
            ("authorization_response_iss_parameter_supported", true),
            ("protected_resources", list(server.identity.resources)),
        ]
        if !signing.isEmpty {
            members.append(("token_endpoint_auth_signing_alg_values_supported", list(signing)))
            members.append(("revocation_endpoint_auth_signing_alg_values_supported", list(signing)))
        }
        if server.registers { members.append(("registration_endpoint", JSON(issuer + "/register"))) }
        return .object(members)
    }
}
