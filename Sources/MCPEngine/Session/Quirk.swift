package import MCPProtocol

/// A known defect of a real client, and what it gets for it. The only place that knows a client by name.
package struct Quirk: Sendable {
    package enum Allowance: String, Sendable {
        /// Calls on an id it has deleted are served without a session, where others get 404.
        case callsOnDeletedID = "calls_on_deleted_id"
        /// Version header and body contradict each other: served in the handshake era.
        case contradictoryVersions = "contradictory_versions"
    }

    /// How the `User-Agent` begins.
    package var userAgent: String
    package var allowance: Allowance
    /// Where it was reported.
    package var source: String
    /// When it was last confirmed.
    package var date: String

    package static let known: [Quirk] = [
        Quirk(
            userAgent: "openai-mcp/", allowance: .callsOnDeletedID,
            source: "github.com/openai/openai-python/issues/2513", date: "2026-11"),
        Quirk(
            userAgent: "Claude-User", allowance: .callsOnDeletedID,
            source: "github.com/anthropics/claude-ai-mcp/issues/450", date: "2026-11"),
        Quirk(
            userAgent: "Claude-User", allowance: .contradictoryVersions,
            source: "github.com/anthropics/claude-code/issues/93290", date: "2026-11"),
        Quirk(
            userAgent: "claude-code/", allowance: .contradictoryVersions,
            source: "github.com/anthropics/claude-code/issues/93290", date: "2026-11"),
    ]
}

/// The quirks in force; empty with `--strict`.
package struct Quirks: Sendable {
    private let table: [Quirk]

    package init(strict: Bool = false) {
        table = strict ? [] : Quirk.known
    }

    package func allows(_ allowance: Quirk.Allowance, userAgent: String?) -> Bool {
        guard let userAgent else { return false }
        return table.contains { $0.allowance == allowance && userAgent.hasPrefix($0.userAgent) }
    }

    package func tolerance(userAgent: String?) -> Tolerance {
        allows(.contradictoryVersions, userAgent: userAgent) ? .contradictoryVersions : []
    }
}
