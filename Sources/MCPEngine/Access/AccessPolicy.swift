import MCPProtocol

/// What each request takes, and what is open to who presents nothing.
package struct AccessPolicy: Sendable {
    /// A tool whose name matches takes these scopes instead of `mcp:call`.
    package struct ToolRule: Sendable {
        var pattern: NamePattern
        var scopes: ScopeSet

        package init(_ pattern: String, _ scopes: ScopeSet) {
            self.pattern = NamePattern(pattern)
            self.scopes = scopes
        }
    }

    /// What somebody without a token gets (O-17).
    package enum Visitors: String, Sendable {
        /// 401 for everything.
        case refused
        /// Discovery and lists; 401 for the rest.
        case lists
        /// The same, but a call of a tool is answered with a result that asks to sign in.
        case invited
    }

    package var challenge = BearerChallenge()
    /// The first that matches counts.
    package var tools: [ToolRule] = []
    package var visitors = Visitors.refused

    package init() {}

    package static let signIn = "Send Authorization: Bearer with a key or an access token of this server"

    static let reading = ScopeSet([ScopeSet.read])
    static let calling = ScopeSet([ScopeSet.call])

    /// - Parameter messages: All of one POST; an operation that takes several gets one answer.
    func needed(for messages: [Message]) -> ScopeSet {
        // A GET or DELETE has none.
        messages.isEmpty ? Self.reading : messages.reduce(.none) { $0.union(needed(for: $1)) }
    }

    private func needed(for message: Message) -> ScopeSet {
        guard case .request(let request) = message else { return Self.reading }
        switch request.method {
        case Method.toolsCall:
            let name = request.params?["name"]?.string ?? ""
            return tools.first { $0.pattern.matches(name) }?.scopes ?? Self.calling
        case _ where Method.taskRequests.contains(request.method): return Self.calling
        default: return Self.reading
        }
    }

    /// Whether all of `messages` are discovery and lists, which change nothing and say nothing about anybody.
    func isOpenToVisitors(_ messages: [Message]) -> Bool {
        !messages.isEmpty
            && messages.allSatisfy { message in
                switch message {
                case .request(let request): Self.discovery.contains(request.method)
                case .notification: true
                case .response: false
                }
            }
    }

    private static let discovery: Set<String> = [
        Method.initialize, Method.serverDiscover, Method.ping, Method.toolsList, Method.promptsList,
        Method.resourcesList, Method.resourcesTemplatesList,
    ]
}
