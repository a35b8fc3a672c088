import FoundationEssentials
import MCPProtocol

extension MemoryTools {
    var handoverTool: SwiftTool {
        tool(
            Tool(
                name: "memory_handover", title: "Hand over between conversations",
                description: """
                    Without text: read the note that the last conversation left for this one; do so first when work \
                    goes on. With text: leave a note for the next conversation (what is done, what is open, where \
                    things are); it takes the place of the note before.
                    """,
                inputSchema: Self.schema([
                    (
                        "text",
                        [
                            "type": "string",
                            "description":
                                "The note to leave, at most \(limits.handoverCharacters) characters. Left out: read.",
                        ]
                    )
                ]),
                outputSchema: Self.schema(
                    [
                        ("left", ["type": "boolean", "description": "Whether this call left a note."]),
                        (
                            "text",
                            ["type": "string", "description": "The note that was read; absent when there is none."]
                        ),
                        ("created", ["type": "string", "description": "When that note was left, UTC, ISO 8601."]),
                    ], required: ["left"]),
                annotations: .init(
                    readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false))
        ) { [store, limits, now] arguments, owner in
            if let text = try arguments.string("text") {
                let size = ResultSize.of(text)
                guard size <= limits.handoverCharacters else {
                    throw ArgumentFault(
                        """
                        `text` may have \(limits.handoverCharacters) characters, and had \(size): leave the gist, and \
                        keep the rest with memory_store.
                        """)
                }
                try await store.leaveHandover(text, owner: owner, at: now().wholeMilliseconds)
                return .text("The note is left for the next conversation.", structured: ["left": true])
            }
            guard let (text, left) = try await store.handover(owner: owner) else {
                return .text("No note was left.", structured: ["left": false])
            }
            let created = left.ISO8601Format()
            return .text(
                "Left \(created):\n\n\(text)",
                structured: ["left": false, "text": JSON(text), "created": JSON(created)])
        }
    }
}
