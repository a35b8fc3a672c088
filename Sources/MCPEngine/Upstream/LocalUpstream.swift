package import MCPProtocol
import Synchronization

/// Tools written in Swift, in this process.
package final class LocalUpstream: Upstream {
    package let name: String
    private let state: Mutex<State>

    private struct State {
        var tools: [SwiftTool]
        var byName: [String: SwiftTool]
        var onChange: (@Sendable () -> Void)?
    }

    /// - Parameter tools: Names must differ; of two with one name the later wins.
    package init(name: String, tools: [SwiftTool]) {
        self.name = name
        state = Mutex(
            State(tools: tools, byName: Dictionary(tools.map { ($0.definition.name, $0) }) { $1 }, onChange: nil))
    }

    package func onOfferChange(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onChange = action }
    }

    /// Adds a tool, or replaces the one of that name, while the server runs.
    package func register(_ tool: SwiftTool) {
        let onChange = state.withLock { state in
            state.tools.removeAll { $0.definition.name == tool.definition.name }
            state.tools.append(tool)
            state.byName[tool.definition.name] = tool
            return state.onChange
        }
        onChange?()
    }

    package func offer() async -> Offer {
        currentOffer
    }

    package var currentOffer: Offer {
        Offer(tools: state.withLock { $0.tools.map(\.definition) })
    }

    package func callTool(_ name: String, params: JSON, on exchange: Exchange) async throws -> [UInt8] {
        guard let tool = state.withLock({ $0.byName[name] }) else {
            throw RPCError.invalidParams("Unknown tool: \(name)")
        }
        let arguments = params["arguments"] ?? JSON.object([])
        guard arguments.kind == .object else {
            throw RPCError.invalidParams("params.arguments must be an object")
        }
        let call = ToolCall(arguments: arguments, principal: exchange.principal, exchange: exchange)
        return try await tool.body(call).encoded(for: exchange.version)
    }
}

extension ToolResult {
    /// The CallToolResult's bytes, as clients of `version` know it.
    package func encoded(for version: ProtocolVersion) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("content")
        writer.beginArray()
        for block in content { writer.value(block.json(for: version)) }
        writer.endArray()
        if let structured, version.hasStructuredContent {
            writer.name("structuredContent")
            writer.value(structured)
        }
        if isError {
            writer.name("isError")
            writer.value(true)
        }
        writer.endObject()
        return writer.bytes
    }
}
