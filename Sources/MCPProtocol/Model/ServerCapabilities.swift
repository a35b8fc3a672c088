/// What a server offers (MCP 2025-11-25, basic/lifecycle). A field that is nil or false is not offered.
package struct ServerCapabilities: Sendable, Equatable {
    /// Tools are offered; whether changes of their list are announced.
    package var toolsListChanged: Bool?
    package var logging: Bool

    package init(toolsListChanged: Bool? = nil, logging: Bool = false) {
        self.toolsListChanged = toolsListChanged
        self.logging = logging
    }

    package func json(for version: ProtocolVersion) -> JSON {
        var members: [(String, JSON)] = []
        if logging { members.append(("logging", [:])) }
        if let toolsListChanged {
            members.append(("tools", toolsListChanged ? ["listChanged": true] : [:]))
        }
        return .object(members)
    }
}
