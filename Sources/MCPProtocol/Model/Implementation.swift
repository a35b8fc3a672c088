/// Who a server or client says it is: `serverInfo`, `clientInfo` (MCP 2025-11-25, basic/lifecycle).
public struct Implementation: Sendable, Equatable {
    /// For programs.
    public var name: String
    /// For people.
    public var title: String?
    public var version: String
    public var description: String?
    public var websiteUrl: String?

    public init(
        name: String, title: String? = nil, version: String, description: String? = nil, websiteUrl: String? = nil
    ) {
        self.name = name
        self.title = title
        self.version = version
        self.description = description
        self.websiteUrl = websiteUrl
    }

    /// With everything that is known; absent members are left out.
    public var json: JSON { json(for: .v2025_11_25) }

    /// With what that version knows.
    package func json(for version: ProtocolVersion) -> JSON {
        var members: [(String, JSON)] = [("name", JSON(name))]
        if version.hasTitle, let title { members.append(("title", JSON(title))) }
        members.append(("version", JSON(self.version)))
        if version.hasImplementationDetails {
            if let description { members.append(("description", JSON(description))) }
            if let websiteUrl { members.append(("websiteUrl", JSON(websiteUrl))) }
        }
        return .object(members)
    }
}
