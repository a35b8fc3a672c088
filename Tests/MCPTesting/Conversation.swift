import Logging
package import MCPEngine
package import MCPProtocol

/// A gateway in memory and clients that talk to it: what a live socket does, without one.
package struct Conversation: Sendable {
    package let gateway: Gateway
    package let time: ManualTime
    package let store: InMemoryStore
    /// What is on offer, to be changed while the gateway runs.
    package let upstream: LocalUpstream

    package init(
        tools: [SwiftTool], store: InMemoryStore = InMemoryStore(), time: ManualTime = ManualTime(),
        configure: (inout Gateway.Configuration) -> Void = { _ in }
    ) {
        self.init(LocalUpstream(name: "test", tools: tools), store: store, time: time, configure: configure)
    }

    /// - Parameter others: Upstreams beside the one in this process.
    package init(
        _ upstream: LocalUpstream, others: [any Upstream] = [], store: InMemoryStore = InMemoryStore(),
        time: ManualTime = ManualTime(),
        configure: (inout Gateway.Configuration) -> Void = { _ in }
    ) {
        var configuration = Gateway.Configuration(identity: Implementation(name: "test", version: "1"))
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.time = time
        self.store = store
        self.upstream = upstream
        gateway = Gateway(
            configuration: configuration, upstreams: [upstream] + others, store: store, time: time, logger: logger)
    }

    /// Runs the gateway while `body` talks to it.
    package func run(_ body: @Sendable @escaping (Conversation) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await gateway.run() }
            try await body(self)
            group.cancelAll()
            gateway.host.stop()
        }
    }

    package func post(_ text: String, session: String? = nil, as principal: Principal = .local, agent: String? = nil)
        async -> Reply
    {
        var headers = RequestHeaders()
        headers.sessionID = session
        return await gateway.handle(
            Call(verb: .post, principal: principal, headers: headers, userAgent: agent, body: Array(text.utf8)))
    }

    package func delete(_ session: String?, as principal: Principal = .local) async -> Reply {
        var headers = RequestHeaders()
        headers.sessionID = session
        return await gateway.handle(Call(verb: .delete, principal: principal, headers: headers))
    }

    package func get(_ session: String?, after event: String? = nil, as principal: Principal = .local) async -> Reply {
        var headers = RequestHeaders()
        headers.sessionID = session
        headers.lastEventID = event
        return await gateway.handle(Call(verb: .get, principal: principal, headers: headers))
    }

    /// Begins a session and returns its id.
    package func open(
        as principal: Principal = .local, version: String = "2025-11-25", capabilities: JSON = [:]
    ) async -> String {
        let initialize =
            #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(version)","capabilities":\#(capabilities),"clientInfo":{"name":"c","version":"1"}}}"#
        return await post(initialize, as: principal).session?.id ?? ""
    }

    package static func call(_ tool: String, id: Int, arguments: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
    }

    package static func list(id: Int) -> String { #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/list"}"# }

    package static func request(_ method: String, _ params: JSON = [:], id: Int = 1) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#
    }

    /// Answers a request of the server.
    package func answer(_ question: JSON?, _ result: JSON, session: String) async {
        _ = await post(#"{"jsonrpc":"2.0","id":\#(question?["id"] ?? nil),"result":\#(result)}"#, session: session)
    }
}

extension Reply {
    package var status: Int {
        switch content {
        case .accepted: 202
        case .ended, .stream: 200
        case .message(_, let status): status
        case .notAllowed: 405
        }
    }

    /// Every message of the reply, waiting for its end.
    package func messages() async throws -> [JSON] {
        switch content {
        case .message(let bytes, _): return [try JSON(parsing: bytes)]
        case .stream(let stream):
            var position = stream.after
            var messages: [JSON] = []
            while case .event(let event) = await stream.log.next(for: stream.reader, after: position) {
                position = event.position
                messages.append(try JSON(parsing: event.payload))
            }
            return messages
        case .accepted, .ended, .notAllowed: return []
        }
    }
}
