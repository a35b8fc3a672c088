import Logging
import MCPProtocol
import Synchronization

/// One opened conversation with a server behind us: who is waiting for which answer, and whose the server's own messages
/// are. Ids and progress tokens are ours, and differ within it (B-01).
final class UpstreamConversation: Sendable {
    /// What the server says that concerns no single call.
    struct Events: Sendable {
        /// One of its lists is another one now.
        var listsChanged: @Sendable () -> Void
        var resourceUpdated: @Sendable (_ uri: String) -> Void
        /// It is over; called once.
        var closed: @Sendable (LinkFailure) -> Void
    }

    struct State {
        var link: (any UpstreamLink)?
        var opened: Opened?
        var calls: [RequestID: UpstreamCall] = [:]
        var nextID: Int64 = 0
        var end: LinkFailure?
        /// The principals whose calls were given up a moment ago: what the server says of them may still be on its way.
        var strays: [RequestID: String] = [:]
        /// The level that the server was told last (B-70).
        var level: LogLevel?
        /// Our stream of notifications, in the per-request era.
        var listener: UpstreamCall?
    }

    /// Who sent a call.
    struct Origin: Equatable {
        var principal: String
        var session: SessionKey?

        init?(_ call: UpstreamCall) {
            guard let port = call.port else { return nil }
            principal = port.principal.id
            session = port.session
        }
    }

    /// What the server said when it was opened.
    struct Opened: Sendable {
        var version: ProtocolVersion
        /// The result of `initialize` or `server/discover`.
        var result: JSON

        func offers(_ capability: String) -> Bool { result["capabilities"]?[capability]?.kind == .object }
        /// In the per-request era: whether it may answer calls with tasks.
        var makesTasks: Bool {
            version.era == .perRequest && result["capabilities"]?["extensions"]?[ExtensionID.tasks] != nil
        }

        func offers(_ capability: String, _ detail: String) -> Bool {
            result["capabilities"]?[capability]?[detail]?.bool == true
        }
    }

    let state = Mutex(State())
    private let host: SessionHost
    let deadlines: Deadlines
    let limits: UpstreamLimits
    private let events: Events
    private let logger: Logger
    let hasStreamPerRequest: Bool

    init(
        host: SessionHost, deadlines: Deadlines, limits: UpstreamLimits, hasStreamPerRequest: Bool, events: Events,
        logger: Logger
    ) {
        self.host = host
        self.deadlines = deadlines
        self.limits = limits
        self.hasStreamPerRequest = hasStreamPerRequest
        self.events = events
        self.logger = logger
    }

    var opened: Opened? { state.withLock { $0.opened } }
    var version: ProtocolVersion { opened?.version ?? .latestHandshake }
    var isOver: Bool { state.withLock { $0.end != nil } }
    var isIdle: Bool { state.withLock { $0.calls.isEmpty } }

    // MARK: Opening

    /// What the link reports to.
    var receiver: LinkReceiver {
        LinkReceiver(
            message: { [weak self] in self?.receive($0, of: nil) }, closed: { [weak self] in self?.linkClosed($0) })
    }

    func use(_ link: any UpstreamLink) { state.withLock { $0.link = link } }

    func begin(_ opened: Opened) {
        let link = state.withLock { state in
            state.opened = opened
            return state.link
        }
        link?.opened(as: opened.version)
    }

    private func linkClosed(_ failure: LinkFailure) {
        let calls = state.withLock { state -> [UpstreamCall]? in
            guard state.end == nil else { return nil }
            state.end = failure
            defer { state.calls = [:] }
            return Array(state.calls.values)
        }
        guard let calls else { return }
        for call in calls { call.put(.ended(.failure(failure))) }
        events.closed(failure)
    }

    /// Ends it in good order.
    func close() async {
        await state.withLock { $0.link }?.close()
    }

    // MARK: Requests

    /// Sends a request. `params` makes its parameters, given the id that it gets, which is its progress token as well.
    /// - Parameter headers: Beside those that repeat what the parameters say.
    func send(
        _ method: String, as version: ProtocolVersion? = nil, for port: (any ExchangePort)? = nil,
        part: UpstreamCall.Part = .none, headers: [(name: String, value: String)] = [],
        params: (RequestID) -> JSON?
    ) throws(LinkFailure) -> UpstreamCall {
        let begun = state.withLock { state -> Result<(UpstreamCall, any UpstreamLink, ProtocolVersion), LinkFailure> in
            if let end = state.end {
                return .failure(LinkFailure(end.kind, mayHaveBegun: false, end.message))
            }
            guard let link = state.link else {
                return .failure(LinkFailure(.closed, mayHaveBegun: false, "it is not open"))
            }
            guard state.calls.count < limits.inFlight else {
                let message = "it has \(limits.inFlight) requests in flight already"
                return .failure(LinkFailure(.unreachable, mayHaveBegun: false, message))
            }
            state.nextID += 1
            let call = UpstreamCall(.number(state.nextID), for: port, part: part, limit: limits.waitingEvents)
            state.calls[call.id] = call
            return .success((call, link, version ?? state.opened?.version ?? .latestHandshake))
        }
        let (call, link, version) = try begun.get()
        let params = params(call.id)
        let routing = version.era == .perRequest ? RoutingHeaders.headers(for: method, params: params) : []
        let message = Wire.request(method, params: params, id: call.id)
        let request = LinkRequest(
            id: call.id, method: method, message: message, version: version, headers: routing + headers)
        link.send(request) { [self] event in
            switch event {
            case .message(let message): receive(message, of: call)
            case .answer(let response): end(call, .success(response))
            case .failed(let failure): end(call, .failure(failure))
            }
        }
        return call
    }

    private func end(_ call: UpstreamCall, _ result: Result<Response, LinkFailure>) {
        state.withLock { state in
            if state.calls[call.id] === call { state.calls[call.id] = nil }
        }
        call.put(.ended(result))
    }

    /// A request of our own, that may not take longer than `limit`.
    /// - Throws: ``LinkFailure``, or `CancellationError`.
    func request(
        _ method: String, as version: ProtocolVersion? = nil, within limit: Duration, params: JSON? = nil
    ) async throws -> Response {
        let call = try send(method, as: version) { _ in params }
        let timer = deadlines.schedule(after: limit) { [weak self] in
            let message = "\(method) took longer than \(limit.milliseconds) ms"
            self?.end(call, .failure(LinkFailure(.lost, mayHaveBegun: true, message)))
            self?.abandon(call)
        }
        defer { deadlines.cancel(timer) }
        do {
            while true {
                // Nothing that is asked on the way to a list could be put to anybody (B-28).
                guard case .ended(let result) = try await call.next() else { continue }
                return try result.get()
            }
        } catch let error as CancellationError {
            abandon(call)
            throw error
        }
    }

    /// Nobody waits for the answer any more, and the server is told so in the way of its era (B-74).
    func cancel(_ call: UpstreamCall) {
        let (isOpen, version) = state.withLock { ($0.calls[call.id] === call, $0.opened?.version ?? .latestHandshake) }
        guard isOpen else { return }
        if version.era == .perRequest, hasStreamPerRequest { return abandon(call) }
        let isStarted = host.start { [self] _ in
            if case .begins = call.part {
                if let task = await task(begunBy: call) { await cancel(task) }
                return
            }
            await notify(
                Method.cancelled,
                params: ["requestId": call.id.json, "reason": "The client no longer waits for it"])
            abandon(call)
            if let task = call.task { await cancel(task) }
        }
        if !isStarted { abandon(call) }
    }

    /// For how long a server may go on to speak of a call that was given up.
    private static let strayTime: Duration = .seconds(10)

    func abandon(_ call: UpstreamCall) {
        let (link, isStray) = state.withLock { state in
            guard state.calls[call.id] === call else { return (state.link, false) }
            state.calls[call.id] = nil
            guard !hasStreamPerRequest, state.end == nil, let origin = Origin(call) else { return (state.link, false) }
            state.strays[call.id] = origin.principal
            return (state.link, true)
        }
        if isStray {
            _ = deadlines.schedule(after: Self.strayTime) { [weak self] in
                self?.state.withLock { _ = $0.strays.removeValue(forKey: call.id) }
            }
        }
        link?.abandon(call.id)
        call.put(.ended(.failure(LinkFailure(.closed, mayHaveBegun: true, "the call was cancelled"))))
    }

    // MARK: Listening, in the per-request era

    /// Opens a stream of notifications in place of the one before.
    /// - Parameters:
    ///   - params: Of `subscriptions/listen`; nil to hear nothing any more.
    ///   - ended: Called when it has ended, unless the server does not know the request, or we ended it.
    func listen(params: JSON?, ended: @escaping @Sendable () async -> Void) {
        let listener = params.flatMap { params in try? send(Method.subscriptionsListen) { _ in params } }
        let old = state.withLock { state in
            defer { state.listener = listener }
            return state.listener
        }
        if let old { cancel(old) }
        guard let listener else { return }
        _ = host.start { [self] _ in
            guard case .ended(let end)? = try? await listener.next(), state.withLock({ $0.listener === listener })
            else {
                return
            }
            if case .success(let response) = end, response.result == nil { return }
            if !isOver { await ended() }
        }
    }

    // MARK: What nobody answers

    func notify(_ method: String, params: JSON? = nil) async {
        await send(oneWay: Wire.notification(method, params: params))
    }

    /// Answers a question of the server.
    func answer(_ question: RequestID, _ result: Result<JSON, RPCError>) async {
        switch result {
        case .success(let result): await send(oneWay: Wire.result(result, id: question))
        case .failure(let error): await send(oneWay: Wire.error(error, id: question, era: .handshake))
        }
    }

    private func send(oneWay message: [UInt8]) async {
        let (link, version) = state.withLock { ($0.end == nil ? $0.link : nil, $0.opened?.version ?? .latestHandshake) }
        do throws(LinkFailure) {
            try await link?.send(oneWay: message, as: version)
        } catch {
            // Its end, if it is that, is told by the link itself.
            logger.debug("upstream.not_sent", metadata: ["error": "\(error.message)"])
        }
    }

    /// Asks for log messages of that level, unless less grave ones are sent already (B-70).
    func want(_ level: LogLevel) {
        let isNew = state.withLock { state in
            guard state.opened?.offers("logging") == true, state.level.map({ level < $0 }) ?? true else { return false }
            state.level = level
            return true
        }
        guard isNew else { return }
        _ = host.start { [self] _ in
            let params: JSON = ["level": JSON(level.rawValue)]
            _ = try? await request(Method.loggingSetLevel, within: limits.listTime, params: params)
        }
    }

    // MARK: What the server says

    /// - Parameter call: On whose stream it came; nil where there is no telling.
    private func receive(_ message: Message, of call: UpstreamCall?) {
        switch message {
        case .notification(let notification): receive(notification, of: call)
        case .request(let request): receive(request, of: call)
        case .response: break
        }
    }

    private func receive(_ notification: MCPProtocol.Notification, of call: UpstreamCall?) {
        let params = notification.params
        switch notification.method {
        case Method.progress:
            guard let token = params?["progressToken"].flatMap({ RequestID($0) }),
                let progress = params?["progress"]?.number
            else { return }
            // A task goes on with the token that it began with.
            state.withLock { state in
                state.calls[token] ?? state.calls.values.first { $0.task?.token == token }
            }?.port?.progress(
                progress, total: params?["total"]?.number, message: params?["message"]?.string)
        case Method.message:
            guard let level = params?["level"]?.string.flatMap({ LogLevel(rawValue: $0) }),
                let port = (call ?? onlyCall)?.port
            else { return }
            port.log(level, params?["data"] ?? JSON.object([]), logger: params?["logger"]?.string)
        case Method.toolsListChanged, Method.promptsListChanged, Method.resourcesListChanged: events.listsChanged()
        case Method.resourcesUpdated:
            if let uri = params?["uri"]?.string { events.resourceUpdated(uri) }
        default: break
        }
    }

    private func receive(_ request: Request, of call: UpstreamCall?) {
        do throws(RPCError) {
            switch request.method {
            case Method.ping: reply(request.id, .success([:]))
            case Method.elicitationCreate, Method.samplingCreateMessage, Method.rootsList:
                let question = try ServerQuestion(request)
                guard let call = call ?? waiter(for: request) ?? asker else {
                    throw .invalidRequest(
                        "Several calls are in flight, and nothing tells which of them asks: nobody can be asked")
                }
                guard call.port != nil, call.put(.asks(question)) else {
                    throw .invalidRequest("There is nobody to ask")
                }
            default: throw .methodNotFound(request.method)
            }
        } catch {
            reply(request.id, .failure(error))
        }
    }

    private func reply(_ id: RequestID, _ result: Result<JSON, RPCError>) {
        _ = host.start { [self] _ in await answer(id, result) }
    }

    /// The only call whose message it can be on a shared line, if there is but one: those whose clients are away may be
    /// meant too, and so may those of others who have just left.
    private var onlyCall: UpstreamCall? {
        let (calls, strays) = speakers
        guard calls.count == 1, let origin = Origin(calls[0]), strays.allSatisfy({ $0 == origin.principal }) else {
            return nil
        }
        return calls[0]
    }

    /// Whose client must be meant by a question on a shared line (B-29): that of the only call, or of all of them.
    private var asker: UpstreamCall? {
        if let onlyCall { return onlyCall }
        let (calls, strays) = speakers
        guard let origin = calls.first.flatMap({ Origin($0) }), origin.session != nil,
            calls.allSatisfy({ Origin($0) == origin }), strays.allSatisfy({ $0 == origin.principal })
        else { return nil }
        return calls.first
    }

    private var speakers: (calls: [UpstreamCall], strays: [String]) {
        state.withLock { ($0.calls.values.filter(\.isOfClient), Array($0.strays.values)) }
    }
}
