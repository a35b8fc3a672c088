import MCPProtocol

extension MemoryTools {
    var forgetTool: SwiftTool {
        tool(
            Tool(
                name: "memory_forget", title: "Forget a memory",
                description: """
                    Delete a memory for good: by id or by label and version one version of it, by label alone all its \
                    versions. Without confirm it deletes nothing and tells what would go: show that to the user, and \
                    call again with confirm true when they agree.
                    """,
                inputSchema: Self.schema([
                    ("id", ["type": "string", "description": "The id of the version to delete. Give id or label."]),
                    ("label", ["type": "string", "description": "The label to delete, exactly: all its versions."]),
                    ("version", ["type": "integer", "minimum": 1, "description": "With label: only this version."]),
                    ("confirm", ["type": "boolean", "description": "True to delete; otherwise nothing is deleted."]),
                ]),
                outputSchema: Self.schema(
                    [
                        ("forgotten", ["type": "integer", "description": "How many versions were deleted."]),
                        ("covered", ["type": "integer", "description": "How many versions this is about."]),
                        ("confirmed", ["type": "boolean"]),
                    ], required: ["forgotten", "covered", "confirmed"]),
                annotations: .init(
                    readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false))
        ) { [store, limits] arguments, owner in
            let reference = try arguments.reference()
            let confirmed = try arguments.flag("confirm")
            let covered = try await store.covered(by: reference, excerpt: limits.listedCharacters, owner: owner)
            let forgotten = confirmed ? try await store.forget(reference, owner: owner) : 0
            let text =
                if let newest = covered.newest {
                    (confirmed ? "Deleted \(forgotten) " : "Nothing deleted. This would go: \(covered.versions) ")
                        + (max(forgotten, covered.versions) == 1 ? "version" : "versions")
                        + ", \(covered.bytes) bytes in all. "
                        + "\(covered.versions == 1 ? "It" : "The newest") is\n\n\(newest.text)"
                        + (confirmed ? "" : "\n\nCall again with confirm true to delete it.")
                } else {
                    "\(reference.words) is not stored: there is nothing to delete."
                }
            return .text(
                text,
                structured: [
                    "forgotten": JSON(forgotten), "covered": JSON(covered.versions), "confirmed": JSON(confirmed),
                ])
        }
    }
}
