/// What a client is told about a tool (MCP 2025-11-25, server/tools).
public struct Tool: Sendable, Equatable {
    /// Hints about what calling it does. Clients must not trust them from servers they do not trust.
    public struct Annotations: Sendable, Equatable {
        /// For people; the tool's own title comes first.
        public var title: String?
        /// It changes nothing.
        public var readOnlyHint: Bool?
        /// It may destroy something, rather than only add.
        public var destructiveHint: Bool?
        /// Calling it again with the same arguments does nothing more.
        public var idempotentHint: Bool?
        /// It reaches beyond a closed world, as a web search does.
        public var openWorldHint: Bool?

        public init(
            title: String? = nil, readOnlyHint: Bool? = nil, destructiveHint: Bool? = nil,
            idempotentHint: Bool? = nil, openWorldHint: Bool? = nil
        ) {
            self.title = title
            self.readOnlyHint = readOnlyHint
            self.destructiveHint = destructiveHint
            self.idempotentHint = idempotentHint
            self.openWorldHint = openWorldHint
        }

        init(_ json: JSON, at path: String) throws(ShapeError) {
            let reader = try ShapeReader(json, at: path)
            title = try reader.optionalString("title")
            readOnlyHint = try reader.bool("readOnlyHint")
            destructiveHint = try reader.bool("destructiveHint")
            idempotentHint = try reader.bool("idempotentHint")
            openWorldHint = try reader.bool("openWorldHint")
        }

        package var json: JSON {
            var members = JSONMembers()
            members.add("title", title)
            members.add("readOnlyHint", readOnlyHint)
            members.add("destructiveHint", destructiveHint)
            members.add("idempotentHint", idempotentHint)
            members.add("openWorldHint", openWorldHint)
            return members.json
        }
    }

    /// 1 to 128 of `A–Z a–z 0–9 _ . -`, unique on a server.
    public var name: String
    /// For people.
    public var title: String?
    /// For the model.
    public var description: String?
    /// JSON Schema of the arguments; its root has `"type": "object"`.
    public var inputSchema: JSON
    /// JSON Schema of the structured result; its root has `"type": "object"` up to 2025-11-25.
    public var outputSchema: JSON?
    /// What a client may take into account before it calls. For clients from 2025-03-26 on.
    public var annotations: Annotations?
    /// For clients from 2025-11-25 on.
    public var icons: [Icon]
    /// `_meta`, an object.
    public var meta: JSON?
    /// Set for what another server defined.
    var passed: PassedDefinition?

    public init(
        name: String, title: String? = nil, description: String? = nil, inputSchema: JSON = ["type": "object"],
        outputSchema: JSON? = nil, annotations: Annotations? = nil, icons: [Icon] = [], meta: JSON? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.annotations = annotations
        self.icons = icons
        self.meta = meta
    }

    /// Another server's definition, which is passed on as it came.
    package init(passing json: JSON) throws(ShapeError) {
        try self.init(json)
        passed = PassedDefinition(json: json.detached())
    }

    package init(_ json: JSON, at path: String = "tool") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        guard let schema = try reader.object("inputSchema") else { throw reader.error("inputSchema", "an object") }
        inputSchema = schema
        outputSchema = try reader.object("outputSchema")
        annotations = try reader.member("annotations") { json, path throws(ShapeError) in
            try Annotations(json, at: path)
        }
        icons = try reader.icons()
        meta = try reader.object("_meta")
    }

    /// The definition as a client of that version can read it (M-10, M-11, B-90). Where there is no `title`, it moves
    /// into the annotations.
    package func json(for version: ProtocolVersion) -> JSON {
        if let passed {
            return passed.json(
                named: name, for: version, dropping: listsOutputSchema(for: version) ? [] : ["outputSchema"])
        }
        var members = JSONMembers()
        members.add("name", name)
        if version.hasTitle { members.add("title", title) }
        members.add("description", description)
        members.add("inputSchema", inputSchema)
        if listsOutputSchema(for: version) { members.add("outputSchema", outputSchema) }
        if version.hasAnnotations {
            var shown = annotations
            if !version.hasTitle, let title, shown?.title == nil {
                shown = shown ?? Annotations()
                shown?.title = title
            }
            members.add("annotations", shown?.json)
        }
        members.add(icons: icons, for: version)
        if version.hasDefinitionMeta { members.add("_meta", meta) }
        return members.json
    }

    /// A tool that is listed with an output schema must return structured content, and only then.
    package func listsOutputSchema(for version: ProtocolVersion) -> Bool {
        guard version.hasOutputSchema, let outputSchema else { return false }
        return version.hasAnyStructuredContent || outputSchema["type"]?.stringEquals("object") == true
    }
}
