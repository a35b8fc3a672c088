/// Who speaks in a conversation, or whom something is meant for (MCP 2025-11-25, schema, Role).
public enum Role: String, Sendable, CaseIterable {
    /// The person, or the model.
    case user, assistant

    init(_ json: JSON, at path: String) throws(ShapeError) {
        guard let role = json.string.flatMap({ Role(rawValue: $0) }) else {
            throw ShapeError(path, "\"user\" or \"assistant\"")
        }
        self = role
    }
}
