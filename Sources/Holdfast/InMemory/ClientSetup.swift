import MCPEngine
import MCPProtocol

/// What an in-memory client is: which version it speaks, who it is, and how it answers when it is asked.
///
///     var setup = ClientSetup(version: .v2025_11_25)
///     setup.form = { _, _ in ElicitationAnswer(action: .accept, content: ["name": "Alice"]) }
///     try await server.inMemory(setup) { client in … }
///
/// It declares the capability of every question that it has an answer for, and no other.
public struct ClientSetup: Sendable {
    /// The version of the protocol that it speaks, and with it the era.
    public var version: ProtocolVersion
    /// Who calls.
    public var principal: Principal
    /// The least grave log messages that it wants.
    public var logLevel = LogLevel.debug

    /// The person's answer to a form.
    public var form: (@Sendable (_ message: String, _ schema: ElicitationSchema) async throws -> ElicitationAnswer)?
    /// The person's answer to being sent to a web page.
    public var url: (@Sendable (_ message: String, _ url: String) async throws -> ElicitationAnswer)?
    /// What the client's model says.
    public var sampling: (@Sendable (_ request: SamplingRequest) async throws -> SamplingAnswer)?
    /// Where the server may work.
    public var roots: (@Sendable () async throws -> [Root])?
    /// Whether it lets calls become tasks, which it then follows to their end (`io.modelcontextprotocol/tasks`). From
    /// 2026-07-28 on.
    public var tasks = false

    public init(version: ProtocolVersion = .v2026_07_28, principal: Principal = .local) {
        self.version = version
        self.principal = principal
    }
}

extension ClientSetup {
    var capabilities: JSON {
        var members: [(String, JSON)] = []
        var elicitation: [(String, JSON)] = []
        if form != nil { elicitation.append(("form", [:])) }
        if url != nil { elicitation.append(("url", [:])) }
        if !elicitation.isEmpty { members.append(("elicitation", .object(elicitation))) }
        if sampling != nil { members.append(("sampling", ["tools": [:], "context": [:]])) }
        if roots != nil { members.append(("roots", [:])) }
        if tasks { members.append(("extensions", .object([(ExtensionID.tasks, [:] as JSON)]))) }
        return .object(members)
    }

    /// - Throws: ``ClientError`` for a question that there is no answer for, and what the answer throws.
    func answer(_ request: InputRequest) async throws -> InputResponse {
        switch request {
        case .form(let message, let schema):
            if let form { return .elicitation(try await form(message, schema)) }
        case .url(let message, let url, _):
            if let answer = self.url { return .elicitation(try await answer(message, url)) }
        case .sampling(let request):
            if let sampling { return .sampling(try await sampling(request)) }
        case .roots:
            if let roots { return .roots(try await roots()) }
        }
        throw ClientError(code: -32601, message: "This client has no answer to \(request.method)")
    }
}
