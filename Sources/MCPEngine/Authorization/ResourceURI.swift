import FoundationEssentials

/// The endpoint that a token is for (RFC 8707): compared without regard to the case of scheme and host, the standard
/// port, and a slash at the end.
package struct ResourceURI: Sendable, Hashable {
    private let canonical: String

    /// Nil for what is no absolute URI, and for one with a fragment.
    package init?(_ text: String) {
        guard text.utf8.count <= 2048, let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), !host.isEmpty, parts.fragment == nil, parts.user == nil
        else { return nil }
        let standard = scheme == "https" ? 443 : 80
        let port = parts.port.flatMap { $0 == standard ? nil : ":\($0)" } ?? ""
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
        canonical = "\(scheme)://\(host)\(port)\(path)\(query)"
    }
}
