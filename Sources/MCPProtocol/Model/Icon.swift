/// A picture for a tool, resource, prompt or server (MCP 2025-11-25, schema, Icon). Older clients are not sent any.
public struct Icon: Sendable, Equatable {
    /// The background that an icon is drawn for: light or dark.
    public enum Theme: String, Sendable { case light, dark }

    /// An `https:` or `data:` URI.
    public var src: String
    /// For when the URI does not tell.
    public var mimeType: String?
    /// Such as `48x48`, or `any` for one that scales.
    public var sizes: [String]
    /// Nil for one that fits any background.
    public var theme: Theme?

    public init(src: String, mimeType: String? = nil, sizes: [String] = [], theme: Theme? = nil) {
        self.src = src
        self.mimeType = mimeType
        self.sizes = sizes
        self.theme = theme
    }

    package init(_ json: JSON, at path: String = "icon") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        src = try reader.string("src")
        mimeType = try reader.optionalString("mimeType")
        sizes = try reader.strings("sizes") ?? []
        theme = try reader.optionalString("theme").flatMap { Theme(rawValue: $0) }
    }

    package var json: JSON {
        var members = JSONMembers()
        members.add("src", src)
        members.add("mimeType", mimeType)
        members.add("sizes", some: sizes)
        members.add("theme", theme?.rawValue)
        return members.json
    }
}

extension JSONMembers {
    mutating func add(icons: [Icon], for version: ProtocolVersion) {
        if version.hasIcons { add("icons", some: icons.map(\.json)) }
    }
}

extension ShapeReader {
    func icons() throws(ShapeError) -> [Icon] {
        try array("icons") { json, path throws(ShapeError) in try Icon(json, at: path) } ?? []
    }
}
