/// What a client is told about a tool (MCP 2025-11-25, server/tools).
public struct Tool: Sendable, Equatable {
    /// Hints about what calling it does. Clients must not trust them from servers they do not trust.
    public struct Annotations: Sendable, Equatable {
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

        package var json: JSON {
            var members: [(String, JSON)] = []
            if let title { members.append(("title", JSON(title))) }
            if let readOnlyHint { members.append(("readOnlyHint", JSON(readOnlyHint))) }
            if let destructiveHint { members.append(("destructiveHint", JSON(destructiveHint))) }
            if let idempotentHint { members.append(("idempotentHint", JSON(idempotentHint))) }
            if let openWorldHint { members.append(("openWorldHint", JSON(openWorldHint))) }
            return .object(members)
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
    public var annotations: Annotations?
    /// `_meta`, an object.
    public var meta: JSON?

    public init(
        name: String, title: String? = nil, description: String? = nil, inputSchema: JSON = ["type": "object"],
        outputSchema: JSON? = nil, annotations: Annotations? = nil, meta: JSON? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.annotations = annotations
        self.meta = meta
    }

    /// The definition as a client of that version can read it (M-10, M-11, B-90). Where there is no `title`, it moves
    /// into the annotations.
    package func json(for version: ProtocolVersion) -> JSON {
        var members: [(String, JSON)] = [("name", JSON(name))]
        if version.hasTitle, let title { members.append(("title", JSON(title))) }
        if let description { members.append(("description", JSON(description))) }
        members.append(("inputSchema", inputSchema))
        if let outputSchema, listsOutputSchema(for: version) { members.append(("outputSchema", outputSchema)) }
        if version.hasAnnotations {
            var shown = annotations
            if !version.hasTitle, let title, shown?.title == nil {
                shown = shown ?? Annotations()
                shown?.title = title
            }
            if let shown { members.append(("annotations", shown.json)) }
        }
        if version.hasDefinitionMeta, let meta { members.append(("_meta", meta)) }
        return .object(members)
    }

    /// A tool that is listed with an output schema must return structured content, and only then.
    package func listsOutputSchema(for version: ProtocolVersion) -> Bool {
        guard version.hasOutputSchema, let outputSchema else { return false }
        return version.hasAnyStructuredContent || outputSchema["type"]?.stringEquals("object") == true
    }
}
