import MCPEngine

/// `NAME=SCOPES`: what a tool takes, or what an issuer's role stands for.
struct ScopeMeaning {
    let name: String
    let scopes: ScopeSet

    /// Nil when the text is something else. Names may hold what they like, but no equals sign.
    init?(_ text: String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
            let scopes = ScopeSet(parsing: String(text[text.index(after: equals)...])), !scopes.names.isEmpty
        else { return nil }
        name = String(text[..<equals])
        self.scopes = scopes
    }
}
