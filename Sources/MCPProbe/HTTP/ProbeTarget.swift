import FoundationEssentials

/// The URL that is probed, taken apart.
package struct ProbeTarget: Sendable, Equatable {
    package let url: String
    package let scheme: String
    package let host: String
    package let port: Int
    /// With a leading slash; never empty.
    package let path: String
    private let query: String

    /// Nil when it is not a URL with `http` or `https` and a host.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", var host = parts.host?.lowercased(), !host.isEmpty,
            parts.user == nil, parts.password == nil
        else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.scheme = scheme
        self.host = host
        port = parts.port ?? (scheme == "https" ? 443 : 80)
        guard 1...65_535 ~= port else { return nil }
        path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
        // Asked for as it was typed: what a server does with other spellings is its own matter.
        url = text.prefix { $0 != "#" }.description
    }

    /// What is wrong with a text that is no target, and what would be right. It never repeats a password.
    package static func objection(to text: String) -> String? {
        guard ProbeTarget(text) == nil else { return nil }
        // Looked for by hand: it may be in what is no URL otherwise.
        let authority = (text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...])
            .prefix { !"/?#".contains($0) }
        if authority.contains("@") {
            return "leave the name and the password out of the URL; a token goes into --bearer"
        }
        let shown = Excerpt.of(text, limit: 200)
        if !text.contains("://") {
            let scheme = ProbeTarget("http://\(text)")?.isPrivate == true ? "http" : "https"
            let hint = ProbeTarget("\(scheme)://\(text)") == nil ? "" : "; try \(scheme)://\(shown)"
            return "\"\(shown)\" does not begin with http:// or https://\(hint)"
        }
        return "\"\(shown)\" is not a URL with http:// or https:// and a host, such as https://mcp.example.com/mcp"
    }

    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? name : "\(name):\(port)"
    }

    package var origin: String { "\(scheme)://\(authority)" }

    /// As the documents of OAuth name it: without a slash that only ends it.
    package var canonical: String { origin + (path == "/" ? "" : path) + query }

    /// What stands in the first line of a request.
    package var resource: String { path + query }

    package func at(_ path: String) -> String { origin + path }

    /// The same with the other scheme: on the same port, unless that is the usual one.
    var withOtherScheme: ProbeTarget? {
        let other = scheme == "https" ? "http" : "https"
        // The usual port is not written, and so becomes the other's usual port.
        return ProbeTarget("\(other)://\(authority)\(resource)")
    }

    /// Of this machine only.
    package var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || Self.isLoopback(address: host)
    }

    /// Of a network that the outside cannot reach, by its name.
    package var isPrivate: Bool {
        isLoopback || host.hasSuffix(".local") || host.hasSuffix(".internal") || Self.isPrivate(address: host)
    }

    private static func isLoopback(address: String) -> Bool {
        address == "::1" || (octets(address).first == 127)
    }

    /// Not a name.
    static func isAddress(_ host: String) -> Bool { host.contains(":") || !octets(host).isEmpty }

    static func isPrivate(address: String) -> Bool {
        if isLoopback(address: address) { return true }
        if address.contains(":") { return ["fe80:", "fd", "fc"].contains { address.lowercased().hasPrefix($0) } }
        let parts = octets(address)
        guard parts.count == 4 else { return false }
        return parts[0] == 10 || (parts[0] == 172 && 16...31 ~= parts[1]) || (parts[0] == 192 && parts[1] == 168)
            || (parts[0] == 169 && parts[1] == 254)
    }

    /// Of an IPv4 address; empty for anything else.
    private static func octets(_ address: String) -> [UInt8] {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && !parts.contains(nil) ? parts.compactMap { $0 } : []
    }
}
