/// Which tools of an upstream are offered, by the names that its server gives them.
package struct UpstreamFilter: Sendable, Equatable {
    private let allowed: [NamePattern]
    private let denied: [NamePattern]

    /// - Parameters:
    ///   - allow: Names, in which `*` stands for any part, also none.
    ///   - deny: Wins over `allow`.
    package init(allow: [String] = ["*"], deny: [String] = []) {
        allowed = allow.map(NamePattern.init)
        denied = deny.map(NamePattern.init)
    }

    package func offers(_ tool: String) -> Bool {
        allowed.contains { $0.matches(tool) } && !denied.contains { $0.matches(tool) }
    }
}
