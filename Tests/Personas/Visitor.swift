import AsyncHTTPClient
import Foundation
import MCPProtocol
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// One client of one persona: what it sends, and what it makes of the replies.
struct Visitor: Sendable {
    /// What one POST came to.
    enum Reply: Sendable {
        case answer(JSON, session: String?)
        case refused(Int)
        case accepted
        /// The connection broke, or nobody was there.
        case broken
    }

    let persona: String
    private(set) var agent: String
    private(set) var credential: Credential
    /// Where it comes from, as a proxy would say.
    private(set) var address: String?
    let stage: Stage

    init(_ persona: String, agent: String, credential: Credential = .none, stage: Stage) {
        self.persona = persona
        self.agent = agent
        self.credential = credential
        self.stage = stage
    }

    var options: Options { stage.options }
    var tally: Tally { stage.tally }

    /// The same one in other clothes.
    func with(agent: String? = nil, credential: Credential? = nil, address: String? = nil) -> Visitor {
        var other = self
        other.agent = agent ?? self.agent
        other.credential = credential ?? self.credential
        other.address = address ?? self.address
        return other
    }

    /// A gap that a person, or the client, leaves.
    func rest(_ milliseconds: Int) async {
        try? await Task.sleep(for: .milliseconds(milliseconds))  // paces: the persona
    }

    func fault(_ what: String) { tally.fault(persona, what) }

    /// Whether the status says that no server listens now, or one that is about to end.
    func isAway(_ status: Int) -> Bool { options.deploys && [502, 503, 504].contains(status) }

    // MARK: Requests

    func request(_ method: HTTPMethod, _ url: String? = nil, session: String? = nil, version: String? = nil)
        -> HTTPClientRequest
    {
        var request = HTTPClientRequest(url: url ?? options.url)
        request.method = method
        request.headers.add(name: "User-Agent", value: agent)
        request.headers.add(name: "Accept", value: "application/json, text/event-stream")
        if let address { request.headers.add(name: "X-Forwarded-For", value: address) }
        if let session { request.headers.add(name: "Mcp-Session-Id", value: session) }
        if let version { request.headers.add(name: "MCP-Protocol-Version", value: version) }
        return request
    }

    func post(_ message: JSON, _ url: String? = nil, session: String? = nil, version: String? = nil)
        -> HTTPClientRequest
    {
        var request = request(.POST, url, session: session, version: version)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: Array(message.bytes)))
        return request
    }

    /// In its turn, which `began` is told.
    func paced(
        _ request: HTTPClientRequest, within seconds: Int64, began: (ContinuousClock.Instant) -> Void = { _ in }
    ) async throws -> HTTPClientResponse {
        try await stage.pace.turn()
        began(.now)
        tally.sent()
        return try await stage.http.execute(request, timeout: .seconds(seconds))
    }

    /// With what the visitor is known by. Who has signed in renews that when it is refused, and comes again.
    func exchange(
        _ request: HTTPClientRequest, within seconds: Int64 = 30, began: (ContinuousClock.Instant) -> Void = { _ in }
    ) async throws -> HTTPClientResponse {
        let token = credential.bearer
        let response = try await paced(known(request, by: token), within: seconds, began: began)
        // Nobody hammers at a door that is shut.
        if isAway(Int(response.status.code)) { await rest(200) }
        guard response.status == .unauthorized, case .connection(let connection) = credential, let token else {
            return response
        }
        _ = try await response.body.collect(upTo: 1 << 20)
        tally.fine("401")
        await connection.renew(after: token, self)
        return try await paced(known(request, by: connection.access), within: seconds, began: began)
    }

    func known(_ request: HTTPClientRequest, by bearer: String?) -> HTTPClientRequest {
        guard let bearer else { return request }
        var request = request
        request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(bearer)")
        return request
    }

    /// The status of something that has no answer; nil when the connection broke.
    func status(_ request: HTTPClientRequest) async -> Int? {
        do {
            let response = try await exchange(request)
            _ = try await response.body.collect(upTo: 1 << 20)
            return Int(response.status.code)
        } catch {
            await broke(error)
            return nil
        }
    }

    func broke(_ error: any Error) async {
        if options.deploys || error is CancellationError {
            tally.fine("broken")
            return await rest(200)
        }
        fault("the connection broke: \(error)")
    }

    func send(_ message: JSON, session: String? = nil, version: String? = nil, more: [(String, String)] = []) async
        -> Reply
    {
        var request = post(message, session: session, version: version)
        for (name, value) in more { request.headers.add(name: name, value: value) }
        do {
            var began = ContinuousClock.now
            let isPrompt = ["initialize", "tools/list"].contains(message["method"]?.string)
            // Nobody waits longer for a server's first words.
            let reply = try await read(
                try await exchange(request, within: isPrompt ? 10 : 60) { began = $0 }, message["id"])
            if case .answer = reply, isPrompt {
                tally.listed(in: began.duration(to: .now) / .seconds(1))
            }
            return reply
        } catch {
            await broke(error)
            return .broken
        }
    }

    private func read(_ response: HTTPClientResponse, _ id: JSON?) async throws -> Reply {
        let status = Int(response.status.code)
        let session = response.headers.first(name: "mcp-session-id")
        if status == 202 { return .accepted }
        guard response.headers.first(name: "content-type")?.hasPrefix("text/event-stream") == true else {
            let body = try await response.body.collect(upTo: 8 << 20)
            guard status == 200 else { return .refused(status) }
            guard let json = try? JSON(parsing: Array(body.readableBytesView)), json["id"] == id else {
                fault("200 with \(body.readableBytes) bytes that are no answer")
                return .refused(status)
            }
            return .answer(json, session: session)
        }
        var parser = SSEParser(limit: 8 << 20)
        var answers: [JSON] = []
        for try await piece in response.body {
            _ = parser.add(piece.readableBytesView) { event in
                guard let json = try? JSON(parsing: event.data), json["method"] == nil else { return }
                answers.append(json)
            }
        }
        guard answers.count == 1, answers[0]["id"] == id else {
            fault("a stream with \(answers.count) answers")
            return .refused(status)
        }
        return .answer(answers[0], session: session)
    }
}
