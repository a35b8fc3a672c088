/// What a client is told about a family of resources (MCP 2025-11-25, server/resources, "Resource Templates").
public struct ResourceTemplate: Sendable, Equatable {
    /// RFC 6570; what is served here is in ``URITemplate``.
    public var uriTemplate: String
    /// For programs, and for people where there is no title.
    public var name: String
    /// For people.
    public var title: String?
    /// For the model.
    public var description: String?
    /// Only when all its resources have the same.
    public var mimeType: String?
    /// For whom they are, and how much they matter.
    public var annotations: ContentAnnotations?
    /// For clients from 2025-11-25 on.
    public var icons: [Icon]
    /// `_meta`, an object.
    public var meta: JSON?
    /// Set for what another server defined.
    var passed: PassedDefinition?

    public init(
        uriTemplate: String, name: String, title: String? = nil, description: String? = nil, mimeType: String? = nil,
        annotations: ContentAnnotations? = nil, icons: [Icon] = [], meta: JSON? = nil
    ) {
        self.uriTemplate = uriTemplate
        self.name = name
        self.title = title
        self.description = description
        self.mimeType = mimeType
        self.annotations = annotations
        self.icons = icons
        self.meta = meta
    }

    /// Another server's definition, which is passed on as it came.
    package init(passing json: JSON) throws(ShapeError) {
        try self.init(json)
        passed = PassedDefinition(json: json.detached())
    }

    package init(_ json: JSON, at path: String = "resourceTemplate") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        uriTemplate = try reader.string("uriTemplate")
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        mimeType = try reader.optionalString("mimeType")
        annotations = try reader.annotations()
        icons = try reader.icons()
        meta = try reader.object("_meta")
    }

    /// The definition as a client of that version can read it.
    package func json(for version: ProtocolVersion) -> JSON {
        if let passed { return passed.json(named: name, for: version) }
        var members = JSONMembers()
        members.add("uriTemplate", uriTemplate)
        members.add("name", name)
        if version.hasTitle { members.add("title", title) }
        members.add("description", description)
        members.add("mimeType", mimeType)
        members.add("annotations", annotations?.json(for: version))
        members.add(icons: icons, for: version)
        if version.hasDefinitionMeta { members.add("_meta", meta) }
        return members.json
    }
}
