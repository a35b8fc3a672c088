/// One block of what a tool answers (MCP 2025-11-25, server/tools, "Tool Result").
public enum Content: Sendable, Equatable {
    /// Plain text.
    case text(String)
    /// `base64`: RFC 4648, section 4, with padding.
    case image(base64: String, mimeType: String)
    /// From 2025-03-26 on; older clients get a line of text in its place.
    case audio(base64: String, mimeType: String)
    /// What a resource holds, in place.
    case resource(ResourceContents)
    /// A resource to be read when it is needed. From 2025-06-18 on; older clients get a line of text in its place.
    case resourceLink(Resource)
    /// Any other block, as its object: a block with annotations, a kind that has no case here.
    case raw(JSON)

    /// The same block with hints for the client.
    public func annotated(_ annotations: ContentAnnotations) -> Content {
        var members = (json(for: .v2026_07_28).members ?? []).map { ($0.name, $0.value) }
        members.append(("annotations", annotations.json(for: .v2026_07_28)))
        return .raw(.object(members))
    }

    /// The text of a text block.
    public var text: String? {
        switch self {
        case .text(let text): text
        case .raw(let block): block["type"]?.stringEquals("text") == true ? block["text"]?.string : nil
        default: nil
        }
    }

    /// The block as a client of that version can read it (M-14).
    package func json(for version: ProtocolVersion) -> JSON {
        switch self {
        case .text(let text): ["type": "text", "text": JSON(text)]
        case .image(let base64, let mimeType): Self.media("image", base64, mimeType)
        case .audio(let base64, let mimeType):
            version.hasAudio
                ? Self.media("audio", base64, mimeType) : Self.note("Audio (\(mimeType)) that this client cannot take")
        case .resource(let contents): ["type": "resource", "resource": contents.json(for: version)]
        case .resourceLink(let resource): Self.link(resource, for: version)
        case .raw(let block): Self.raw(block, for: version)
        }
    }

    /// What ``json(for:)`` gives; text, which most blocks are, without making a value of it first.
    package func write(to writer: inout JSONWriter, for version: ProtocolVersion) {
        guard case .text(let text) = self else { return writer.value(json(for: version)) }
        writer.beginObject()
        writer.member("type", "text")
        writer.member("text", text)
        writer.endObject()
    }

    private static func media(_ type: String, _ base64: String, _ mimeType: String) -> JSON {
        ["type": JSON(type), "data": JSON(base64), "mimeType": JSON(mimeType)]
    }

    private static func link(_ resource: Resource, for version: ProtocolVersion) -> JSON {
        guard version.hasResourceLinks else { return note("\(resource.title ?? resource.name): \(resource.uri)") }
        return .object([("type", "resource_link")] + resource.members(for: version).list)
    }

    private static func note(_ text: String) -> JSON { ["type": "text", "text": JSON(text)] }

    private static func raw(_ block: JSON, for version: ProtocolVersion) -> JSON {
        guard let type = block["type"] else { return block }
        if !version.hasAudio, type.stringEquals("audio") {
            return note("Audio (\(block["mimeType"]?.string ?? "unknown type")) that this client cannot take")
        }
        if !version.hasResourceLinks, type.stringEquals("resource_link") {
            let label = block["title"]?.string ?? block["name"]?.string
            let uri = block["uri"]?.string ?? ""
            return note(label.map { "\($0): \(uri)" } ?? uri)
        }
        return block
    }
}

extension Content {
    /// A block that has more than its kind's case can hold stays ``raw(_:)``, so that nothing is lost.
    package init(_ json: JSON, at path: String = "content") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        let type = try reader.string("type")
        self = .raw(json)
        switch type {
        case "text":
            let text = try reader.string("text")
            if json.count == 2 { self = .text(text) }
        case "image", "audio":
            let (data, mimeType) = (try reader.string("data"), try reader.string("mimeType"))
            guard json.count == 3 else { return }
            self =
                type == "image"
                ? .image(base64: data, mimeType: mimeType) : .audio(base64: data, mimeType: mimeType)
        case "resource":
            let contents = try ResourceContents(json["resource"] ?? nil, at: "\(path).resource")
            if json.count == 2 { self = .resource(contents) }
        case "resource_link":
            self = .resourceLink(try Resource(json, at: path))
        default: break
        }
    }
}
