/// What a client is told about a resource (MCP 2025-11-25, server/resources). It also serves as a link in a tool's
/// answer: ``Content/resourceLink(_:)``.
public struct Resource: Sendable, Equatable {
    /// RFC 3986, unique on a server.
    public var uri: String
    /// For programs, and for people where there is no title.
    public var name: String
    /// For people.
    public var title: String?
    /// For the model.
    public var description: String?
    /// Of what it holds, if that is known.
    public var mimeType: String?
    /// In bytes, before any encoding.
    public var size: Int?
    /// For whom it is, and how much it matters.
    public var annotations: ContentAnnotations?
    /// For clients from 2025-11-25 on.
    public var icons: [Icon]
    /// `_meta`, an object.
    public var meta: JSON?
    /// Set for what another server defined.
    var passed: PassedDefinition?

    public init(
        uri: String, name: String, title: String? = nil, description: String? = nil, mimeType: String? = nil,
        size: Int? = nil, annotations: ContentAnnotations? = nil, icons: [Icon] = [], meta: JSON? = nil
    ) {
        self.uri = uri
        self.name = name
        self.title = title
        self.description = description
        self.mimeType = mimeType
        self.size = size
        self.annotations = annotations
        self.icons = icons
        self.meta = meta
    }

    /// Another server's definition, which is passed on as it came.
    package init(passing json: JSON) throws(ShapeError) {
        try self.init(json)
        passed = PassedDefinition(json: json.detached())
    }

    package init(_ json: JSON, at path: String = "resource") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        uri = try reader.string("uri")
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        mimeType = try reader.optionalString("mimeType")
        size = try reader.integer("size")
        annotations = try reader.annotations()
        icons = try reader.icons()
        meta = try reader.object("_meta")
    }

    /// The definition as a client of that version can read it.
    package func json(for version: ProtocolVersion) -> JSON {
        if let passed { return passed.json(named: name, for: version) }
        return members(for: version).json
    }

    func members(for version: ProtocolVersion) -> JSONMembers {
        var members = JSONMembers()
        members.add("uri", uri)
        members.add("name", name)
        if version.hasTitle { members.add("title", title) }
        members.add("description", description)
        members.add("mimeType", mimeType)
        members.add("size", size)
        members.add("annotations", annotations?.json(for: version))
        members.add(icons: icons, for: version)
        if version.hasDefinitionMeta { members.add("_meta", meta) }
        return members
    }
}
