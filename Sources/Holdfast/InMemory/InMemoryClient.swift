import MCPEngine
import MCPProtocol
import Synchronization

/// A client in the same process, of either era, for tests of a server: see ``MCPServer/inMemory(_:_:)``.
///
/// Errors of the protocol are thrown as ``RPCError``. Cancelling the task that waits for a call cancels the call.
public final class InMemoryClient: Sendable {
    /// Who it is and how it answers.
    public let setup: ClientSetup
    let gateway: Gateway
    let session: String?
    private let nextID = Mutex<Int64>(1)

    /// How often one request may be answered with questions.
    private static let mostRounds = 64

    init(_ gateway: Gateway, _ setup: ClientSetup) async throws {
        self.gateway = gateway
        self.setup = setup
        guard setup.version.era == .handshake else {
            session = nil
            return
        }
        let params: JSON = [
            "protocolVersion": JSON(setup.version.rawValue), "capabilities": setup.capabilities,
            "clientInfo": Self.info,
        ]
        var call = Call(verb: .post, principal: setup.principal, headers: RequestHeaders())
        call.comesWithHeaders = false
        call.body = Wire.request(Method.initialize, params: params, id: .number(0))
        let reply = await gateway.handle(call)
        guard let session = reply.session else { throw try await Self.refusal(reply) }
        self.session = session.id
        _ = await post(Wire.notification(Method.initialized))
        _ = try await request(Method.loggingSetLevel, ["level": JSON(setup.logLevel.rawValue)])
    }

    private static let info: JSON = ["name": "in-memory", "version": "1"]

    /// One more client of the same server: another person, another version.
    public func another(_ setup: ClientSetup) async throws -> InMemoryClient {
        try await InMemoryClient(gateway, setup)
    }

    // MARK: Requests

    /// Sends any request and returns its result. What the server asks on the way is answered as the setup says.
    ///
    /// - Parameters:
    ///   - method: Such as `tools/list`.
    ///   - params: An object.
    ///   - onNotification: Told what comes before the answer: progress and log messages.
    /// - Throws: ``RPCError`` when the answer is an error, `CancellationError` when the task was cancelled.
    public func request(
        _ method: String, _ params: JSON = [:],
        onNotification: (_ method: String, _ params: JSON) -> Void = { _, _ in }
    ) async throws -> JSON {
        var params = params
        for _ in 0..<Self.mostRounds {
            let result = try await send(method, params, onNotification)
            if result["resultType"]?.stringEquals("task") == true { return try await outcome(of: result) }
            guard result["resultType"]?.stringEquals("input_required") == true else { return result }
            params = params.with("inputResponses", try await answers(to: result["inputRequests"]))
            if let state = result["requestState"] { params = params.with("requestState", state) }
        }
        throw ToolError("\(method) was still not answered after \(Self.mostRounds) rounds of questions")
    }

    /// Under the keys of `requests`.
    func answers(to requests: JSON?) async throws -> JSON {
        var responses: [(String, JSON)] = []
        for (key, request) in requests?.members ?? [] {
            let response = try await setup.answer(
                try InputRequest(method: request["method"]?.string ?? "", params: request["params"]))
            responses.append((key, response.json(for: setup.version)))
        }
        return .object(responses)
    }

    /// Sends a notification.
    public func notify(_ method: String, _ params: JSON = [:]) async {
        _ = await post(Wire.notification(method, params: params))
    }

    func send(
        _ method: String, _ params: JSON, _ onNotification: (String, JSON) -> Void = { _, _ in }
    ) async throws -> JSON {
        let id = makeID()
        let meta = meta(params["_meta"], token: id)
        let reply = await post(Wire.request(method, params: params.with("_meta", meta), id: id))
        switch reply.content {
        case .message(let bytes, _): return try Self.result(in: try JSON(parsing: bytes))
        case .stream(let stream): return try await read(stream, id, onNotification)
        case .accepted, .ended, .notAllowed: throw RPCError.internalError("\(method) was not answered")
        }
    }

    func makeID() -> RequestID {
        nextID.withLock { next in
            defer { next += 1 }
            return .number(next)
        }
    }

    func meta(_ given: JSON?, token: RequestID? = nil) -> JSON {
        var meta = given ?? [:]
        if let token { meta = meta.with("progressToken", token.json) }
        guard setup.version.era == .perRequest else { return meta }
        return meta.with(MetaKey.protocolVersion, JSON(setup.version.rawValue))
            .with(MetaKey.clientCapabilities, setup.capabilities).with(MetaKey.clientInfo, Self.info)
            .with(MetaKey.logLevel, JSON(setup.logLevel.rawValue))
    }

    func post(_ body: [UInt8]) async -> Reply {
        var call = Call(verb: .post, principal: setup.principal, headers: RequestHeaders(), body: body)
        call.comesWithHeaders = false
        call.headers.sessionID = session
        return await gateway.handle(call)
    }

    // MARK: Answers

    private func read(
        _ stream: ReplyStream, _ id: RequestID, _ onNotification: (String, JSON) -> Void
    ) async throws -> JSON {
        var position = stream.after
        while true {
            switch await stream.log.next(for: stream.reader, after: position) {
            case .event(let event):
                position = event.position
                let message = try JSON(parsing: event.payload)
                if event.isAnswer { return try Self.result(in: message) }
                guard let method = message["method"]?.string else { continue }
                if let question = message["id"] {
                    await answer(question, method, message["params"])
                } else {
                    onNotification(method, message["params"] ?? [:])
                }
            case .gap(let oldest): position = oldest - 1
            case .quiet: continue
            case .end: throw RPCError.requestCancelled
            case .dismissed:
                await cancel(id, stream)
                throw CancellationError()
            }
        }
    }

    private func cancel(_ id: RequestID, _ stream: ReplyStream) async {
        if setup.version.era == .handshake {
            await notify(Method.cancelled, ["requestId": id.json])
        } else {
            stream.whenClosed?()
        }
    }

    private func answer(_ id: JSON, _ method: String, _ params: JSON?) async {
        guard let id = RequestID(id) else { return }
        let message: [UInt8]
        do {
            let response = try await setup.answer(try InputRequest(method: method, params: params))
            message = Wire.result(response.json(for: setup.version), id: id)
        } catch let error as ClientError {
            message = Wire.error(RPCError(code: error.code, message: error.message), id: id, era: .handshake)
        } catch {
            message = Wire.error(.internalError("\(error)"), id: id, era: .handshake)
        }
        _ = await post(message)
    }

    private static func refusal(_ reply: Reply) async throws -> any Error {
        guard case .message(let bytes, _) = reply.content else {
            return RPCError.internalError("No session was opened")
        }
        return RPCError(in: try JSON(parsing: bytes)) ?? .internalError("No session was opened")
    }

    private static func result(in message: JSON) throws -> JSON {
        if let error = RPCError(in: message) { throw error }
        return message["result"] ?? [:]
    }
}

extension RPCError {
    /// Of a response, or of a task that failed; nil when that has none.
    init?(in response: JSON) {
        guard let error = response["error"] else { return nil }
        self.init(
            code: Int(error["code"]?.integer ?? 0), message: error["message"]?.string ?? "", data: error["data"])
    }
}

extension JSON {
    /// The same object with one more member, or another value of it.
    func with(_ name: String, _ value: JSON) -> JSON {
        .object((members ?? []).filter { $0.name != name }.map { ($0.name, $0.value) } + [(name, value)])
    }
}
