public import MCPProtocol

/// A prompt written in Swift: its definition, the function that fills it in, and what completes its arguments.
public struct SwiftPrompt: Sendable {
    /// Given `params.arguments`; those that the definition requires are there.
    public typealias Body =
        @Sendable (_ arguments: [String: String], _ context: CallContext) async throws -> PromptResult

    /// What clients are told about it.
    public let definition: Prompt
    package let completion: SwiftCompletion?
    package let body: Body

    /// `completion` proposes values for the arguments while they are typed.
    public init(_ definition: Prompt, completion: SwiftCompletion? = nil, body: @escaping Body) {
        self.definition = definition
        self.completion = completion
        self.body = body
    }
}

/// Proposes values for an argument of a prompt or a variable of a resource template (`completion/complete`).
public struct SwiftCompletion: Sendable {
    /// Given what has been typed so far.
    public typealias Body =
        @Sendable (_ request: CompletionRequest, _ context: CallContext) async throws -> Completion

    package let body: Body

    /// Proposes what `body` returns.
    public init(_ body: @escaping Body) {
        self.body = body
    }

    /// Proposes those of some fixed values that begin with what was typed.
    /// - Parameter values: By the name of the argument.
    public static func values(_ values: [String: [String]]) -> SwiftCompletion {
        SwiftCompletion { request, _ in
            Completion((values[request.argument] ?? []).filter { $0.hasPrefix(request.value) })
        }
    }
}
