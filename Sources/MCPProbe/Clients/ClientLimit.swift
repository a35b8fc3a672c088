/// What a client can bear. One table, each row with its source and the month it was last confirmed: such limits move.
package struct ClientLimit: Sendable {
    package enum Measure: String, Sendable, CaseIterable {
        /// Seconds to the first byte of the answer to `initialize`.
        case initializeSeconds
        /// Seconds to the first byte of the answer to `tools/list`.
        case listSeconds
        /// Tools of one server; those beyond are not used.
        case tools
        /// Estimated tokens of all tool definitions together.
        case definitionTokens
        /// Characters of a result.
        case resultCharacters
        /// Estimated tokens of a result.
        case resultTokens
    }

    package var client: ProbedClient
    package var measure: Measure
    package var value: Double
    /// Beyond it something is missing or fails. Otherwise it only gets worse.
    package var isHard: Bool
    package var source: String
    package var confirmed: String

    private init(
        _ client: ProbedClient, _ measure: Measure, _ value: Double, hard isHard: Bool, _ source: String,
        _ confirmed: String
    ) {
        (self.client, self.measure, self.value, self.isHard) = (client, measure, value, isHard)
        (self.source, self.confirmed) = (source, confirmed)
    }

    package static let table: [ClientLimit] = [
        ClientLimit(.claude, .initializeSeconds, 10, hard: true, "anthropics/claude-ai-mcp#473 (staff)", "2026-06"),
        ClientLimit(
            .claude, .listSeconds, 5, hard: true,
            "a hosted server's log: lists of 9 to 11 s hid the tools, the client left after 5 to 8 s", "2025-11"),
        ClientLimit(.claudeCode, .initializeSeconds, 30, hard: true, "Claude Code, MCP_TIMEOUT", "2026-09"),
        ClientLimit(.claudeCode, .listSeconds, 30, hard: true, "Claude Code, MCP_TIMEOUT", "2026-09"),
        ClientLimit(.claude, .tools, 256, hard: true, "anthropics/claude-ai-mcp#587 (Cowork)", "2026-09"),
        ClientLimit(.vscode, .tools, 128, hard: true, "VS Code, tools of one request", "2026-09"),
        ClientLimit(.cursor, .tools, 80, hard: false, "users' reports: about 40 to 80 tools of all servers", "2026-09"),
        ClientLimit(
            .claude, .definitionTokens, 20_000, hard: false, "claude.com, connector documentation", "2026-09"),
        ClientLimit(.claude, .resultCharacters, 150_000, hard: false, "claude.com, connector documentation", "2026-09"),
        ClientLimit(.claudeCode, .resultTokens, 25_000, hard: false, "Claude Code, MAX_MCP_OUTPUT_TOKENS", "2026-09"),
    ]
}

/// Whose limits and demands decide.
package struct Demands: Sendable {
    package var clients: Set<ProbedClient>

    package init(_ client: ProbedClient?) {
        clients = client.map { [$0] } ?? ProbedClient.real
    }

    func limits(_ measure: ClientLimit.Measure) -> [ClientLimit] {
        ClientLimit.table.filter { $0.measure == measure && clients.contains($0.client) }
            .sorted { $0.value < $1.value }
    }
}
