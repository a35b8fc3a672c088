import Logging
import MCPEngine
import MCPProtocol
import MCPTesting
import MCPUpstreams
import Synchronization
import Testing

/// What a test hears of a link.
final class LinkTalk: Sendable {
    let link: any UpstreamLink
    let log: LogRecorder
    private let heard: Heard

    /// What the receiver was told.
    final class Heard: Sendable {
        let messages = Mutex<[String]>([])
        let ends = Mutex<[LinkFailure.Kind]>([])
        let hasEnded = Gate()
        private let waiting = Mutex<[(count: Int, continuation: CheckedContinuation<Void, Never>)]>([])

        func add(_ message: String) {
            let count = messages.withLock { messages in
                messages.append(message)
                return messages.count
            }
            let ready = waiting.withLock { waiting in
                defer { waiting.removeAll { $0.count <= count } }
                return waiting.filter { $0.count <= count }
            }
            for waiter in ready { waiter.continuation.resume() }
        }

        func reach(_ count: Int) async {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0.append((count, continuation)) }
                // What came before it waited.
                let have = messages.withLock { $0.count }
                let ready = waiting.withLock { waiting in
                    defer { waiting.removeAll { $0.count <= have } }
                    return waiting.filter { $0.count <= have }
                }
                for waiter in ready { waiter.continuation.resume() }
            }
        }
    }

    var messages: [String] { heard.messages.withLock { $0 } }
    var ends: [LinkFailure.Kind] { heard.ends.withLock { $0 } }

    private init(_ link: any UpstreamLink, _ heard: Heard, _ log: LogRecorder) {
        (self.link, self.heard, self.log) = (link, heard, log)
    }

    func messages(_ count: Int) async -> [String] {
        await heard.reach(count)
        return messages
    }

    func untilEnded() async { await heard.hasEnded.pass() }

    static func open<Value: Sendable>(
        _ transport: any UpstreamTransport, _ test: @Sendable (LinkTalk) async throws -> Value
    ) async throws -> Value {
        let host = SessionHost()
        let heard = Heard()
        let receiver = LinkReceiver(
            message: { heard.add(describe($0)) },
            closed: { failure in
                heard.ends.withLock { $0.append(failure.kind) }
                heard.hasEnded.open()
            })
        let log = LogRecorder()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            defer { host.stop() }
            let link = try await transport.open(on: host, receiver, logger: log.logger)
            let outcome = try await test(LinkTalk(link, heard, log))
            await link.close()
            return outcome
        }
    }

    /// Sends a request, and waits for its end.
    func ask(
        _ method: String = "tools/call", id: Int64 = 1, as version: ProtocolVersion = .v2025_11_25,
        headers: [(name: String, value: String)] = []
    ) async -> Outcome {
        let (events, queue) = AsyncStream.makeStream(of: LinkEvent.self)
        send(method, id: id, as: version, headers: headers) { event in
            queue.yield(event)
            if case .message = event { return }
            queue.finish()
        }
        var heard = Outcome()
        for await event in events { heard.add(event) }
        return heard
    }

    func send(
        _ method: String = "tools/call", id: Int64 = 1, as version: ProtocolVersion = .v2025_11_25,
        headers: [(name: String, value: String)] = [], _ event: @escaping @Sendable (LinkEvent) -> Void
    ) {
        let message = Wire.request(method, params: ["x": 1], id: .number(id))
        link.send(
            LinkRequest(id: .number(id), method: method, message: message, version: version, headers: headers), event)
    }

    /// Opens a session, as the engine does.
    func initialize() async {
        _ = await ask("initialize", id: 0)
        link.opened(as: .v2025_11_25)
    }
}

/// What one request heard, in order.
struct Outcome: Sendable {
    var messages: [String] = []
    var result: String?
    var error: String?
    var failure: LinkFailure?

    mutating func add(_ event: LinkEvent) {
        switch event {
        case .message(let message): messages.append(describe(message))
        case .answer(let response):
            result = response.result?.description
            error = response.error?.description
        case .failed(let failure): self.failure = failure
        }
    }
}

private func describe(_ message: Message) -> String {
    switch message {
    case .request(let request): "\(request.method) \(request.id)"
    case .notification(let notification): notification.method
    case .response(let response): "response \(response.id.map { "\($0)" } ?? "null")"
    }
}

/// Messages of a server.
enum Says {
    static func result(_ id: Int64 = 1, _ result: String = #"{"ok":true}"#) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#
    }

    static func error(_ code: Int, id: String = "1") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":\#(code),"message":"no"}}"#
    }

    static func notification(_ method: String = "notifications/progress") -> String {
        #"{"jsonrpc":"2.0","method":"\#(method)"}"#
    }

    static func request(_ method: String = "ping", id: Int64 = 9) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#
    }
}

extension ScriptedServer {
    func transport(
        _ credentials: UpstreamCredentials? = nil, headers: [(name: String, value: String)] = [],
        _ change: (inout RemoteLimits) -> Void = { _ in }
    ) throws -> HTTPTransport {
        HTTPTransport(try remote(credentials, headers: headers, change))
    }

    func remote(
        _ credentials: UpstreamCredentials? = nil, headers: [(name: String, value: String)] = [],
        _ change: (inout RemoteLimits) -> Void = { _ in }
    ) throws -> RemoteServer {
        var limits = RemoteLimits()
        limits.reopen = .milliseconds(20)
        change(&limits)
        return try RemoteServer(url: url, headers: headers, credentials: credentials, limits: limits)
    }
}
