import MCPProtocol

extension MemoryTools {
    var getTool: SwiftTool {
        tool(
            Tool(
                name: "memory_get", title: "Read a memory",
                description: """
                    Read one memory in full, by the id that memory_search or memory_list gave, or by its label (the \
                    newest version unless you ask for another). Long content comes in pages: while the result has \
                    nextOffset, call again with it as offset.
                    """,
                inputSchema: Self.schema([
                    ("id", ["type": "string", "description": "The memory's id. Give id or label."]),
                    ("label", ["type": "string", "description": "The memory's label, exactly."]),
                    (
                        "version",
                        [
                            "type": "integer", "minimum": 1,
                            "description": "With label: which version; the newest when left out.",
                        ]
                    ),
                    (
                        "offset",
                        [
                            "type": "integer", "minimum": 0,
                            "description": "Characters of the content to skip; 0 when left out.",
                        ]
                    ),
                ]),
                outputSchema: Self.schema(
                    MemoryPreview.properties + [
                        (
                            "content",
                            ["type": "string", "description": "The content from offset on, as far as it fits."]
                        ),
                        ("offset", ["type": "integer"]),
                        ("characters", ["type": "integer", "description": "Length of the whole content."]),
                        (
                            "nextOffset",
                            ["type": "integer", "description": "Where the rest begins; absent at the end."]
                        ),
                    ], required: MemoryPreview.required + ["content", "offset", "characters"]),
                annotations: .init(
                    readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false))
        ) { [store, limits] arguments, owner in
            let reference = try arguments.reference()
            let offset = try arguments.integer("offset", in: 0...Int.max, else: 0)
            guard let record = try await store.get(reference, owner: owner) else {
                return .failure("\(reference.words) is not stored. Find it with memory_search or memory_list.")
            }
            let characters = record.content.unicodeScalars.count
            guard offset < max(1, characters) else {
                return .failure("`offset` \(offset) is behind the end: the content has \(characters) characters.")
            }
            let about = MemoryPreview(record, excerpt: Excerpt(beginningOf: "", length: 0))
            // The content stands in the text and in the structured result.
            let frame = ResultSize.of(about.heading) + JSON.object(about.members).description.utf16.count + 1_000
            let (page, rest) = ResultSize.page(
                of: record.content, from: offset, room: (limits.resultCharacters - frame) / 2)
            var members = about.members
            members += [("content", JSON(page)), ("offset", JSON(offset)), ("characters", JSON(characters))]
            var text = "\(about.heading)\n\n\(page)"
            if let rest {
                members.append(("nextOffset", JSON(rest)))
                text += "\n\n(\(rest) of \(characters) characters so far: go on with offset \(rest).)"
            }
            return .text(text, structured: .object(members))
        }
    }
}

extension MemoryReference {
    /// As the subject of a sentence.
    var words: String {
        switch self {
        case .id(let id): "The memory with id \"\(id)\""
        case .label(let label, nil): "The memory with label \"\(label)\""
        case .label(let label, let version?): "Version \(version) of the memory with label \"\(label)\""
        }
    }
}
