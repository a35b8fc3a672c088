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
