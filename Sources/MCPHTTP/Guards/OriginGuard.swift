import HTTPTypes

/// Decides which web pages may talk to the server, and tells their browsers so (H-07, H-08).
package struct OriginGuard: Sendable {
    private let allowed: Set<String>
    private let admitsAll: Bool

    /// - Parameter allowed: Origins as browsers send them (`https://claude.ai`), or `*` for every origin.
    package init(allowed: [String]) {
        self.allowed = Set(allowed.map { $0.lowercased() })
        admitsAll = allowed.contains("*")
    }

    /// A request without an origin does not come from a web page. A page of our own may call us, if `host` was checked.
    func admits(_ origin: String?, host: String?, hostWasChecked: Bool) -> Bool {
        guard let origin = origin?.lowercased() else { return true }
        if admitsAll || allowed.contains(origin) { return true }
        guard hostWasChecked, let host = host?.lowercased() else { return false }
        return origin == "http://" + host || origin == "https://" + host
    }

    /// What an allowed page may read of the reply.
    static func addHeaders(for origin: String, to fields: inout HTTPFields) {
        fields[.accessControlAllowOrigin] = origin
        fields[.vary] = "Origin"
        fields[.accessControlExposeHeaders] = "Mcp-Session-Id, WWW-Authenticate, X-Correlation-ID"
    }

    /// The answer to a preflight.
    static func preflight(for origin: String?, requestedHeaders: String?) -> HTTPFields {
        var fields = HTTPFields()
        fields[.allow] = "GET, POST, DELETE, OPTIONS"
        guard let origin else { return fields }
        addHeaders(for: origin, to: &fields)
        fields[.accessControlAllowMethods] = "GET, POST, DELETE"
        // Mcp-Param-* names are made from tools' parameters, so they are not known beforehand.
        let parameters = (requestedHeaders ?? "").split(separator: ",").map { $0.trimmed }.filter {
            $0.lowercased().hasPrefix("mcp-param-") && HTTPField.Name(String($0)) != nil
        }
        fields[.accessControlAllowHeaders] = ([Self.usualHeaders] + parameters.prefix(32).map(String.init))
            .joined(separator: ", ")
        fields[.accessControlMaxAge] = "600"
        return fields
    }

    private static let usualHeaders =
        "Content-Type, Accept, Authorization, Mcp-Session-Id, MCP-Protocol-Version, Last-Event-ID, Mcp-Method, Mcp-Name, "
        + "X-Correlation-ID, traceparent"
}

extension Substring {
    /// Without optional white space (RFC 9110, 5.6.3).
    var trimmed: Substring {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = utf8.firstIndex(where: { !isSpace($0) }), let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return self[start..<utf8.index(after: last)]
    }
}
