/// Something that a server may need from a client (MCP 2026-07-28, schema, ClientCapabilities).
public enum ClientCapability: Sendable, Hashable {
    /// Having its model write something.
    case sampling
    /// Sampling with tools.
    case samplingTools
    /// `includeContext` of sampling.
    case samplingContext
    /// Elicitation with a form.
    case elicitationForm
    /// Elicitation by sending the user to a URL.
    case elicitationURL
    /// Saying where the server may work.
    case roots
    /// An extension, by its identifier.
    case `extension`(String)
}

/// What a client says it can do: in `initialize`, or with each request.
public struct ClientCapabilities: Sendable, Equatable {
    /// As the client sent it, an object.
    public let json: JSON

    /// Anything but an object counts as none.
    public init(_ json: JSON) {
        self.json = json.kind == .object ? json : [:]
    }

    /// Nothing but the protocol itself.
    public static let none = ClientCapabilities([:])

    /// Whether the client has declared it.
    public func has(_ capability: ClientCapability) -> Bool {
        switch capability {
        case .sampling: isObject("sampling")
        case .samplingTools: isObject("sampling", "tools")
        case .samplingContext: isObject("sampling", "context")
        case .elicitationForm:
            // Empty means forms only: the only kind that there was at first (M-24).
            isObject("elicitation", "form") || json["elicitation"]?.kind == .object && json["elicitation"]?.count == 0
        case .elicitationURL: isObject("elicitation", "url")
        case .roots: isObject("roots")
        case .extension(let identifier): isObject("extensions", identifier)
        }
    }

    /// The settings of an extension, an object; nil when the client does not have it.
    public func settings(of extension: String) -> JSON? {
        guard let settings = json["extensions"]?[`extension`], settings.kind == .object else { return nil }
        return settings
    }

    /// The `requiredCapabilities` of error -32021: those of `needed` that are not there, in the shape in which a client
    /// would state them (H-81). Nil when nothing is missing.
    package func missing(_ needed: some Sequence<ClientCapability>) -> JSON? {
        let missing = needed.filter { !has($0) }
        if missing.isEmpty { return nil }
        func wants(_ capability: ClientCapability) -> Bool { missing.contains(capability) }

        var members = JSONMembers()
        if wants(.roots) { members.add("roots", [:] as JSON) }
        if wants(.sampling) || wants(.samplingTools) || wants(.samplingContext) {
            var sampling = JSONMembers()
            if wants(.samplingContext) { sampling.add("context", [:] as JSON) }
            if wants(.samplingTools) { sampling.add("tools", [:] as JSON) }
            members.add("sampling", sampling.json)
        }
        if wants(.elicitationForm) || wants(.elicitationURL) {
            var elicitation = JSONMembers()
            // Where there is nothing else, the empty object says it.
            if wants(.elicitationForm), wants(.elicitationURL) || isObject("elicitation") {
                elicitation.add("form", [:] as JSON)
            }
            if wants(.elicitationURL) { elicitation.add("url", [:] as JSON) }
            members.add("elicitation", elicitation.json)
        }
        var extensions = JSONMembers()
        for case .extension(let identifier) in missing { extensions.add(identifier, [:] as JSON) }
        if !extensions.list.isEmpty { members.add("extensions", extensions.json) }
        return members.json
    }

    private func isObject(_ name: String, _ inner: String? = nil) -> Bool {
        guard let value = json[name], value.kind == .object else { return false }
        guard let inner else { return true }
        return value[inner]?.kind == .object
    }
}
