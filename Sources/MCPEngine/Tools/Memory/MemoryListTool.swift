import FoundationEssentials
import MCPProtocol

extension MemoryTools {
    var listTool: SwiftTool {
        tool(
            Tool(
                name: "memory_list", title: "List memories",
                description: """
                    List memories, newest first, each with the beginning of its content. Use it to see what is there, \
                    or with priority \"always\" at the start of a conversation. While the result has next, there are \
                    more: call again with the same filters and it as after.
                    """,
                inputSchema: Self.schema([
                    ("tag", ["type": "string", "description": "Only memories with this tag."]),
                    ("label_prefix", ["type": "string", "description": "Only memories whose label begins like this."]),
                    (
                        "priority",
                        [
                            "type": "string", "enum": ["always", "important", "reference"],
                            "description": "Only memories of this priority.",
                        ]
                    ),
                    (
                        "limit",
                        [
                            "type": "integer", "minimum": 1, "maximum": JSON(limits.listResults),
                            "description": "How many at most; 50 when left out.",
                        ]
                    ),
                    ("after", ["type": "string", "description": "The next of the page before, unchanged."]),
                ]),
                outputSchema: Self.schema(
                    [
                        ("memories", MemoryPreview.listSchema),
                        ("next", ["type": "string", "description": "Give it as after for more; absent at the end."]),
                    ], required: ["memories"]),
                annotations: .init(
                    readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false))
        ) { [store, limits] arguments, owner in
            let filter = try MemoryFilter(
                tag: arguments.name("tag", limit: limits.tagCharacters),
                labelPrefix: arguments.name("label_prefix", limit: limits.labelCharacters),
                priority: arguments.priority())
            let limit = try arguments.integer("limit", in: 1...limits.listResults, else: min(50, limits.listResults))
            let after = try arguments.name("after", limit: 200).map { cursor in
                guard let position = MemoryPosition(cursor: cursor) else {
                    throw ArgumentFault("`after` must be the `next` of an earlier memory_list, unchanged.")
                }
                return position
            }
            // One more than asked for tells whether there is a next page.
            let listed = try await store.list(
                filter, limit: limit + 1, after: after, excerpt: limits.listedCharacters, owner: owner)
            let fitted = FittedPreviews(Array(listed.prefix(limit)), limits: limits)
            var members: [(String, JSON)] = [("memories", JSON(fitted.json))]
            var text = fitted.fitting.isEmpty ? "No memories." : "\(fitted.fitting.count) memories, newest first."
            text += fitted.text
            if listed.count > fitted.fitting.count, let next = fitted.fitting.last?.position.cursor {
                members.append(("next", JSON(next)))
                text += "\n\nThere are more: call again with after \"\(next)\"."
            }
            return .text(text, structured: .object(members))
        }
    }
}

extension MemoryPosition {
    var cursor: String { "\(created.milliseconds).\(id)" }

    init?(cursor: String) {
        let parts = cursor.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let milliseconds = Int64(parts[0]) else { return nil }
        self.init(created: Date(milliseconds: milliseconds), id: String(parts[1]))
    }
}
