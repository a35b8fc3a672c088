/// For whom a server is judged.
package enum ProbedClient: String, Sendable, CaseIterable {
    case claude
    case chatgpt
    case claudeCode = "claude-code"
    case cursor
    case vscode
    case inspector
    /// No client, but the letter of the specification.
    case strict

    package var name: String {
        switch self {
        case .claude: "Claude.ai"
        case .chatgpt: "ChatGPT"
        case .claudeCode: "Claude Code"
        case .cursor: "Cursor"
        case .vscode: "VS Code"
        case .inspector: "MCP Inspector"
        case .strict: "strict clients"
        }
    }

    /// Those that run somewhere else than on the user's machine.
    static let hosted: Set<ProbedClient> = [.claude, .chatgpt]
    /// All that people use; what none of these minds is no reason for tools to be missing.
    static let real = Set(allCases).subtracting([.strict])
    static let everyone = Set(allCases)
}
