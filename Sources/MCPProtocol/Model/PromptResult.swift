/// A prompt, filled in (MCP 2025-11-25, server/prompts, GetPromptResult).
public struct PromptResult: Sendable, Equatable {
    /// What the prompt is for.
    public var description: String?
    /// The conversation that it begins.
    public var messages: [PromptMessage]
    /// `_meta`, an object.
    public var meta: JSON?

    public init(_ messages: [PromptMessage], description: String? = nil, meta: JSON? = nil) {
        self.description = description
        self.messages = messages
        self.meta = meta
    }

    package init(_ json: JSON, at path: String = "result") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        let messages = try reader.array("messages") { json, path throws(ShapeError) in
            try PromptMessage(json, at: path)
        }
        guard let messages else { throw reader.error("messages", "an array") }
        self.init(
            messages, description: try reader.optionalString("description"), meta: try reader.object("_meta"))
    }
}

/// One turn of a prompt.
public struct PromptMessage: Sendable, Equatable {
    /// Who says it.
    public var role: Role
    /// What is said.
    public var content: Content

    public init(role: Role, content: Content) {
        self.role = role
        self.content = content
    }

    /// What the user says.
    public static func user(_ text: String) -> PromptMessage { PromptMessage(role: .user, content: .text(text)) }

    /// What the model says.
    public static func assistant(_ text: String) -> PromptMessage {
        PromptMessage(role: .assistant, content: .text(text))
    }

    init(_ json: JSON, at path: String) throws(ShapeError) {
        guard json.kind == .object else { throw ShapeError(path, "an object") }
        role = try Role(json["role"] ?? nil, at: "\(path).role")
        content = try Content(json["content"] ?? nil, at: "\(path).content")
    }

    package func json(for version: ProtocolVersion) -> JSON {
        ["role": JSON(role.rawValue), "content": content.json(for: version)]
    }
}
