import MCPEngine
import MCPProtocol

/// How far a call is, as its tool reported it.
public struct ProgressReport: Sendable, Equatable {
    /// How much is done; it only grows.
    public var progress: Double
    /// How much there is to do, in the same unit; nil when nobody knows.
    public var total: Double?
    /// For people.
    public var message: String?

    public init(progress: Double, total: Double? = nil, message: String? = nil) {
        self.progress = progress
        self.total = total
        self.message = message
    }
}

/// What a tool logged.
public struct LogMessage: Sendable, Equatable {
    /// How grave it is.
    public var level: LogLevel
    /// Whatever the tool logged.
    public var data: JSON
    /// Who logged it, if that was said.
    public var logger: String?

    public init(level: LogLevel, data: JSON, logger: String? = nil) {
        self.level = level
        self.data = data
        self.logger = logger
    }
}

extension InMemoryClient {
    // MARK: Tools

    /// Every page of `tools/list`.
    public func tools() async throws -> [Tool] {
        try await list(Method.toolsList, "tools").map { try Tool($0) }
    }

    /// Calls a tool. A failure of the tool is a result with `isError`.
    ///
    /// - Parameters:
    ///   - tool: Its name.
    ///   - arguments: An object.
    ///   - onProgress: Called with each report before the result comes.
    ///   - onLog: Called with each log message before the result comes.
    public func call(
        _ tool: String, _ arguments: JSON = [:], onProgress: (ProgressReport) -> Void = { _ in },
        onLog: (LogMessage) -> Void = { _ in }
    ) async throws -> ToolResult {
        let result = try await request(Method.toolsCall, ["name": JSON(tool), "arguments": arguments]) {
            method, params in
            switch method {
            case Method.progress: onProgress(ProgressReport(params))
            case Method.message: if let message = LogMessage(params) { onLog(message) }
            default: break
            }
        }
        return ToolResult(
            content: try (result["content"]?.elements ?? []).map { try Content($0) },
            structured: result["structuredContent"], isError: result["isError"]?.bool ?? false, meta: result["_meta"])
    }

    // MARK: Prompts

    /// Every page of `prompts/list`.
    public func prompts() async throws -> [Prompt] {
        try await list(Method.promptsList, "prompts").map { try Prompt($0) }
    }

    /// Fills in a prompt, with arguments by name.
    public func prompt(_ name: String, _ arguments: [String: String] = [:]) async throws -> PromptResult {
        let arguments = JSON.object(arguments.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) })
        return try PromptResult(try await request(Method.promptsGet, ["name": JSON(name), "arguments": arguments]))
    }

    // MARK: Resources

    /// Every page of `resources/list`.
    public func resources() async throws -> [Resource] {
        try await list(Method.resourcesList, "resources").map { try Resource($0) }
    }

    /// Every page of `resources/templates/list`.
    public func templates() async throws -> [ResourceTemplate] {
        try await list(Method.resourcesTemplatesList, "resourceTemplates").map { try ResourceTemplate($0) }
    }

    /// Reads a resource by its URI.
    public func read(_ uri: String) async throws -> ResourceResult {
        try ResourceResult(try await request(Method.resourcesRead, ["uri": JSON(uri)]))
    }

    // MARK: Completion

    /// What can follow `value` as an argument of a prompt, or as a variable of a resource template.
    public func complete(
        _ reference: CompletionReference, _ argument: String, _ value: String, given: [String: String] = [:]
    ) async throws -> Completion {
        var params: JSON = [
            "ref": reference.json, "argument": ["name": JSON(argument), "value": JSON(value)],
        ]
        if !given.isEmpty {
            params = params.with("context", ["arguments": .object(given.map { ($0.key, JSON($0.value)) })])
        }
        let result = try await request(Method.completionComplete, params)
        return try Completion(result["completion"] ?? [:])
    }

    private func list(_ method: String, _ member: String) async throws -> [JSON] {
        var items: [JSON] = []
        var params: JSON = [:]
        while true {
            let page = try await request(method, params)
            items += page[member]?.elements ?? []
            guard let cursor = page["nextCursor"] else { return items }
            params = ["cursor": cursor]
        }
    }
}

extension ProgressReport {
    fileprivate init(_ params: JSON) {
        self.init(
            progress: params["progress"]?.number ?? 0, total: params["total"]?.number,
            message: params["message"]?.string)
    }
}

extension LogMessage {
    fileprivate init?(_ params: JSON) {
        guard let level = params["level"]?.string.flatMap({ LogLevel(rawValue: $0) }) else { return nil }
        self.init(level: level, data: params["data"] ?? nil, logger: params["logger"]?.string)
    }
}
