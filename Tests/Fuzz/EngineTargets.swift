import Dispatch
import FoundationEssentials
import Logging
import MCPEngine
import MCPProtocol
import Synchronization

/// What the engine hands to clients and takes back: cursors, event ids, sealed state.
struct EngineTargets: Sendable {
    static let shared = EngineTargets()

    private let gateway: Gateway
    private let sealer: RequestStateSealer
    private let binding = RequestStateBinding(principal: .local, method: "tools/call", params: ["name": "a"])
    private let date = Date(timeIntervalSince1970: 1_800_000_000)
    private let sealed: [UInt8]

    private init() {
        var configuration = Gateway.Configuration(identity: Implementation(name: "fuzz", version: "1"))
        configuration.catalog.pageSize = 2
        let tools = (0..<5).map { number in SwiftTool(Tool(name: "t\(number)")) { _, _ in .text("") } }
        gateway = Gateway(
            configuration: configuration, upstreams: [LocalUpstream(name: "fuzz", tools: tools)],
            store: InMemoryStore(), logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
        let sealer = RequestStateSealer(store: InMemoryStore())
        self.sealer = sealer
        let (binding, date) = (binding, date)
        let state = RequestState(answers: ["a": ["b": 1]], asked: ["c"], carried: ["d": "e"])
        sealed = Array((Self.wait { try? await sealer.seal(state, for: binding, at: date) } ?? "").utf8)
    }

    /// A fuzzer calls from a thread of its own.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
        let result = Mutex<Value?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task {
            let value = await body()
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.withLock({ $0 }) else { preconditionFailure("nothing came of it") }
        return value
    }

    /// A cursor that was not given out is refused; an id of an event is what it says or nothing.
    func cursors(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let id = EventID(text) { precondition(EventID(id.description) == id, "an id that is another") }
        let body = Wire.request(Method.toolsList, params: ["cursor": JSON(text)], id: .number(1))
        let call = Call(verb: .post, principal: .local, headers: RequestHeaders(), body: body)
        let reply = Self.wait { [gateway] in await gateway.handle(call) }
        guard case .message(let answer, 200) = reply.content, let json = try? JSON(parsing: answer) else {
            preconditionFailure("a list without an answer")
        }
        precondition((json["result"] == nil) != (json["error"] == nil), "neither a page nor an error: \(json)")
    }

    /// Only what was sealed opens: the input is laid over a sealed state, and stands alone.
    func state(_ bytes: [UInt8]) {
        var damaged = sealed
        for (place, byte) in bytes.prefix(damaged.count).enumerated() { damaged[place] ^= byte & 0x1F }
        for text in [damaged, bytes] {
            let text = String(decoding: text, as: UTF8.self)
            let opens = Self.wait { [self] in (try? await sealer.open(text, for: binding, at: date)) != nil }
            precondition(opens == (Array(text.utf8) == sealed), "a state that was not sealed here opens")
        }
        if let json = try? JSON(parsing: bytes) {
            let other = RequestStateBinding(principal: .local, method: "tools/call", params: json)
            let text = String(decoding: sealed, as: UTF8.self)
            let opens = Self.wait { [self] in (try? await sealer.open(text, for: other, at: date)) != nil }
            precondition(!opens || json["name"]?.string == "a", "a state of another request opens")
        }
    }
}
