import Logging
import MCPProtocol

/// From messages to answers: what is known is answered at once, what must be worked for becomes an exchange.
extension Gateway {
    /// What a request comes to before anything runs.
    enum Step {
        /// Answered from memory; nothing can delay or empty it.
        case answer([UInt8])
        case error(RPCError)
        case work(Work, any Upstream)
    }

    func dispatch(_ inbound: HandshakeInbound, _ scope: Scope, _ call: Call) -> Reply {
        if !inbound.isBatch, case .request(let request)? = inbound.messages.first { return dispatch(request, scope) }
        var requests: [Request] = []
        for message in inbound.messages {
            switch message {
            case .request(let request): requests.append(request)
            case .notification(let notification): note(notification, scope, call)
            case .response(let response): scope.session?.questions.deliver(response)
            }
        }
        if requests.isEmpty { return Reply(.accepted, method: Self.label(inbound), outcome: "accepted") }
        return dispatch(batch: requests, scope, call)
    }

    private static func label(_ inbound: HandshakeInbound) -> String {
        guard inbound.messages.count == 1 else { return "batch" }
        if case .notification(let notification) = inbound.messages[0] { return Method.label(notification.method) }
        return "response"
    }

    // MARK: One request

    private func dispatch(_ request: Request, _ scope: Scope) -> Reply {
        let method = Method.label(request.method)
        switch step(request, scope) {
        case .answer(let result):
            return Reply(
                .message(Wire.result(raw: result, id: request.id), status: 200), method: method, outcome: "result")
        case .error(let error):
            let bytes = Wire.error(error, id: request.id, era: .handshake)
            return Reply(.message(bytes, status: 200), method: method, outcome: "error")
        case .work(let work, let upstream):
            return run(request, work, upstream, scope)
        }
    }

    /// A reply that is read from the log of the exchange which it begins.
    func run(_ request: Request, _ work: Work, _ upstream: any Upstream, _ scope: Scope) -> Reply {
        let method = Method.label(request.method)
        let log = EventLog(owed: 1, limits: configuration.limits.stream)
        switch begin(request, work, upstream, scope, log) {
        case .failure(let refusal):
            metrics.refused(refusal.reason)
            let bytes = Wire.error(refusal.error, id: request.id, era: scope.version.era)
            return Reply(
                .message(bytes, status: refusal.status), method: method, outcome: "rejected", era: scope.version.era,
                retryAfter: refusal.status == 404 ? nil : 1)
        case .success(let exchange):
            var reply = reply(log, named: exchange.key, scope, batch: false) {
                exchange.outcome?.rawValue ?? "unanswered"
            }
            // Here the end of the connection is the client's word that it wants no answer (H-86); before, it says
            // nothing (H-37).
            if scope.version.era == .perRequest { reply.whenClosed = { exchange.abandon() } }
            return Reply(.stream(reply), method: method, outcome: "answered", era: scope.version.era)
        }
    }

    private func reply(
        _ log: EventLog, named key: ExchangeKey, _ scope: Scope, batch: Bool, outcome: @escaping @Sendable () -> String
    ) -> ReplyStream {
        ReplyStream(
            log: log, kind: .answers(batch: batch), version: scope.version, session: scope.session,
            stream: StreamID(key.value), reader: .first, after: 0, outcome: outcome)
    }

    // MARK: A batch (2025-03-26 only)

    private func dispatch(batch requests: [Request], _ scope: Scope, _ call: Call) -> Reply {
        let log = EventLog(owed: requests.count, limits: configuration.limits.stream)
        let name = ledger.makeKey()
        for request in requests {
            switch step(request, scope) {
            case .answer(let result): log.answer(Wire.result(raw: result, id: request.id))
            case .error(let error): log.answer(Wire.error(error, id: request.id, era: .handshake))
            case .work(let work, let upstream):
                if case .failure(let refusal) = begin(request, work, upstream, scope, log, in: name) {
                    metrics.refused(refusal.reason)
                    log.answer(Wire.error(refusal.error, id: request.id, era: .handshake))
                }
            }
        }
        let reply = reply(log, named: name, scope, batch: true) { "batch" }
        return Reply(.stream(reply), method: "batch", outcome: "answered")
    }

    // MARK: Answers from memory

    func step(_ request: Request, _ scope: Scope) -> Step {
        guard Method.requests(in: scope.version.era).contains(request.method) else {
            return .error(.methodNotFound(request.method))
        }
        switch request.method {
        case Method.ping: return .answer(Self.empty)
        case Method.toolsList: return list(.tools, request, scope)
        case Method.promptsList: return list(.prompts, request, scope)
        case Method.resourcesList: return list(.resources, request, scope)
        case Method.resourcesTemplatesList: return list(.templates, request, scope)
        case Method.toolsCall: return tool(request)
        case Method.promptsGet: return prompt(request)
        case Method.resourcesRead: return resource(request, scope)
        case Method.completionComplete: return completion(request)
        case Method.resourcesSubscribe: return subscribe(request, scope, to: true)
        case Method.resourcesUnsubscribe: return subscribe(request, scope, to: false)
        case Method.loggingSetLevel: return setLevel(request, scope)
        case Method.initialize: return .error(.invalidRequest("initialize must not be part of a batch"))
        default: return .error(.methodNotFound(request.method))
        }
    }

    private static let empty = Array("{}".utf8)

    private func list(_ kind: ListKind, _ request: Request, _ scope: Scope) -> Step {
        let cursor = request.params?["cursor"]
        guard cursor == nil || cursor?.isNull == true || cursor?.kind == .string,
            let page = catalog.current.page(kind, for: scope.version, cursor: cursor?.string)
        else { return .error(.invalidParams("Unknown cursor: use nextCursor of the page before, or none")) }
        return .answer(page)
    }

    private func subscribe(_ request: Request, _ scope: Scope, to isWanted: Bool) -> Step {
        guard let uri = request.params?["uri"]?.string else {
            return .error(.invalidParams("\(request.method) needs params.uri, a string"))
        }
        guard let session = scope.session else {
            return .error(.invalidRequest("\(request.method) takes a session: send initialize first"))
        }
        switch session.changeSubscriptions({ _ = isWanted ? $0.insert(uri).memberAfterInsert : $0.remove(uri) }) {
        case .failure(let error): return .error(error)
        case .success(nil): break
        case .success(let uris?):
            writeBehind("session_subscriptions") { try await $0.setSubscriptions(uris.sorted(), of: session.key) }
        }
        guard let upstream = catalog.current.owner(ofResource: uri), upstream.watchesResources else {
            return .answer(Self.empty)
        }
        // That it is watched is not said before it is (§4.2).
        if isWanted { return .work(Work(.subscription(uri), params: request.params ?? [:]), upstream) }
        upstream.unwatch(uri, for: .session(session.key), of: session.owner)
        return .answer(Self.empty)
    }

    private func setLevel(_ request: Request, _ scope: Scope) -> Step {
        guard let name = request.params?["level"]?.string, let level = LogLevel(rawValue: name) else {
            let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            return .error(.invalidParams("params.level must be one of \(levels)"))
        }
        if let session = scope.session, session.logLevel != level {
            session.logLevel = level
            writeBehind("session_log_level") { try await $0.setLogLevel(level, of: session.key) }
        }
        return .answer(Self.empty)
    }

    /// Losing it costs a few notifications after a restart; waiting for it would cost this answer.
    private func writeBehind(_ operation: String, _ write: @escaping @Sendable (any SessionStore) async throws -> Void)
    {
        _ = host.start { [store, metrics, logger] _ in
            do {
                try await metrics.timingStore(operation) { try await write(store) }
            } catch { logger.error("session.not_stored", metadata: ["error": "\(error)"]) }
        }
    }

    // MARK: Notifications

    private func note(_ notification: MCPProtocol.Notification, _ scope: Scope, _ call: Call) {
        guard notification.method == Method.cancelled,
            let id = notification.params?["requestId"].flatMap({ RequestID($0) })
        else { return }
        let exchange = scope.session.map { $0.cancellable(id) } ?? ledger.cancellable(id, of: call.principal)
        // The client does not expect an answer, but its POST must end with one.
        exchange?.fail(.requestCancelled, as: .cancelled)
    }

    // MARK: Exchanges

    private func begin(
        _ request: Request, _ work: Work, _ upstream: any Upstream, _ scope: Scope, _ log: EventLog,
        in stream: ExchangeKey? = nil
    ) -> Result<Exchange, RefusedError> {
        let session = scope.session
        let exchange = Exchange(
            key: ledger.makeKey(), request: request, client: scope.client, log: log, questions: scope.questions)
        let stream = StreamID((stream ?? exchange.key).value)
        if let refusal = ledger.begin(exchange, hasSession: session != nil) {
            return .failure(RefusedError(refusal, in: scope.version.era))
        }
        if let session, case .refuse(let refusal) = session.begin(exchange) {
            ledger.end(exchange)
            return .failure(RefusedError(refusal, session.cause))
        }
        let started = host.start { [self] interrupt in
            metrics.inFlightChanged(by: 1)
            await run(exchange, interrupt, request, work, upstream)
            metrics.inFlightChanged(by: -1)
            close(exchange, session, stream)
        }
        if !started {
            session?.end(exchange)
            ledger.end(exchange)
            return .failure(.stopping(in: scope.version.era))
        }
        return .success(exchange)
    }

    private func run(
        _ exchange: Exchange, _ interrupt: Interrupt, _ request: Request, _ work: Work, _ upstream: any Upstream
    ) async {
        let limit = configuration.limits.toolTime
        let timer = deadlines.schedule(after: limit) { [self] in
            settle(exchange, TimeLimitExceeded(limit: limit), work, as: .timeout)
        }
        let inTime: Bool
        do {
            let answered = try await exchange.run(interrupt) { [self] in
                try await answer(work, upstream, on: exchange)
            }
            inTime = exchange.succeed(answered.result, as: answered.task == nil ? .result : .task)
            if !inTime, let task = answered.task { abandon(task, of: exchange.principal) }
        } catch let error as InputRequired {
            inTime = await ask(error, exchange, request)
        } catch {
            inTime = settle(exchange, error, work)
        }
        deadlines.cancel(timer)
        if !inTime {
            metrics.lateAnswer()
            await exchange.waitUntilWritten()
        }
    }

    /// The result, and the task that it names, if it does.
    private func answer(
        _ work: Work, _ upstream: any Upstream, on exchange: Exchange
    ) async throws -> (result: [UInt8], task: TaskRecord?) {
        let task: TaskRecord
        do {
            guard case .tool(let name) = work.subject, let support = catalog.current.tool(name)?.tasks, support != .none
            else { return (try await upstream.answer(work, on: exchange), nil) }
            let asTask = try runsAsTask(support, exchange.client)
            let prepared = try await upstream.prepare(work, on: exchange)
            guard asTask else { return (try await upstream.answer(prepared, on: exchange), nil) }
            task = try await startTask(prepared, upstream, for: exchange.client)
        } catch let begun as TaskBegun {
            task = try await startTask(begun, work, for: exchange.client)
        }
        return (TaskWire.created(task, meta: serverMeta), task)
    }

    private func close(_ exchange: Exchange, _ session: Session?, _ stream: StreamID) {
        if let session {
            if exchange.log.isFinished, session.keeps(stream) {
                kept.add(session, stream, bytes: exchange.log.byteCount)
            }
            session.end(exchange)
        }
        ledger.end(exchange)
    }
}
