package import Hummingbird
package import MCPEngine
import MCPProtocol

/// Where clients read which authorization server gives out tokens for this endpoint (RFC 9728; A-05): at the place for
/// its path and at the root, because clients differ in where they look first.
package struct ResourceMetadataRoutes: PublicRoutes {
    private let paths: [String]
    private let document: PublicDocument

    /// - Parameters:
    ///   - issuers: At least one; many clients use only the first.
    ///   - scopes: What a client should ask for in the beginning.
    ///   - path: Of the endpoint, where a proxy gives it another one.
    package init(_ resource: ResourceIdentifier, issuers: [String], scopes: ScopeSet, name: String, path: String) {
        var members: [(String, JSON)] = [
            ("resource", JSON(resource.text)), ("authorization_servers", JSON(issuers.map { JSON($0) })),
        ]
        if !scopes.names.isEmpty { members.append(("scopes_supported", JSON(scopes.names.map { JSON($0) }))) }
        members.append(("bearer_methods_supported", ["header"]))
        members.append(("resource_name", JSON(name)))
        document = PublicDocument(.object(members))
        paths = [resource.metadataPath, ResourceIdentifier.wellKnown + path, ResourceIdentifier.wellKnown]
    }

    package func respond(to request: Request) -> Response? {
        let path = request.uri.path
        // A client that puts a slash at the end of the URL asks with one here.
        guard paths.contains(where: { HTTPConfiguration.path(path, names: $0) }) else { return nil }
        return document.response(to: request)
    }
}
