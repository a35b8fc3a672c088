/// What a client is told about a prompt (MCP 2025-11-25, server/prompts).
public struct Prompt: Sendable, Equatable {
    /// Unique on a server.
    public var name: String
    /// For people.
    public var title: String?
    /// For people.
    public var description: String?
    /// What it is filled in with.
    public var arguments: [PromptArgument]
    /// For clients from 2025-11-25 on.
    public var icons: [Icon]
    /// `_meta`, an object.
    public var meta: JSON?
    /// Set for what another server defined.
    var passed: PassedDefinition?

    public init(
        name: String, title: String? = nil, description: String? = nil, arguments: [PromptArgument] = [],
        icons: [Icon] = [], meta: JSON? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.arguments = arguments
        self.icons = icons
        self.meta = meta
    }

    /// Another server's definition, which is passed on as it came.
    package init(passing json: JSON) throws(ShapeError) {
        try self.init(json)
        passed = PassedDefinition(json: json.detached())
    }

    package init(_ json: JSON, at path: String = "prompt") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        arguments =
            try reader.array("arguments") { json, path throws(ShapeError) in try PromptArgument(json, at: path) } ?? []
        icons = try reader.icons()
        meta = try reader.object("_meta")
    }

    /// The definition as a client of that version can read it.
    package func json(for version: ProtocolVersion) -> JSON {
        if let passed { return passed.json(named: name, for: version) }
        var members = JSONMembers()
        members.add("name", name)
        if version.hasTitle { members.add("title", title) }
        members.add("description", description)
        members.add("arguments", some: arguments.map { $0.json(for: version) })
        members.add(icons: icons, for: version)
        if version.hasDefinitionMeta { members.add("_meta", meta) }
        return members.json
    }
}

/// What a prompt is filled in with. Its value is always text.
public struct PromptArgument: Sendable, Equatable {
    /// Unique in the prompt.
    public var name: String
    /// For people. For clients from 2025-06-18 on.
    public var title: String?
    /// For people.
    public var description: String?
    /// Whether the prompt cannot be filled in without it.
    public var required: Bool

    public init(name: String, title: String? = nil, description: String? = nil, required: Bool = false) {
        self.name = name
        self.title = title
        self.description = description
        self.required = required
    }

    init(_ json: JSON, at path: String) throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        required = try reader.bool("required") ?? false
    }

    func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("name", name)
        if version.hasTitle { members.add("title", title) }
        members.add("description", description)
        if required { members.add("required", true) }
        return members.json
    }
}
