import MCPProtocol

extension MemoryTools {
    var storeTool: SwiftTool {
        tool(
            Tool(
                name: "memory_store", title: "Store a memory",
                description: """
                    Remember something beyond this conversation: a decision, a preference, a fact, how something is \
                    done. Write the content so that it can be understood without this conversation. Storing under a \
                    label that exists already adds a new version; nothing is overwritten. Returns the memory's id and \
                    version.
                    """,
                inputSchema: Self.schema(
                    [
                        (
                            "content",
                            [
                                "type": "string",
                                "description": "What to remember, at most \(limits.contentBytes) bytes of UTF-8.",
                            ]
                        ),
                        (
                            "label",
                            [
                                "type": "string",
                                "description":
                                    "A short name to find it by, e.g. \"deploy/steps\". Used again, it means a new version.",
                            ]
                        ),
                        ("tags", ["type": "array", "items": ["type": "string"], "description": "Words to filter by."]),
                        (
                            "priority",
                            [
                                "type": "string", "enum": ["always", "important", "reference"],
                                "description": """
                                always: to be read at the start of every conversation; important: rules and \
                                decisions; reference (when left out): to look up.
                                """,
                            ]
                        ),
                    ], required: ["content"]),
                outputSchema: Self.schema(MemoryPreview.properties, required: MemoryPreview.required),
                annotations: .init(
                    readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false))
        ) { [store, limits, now] arguments, owner in
            let content = try arguments.required("content", "the text to remember")
            guard content.utf8.count <= limits.contentBytes else {
                throw ArgumentFault(
                    """
                    `content` may have \(limits.contentBytes) bytes, and had \(content.utf8.count): store it in parts.
                    """)
            }
            let label = try arguments.name("label", limit: limits.labelCharacters)
            let (tags, priority) = try (arguments.tags(), arguments.priority() ?? .reference)
            guard try await store.statistics(owner: owner).versions < limits.versions else {
                throw ArgumentFault(
                    "All \(limits.versions) memories that may be kept are in use: forget some with memory_forget first."
                )
            }
            let record = try await store.store(
                id: "m_" + RandomText.lowercase(25), owner: owner, label: label, content: content, tags: tags,
                priority: priority, at: now().wholeMilliseconds)
            let stored = MemoryPreview(record, excerpt: Excerpt(beginningOf: "", length: 0))
            return .text("Stored. \(stored.heading)", structured: .object(stored.members))
        }
    }
}
