import MCPEngine
import MCPProtocol

/// What a prompt's function may return.
public protocol PromptOutput: Sendable {
    var promptResult: PromptResult { get }
}

/// What the user says.
extension String: PromptOutput {
    public var promptResult: PromptResult { PromptResult([.user(self)]) }
}

extension PromptMessage: PromptOutput {
    public var promptResult: PromptResult { PromptResult([self]) }
}

extension Array: PromptOutput where Element == PromptMessage {
    public var promptResult: PromptResult { PromptResult(self) }
}

extension PromptResult: PromptOutput {
    public var promptResult: PromptResult { self }
}

extension PromptMessage {
    public static func user(_ content: Content) -> PromptMessage { PromptMessage(role: .user, content: content) }

    public static func assistant(_ content: Content) -> PromptMessage {
        PromptMessage(role: .assistant, content: content)
    }
}

extension PromptArgument {
    public static func required(_ name: String, _ description: String? = nil, title: String? = nil) -> PromptArgument {
        PromptArgument(name: name, title: title, description: description, required: true)
    }

    public static func optional(_ name: String, _ description: String? = nil, title: String? = nil) -> PromptArgument {
        PromptArgument(name: name, title: title, description: description)
    }
}

/// Prompts: what people pick from a menu, filled in by a function.
extension MCPServer {
    /// Adds a prompt, or replaces the one of that name.
    ///
    /// - Parameters:
    ///   - name: Unique on the server.
    ///   - description: For people, who pick it.
    ///   - title: For people, in place of the name.
    ///   - arguments: What they fill in.
    ///   - completion: Proposes values for the arguments while they are typed.
    ///   - body: Given the arguments by name; those that are required are there.
    public func prompt<Output: PromptOutput>(
        _ name: String, _ description: String, title: String? = nil, arguments: [PromptArgument] = [],
        completion: SwiftCompletion? = nil,
        _ body: @escaping @Sendable (_ arguments: [String: String], _ context: CallContext) async throws -> Output
    ) {
        let definition = Prompt(name: name, title: title, description: description, arguments: arguments)
        add(SwiftPrompt(definition, completion: completion) { try await body($0, $1).promptResult })
    }

    /// Adds a prompt that was put together by hand, with icons or `_meta`.
    public func add(_ prompt: SwiftPrompt) { local.register(prompt) }

    /// Takes a prompt away. One that is not there need not be.
    public func removePrompt(_ name: String) { local.removePrompt(name) }
}
