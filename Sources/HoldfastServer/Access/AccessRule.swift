package import MCPEngine

/// Whom a server admits.
package enum AccessDecision: Equatable, Sendable {
    /// Only who presents a key.
    case keyRequired
    /// Only who presents an access token, or a key.
    case signInRequired
    /// Everyone, as this principal.
    case open(Principal)
}

/// Decides, before the server listens, whether it needs a key: where there is one it is required, where there is none a
/// loopback address is open, and any other address only by the operator's word.
package struct AccessRule: Sendable {
    package var host: String
    /// In the settings or in the store, revoked ones not counted.
    package var hasKeys: Bool
    /// Whether somebody gives out access tokens for it.
    package var hasIssuer: Bool
    package var allowAnonymous: Bool

    package init(host: String, hasKeys: Bool, hasIssuer: Bool = false, allowAnonymous: Bool) {
        self.host = host
        self.hasKeys = hasKeys
        self.hasIssuer = hasIssuer
        self.allowAnonymous = allowAnonymous
    }

    /// - Throws: ``SettingsError`` when everyone who reaches the address would get in and nobody has said so.
    package func decide() throws -> AccessDecision {
        if hasIssuer { return .signInRequired }
        if hasKeys { return .keyRequired }
        if Self.isLoopback(host) { return .open(.local) }
        if allowAnonymous { return .open(.anonymous) }
        throw SettingsError(
            "host: \(host) can be reached from other machines and there is no key; make one with 'holdfast keys create "
                + "NAME', set HOLDFAST_API_KEY, or admit everyone with --allow-anonymous")
    }

    /// Whether only this machine can reach `host`.
    package static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" || name == "0:0:0:0:0:0:0:1" { return true }
        let parts = (name.hasPrefix("::ffff:") ? name.dropFirst(7) : name[...])
            .split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil && !$0.hasPrefix("+") }
    }
}
