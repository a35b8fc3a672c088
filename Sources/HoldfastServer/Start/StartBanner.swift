import MCPEngine

/// What a person wants to know once the server runs: where, for whom, with which data, and what to paste.
package struct StartBanner: Sendable {
    private let settings: Settings
    private let port: Int
    private let access: AccessDecision
    private let hasUsers: Bool

    /// - Parameters:
    ///   - port: The bound one.
    ///   - hasUsers: Whether anybody could sign in.
    package init(settings: Settings, port: Int, access: AccessDecision, hasUsers: Bool = false) {
        self.settings = settings
        self.port = port
        self.access = access
        self.hasUsers = hasUsers
    }

    package var text: String {
        """
        Holdfast \(HoldfastVersion.current) listens on \(url(host: settings.host))
          Access  \(accessLine)
          Data    \(settings.dataDir)
          Add it  \(clientLine)

        """
    }

    /// Writes the text to standard output.
    package func print() { StandardStream.output.write(text) }

    private var accessLine: String {
        switch access {
        case .signInRequired where settings.oauthIssuer != nil || hasUsers: "people sign in with OAuth; keys work too"
        case .signInRequired:
            "with OAuth, but nobody can sign in yet; make a user with: holdfast users create NAME"
        case .keyRequired: "a key is required; make one with: holdfast keys create NAME"
        case .open(.local): "open, to this machine only; no key is needed"
        case .open: "open to everyone who reaches it; no key is needed"
        }
    }

    private var clientLine: String {
        let name = settings.serverName.wholeMatch(of: /[A-Za-z0-9_-]+/) == nil ? "holdfast" : settings.serverName
        let command = "claude mcp add --transport http \(name) \(clientURL)"
        if access == .signInRequired {
            return command + "\n          or in Claude.ai: Settings, Connectors, Add custom connector: \(clientURL)"
        }
        return access == .keyRequired ? command + " --header \"Authorization: Bearer YOUR_KEY\"" : command
    }

    /// Where a client on this machine finds it, unless the operator knows better.
    private var clientURL: String {
        if let url = settings.publicURL { return url }
        switch settings.host {
        case "0.0.0.0": return url(host: "127.0.0.1")
        case "::", "::0": return url(host: "::1")
        default: return url(host: settings.host)
        }
    }

    private func url(host: String) -> String {
        "http://\(host.contains(":") ? "[\(host)]" : host):\(port)\(settings.path)"
    }
}
