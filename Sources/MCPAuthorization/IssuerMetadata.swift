package import MCPProtocol

/// What an issuer says of itself (RFC 8414; OpenID Connect Discovery 1.0), as far as a resource server asks.
package struct IssuerMetadata: Sendable, Equatable {
    package var keys: String?
    package var introspection: String?
    /// Whether its introspection endpoint takes the client's secret in the form only.
    package var takesSecretInForm = false

    /// Where it may be, in the order in which it is looked for: the two well-known names, before the issuer's path and,
    /// as OpenID Connect has it, behind it.
    package static func places(of issuer: String) -> [String] {
        let trimmed = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let start = trimmed.firstRange(of: "://")?.upperBound ?? trimmed.startIndex
        let slash = trimmed[start...].firstIndex(of: "/") ?? trimmed.endIndex
        let (origin, path) = (trimmed[..<slash], trimmed[slash...])
        let inserted = ["oauth-authorization-server", "openid-configuration"].map {
            "\(origin)/.well-known/\($0)\(path)"
        }
        return path.isEmpty ? inserted : inserted + ["\(trimmed)/.well-known/openid-configuration"]
    }

    /// - Throws: ``IssuerDocument/Failure`` when it is another issuer's, or names what must not be asked.
    package init(_ json: JSON, of issuer: String) throws(IssuerDocument.Failure) {
        guard let named = json["issuer"]?.string else {
            throw IssuerDocument.Failure("the metadata of \(issuer) has no issuer")
        }
        // Character by character (RFC 8414, 3.3): otherwise one issuer could speak for another.
        guard named.utf8.elementsEqual(issuer.utf8) else {
            throw IssuerDocument.Failure(
                "the metadata names the issuer \(named.prefix(200)); set oauth-issuer to exactly that")
        }
        keys = try Self.url("jwks_uri", in: json, issuer)
        introspection = try Self.url("introspection_endpoint", in: json, issuer)
        let methods = json["introspection_endpoint_auth_methods_supported"]?.elements?.compactMap(\.string) ?? []
        takesSecretInForm = !methods.contains("client_secret_basic") && methods.contains("client_secret_post")
    }

    private static func url(_ name: String, in json: JSON, _ issuer: String) throws(IssuerDocument.Failure) -> String? {
        guard let text = json[name]?.string else { return nil }
        // An issuer on a loopback address is for development; only it may use plain http.
        guard text.hasPrefix("https://") || (issuer.hasPrefix("http://") && text.hasPrefix("http://")) else {
            throw IssuerDocument.Failure("\(name) of \(issuer) is not an https URL")
        }
        return text
    }
}
