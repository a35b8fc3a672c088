/// One turn of a conversation that a client's model is to continue (MCP 2025-11-25, client/sampling).
public struct SamplingMessage: Sendable, Equatable {
    /// Who says it.
    public var role: Role
    /// One block or several. ``Content/toolUse(_:)`` and ``Content/toolResult(for:_:isError:)`` make the two kinds that
    /// only occur here.
    public var content: [Content]
    /// `_meta`, an object.
    public var meta: JSON?

    public init(role: Role, content: [Content], meta: JSON? = nil) {
        self.role = role
        self.content = content
        self.meta = meta
    }

    /// What the user says.
    public static func user(_ text: String) -> SamplingMessage { SamplingMessage(role: .user, content: [.text(text)]) }

    /// What the model says.
    public static func assistant(_ text: String) -> SamplingMessage {
        SamplingMessage(role: .assistant, content: [.text(text)])
    }

    package init(_ json: JSON, at path: String = "message") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        role = try Role(json["role"] ?? nil, at: "\(path).role")
        content = try reader.contentBlocks()
        meta = try reader.object("_meta")
    }

    package func json(for version: ProtocolVersion) -> JSON {
        let blocks = content.map { $0.json(for: version) }
        var members = JSONMembers()
        members.add("role", role.rawValue)
        members.add("content", blocks.count == 1 ? blocks[0] : JSON(blocks))
        if version.hasDefinitionMeta { members.add("_meta", meta) }
        return members.json
    }

    /// One message, or one for each block where a message can hold only one.
    func messages(for version: ProtocolVersion) -> [JSON] {
        if version.hasSamplingTools || content.count == 1 { return [json(for: version)] }
        return content.map { SamplingMessage(role: role, content: [$0]).json(for: version) }
    }
}

/// A model's wish to have a tool called.
public struct ToolUse: Sendable, Equatable {
    /// What the tool's result refers to.
    public var id: String
    /// Of the tool.
    public var name: String
    /// The arguments, an object.
    public var input: JSON

    public init(id: String, name: String, input: JSON = [:]) {
        self.id = id
        self.name = name
        self.input = input
    }
}

extension Content {
    /// The block by which a model asks for a tool. Only in sampling.
    public static func toolUse(_ use: ToolUse) -> Content {
        .raw(["type": "tool_use", "id": JSON(use.id), "name": JSON(use.name), "input": use.input])
    }

    /// What came of the tool use with the id `useID`.
    public static func toolResult(for useID: String, _ content: [Content], isError: Bool = false) -> Content {
        var members = JSONMembers()
        members.add("type", "tool_result")
        members.add("toolUseId", useID)
        members.add("content", JSON(content.map { $0.json(for: .v2026_07_28) }))
        if isError { members.add("isError", true) }
        return .raw(members.json)
    }

    /// Nil for a block of another kind.
    public var toolUse: ToolUse? {
        guard case .raw(let block) = self, block["type"]?.stringEquals("tool_use") == true,
            let id = block["id"]?.string, let name = block["name"]?.string, let input = block["input"]
        else { return nil }
        return ToolUse(id: id, name: name, input: input)
    }

    var isToolBlock: Bool {
        guard case .raw(let block) = self, let type = block["type"] else { return false }
        return type.stringEquals("tool_use") || type.stringEquals("tool_result")
    }
}

extension ShapeReader {
    /// `content`, where it may be one block or an array.
    func contentBlocks() throws(ShapeError) -> [Content] {
        if value("content")?.kind == .array {
            return try array("content") { json, path throws(ShapeError) in try Content(json, at: path) } ?? []
        }
        return [try Content(json["content"] ?? nil, at: "\(path).content")]
    }
}
