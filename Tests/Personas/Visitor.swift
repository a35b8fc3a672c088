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
    let agent: String
    let options: Options
    let http: HTTPClient
    let pace: Pace
    let tally: Tally
    var principal: String? { options.key }

    /// A gap that a person, or the client, leaves.
    func rest(_ milliseconds: Int) async {
        try? await Task.sleep(for: .milliseconds(milliseconds))  // paces: the persona
    }

    func fault(_ what: String) { tally.fault(persona, what) }

    // MARK: Requests

    func request(_ method: HTTPMethod, _ url: String? = nil, session: String? = nil, version: String? = nil)
        -> HTTPClientRequest
    {
        var request = HTTPClientRequest(url: url ?? options.url)
        request.method = method
        request.headers.add(name: "User-Agent", value: agent)
        request.headers.add(name: "Accept", value: "application/json, text/event-stream")
        if let key = options.key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        if let session { request.headers.add(name: "Mcp-Session-Id", value: session) }
        if let version { request.headers.add(name: "MCP-Protocol-Version", value: version) }
        return request
    }

    /// The status of something that has no answer; nil when the connection broke.
    func status(_ request: HTTPClientRequest) async -> Int? {
        do {
            try await pace.turn()
            tally.sent()
            let response = try await http.execute(request, timeout: .seconds(30))
            _ = try await response.body.collect(upTo: 1 << 20)
            return Int(response.status.code)
        } catch {
            broke(error)
            return nil
        }
    }

    private func broke(_ error: any Error) {
        if options.deploys || error is CancellationError { return tally.fine("broken") }
        fault("the connection broke: \(error)")
    }

    func send(_ message: JSON, session: String? = nil, version: String? = nil, more: [(String, String)] = []) async
        -> Reply
    {
        var request = request(.POST, session: session, version: version)
        request.headers.add(name: "Content-Type", value: "application/json")
        for (name, value) in more { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: Array(message.bytes)))
        do {
            try await pace.turn()
            tally.sent()
            let began = ContinuousClock.now
            let reply = try await read(try await http.execute(request, timeout: .seconds(60)), message["id"])
            if case .answer = reply, ["initialize", "tools/list"].contains(message["method"]?.string) {
                tally.listed(in: began.duration(to: .now) / .seconds(1))
            }
            return reply
        } catch {
            broke(error)
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
