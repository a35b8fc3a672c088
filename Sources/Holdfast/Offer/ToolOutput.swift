public import FoundationEssentials

/// What a tool's function may return. Anything `Encodable` will do as well: see ``ToolResult/structured(_:)``.
public protocol ToolOutput: Sendable {
    /// What the client gets.
    func toolResult() throws -> ToolResult
}

extension String: ToolOutput {
    /// One block of text.
    public func toolResult() -> ToolResult { .text(self) }
}

extension ToolResult: ToolOutput {
    /// Itself.
    public func toolResult() -> ToolResult { self }
}

extension Content: ToolOutput {
    /// One block.
    public func toolResult() -> ToolResult { ToolResult(content: [self]) }
}

extension Array: ToolOutput where Element == Content {
    /// Blocks, in their order.
    public func toolResult() -> ToolResult { ToolResult(content: self) }
}

extension JSON: ToolOutput {
    /// Structured content, and the same as text.
    public func toolResult() -> ToolResult { .text(description, structured: self) }
}

extension ToolResult {
    /// `value` as structured content, and the same as text for clients and models that only read that (M-33). Members
    /// are sorted by their names.
    /// - Throws: What encoding throws.
    public static func structured(_ value: some Encodable) throws -> ToolResult {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try JSON(parsing: Array(encoder.encode(value))).toolResult()
    }
}

extension Content {
    /// A picture, from its bytes.
    public static func image(_ bytes: Data, mimeType: String) -> Content {
        .image(base64: bytes.base64EncodedString(), mimeType: mimeType)
    }

    /// A sound, from its bytes. From 2025-03-26 on; older clients get a line of text in its place.
    public static func audio(_ bytes: Data, mimeType: String) -> Content {
        .audio(base64: bytes.base64EncodedString(), mimeType: mimeType)
    }
}
