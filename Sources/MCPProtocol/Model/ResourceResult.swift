/// What reading a resource gives (MCP 2025-11-25, server/resources, ReadResourceResult).
public struct ResourceResult: Sendable, Equatable {
    /// At least one: a resource without content has an empty text.
    public var contents: [ResourceContents]
    /// How long a client may keep it; nil for the server's own rule. For clients from 2026-07-28 on.
    public var cache: CacheHint?
    /// `_meta`, an object.
    public var meta: JSON?

    public init(_ contents: [ResourceContents], cache: CacheHint? = nil, meta: JSON? = nil) {
        self.contents = contents
        self.cache = cache
        self.meta = meta
    }

    package init(_ json: JSON, at path: String = "result") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        let contents = try reader.array("contents") { json, path throws(ShapeError) in
            try ResourceContents(json, at: path)
        }
        guard let contents else { throw reader.error("contents", "an array") }
        self.init(contents, cache: CacheHint(in: json), meta: try reader.object("_meta"))
    }
}
