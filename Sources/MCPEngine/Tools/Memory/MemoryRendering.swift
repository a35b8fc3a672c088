import FoundationEssentials
import MCPProtocol

/// How memories are written in results: for programs as objects, for models as text.
extension MemoryPreview {
    /// What every tool tells of a memory; a tool's output schema takes its `properties` from here.
    static let properties: [(String, JSON)] = [
        ("id", ["type": "string", "description": "Names this version; give it to memory_get or memory_forget."]),
        ("label", ["type": "string", "description": "Absent for a memory without one."]),
        ("version", ["type": "integer", "description": "From 1; counts up under one label."]),
        ("priority", ["type": "string", "enum": ["always", "important", "reference"]]),
        ("tags", ["type": "array", "items": ["type": "string"]]),
        ("created", ["type": "string", "description": "UTC, ISO 8601."]),
        ("bytes", ["type": "integer", "description": "Size of the whole content in UTF-8."]),
    ]
    static let required = ["id", "version", "priority", "tags", "created", "bytes"]

    static let listSchema: JSON = [
        "type": "array",
        "items": MemoryTools.schema(
            properties + [
                ("preview", ["type": "string", "description": "The content, or a piece of it."]),
                ("previewOffset", ["type": "integer", "description": "Characters of the content before the preview."]),
                ("whole", ["type": "boolean", "description": "Whether the preview is all the content."]),
            ], required: required + ["preview", "previewOffset", "whole"]),
    ]

    /// The values of ``properties``.
    var members: [(String, JSON)] {
        var members: [(String, JSON)] = [("id", JSON(id))]
        if let label { members.append(("label", JSON(label))) }
        return members + [
            ("version", JSON(version)), ("priority", JSON(priority.rawValue)), ("tags", JSON(tags.map { JSON($0) })),
            ("created", JSON(created.ISO8601Format())), ("bytes", JSON(bytes)),
        ]
    }

    var json: JSON {
        .object(
            members + [
                ("preview", JSON(excerpt.text)), ("previewOffset", JSON(excerpt.start)), ("whole", JSON(isWhole)),
            ])
    }

    /// One line with everything but the content.
    var heading: String {
        var parts = ["[\(id)]"]
        if let label { parts.append("\"\(label)\" version \(version)") }
        parts.append(priority.rawValue)
        if !tags.isEmpty { parts.append("tags: " + tags.joined(separator: ", ")) }
        return (parts + [created.ISO8601Format(), "\(bytes) bytes"]).joined(separator: " · ")
    }

    /// The heading and the excerpt.
    var text: String {
        isWhole ? "\(heading)\n\(excerpt.text)" : "\(heading)\n\(excerpt.start > 0 ? "…" : "")\(excerpt.text)…"
    }
}

/// Previews that fit into one result, in both of its forms.
struct FittedPreviews {
    private(set) var fitting: [MemoryPreview] = []
    private(set) var json: [JSON] = []
    private(set) var text = ""

    /// Takes from the front as many as fit, one at least.
    init(_ previews: [MemoryPreview], limits: MemoryLimits) {
        // The rest is for what a tool says around them.
        var room = limits.resultCharacters - 2_000
        for preview in previews {
            let (entry, object) = ("\n\n" + preview.text, preview.json)
            room -= ResultSize.of(entry) + object.description.utf16.count + 1
            guard room >= 0 || fitting.isEmpty else { return }
            fitting.append(preview)
            json.append(object)
            text += entry
        }
    }
}
