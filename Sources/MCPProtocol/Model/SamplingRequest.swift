/// Asks the client's model to continue a conversation (MCP 2025-11-25, client/sampling).
public struct SamplingRequest: Sendable, Equatable {
    /// How the model may use the tools.
    public enum ToolChoice: String, Sendable { case auto, required, none }

    /// What the client should add of its own conversations. Deprecated in 2026-07-28.
    public enum Context: String, Sendable { case none, thisServer, allServers }

    /// The conversation to continue.
    public var messages: [SamplingMessage]
    /// The most that the model may produce.
    public var maxTokens: Int
    /// The client may alter or leave it out.
    public var systemPrompt: String?
    /// On the scale of the model that is used.
    public var temperature: Double?
    /// What matters in the choice of the model.
    public var modelPreferences: ModelPreferences?
    /// Texts that end what the model says.
    public var stopSequences: [String]
    /// What the client should add.
    public var includeContext: Context?
    /// For the model's provider, an object.
    public var metadata: JSON?
    /// Tools that the model may ask for. Clients from 2025-11-25 on, with the capability.
    public var tools: [Tool]
    /// How the model may use the tools; the client decides when it is nil.
    public var toolChoice: ToolChoice?

    public init(
        messages: [SamplingMessage], maxTokens: Int, systemPrompt: String? = nil, temperature: Double? = nil,
        modelPreferences: ModelPreferences? = nil, stopSequences: [String] = [], includeContext: Context? = nil,
        metadata: JSON? = nil, tools: [Tool] = [], toolChoice: ToolChoice? = nil
    ) {
        self.messages = messages
        self.maxTokens = maxTokens
        self.systemPrompt = systemPrompt
        self.temperature = temperature
        self.modelPreferences = modelPreferences
        self.stopSequences = stopSequences
        self.includeContext = includeContext
        self.metadata = metadata
        self.tools = tools
        self.toolChoice = toolChoice
    }

    /// Reads `params`.
    package init(_ params: JSON, at path: String = "params") throws(ShapeError) {
        let reader = try ShapeReader(params, at: path)
        let messages = try reader.array("messages") { json, path throws(ShapeError) in
            try SamplingMessage(json, at: path)
        }
        guard let messages else { throw reader.error("messages", "an array") }
        guard let maxTokens = try reader.integer("maxTokens") else { throw reader.error("maxTokens", "an integer") }
        self.messages = messages
        self.maxTokens = maxTokens
        systemPrompt = try reader.optionalString("systemPrompt")
        temperature = try reader.number("temperature")
        modelPreferences = try reader.member("modelPreferences") { json, path throws(ShapeError) in
            try ModelPreferences(json, at: path)
        }
        stopSequences = try reader.strings("stopSequences") ?? []
        includeContext = try reader.optionalString("includeContext").flatMap { Context(rawValue: $0) }
        metadata = try reader.object("metadata")
        tools = try reader.array("tools") { json, path throws(ShapeError) in try Tool(json, at: path) } ?? []
        toolChoice = try reader.object("toolChoice")?["mode"]?.string.flatMap { ToolChoice(rawValue: $0) }
    }

    var usesTools: Bool {
        !tools.isEmpty || toolChoice != nil || messages.contains { $0.content.contains(where: \.isToolBlock) }
    }

    package func params(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("messages", JSON(messages.flatMap { $0.messages(for: version) }))
        members.add("modelPreferences", modelPreferences?.json)
        members.add("systemPrompt", systemPrompt)
        members.add("includeContext", includeContext?.rawValue)
        members.add("temperature", temperature)
        members.add("maxTokens", maxTokens)
        members.add("stopSequences", some: stopSequences)
        members.add("metadata", metadata)
        if version.hasSamplingTools {
            members.add("tools", some: tools.map { $0.json(for: version) })
            members.add("toolChoice", toolChoice.map { ["mode": JSON($0.rawValue)] })
        }
        return members.json
    }
}

/// What the client's model said (MCP 2025-11-25, schema, CreateMessageResult).
public struct SamplingAnswer: Sendable, Equatable {
    /// Who speaks: the model, as a rule.
    public var role: Role
    /// What it said, and what tools it asks for.
    public var content: [Content]
    /// Which model it was.
    public var model: String
    /// `endTurn`, `stopSequence`, `maxTokens`, `toolUse`, or a provider's own word.
    public var stopReason: String?
    /// `_meta`, an object.
    public var meta: JSON?

    public init(
        role: Role = .assistant, content: [Content], model: String, stopReason: String? = nil, meta: JSON? = nil
    ) {
        self.role = role
        self.content = content
        self.model = model
        self.stopReason = stopReason
        self.meta = meta
    }

    package init(_ json: JSON, at path: String = "result") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        role = try Role(json["role"] ?? nil, at: "\(path).role")
        content = try reader.contentBlocks()
        model = try reader.string("model")
        stopReason = try reader.optionalString("stopReason")
        meta = try reader.object("_meta")
    }

    /// The text blocks, joined.
    public var text: String { content.compactMap(\.text).joined() }
    /// The tools that the model asks for.
    public var toolUses: [ToolUse] { content.compactMap(\.toolUse) }

    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("role", role.rawValue)
        let blocks = content.map { $0.json(for: version) }
        members.add("content", blocks.count == 1 ? blocks[0] : JSON(blocks))
        members.add("model", model)
        members.add("stopReason", stopReason)
        members.add("_meta", meta)
        return members.json
    }
}
