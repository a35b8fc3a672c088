package import MCPEngine
package import MCPProtocol

/// Which scopes a token's claims amount to: its scopes, and what its roles stand for.
package struct ScopeClaims: Sendable {
    /// Where scopes and roles are: names of claims, with points between those inside each other, as in
    /// `realm_access.roles`. A claim is text with spaces between, or an array of texts.
    package var claims = ["scope", "scp"]
    /// What values of those claims stand for.
    package var meanings: [String: ScopeSet] = [:]
    /// What every token has.
    package var granted = ScopeSet.none

    /// A token with more is cut off here.
    private static let most = 1_000

    package init() {}

    package func scopes(in token: JSON) -> ScopeSet {
        let values = claims.flatMap { Self.values(at: $0, in: token) }.prefix(Self.most)
        return values.reduce(granted) { scopes, value in
            if let meaning = meanings[value] { return scopes.union(meaning) }
            return ScopeSet.isScope(value) ? scopes.union(ScopeSet([value])) : scopes
        }
    }

    private static func values(at path: String, in token: JSON) -> [String] {
        // A name that has points in it itself goes before one of names inside each other.
        guard let claim = token[path] ?? nested(path, in: token) else { return [] }
        if let text = claim.string { return text.split(separator: " ").map(String.init) }
        return (claim.elements ?? []).compactMap(\.string)
    }

    private static func nested(_ path: String, in token: JSON) -> JSON? {
        path.split(separator: ".").reduce(Optional(token)) { json, name in json?[String(name)] }
    }
}
