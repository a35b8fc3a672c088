public import MCPProtocol

/// A tool written in Swift: its definition and the function that runs it.
///
/// What the function throws becomes a result with `isError`, except ``RPCError``, which stays a JSON-RPC error. A
/// cancelled call (`notifications/cancelled`, an exhausted drain, a time limit) cancels the function's task.
public struct SwiftTool: Sendable {
    public let definition: Tool
    package let body: @Sendable (ToolCall) async throws -> ToolResult

    public init(_ definition: Tool, body: @escaping @Sendable (ToolCall) async throws -> ToolResult) {
        self.definition = definition
        self.body = body
    }
}

/// What a tool is given: its arguments, its caller, and the way back while it runs.
public struct ToolCall: Sendable {
    /// `params.arguments` as sent; an empty object when there was none.
    public let arguments: JSON
    public let principal: Principal
    package let exchange: any ExchangePort

    package init(arguments: JSON, principal: Principal, exchange: any ExchangePort) {
        self.arguments = arguments
        self.principal = principal
        self.exchange = exchange
    }

    /// Tells the client how far the call is. Does nothing unless the client asked with a progress token.
    /// - Parameters:
    ///   - progress: Must grow from call to call (2025-11-25, basic/utilities/progress); a value that does not is dropped.
    ///   - total: The value at which the work is done, if known.
    public func progress(_ progress: Double, total: Double? = nil, message: String? = nil) {
        exchange.progress(progress, total: total, message: message)
    }

    /// Sends `notifications/message` when the client's level admits it.
    public func log(_ level: LogLevel, _ data: JSON, logger: String? = nil) {
        exchange.log(level, data, logger: logger)
    }
}

/// The part of an exchange that a tool may touch.
package protocol ExchangePort: Sendable {
    func progress(_ progress: Double, total: Double?, message: String?)
    func log(_ level: LogLevel, _ data: JSON, logger: String?)
}

/// A tool's answer (2025-11-25, server/tools, CallToolResult).
public struct ToolResult: Sendable, Equatable {
    public var content: [Content]
    /// Must match the tool's `outputSchema`; left out for clients older than 2025-06-18.
    public var structured: JSON?
    public var isError: Bool

    public init(content: [Content], structured: JSON? = nil, isError: Bool = false) {
        self.content = content
        self.structured = structured
        self.isError = isError
    }

    public static func text(_ text: String, structured: JSON? = nil) -> ToolResult {
        ToolResult(content: [.text(text)], structured: structured)
    }

    /// A failure that the model should read and may repair: bad arguments, something not found.
    public static func failure(_ text: String) -> ToolResult {
        ToolResult(content: [.text(text)], isError: true)
    }
}
