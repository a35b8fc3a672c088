package import FoundationEssentials
import MCPProtocol

/// The memory of the people and models that call, as tools: each caller has its own.
package struct MemoryTools: Sendable {
    let store: any MemoryStore
    let limits: MemoryLimits
    let now: @Sendable () -> Date

    package static func tools(
        store: any MemoryStore, limits: MemoryLimits = MemoryLimits(), now: @escaping @Sendable () -> Date
    ) -> [SwiftTool] {
        let tools = MemoryTools(store: store, limits: limits, now: now)
        return [
            tools.storeTool, tools.searchTool, tools.getTool, tools.listTool, tools.forgetTool, tools.handoverTool,
            tools.statusTool,
        ]
    }

    /// A tool of which bad arguments make a failure that the model can read.
    func tool(
        _ definition: Tool, _ body: @escaping @Sendable (MemoryArguments, _ owner: String) async throws -> ToolResult
    ) -> SwiftTool {
        let limits = limits
        return SwiftTool(definition) { arguments, context in
            do {
                return try await body(MemoryArguments(json: arguments, limits: limits), context.principal.id)
            } catch let fault as ArgumentFault {
                return .failure(fault.text)
            }
        }
    }

    /// Flat: plain types, no references, no combinations. Clients drop or refuse anything else.
    static func schema(_ properties: [(String, JSON)], required: [String] = []) -> JSON {
        .object([
            ("type", "object"), ("properties", .object(properties)), ("required", JSON(required.map { JSON($0) })),
        ])
    }
}
