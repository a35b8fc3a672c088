public import FoundationEssentials

/// What a tool's function may return. Anything `Encodable` will do as well: see ``ToolResult/structured(_:)``.
public protocol ToolOutput: Sendable {
    func toolResult() throws -> ToolResult
}

extension String: ToolOutput {
    public func toolResult() -> ToolResult { .text(self) }
}

extension ToolResult: ToolOutput {
    public func toolResult() -> ToolResult { self }
}

extension Content: ToolOutput {
    public func toolResult() -> ToolResult { ToolResult(content: [self]) }
}

extension Array: ToolOutput where Element == Content {
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
    public static func image(_ bytes: Data, mimeType: String) -> Content {
        .image(base64: bytes.base64EncodedString(), mimeType: mimeType)
    }

    public static func audio(_ bytes: Data, mimeType: String) -> Content {
        .audio(base64: bytes.base64EncodedString(), mimeType: mimeType)
    }
}
