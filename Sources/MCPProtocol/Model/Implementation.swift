/// Who a server or client says it is: `serverInfo`, `clientInfo` (MCP 2025-11-25, basic/lifecycle).
public struct Implementation: Sendable, Equatable {
    /// For programs.
    public var name: String
    /// For people.
    public var title: String?
    /// Its own, not the protocol's.
    public var version: String
    /// What it is for. For clients from 2025-11-25 on.
    public var description: String?
    /// For clients from 2025-11-25 on.
    public var websiteUrl: String?
    /// For clients from 2025-11-25 on.
    public var icons: [Icon]

    public init(
        name: String, title: String? = nil, version: String, description: String? = nil, websiteUrl: String? = nil,
        icons: [Icon] = []
    ) {
        self.name = name
        self.title = title
        self.version = version
        self.description = description
        self.websiteUrl = websiteUrl
        self.icons = icons
    }

    package init(_ json: JSON, at path: String = "implementation") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        name = try reader.string("name")
        title = try reader.optionalString("title")
        version = try reader.string("version")
        description = try reader.optionalString("description")
        websiteUrl = try reader.optionalString("websiteUrl")
        icons = try reader.icons()
    }

    /// With everything that is known; absent members are left out.
    public var json: JSON { json(for: .v2026_07_28) }

    /// With what that version knows.
    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("name", name)
        if version.hasTitle { members.add("title", title) }
        members.add("version", self.version)
        if version.hasImplementationDetails {
            members.add("description", description)
            members.add("websiteUrl", websiteUrl)
        }
        members.add(icons: icons, for: version)
        return members.json
    }
}
