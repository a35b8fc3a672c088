/// One block of what a tool answers (MCP 2025-11-25, server/tools, "Tool Result").
public enum Content: Sendable, Equatable {
    case text(String)
    /// `base64`: RFC 4648, section 4, with padding.
    case image(base64: String, mimeType: String)
    /// From 2025-03-26 on; older clients get a line of text in its place.
    case audio(base64: String, mimeType: String)
    /// Any other block, as its object: a resource link, an embedded resource, a block with annotations.
    case raw(JSON)

    /// The block as a client of that version can read it (M-14).
    package func json(for version: ProtocolVersion) -> JSON {
        switch self {
        case .text(let text): ["type": "text", "text": JSON(text)]
        case .image(let base64, let mimeType): Self.media("image", base64, mimeType)
        case .audio(let base64, let mimeType):
            version.hasAudio
                ? Self.media("audio", base64, mimeType) : Self.note("Audio (\(mimeType)) that this client cannot take")
        case .raw(let block): Self.raw(block, for: version)
        }
    }

    private static func media(_ type: String, _ base64: String, _ mimeType: String) -> JSON {
        ["type": JSON(type), "data": JSON(base64), "mimeType": JSON(mimeType)]
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
