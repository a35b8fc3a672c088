/// The URL of the endpoint as clients know it, which tokens must be meant for (A-06; RFC 8707).
package struct ResourceIdentifier: Sendable, Equatable {
    /// As the operator wrote it: what is published is this, character for character.
    package let text: String
    /// Scheme, host and maybe a port, in lower case.
    package let origin: String
    /// Empty, or from its slash on; without one at the end.
    package let path: String
    /// In lower case, without a port or brackets.
    package let host: String

    /// Nil unless it is an http or https URL without a user, a query or a fragment.
    package init?(_ text: String) {
        guard text.utf8.count <= 2_048,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Self.impossible.contains($0) })
        else { return nil }
        let lower = text.lowercased()
        guard let scheme = ["https", "http"].first(where: { lower.hasPrefix("\($0)://") }) else { return nil }
        let rest = text.dropFirst(scheme.count + 3)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<end].lowercased()
        let port = scheme == "https" ? ":443" : ":80"
        let shortest = authority.hasSuffix(port) ? String(authority.dropLast(port.count)) : authority
        let host = Self.host(in: shortest)
        guard !host.isEmpty, !authority.contains("@") else { return nil }
        self.text = text
        self.host = host
        origin = "\(scheme)://\(shortest)"
        path = String(rest[end...].hasSuffix("/") ? rest[end...].dropLast() : rest[end...])
    }

    private static let impossible = Array("?#\"<>\\^`{|}".utf8)

    private static func host(in authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    /// Whether `other` is another spelling of this: the host's case, a port that goes without saying and a slash at the
    /// end do not matter. The path does.
    package func isNamed(by other: String) -> Bool {
        guard let other = ResourceIdentifier(other) else { return false }
        return other.origin == origin && other.path.utf8.elementsEqual(path.utf8)
    }

    package var isHTTPS: Bool { origin.hasPrefix("https:") }

    /// Where its metadata is (RFC 9728, 3.1): the well-known part comes between the host and the path.
    package var metadataPath: String { Self.wellKnown + path }
    package var metadataURL: String { origin + metadataPath }

    package static let wellKnown = "/.well-known/oauth-protected-resource"
}
