public import MCPProtocol

/// A tool written in Swift: its definition and the function that runs it.
///
/// What the function throws becomes a result with `isError`, except ``RPCError``, which stays a JSON-RPC error. A
/// cancelled call (`notifications/cancelled`, a closed stream, an exhausted drain, a time limit) cancels the function's
/// task.
public struct SwiftTool: Sendable {
    /// Given `params.arguments` as sent, an empty object when there was none.
    public typealias Body = @Sendable (_ arguments: JSON, _ context: CallContext) async throws -> ToolResult

    /// Whether a call becomes a task that the client polls (extension `io.modelcontextprotocol/tasks`).
    public enum TaskSupport: Sendable {
        /// Never: the caller waits for the result.
        case none
        /// When the client knows tasks.
        case optional
        /// Always: a client that does not know tasks is refused (−32021).
        case required
    }

    /// What clients are told about it.
    public let definition: Tool
    /// Whether a call becomes a task.
    public let tasks: TaskSupport
    package let preparation: Preparation?
    package let body: Body

    /// Runs while the caller waits, also when the call becomes a task: what it asks, it asks before there is one. What it
    /// returns are the arguments that the body gets.
    public typealias Preparation = @Sendable (_ arguments: JSON, _ context: CallContext) async throws -> JSON

    /// A tool whose caller always waits for the result.
    public init(_ definition: Tool, body: @escaping Body) {
        self.init(definition, tasks: .none, body: body)
    }

    /// A tool whose calls may become tasks. What `preparation` returns, if there is one, are the arguments of `body`.
    public init(
        _ definition: Tool, tasks: TaskSupport, preparation: Preparation? = nil,
        body: @escaping Body
    ) {
        self.definition = definition
        self.tasks = tasks
        if tasks == .none, let preparation {
            // There is no task to be made before which it could run.
            self.preparation = nil
            self.body = { arguments, context in try await body(try await preparation(arguments, context), context) }
        } else {
            self.preparation = preparation
            self.body = body
        }
    }
}

/// A tool's answer (2025-11-25, server/tools, CallToolResult).
public struct ToolResult: Sendable, Equatable {
    /// For the model, in order.
    public var content: [Content]
    /// Must match the tool's `outputSchema`; left out for clients older than 2025-06-18, and for those older than
    /// 2026-07-28 unless it is an object.
    public var structured: JSON?
    /// Whether the content says what went wrong.
    public var isError: Bool
    /// `_meta`, an object.
    public var meta: JSON?

    public init(content: [Content], structured: JSON? = nil, isError: Bool = false, meta: JSON? = nil) {
        self.content = content
        self.structured = structured
        self.isError = isError
        self.meta = meta
    }

    /// One block of text, and what it says as JSON.
    public static func text(_ text: String, structured: JSON? = nil) -> ToolResult {
        ToolResult(content: [.text(text)], structured: structured)
    }

    /// A failure that the model should read and may repair: bad arguments, something not found.
    public static func failure(_ text: String) -> ToolResult {
        ToolResult(content: [.text(text)], isError: true)
    }

    /// The CallToolResult's bytes, as clients of the envelope's version know it.
    package func encoded(in envelope: ResultEnvelope) -> [UInt8] {
        let version = envelope.version
        return envelope.result(meta: meta) { writer in
            writer.name("content")
            writer.beginArray()
            for block in content { block.write(to: &writer, for: version) }
            writer.endArray()
            if let structured, version.hasStructuredContent,
                version.hasAnyStructuredContent || structured.kind == .object
            {
                writer.member("structuredContent", structured)
            }
            if isError { writer.member("isError", true) }
        }
    }
}
