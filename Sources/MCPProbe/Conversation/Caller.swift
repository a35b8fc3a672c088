import MCPProtocol
import NIOHTTP1
import Synchronization

/// Asks the server under probe, as a client would.
struct Caller: Sendable {
    /// What a request has beside its message.
    struct Manner: Sendable {
        var session: String?
        var version: String?
        var accept: String? = "application/json, text/event-stream"
        var contentType: String? = "application/json"
        var userAgent = Caller.userAgent
        var isAuthorized = true
        /// Asks a second time when the server wants fewer requests.
        var isPatient = true
        var more: [(name: String, value: String)] = []
    }

    static let userAgent = "holdfast-probe"

    private(set) var client: ProbeClient
    var target: ProbeTarget
    let bearer: String?
    /// What conversations are opened in: the newest version of its era, unless the server only takes an older one.
    var version = ProtocolVersion.latestHandshake.rawValue
    private let ids: Counter
    /// Sessions that were opened and not ended yet.
    private let open: OpenSessions

    init(client: ProbeClient, target: ProbeTarget, bearer: String?) {
        (self.client, self.target, self.bearer) = (client, target, bearer)
        ids = Counter()
        open = OpenSessions()
    }

    private final class OpenSessions: Sendable {
        private let sessions = Mutex<Set<String>>([])

        func insert(_ session: String) { sessions.withLock { _ = $0.insert(session) } }
        func remove(_ session: String) { sessions.withLock { _ = $0.remove(session) } }
        var all: Set<String> { sessions.withLock { $0 } }
    }

    private final class Counter: Sendable {
        private let count = Mutex<Int64>(0)
        func next() -> Int64 {
            count.withLock {
                $0 += 1
                return $0
            }
        }
    }

    // MARK: Messages

    /// A request, and what its reply means.
    func ask(
        _ method: String, _ params: JSON? = nil, id: JSON? = nil, _ manner: Manner = Manner(),
        within limit: Duration = .seconds(6), begun: Signal? = nil
    ) async -> Answer {
        let id = id ?? JSON(ids.next())
        var members: [(String, JSON)] = [("jsonrpc", "2.0"), ("id", id), ("method", JSON(method))]
        if let params { members.append(("params", params)) }
        let body = Array(JSON.object(members).bytes)
        var reply = await client.send(post(body, manner), within: limit, for: .answer(id), begun: begun)
        if reply.status == 429, manner.isPatient {
            // One that asks for patience is not to be judged by that.
            await client.pause(min(.seconds(reply.header("retry-after").flatMap { Int($0) } ?? 1), .seconds(2)))
            reply = await client.send(post(body, manner), within: limit, for: .answer(id))
        }
        let isPrimed = manner.version.map { $0 >= ProtocolVersion.v2025_11_25.rawValue } ?? true
        return AnswerReader.read(reply, id: id, isPrimed: isPrimed)
    }

    func notify(_ method: String, _ params: JSON? = nil, _ manner: Manner = Manner()) async -> Answer {
        var members: [(String, JSON)] = [("jsonrpc", "2.0"), ("method", JSON(method))]
        if let params { members.append(("params", params)) }
        let reply = await client.send(post(Array(JSON.object(members).bytes), manner), within: .seconds(6))
        return AnswerReader.read(reply, id: nil)
    }

    func send(raw body: [UInt8], _ manner: Manner = Manner(), within limit: Duration = .seconds(6)) async -> HTTPReply {
        await client.send(post(body, manner), within: limit)
    }

    /// The same, with a connection of its own and no more than that. Its client is to be shut down.
    func onOneConnection() -> Caller {
        var other = self
        other.client = client.onOneConnection()
        return other
    }

    func opened(_ session: String) { open.insert(session) }

    /// Ends what was opened here and not ended yet.
    func endAll() async {
        await withTaskGroup(of: Void.self) { group in
            var waiting = Array(open.all)[...]
            func next() {
                guard let session = waiting.popFirst(), !client.isOutOfTime else { return }
                group.addTask { _ = await delete(Manner(session: session), within: .seconds(1)) }
            }
            for _ in 0..<8 { next() }
            for await _ in group { next() }
        }
    }

    @discardableResult
    func delete(_ manner: Manner, within limit: Duration = .seconds(6)) async -> HTTPReply {
        if let session = manner.session { open.remove(session) }
        return await client.send(deletion(manner), within: limit)
    }

    func deletion(_ manner: Manner) -> HTTPQuestion {
        var manner = manner
        manner.contentType = nil
        return HTTPQuestion(method: .DELETE, url: target.url, headers: headers(manner), body: nil)
    }

    /// Opens a stream, and looks at it for a while.
    func listen(
        _ manner: Manner, after lastEventID: String? = nil, for time: Duration, within limit: Duration = .seconds(4),
        begun: Signal? = nil
    ) async -> HTTPReply {
        var manner = manner
        manner.contentType = nil
        manner.accept = "text/event-stream"
        if let lastEventID { manner.more.append(("Last-Event-ID", lastEventID)) }
        return await client.send(
            HTTPQuestion(method: .GET, url: target.url, headers: headers(manner), body: nil), within: limit + time,
            for: .opening(time), begun: begun)
    }

    /// A document beside the endpoint. Never with the token.
    func fetch(
        _ url: String, method: HTTPMethod = .GET, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        within limit: Duration = .seconds(6)
    ) async -> HTTPReply {
        var own = [(name: "User-Agent", value: Self.userAgent)]
        if !headers.contains(where: { $0.name == "Accept" }) { own.append(("Accept", "application/json, */*")) }
        return await client.send(
            HTTPQuestion(method: method, url: url, headers: own + headers, body: body), within: limit)
    }

    private func post(_ body: [UInt8], _ manner: Manner) -> HTTPQuestion {
        HTTPQuestion(method: .POST, url: target.url, headers: headers(manner), body: body)
    }

    private func headers(_ manner: Manner) -> [(name: String, value: String)] {
        var headers = [(name: "User-Agent", value: manner.userAgent)]
        if let accept = manner.accept { headers.append(("Accept", accept)) }
        if let type = manner.contentType { headers.append(("Content-Type", type)) }
        if let bearer, manner.isAuthorized { headers.append(("Authorization", "Bearer \(bearer)")) }
        if let session = manner.session { headers.append(("Mcp-Session-Id", session)) }
        if let version = manner.version { headers.append(("MCP-Protocol-Version", version)) }
        return headers + manner.more
    }
}
