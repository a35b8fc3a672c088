/// What a resource holds (MCP 2025-11-25, server/resources, "Resource Contents").
public struct ResourceContents: Sendable, Equatable {
    /// What is read: text, or bytes.
    public enum Body: Sendable, Equatable {
        /// Text, sent as it is.
        case text(String)
        /// Base64: RFC 4648, section 4, with padding.
        case blob(base64: String)
    }

    /// May name a part of the resource that was asked for.
    public var uri: String
    /// If it is known.
    public var mimeType: String?
    /// What is read.
    public var body: Body
    /// `_meta`, an object.
    public var meta: JSON?

    /// Text.
    public init(uri: String, mimeType: String? = nil, text: String, meta: JSON? = nil) {
        self.init(uri: uri, mimeType: mimeType, body: .text(text), meta: meta)
    }

    /// - Parameter base64: RFC 4648, section 4, with padding.
    public init(uri: String, mimeType: String? = nil, base64: String, meta: JSON? = nil) {
        self.init(uri: uri, mimeType: mimeType, body: .blob(base64: base64), meta: meta)
    }

    public init(uri: String, mimeType: String? = nil, body: Body, meta: JSON? = nil) {
        self.uri = uri
        self.mimeType = mimeType
        self.body = body
        self.meta = meta
    }

    package init(_ json: JSON, at path: String = "contents") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        uri = try reader.string("uri")
        mimeType = try reader.optionalString("mimeType")
        meta = try reader.object("_meta")
        if let text = try reader.optionalString("text") {
            body = .text(text)
        } else if let base64 = try reader.optionalString("blob") {
            body = .blob(base64: base64)
        } else {
            throw ShapeError(path, "an object with \"text\" or \"blob\"")
        }
    }

    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("uri", uri)
        members.add("mimeType", mimeType)
        switch body {
        case .text(let text): members.add("text", text)
        case .blob(let base64): members.add("blob", base64)
        }
        if version.hasDefinitionMeta { members.add("_meta", meta) }
        return members.json
    }
}
