import FoundationEssentials
import MCPProtocol

extension MemoryTools {
    var statusTool: SwiftTool {
        tool(
            Tool(
                name: "memory_status", title: "Memory status",
                description: """
                    How much is remembered for this user: memories, versions, size, how many of each priority, whether \
                    a hand-over note waits. Changes nothing.
                    """,
                inputSchema: Self.schema([]),
                outputSchema: Self.schema(
                    [
                        ("memories", ["type": "integer", "description": "Each label counted once."]),
                        ("versions", ["type": "integer", "description": "All versions of all memories."]),
                        ("bytes", ["type": "integer", "description": "UTF-8 bytes of all content."]),
                        ("always", ["type": "integer"]), ("important", ["type": "integer"]),
                        ("reference", ["type": "integer"]),
                        ("newest", ["type": "string", "description": "When the newest was stored, UTC, ISO 8601."]),
                        (
                            "handover",
                            ["type": "string", "description": "When the hand-over note was left; absent if none."]
                        ),
                        ("maximum", ["type": "integer", "description": "How many versions may be kept."]),
                    ], required: ["memories", "versions", "bytes", "always", "important", "reference", "maximum"]),
                annotations: .init(
                    readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false))
        ) { [store, limits] _, owner in
            let statistics = try await store.statistics(owner: owner)
            let handover = try await store.handover(owner: owner)?.left.ISO8601Format()
            let newest = statistics.newest?.ISO8601Format()
            let counts = MemoryPriority.allCases.map { ($0.rawValue, statistics.byPriority[$0] ?? 0) }
            var members: [(String, JSON)] = [
                ("memories", JSON(statistics.memories)), ("versions", JSON(statistics.versions)),
                ("bytes", JSON(statistics.bytes)),
            ]
            members += counts.map { ($0, JSON($1)) }
            if let newest { members.append(("newest", JSON(newest))) }
            if let handover { members.append(("handover", JSON(handover))) }
            members.append(("maximum", JSON(limits.versions)))
            return .text(
                """
                \(statistics.memories) memories (\(counts.map { "\($1) \($0)" }.joined(separator: ", "))), \
                \(statistics.versions) versions of at most \(limits.versions), \(statistics.bytes) bytes.
                Newest: \(newest ?? "none"). Hand-over note: \(handover.map { "left \($0)" } ?? "none").
                """,
                structured: .object(members))
        }
    }
}
