import MCPProtocol

extension MemoryTools {
    var searchTool: SwiftTool {
        tool(
            Tool(
                name: "memory_search", title: "Search memories",
                description: """
                    Find memories by words in their label, tags and content, best match first. Use it before you \
                    answer from what may have been decided or learned earlier. Nothing in the query is syntax. Returns \
                    ids and previews; read a whole memory with memory_get.
                    """,
                inputSchema: Self.schema(
                    [
                        ("query", ["type": "string", "description": "Words to look for, in any order."]),
                        (
                            "tags",
                            [
                                "type": "array", "items": ["type": "string"],
                                "description": "Only memories that have every one of these tags.",
                            ]
                        ),
                        (
                            "limit",
                            [
                                "type": "integer", "minimum": 1, "maximum": JSON(limits.searchResults),
                                "description": "How many at most; 10 when left out.",
                            ]
                        ),
                    ], required: ["query"]),
                outputSchema: Self.schema(
                    [
                        ("memories", MemoryPreview.listSchema),
                        ("omitted", ["type": "integer", "description": "Matches left out to keep this result short."]),
                    ], required: ["memories", "omitted"]),
                annotations: .init(
                    readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false))
        ) { [store, limits] arguments, owner in
            let query = try arguments.string("query") ?? ""
            guard query.unicodeScalars.count <= limits.queryCharacters else {
                throw ArgumentFault(
                    "`query` may have \(limits.queryCharacters) characters: give the words that matter.")
            }
            let tags = try arguments.tags()
            let limit = try arguments.integer(
                "limit", in: 1...limits.searchResults, else: min(10, limits.searchResults))
            let found = try await store.search(
                query, tags: tags, limit: limit, excerpt: limits.previewCharacters, owner: owner)
            let fitted = FittedPreviews(found, limits: limits)
            let omitted = found.count - fitted.fitting.count
            var text = "\(fitted.fitting.count) found, best first."
            if fitted.fitting.isEmpty {
                text = "Nothing found. Try fewer or other words, or memory_list."
            } else if fitted.fitting.contains(where: { !$0.isWhole }) {
                text += " Read a whole one with memory_get and its id."
            }
            text += fitted.text
            if omitted > 0 {
                text +=
                    "\n\n\(omitted) more left out to keep this short: ask for narrower words, tags or a lower limit."
            }
            return .text(text, structured: ["memories": JSON(fitted.json), "omitted": JSON(omitted)])
        }
    }
}
