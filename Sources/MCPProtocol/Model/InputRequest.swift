/// Something that a server asks of the client while it works on a request: a request of its own in the handshake era,
/// part of an `input_required` result in the per-request era (MCP 2026-07-28, basic/patterns/mrtr).
public enum InputRequest: Sendable, Equatable {
    /// Asks the user to fill in a form.
    case form(message: String, schema: ElicitationSchema)
    /// Sends the user to a page of ours, for what must not pass through the client. `id` is what
    /// `notifications/elicitation/complete` names, in 2025-11-25 only.
    case url(message: String, url: String, id: String)
    /// Has the client's model write something.
    case sampling(SamplingRequest)
    /// Asks where the server may work.
    case roots

    package init(method: String, params: JSON?, at path: String = "params") throws(ShapeError) {
        let params = params ?? [:]
        switch method {
        case Method.elicitationCreate:
            let reader = try ShapeReader(params, at: path)
            let message = try reader.string("message")
            if params["mode"]?.stringEquals("url") == true {
                let id = try reader.optionalString("elicitationId") ?? ""
                self = .url(message: message, url: try reader.string("url"), id: id)
            } else {
                let schema = try ElicitationSchema(params["requestedSchema"] ?? nil, at: "\(path).requestedSchema")
                self = .form(message: message, schema: schema)
            }
        case Method.samplingCreateMessage: self = .sampling(try SamplingRequest(params, at: path))
        case Method.rootsList: self = .roots
        default:
            throw ShapeError(
                "method", "\(Method.elicitationCreate), \(Method.samplingCreateMessage) or \(Method.rootsList)")
        }
    }

    package var method: String {
        switch self {
        case .form, .url: Method.elicitationCreate
        case .sampling: Method.samplingCreateMessage
        case .roots: Method.rootsList
        }
    }

    package func params(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        switch self {
        case .form(let message, let schema):
            if version.hasElicitationModes { members.add("mode", "form") }
            members.add("message", message)
            members.add("requestedSchema", schema.json(for: version))
        case .url(let message, let url, let id):
            members.add("mode", "url")
            members.add("message", message)
            members.add("url", url)
            if version.hasElicitationID { members.add("elicitationId", id) }
        case .sampling(let request): return request.params(for: version)
        case .roots: break
        }
        return members.json
    }

    /// As a value of `inputRequests`.
    package func json(for version: ProtocolVersion) -> JSON {
        ["method": JSON(method), "params": params(for: version)]
    }

    /// What the client must have said that it can do.
    package func requiredCapabilities(for version: ProtocolVersion) -> [ClientCapability] {
        switch self {
        case .form: return [.elicitationForm]
        case .url: return [.elicitationURL]
        case .roots: return [.roots]
        case .sampling(let request):
            var needed = [ClientCapability.sampling]
            if version.hasSamplingTools {
                if request.usesTools { needed.append(.samplingTools) }
                if let context = request.includeContext, context != .none { needed.append(.samplingContext) }
            }
            return needed
        }
    }

    /// Whether a client of that version can be asked this at all.
    package func isAvailable(in version: ProtocolVersion) -> Bool {
        switch self {
        case .form(_, let schema): schema.isAvailable(in: version)
        case .url: version.hasElicitationModes
        case .sampling(let request): version.hasSamplingTools || !request.usesTools
        case .roots: true
        }
    }
}
