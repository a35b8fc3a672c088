import HTTPTypes

extension HTTPField.Name {
    static let mcpSessionID = HTTPField.Name("Mcp-Session-Id") ?? .cookie
    static let mcpProtocolVersion = HTTPField.Name("MCP-Protocol-Version") ?? .cookie
    static let mcpMethod = HTTPField.Name("Mcp-Method") ?? .cookie
    static let mcpName = HTTPField.Name("Mcp-Name") ?? .cookie
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .cookie
    static let correlationID = HTTPField.Name("X-Correlation-ID") ?? .cookie
    static let traceParent = HTTPField.Name("traceparent") ?? .cookie
    static let accelBuffering = HTTPField.Name("X-Accel-Buffering") ?? .cookie
    static let host = HTTPField.Name("Host") ?? .cookie
}

extension HTTPFields {
    /// What the subscript gives, without putting a string together for a field that has one line, as nearly all have.
    func value(_ name: HTTPField.Name) -> String? {
        guard let first = firstIndex(where: { $0.name == name }) else { return nil }
        let hasMore = self[index(after: first)...].contains { $0.name == name }
        return hasMore ? self[name] : self[first].value
    }
}
