import FoundationEssentials

/// Where a browser is sent back to, with a code. What cannot be one is refused when a client is made known.
package struct RedirectURI: Sendable, Equatable {
    package enum Place: Sendable, Equatable {
        /// https
        case web
        /// http to this machine: whoever listens there.
        case loopback
        /// A scheme that a program on the person's device has taken for itself.
        case app
    }

    package let text: String
    package let place: Place
    /// The host, or the scheme of an app: what a person is shown.
    package let host: String
    /// The scheme, host and port, or `scheme:` of an app.
    package let origin: String
    private let withoutPort: String

    /// What a browser would run, show or send on by itself.
    private static let dangerous: Set<String> = [
        "about", "blob", "chrome", "data", "file", "filesystem", "ftp", "javascript", "jar", "mailto", "resource",
        "vbscript", "view-source", "ws", "wss",
    ]

    /// Nil for what cannot be one: anything but https, http to loopback, or a private scheme (RFC 8252, 7.1); a
    /// fragment, a user, a wildcard; more than 2048 bytes.
    package init?(_ text: String) {
        guard (1...2048).contains(text.utf8.count), text.utf8.allSatisfy(Self.isPlain),
            let parts = URLComponents(string: text), parts.fragment == nil, parts.user == nil, parts.password == nil,
            let scheme = parts.scheme?.lowercased(), !text.hasSuffix("#")
        else { return nil }
        self.text = text
        let host = parts.host?.lowercased() ?? ""
        let port = parts.port.map { ":\($0)" } ?? ""
        switch scheme {
        case "https":
            guard !host.isEmpty else { return nil }
            place = .web
            self.host = host
            origin = "https://\(host)\(port)"
        case "http":
            guard Self.loopback.contains(host) else { return nil }
            place = .loopback
            self.host = host
            origin = "http://\(host)\(port)"
        default:
            // After the colon comes a path or an authority: `javascript:…` and its like have neither.
            guard !Self.dangerous.contains(scheme), text.dropFirst(scheme.utf8.count + 1).hasPrefix("/") else {
                return nil
            }
            place = .app
            self.host = scheme
            origin = "\(scheme):"
        }
        let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
        withoutPort = "\(scheme)://\(host)\(parts.percentEncodedPath)\(query)"
    }

    package static let loopback: Set<String> = ["localhost", "127.0.0.1", "::1", "[::1]"]

    /// Whether a request may name this one where `registered` was registered: exactly equal, but for the port of a
    /// program on this machine, which takes the one that is free (RFC 8252, 7.3).
    package func matches(_ registered: RedirectURI) -> Bool {
        if text == registered.text { return true }
        return place == .loopback && registered.place == .loopback && withoutPort == registered.withoutPort
    }

    /// With more in its query.
    package func adding(_ parameters: [(String, String?)]) -> String {
        let pairs = parameters.compactMap { name, value in value.map { "\(name)=\(queryEscaped($0))" } }
        return text + (text.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"\"<>\\^`{|}*".utf8.contains(byte)
    }
}
