/// Hints about how a client may use a resource or a content block (MCP 2025-11-25, server/resources, "Annotations").
public struct ContentAnnotations: Sendable, Equatable {
    /// Whom it is for; empty when that is not said.
    public var audience: [Role]
    /// From 0, which can be left out, to 1, which is required.
    public var priority: Double?
    /// When it last changed, as ISO 8601 text: `2025-01-12T15:00:58Z`. For clients from 2025-06-18 on.
    public var lastModified: String?

    public init(audience: [Role] = [], priority: Double? = nil, lastModified: String? = nil) {
        self.audience = audience
        self.priority = priority
        self.lastModified = lastModified
    }

    package init(_ json: JSON, at path: String = "annotations") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        audience = try reader.array("audience") { json, path throws(ShapeError) in try Role(json, at: path) } ?? []
        priority = try reader.number("priority")
        lastModified = try reader.optionalString("lastModified")
    }

    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("audience", some: audience.map(\.rawValue))
        members.add("priority", priority)
        if version.hasLastModified { members.add("lastModified", lastModified) }
        return members.json
    }
}

extension ShapeReader {
    func annotations() throws(ShapeError) -> ContentAnnotations? {
        try member("annotations") { json, path throws(ShapeError) in try ContentAnnotations(json, at: path) }
    }
}
