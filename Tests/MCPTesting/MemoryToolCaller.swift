import FoundationEssentials
package import MCPEngine
package import MCPProtocol
import Synchronization

/// Calls memory tools as a session would, and objects to a result that does not keep what every result promises: it
/// fits the tool's output schema, and the client's limit.
package struct MemoryToolCaller: Sendable {
    private let tools: [String: SwiftTool]
    private let limits: MemoryLimits

    /// The tools' clock starts at ``Date/at(_:)`` 0 and moves by a second with every look at it.
    package init(_ store: any MemoryStore, limits: MemoryLimits = MemoryLimits()) {
        let clock = Clock()
        let tools = MemoryTools.tools(store: store, limits: limits, now: clock.next)
        self.tools = Dictionary(uniqueKeysWithValues: tools.map { ($0.definition.name, $0) })
        self.limits = limits
    }

    private final class Clock: Sendable {
        private let seconds = Mutex(0.0)
        @Sendable func next() -> Date {
            seconds.withLock { seconds in
                defer { seconds += 1 }
                return .at(seconds)
            }
        }
    }

    private struct SilentExchange: ExchangePort {
        var principal: Principal
        var capabilities: ClientCapabilities { .none }
        var envelope: ResultEnvelope { ResultEnvelope(version: .latestHandshake, serverInfo: nil) }
        func progress(_ progress: Double, total: Double?, message: String?) {}
        func log(_ level: LogLevel, _ data: JSON, logger: String?) {}
        func ask(_ questions: [Question]) async throws -> [JSON] { throw CancellationError() }
    }

    package func call(_ name: String, _ arguments: JSON = [:], as owner: String = "ann") async throws -> ToolResult {
        guard let tool = tools[name] else { throw ContractViolation(description: "there is no tool \(name)") }
        let principal = Principal(id: owner, name: owner)
        let result = try await tool.body(arguments, CallContext(SilentExchange(principal: principal)))
        if !result.isError {
            let schema = tool.definition.outputSchema ?? [:]
            try same(result.structured.map { fault(in: $0, by: schema, at: name) } ?? "nothing structured", nil)
        }
        try same(length(result) <= limits.resultCharacters, true, "\(name)'s length \(length(result)) within bounds")
        return result
    }

    /// The structured result of a call that must not fail.
    package func structured(_ name: String, _ arguments: JSON = [:], as owner: String = "ann") async throws -> JSON {
        let result = try await call(name, arguments, as: owner)
        guard !result.isError, let structured = result.structured else {
            throw ContractViolation(description: "\(name) failed: \(result.text)")
        }
        return structured
    }

    /// What a call that must fail says.
    package func failure(_ name: String, _ arguments: JSON = [:]) async throws -> String {
        let result = try await call(name, arguments)
        guard result.isError else { throw ContractViolation(description: "\(name) did not fail: \(result.text)") }
        return result.text
    }

    /// As it is written on the wire, in UTF-16 units.
    private func length(_ result: ToolResult) -> Int {
        JSON(result.text).description.utf16.count + (result.structured?.description.utf16.count ?? 0)
    }
}

extension ToolResult {
    package var text: String {
        content.map { if case .text(let text) = $0 { text } else { "" } }.joined(separator: "\n")
    }
}

/// What is wrong with a value by a flat JSON Schema: `type`, `enum`, `required`, `properties`, `items`.
package func fault(in value: JSON, by schema: JSON, at place: String) -> String? {
    let fits =
        switch schema["type"]?.string {
        case "object": value.kind == .object
        case "array": value.kind == .array
        case "string": value.kind == .string
        case "boolean": value.kind == .bool
        case "integer": value.integer != nil
        default: false
        }
    guard fits else { return "\(place) is \(value.kind), not \(schema["type"]?.string ?? "of a type")" }
    if let allowed = schema["enum"]?.elements, !allowed.contains(value) { return "\(place) is none of \(allowed)" }
    for name in (schema["required"]?.elements ?? []).compactMap(\.string) where value[name] == nil {
        return "\(place) lacks \(name)"
    }
    for (name, member) in value.members ?? [] {
        guard let rule = schema["properties"]?[name] else { return "\(place) has \(name), which no schema names" }
        if let fault = fault(in: member, by: rule, at: "\(place).\(name)") { return fault }
    }
    for element in value.elements ?? [] {
        guard let rule = schema["items"] else { return "\(place) has elements of no known type" }
        if let fault = fault(in: element, by: rule, at: "\(place)[]") { return fault }
    }
    return nil
}
