import MCPEngine
import MCPProtocol

/// Tools. What a tool's function throws becomes a result with `isError`; an ``RPCError`` stays a JSON-RPC error. Throw a
/// ``ToolError`` for what the model should read: of other errors it learns only that the tool failed.
extension MCPServer {
    /// Adds a tool that takes arguments.
    ///
    /// Arguments that do not fit `input`, or cannot be decoded, become a result with `isError` that says which one is
    /// wrong and what would be right; the function is not called.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of `A–Z a–z 0–9 _ . -`, unique on the server.
    ///   - description: For the model.
    ///   - title: For people.
    ///   - input: An object.
    ///   - output: What the structured result must be; the function then returns such a value.
    ///   - annotations: What clients may take into account before they call it.
    ///   - tasks: Whether a call becomes a task that the client polls.
    ///   - exemptions: Rules that the tool knowingly breaks.
    ///   - replacing: Puts it in the place of a tool of the same name, which is otherwise refused.
    ///   - body: Takes a `Decodable` of your own, or ``JSON``, which is then exactly what was sent.
    /// - Throws: ``ToolRefusal`` when real clients would hide the tool, or another one because of it.
    public func tool<Input: Decodable & Sendable, Output: ToolOutput>(
        _ name: String, _ description: String, title: String? = nil, input: Schema, output: Schema? = nil,
        annotations: Tool.Annotations? = nil, tasks: SwiftTool.TaskSupport = .none,
        allowing exemptions: ToolExemptions = [], replacing: Bool = false,
        _ body: @escaping @Sendable (_ input: Input, _ context: CallContext) async throws -> Output
    ) throws {
        let definition = Tool(
            name: name, title: title, description: description, inputSchema: input.json, outputSchema: output?.json,
            annotations: annotations)
        try add(definition, tasks, exemptions, replacing) { (input: Input, context) in
            try await body(input, context).toolResult()
        }
    }

    /// Adds a tool that takes arguments and returns structured content. See the other forms for the parameters.
    @_disfavoredOverload
    public func tool<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ name: String, _ description: String, title: String? = nil, input: Schema, output: Schema? = nil,
        annotations: Tool.Annotations? = nil, tasks: SwiftTool.TaskSupport = .none,
        allowing exemptions: ToolExemptions = [], replacing: Bool = false,
        _ body: @escaping @Sendable (_ input: Input, _ context: CallContext) async throws -> Output
    ) throws {
        let definition = Tool(
            name: name, title: title, description: description, inputSchema: input.json, outputSchema: output?.json,
            annotations: annotations)
        try add(definition, tasks, exemptions, replacing) { (input: Input, context) in
            try ToolResult.structured(try await body(input, context))
        }
    }

    /// Adds a tool that takes no arguments.
    public func tool<Output: ToolOutput>(
        _ name: String, _ description: String, title: String? = nil, output: Schema? = nil,
        annotations: Tool.Annotations? = nil, tasks: SwiftTool.TaskSupport = .none, replacing: Bool = false,
        _ body: @escaping @Sendable (_ context: CallContext) async throws -> Output
    ) throws {
        try tool(
            name, description, title: title, input: [:], output: output, annotations: annotations, tasks: tasks,
            replacing: replacing
        ) { (_: JSON, context) in try await body(context)
        }
    }

    /// Adds a tool that takes no arguments and returns structured content.
    @_disfavoredOverload
    public func tool<Output: Encodable & Sendable>(
        _ name: String, _ description: String, title: String? = nil, output: Schema? = nil,
        annotations: Tool.Annotations? = nil, tasks: SwiftTool.TaskSupport = .none, replacing: Bool = false,
        _ body: @escaping @Sendable (_ context: CallContext) async throws -> Output
    ) throws {
        try tool(
            name, description, title: title, input: [:], output: output, annotations: annotations, tasks: tasks,
            replacing: replacing
        ) { (_: JSON, context) in try ToolResult.structured(try await body(context))
        }
    }

    /// Adds a tool that was put together by hand, with icons or `_meta`. Its arguments are not checked.
    /// - Throws: ``ToolRefusal``, as for the others.
    public func add(
        _ tool: SwiftTool, allowing exemptions: ToolExemptions = [], replacing: Bool = false
    ) throws {
        try ToolRules.check(tool.definition, exemptions: exemptions)
        if replacing {
            local.register(tool)
        } else if !local.add(tool) {
            throw ToolRefusal(
                tool: tool.definition.name,
                cause: "another tool has the same name; replacing: true puts this one in its place")
        }
    }

    /// Takes a tool away. One that is not there need not be.
    public func removeTool(_ name: String) { local.removeTool(name) }

    private func add<Input: Decodable & Sendable>(
        _ definition: Tool, _ tasks: SwiftTool.TaskSupport, _ exemptions: ToolExemptions, _ replacing: Bool,
        _ body: @escaping @Sendable (Input, CallContext) async throws -> ToolResult
    ) throws {
        let reader = ToolInput<Input>(tool: definition.name, schema: definition.inputSchema)
        let tool = SwiftTool(definition, tasks: tasks) { arguments, context in
            try await body(try reader.read(arguments), context)
        }
        try add(tool, allowing: exemptions, replacing: replacing)
    }
}
