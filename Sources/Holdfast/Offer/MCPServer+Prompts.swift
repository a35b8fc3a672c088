import MCPEngine
import MCPProtocol

/// What a prompt's function may return.
public protocol PromptOutput: Sendable {
    /// What the client gets.
    var promptResult: PromptResult { get }
}

/// What the user says.
extension String: PromptOutput {
    /// One message of the user.
    public var promptResult: PromptResult { PromptResult([.user(self)]) }
}

extension PromptMessage: PromptOutput {
    /// A conversation of one message.
    public var promptResult: PromptResult { PromptResult([self]) }
}

extension Array: PromptOutput where Element == PromptMessage {
    /// A conversation.
    public var promptResult: PromptResult { PromptResult(self) }
}

extension PromptResult: PromptOutput {
    /// Itself.
    public var promptResult: PromptResult { self }
}

extension PromptMessage {
    /// What the user says, or shows.
    public static func user(_ content: Content) -> PromptMessage { PromptMessage(role: .user, content: content) }

    /// What the model says, or shows.
    public static func assistant(_ content: Content) -> PromptMessage {
        PromptMessage(role: .assistant, content: content)
    }
}

extension PromptArgument {
    /// One that the prompt cannot be filled in without.
    public static func required(_ name: String, _ description: String? = nil, title: String? = nil) -> PromptArgument {
        PromptArgument(name: name, title: title, description: description, required: true)
    }

    /// One that may be left out.
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
