import MCPProtocol

/// Reads an example into the type that we have for it, and writes that again.
enum ExampleCodec {
    private static let version = ProtocolVersion.v2026_07_28
    private static let bare = ResultEnvelope(version: version, serverInfo: nil)

    struct Unknown: Error {
        var type: String
    }

    static func rewrite(_ json: JSON, as type: String) throws -> JSON {
        if json["jsonrpc"] != nil { return try message(json, type) }
        switch type {
        case "ElicitRequest", "CreateMessageRequest": return try request(json).json(for: version)
        case _ where type.hasSuffix("Result"): return try result(json, type)
        case _ where type.hasSuffix("Schema"):
            return try ElicitationField(name: "f", required: false, schema: json, at: "f").json(for: version)
        case _ where type.hasSuffix("Error"): return try written { try RPCError(json).write(to: &$0) }
        default: return try noun(json, type)
        }
    }

    private static func written(_ write: (inout JSONWriter) throws -> Void) rethrows -> JSON {
        var writer = JSONWriter()
        try write(&writer)
        return writer.json
    }

    private static func parsed(_ bytes: [UInt8]) throws -> JSON { try JSON(parsing: bytes) }

    // MARK: Messages

    private static func message(_ json: JSON, _ type: String) throws -> JSON {
        switch try Message(json) {
        case .request(var request):
            if request.method == Method.subscriptionsListen {
                let filter = try ListenFilter(params: request.params)
                request.params = replacing("notifications", of: request.params, with: filter.json)
            }
            return try parsed(Wire.request(request.method, params: request.params, id: request.id))
        case .notification(var notification):
            if notification.method == Method.subscriptionsAcknowledged {
                let filter = try ListenFilter(params: notification.params)
                notification.params = replacing("notifications", of: notification.params, with: filter.json)
            }
            return try parsed(Wire.notification(notification.method, params: notification.params))
        case .response(let response):
            let id = response.id ?? .string("")
            if let error = response.error {
                return try parsed(Wire.error(try RPCError(error), id: id, era: .perRequest))
            }
            let written = try result(response.result ?? nil, String(type.dropLast("Response".count)))
            return try parsed(Wire.result(written, id: id))
        }
    }

    private static func replacing(_ name: String, of json: JSON?, with value: JSON) -> JSON {
        .object((json?.members ?? []).map { ($0.name, $0.name == name ? value : $0.value) })
    }

    private static func request(_ json: JSON) throws -> InputRequest {
        try InputRequest(method: json["method"]?.string ?? "", params: json["params"])
    }

    // MARK: Results

    private static func result(_ json: JSON, _ type: String) throws -> JSON {
        let cache = CacheHint(in: json) ?? .none
        switch type {
        case "CallToolResult":
            let content = try (json["content"]?.elements ?? []).map { try Content($0).json(for: version) }
            return replacing("content", of: json, with: JSON(content))
        case "CompleteResult": return try parsed(bare.completion(try Completion(json["completion"] ?? nil)))
        case "CreateMessageResult": return try SamplingAnswer(json).json(for: version)
        case "DiscoverResult":
            let capabilities = try ServerCapabilities(json["capabilities"] ?? nil)
            let serverInfo = try json["_meta"]?[MetaKey.serverInfo].map { try Implementation($0) }
            let bytes = ResultEnvelope(version: version, serverInfo: serverInfo).result(cache: cache) { writer in
                writer.member("supportedVersions", json["supportedVersions"] ?? nil)
                writer.member("capabilities", capabilities.json(for: version))
                if let instructions = json["instructions"] { writer.member("instructions", instructions) }
            }
            return try parsed(bytes)
        case "ElicitResult": return try ElicitationAnswer(json).json
        case "GetPromptResult": return try parsed(bare.prompt(try PromptResult(json)))
        case "InputRequiredResult":
            let requests = try (json["inputRequests"]?.members ?? []).map {
                (key: $0.name, request: try request($0.value).json(for: version))
            }
            return try parsed(bare.inputRequired(requests, state: json["requestState"]?.string))
        case "ListPromptsResult":
            return try list("prompts", json) { try Prompt($0).json(for: version) }
        case "ListResourcesResult":
            return try list("resources", json) { try Resource($0).json(for: version) }
        case "ListResourceTemplatesResult":
            return try list("resourceTemplates", json) { try ResourceTemplate($0).json(for: version) }
        case "ListRootsResult": return InputResponse.roots(try Root.list(json)).json(for: version)
        case "ListToolsResult":
            return try list("tools", json) { try Tool($0).json(for: version) }
        case "ReadResourceResult":
            let written = try parsed(bare.resource(try ResourceResult(json), cache: cache))
            // One example lacks the hint that the specification wants there.
            let isHinted = json["ttlMs"] != nil
            return .object(
                (written.members ?? []).filter { isHinted || !["ttlMs", "cacheScope"].contains($0.name) }
                    .map { ($0.name, $0.value) })
        case "SubscriptionsListenResult": return try parsed(bare.result(meta: json["_meta"]))
        default: throw Unknown(type: type)
        }
    }

    private static func list(_ member: String, _ json: JSON, _ rewrite: (JSON) throws -> JSON) throws -> JSON {
        let items = try (json[member]?.elements ?? []).map(rewrite)
        return try parsed(
            bare.list(member, items, nextCursor: json["nextCursor"]?.string, cache: CacheHint(in: json) ?? .none))
    }

    // MARK: Everything else

    private static func noun(_ json: JSON, _ type: String) throws -> JSON {
        switch type {
        case "AudioContent", "EmbeddedResource", "ImageContent", "ResourceLink", "TextContent", "ToolResultContent",
            "ToolUseContent":
            return try Content(json).json(for: version)
        case "BlobResourceContents", "TextResourceContents": return try ResourceContents(json).json(for: version)
        case "ClientCapabilities": return ClientCapabilities(json).json
        case "CreateMessageRequestParams": return try SamplingRequest(json).params(for: version)
        case "ElicitRequestFormParams", "ElicitRequestURLParams":
            return try InputRequest(method: Method.elicitationCreate, params: json).params(for: version)
        case "InputRequests":
            return .object(try (json.members ?? []).map { ($0.name, try request($0.value).json(for: version)) })
        case "InputResponses":
            let requests: [String: InputRequest] = [
                "github_login": .form(message: "", schema: ElicitationSchema([.string("name", required: true)])),
                "capital_of_france": .sampling(SamplingRequest(messages: [.user("?")], maxTokens: 100)),
            ]
            return .object(
                try (json.members ?? []).compactMap { member in
                    try requests[member.name].map {
                        (member.name, try $0.response(member.value).json(for: version))
                    }
                })
        case "ModelPreferences": return try ModelPreferences(json).json
        case "Resource": return try Resource(json).json(for: version)
        case "Root": return try Root(json).json(for: version)
        case "SamplingMessage": return try SamplingMessage(json).json(for: version)
        case "ServerCapabilities": return try ServerCapabilities(json).json(for: version)
        case "Tool": return try Tool(json).json(for: version)
        default: throw Unknown(type: type)
        }
    }
}
