import MCPEngine

/// What a scope means to a person.
enum ScopeWords {
    static func of(_ scope: String) -> String {
        switch scope {
        case ScopeSet.read: "see which tools, prompts and resources there are, and read them"
        case ScopeSet.call:
            "call tools in your name; tools can read, change and delete things, your memories among them"
        default: "use what needs the permission \(scope)"
        }
    }

    static func short(_ scope: String) -> String {
        switch scope {
        case ScopeSet.read: "read"
        case ScopeSet.call: "call tools"
        default: scope
        }
    }
}
