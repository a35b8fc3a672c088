/// A place that a client lets a server work in (MCP 2025-11-25, client/roots).
public struct Root: Sendable, Equatable {
    /// A `file:` URI.
    public var uri: String
    /// For people.
    public var name: String?
    /// `_meta`, an object.
    public var meta: JSON?

    public init(uri: String, name: String? = nil, meta: JSON? = nil) {
        self.uri = uri
        self.name = name
        self.meta = meta
    }

    package init(_ json: JSON, at path: String = "root") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        uri = try reader.string("uri")
        name = try reader.optionalString("name")
        meta = try reader.object("_meta")
    }

    /// Reads the result of `roots/list`.
    package static func list(_ json: JSON, at path: String = "result") throws(ShapeError) -> [Root] {
        let reader = try ShapeReader(json, at: path)
        let roots = try reader.array("roots") { json, path throws(ShapeError) in try Root(json, at: path) }
        guard let roots else { throw reader.error("roots", "an array") }
        return roots
    }

    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("uri", uri)
        members.add("name", name)
        if version.hasRootMeta { members.add("_meta", meta) }
        return members.json
    }
}
