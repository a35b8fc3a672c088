import Logging
import MCPProtocol

/// From messages to answers: what is known is answered at once, what must be worked for becomes an exchange.
extension Gateway {
    /// What a request comes to before anything runs.
    private enum Step {
        /// Answered from memory; nothing can delay or empty it.
        case answer([UInt8])
        case error(RPCError)
        case call(tool: String, Catalog.Entry)
    }

    func dispatch(_ inbound: HandshakeInbound, _ scope: Scope, _ call: Call) -> Reply {
        var requests: [Request] = []
        for message in inbound.messages {
            switch message {
            case .request(let request): requests.append(request)
            case .notification(let notification): note(notification, scope, call)
            case .response: break  // No request of ours is open in this era yet; a stray answer is let go (S15).
            }
        }
        guard let first = requests.first else {
            return Reply(.accepted, method: Self.label(inbound), outcome: "accepted")
        }
        return inbound.isBatch ? dispatch(batch: requests, scope, call) : dispatch(first, scope, call)
    }

    private static func label(_ inbound: HandshakeInbound) -> String {
        guard inbound.messages.count == 1 else { return "batch" }
        if case .notification(let notification) = inbound.messages[0] { return Method.label(notification.method) }
        return "response"
    }

    // MARK: One request

    private func dispatch(_ request: Request, _ scope: Scope, _ call: Call) -> Reply {
        let method = Method.label(request.method)
        switch step(request, scope) {
        case .answer(let result):
            return Reply(
                .message(Wire.result(raw: result, id: request.id), status: 200), method: method, outcome: "result")
        case .error(let error):
            let bytes = Wire.error(error, id: request.id, era: .handshake)
            return Reply(.message(bytes, status: 200), method: method, outcome: "error")
        case .call(let tool, let entry):
            let log = EventLog(owed: 1, limits: configuration.limits.stream)
            switch begin(request, tool, entry, scope, call.principal, log) {
            case .failure(let refusal):
                metrics.refused(refusal.reason)
                let bytes = Wire.error(refusal.error, id: request.id, era: .handshake)
                return Reply(
                    .message(bytes, status: refusal.status), method: method, outcome: "rejected",
                    retryAfter: refusal.status == 404 ? nil : 1)
            case .success(let exchange):
                return reply(log, named: exchange.key, scope, batch: false, method: method) {
                    exchange.outcome?.rawValue ?? "unanswered"
                }
            }
        }
    }

    private func reply(
        _ log: EventLog, named key: ExchangeKey, _ scope: Scope, batch: Bool, method: String,
        outcome: @escaping @Sendable () -> String
    ) -> Reply {
        let stream = ReplyStream(
            log: log, kind: .answers(batch: batch), version: scope.version, session: scope.session,
            stream: StreamID(key.value), reader: .first, after: 0, outcome: outcome)
        return Reply(.stream(stream), method: method, outcome: "answered")
    }

    // MARK: A batch (2025-03-26 only)

    private func dispatch(batch requests: [Request], _ scope: Scope, _ call: Call) -> Reply {
        let log = EventLog(owed: requests.count, limits: configuration.limits.stream)
        let name = ledger.makeKey()
        for request in requests {
            switch step(request, scope) {
            case .answer(let result): log.answer(Wire.result(raw: result, id: request.id))
            case .error(let error): log.answer(Wire.error(error, id: request.id, era: .handshake))
            case .call(let tool, let entry):
                if case .failure(let refusal) = begin(request, tool, entry, scope, call.principal, log, in: name) {
                    metrics.refused(refusal.reason)
                    log.answer(Wire.error(refusal.error, id: request.id, era: .handshake))
                }
            }
        }
        return reply(log, named: name, scope, batch: true, method: "batch") { "batch" }
    }

    // MARK: Answers from memory

    private func step(_ request: Request, _ scope: Scope) -> Step {
        switch request.method {
        case Method.ping: return .answer(Self.empty)
        case Method.toolsList: return list(request, catalog.current.toolsList(for: scope.version))
        case Method.promptsList: return list(request, Self.noPrompts)
        case Method.resourcesList: return list(request, Self.noResources)
        case Method.resourcesTemplatesList: return list(request, Self.noTemplates)
        case Method.toolsCall: return tool(request)
        case Method.loggingSetLevel: return setLevel(request, scope)
        case Method.initialize: return .error(.invalidRequest("initialize must not be part of a batch"))
        default: return .error(.methodNotFound(request.method))
        }
    }

    private static let empty = Array("{}".utf8)
    private static let noPrompts = Array(#"{"prompts":[]}"#.utf8)
    private static let noResources = Array(#"{"resources":[]}"#.utf8)
    private static let noTemplates = Array(#"{"resourceTemplates":[]}"#.utf8)

    private func list(_ request: Request, _ page: [UInt8]) -> Step {
        if let cursor = request.params?["cursor"], !cursor.isNull {
            return .error(.invalidParams("Unknown cursor: the list has one page; leave params.cursor out"))
        }
        return .answer(page)
    }

    private func tool(_ request: Request) -> Step {
        guard let name = request.params?["name"]?.string else {
            return .error(.invalidParams("tools/call needs params.name, a string"))
        }
        guard let entry = catalog.current.entry(forTool: name) else {
            return .error(.invalidParams("Unknown tool: \(name.prefix(128))"))
        }
        return .call(tool: name, entry)
    }

    private func setLevel(_ request: Request, _ scope: Scope) -> Step {
        guard let name = request.params?["level"]?.string, let level = LogLevel(rawValue: name) else {
            let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            return .error(.invalidParams("params.level must be one of \(levels)"))
        }
        if let session = scope.session, session.logLevel != level {
            session.logLevel = level
            // Written behind: losing it costs a few log messages, waiting for it would cost this answer.
            _ = host.start { [store, metrics, logger] in
                do {
                    try await metrics.timingStore("session_log_level") {
                        try await store.setLogLevel(level, of: session.key)
                    }
                } catch { logger.error("session.not_stored", metadata: ["error": "\(error)"]) }
            }
        }
        return .answer(Self.empty)
    }

    // MARK: Notifications

    private func note(_ notification: MCPProtocol.Notification, _ scope: Scope, _ call: Call) {
        guard notification.method == Method.cancelled,
            let id = notification.params?["requestId"].flatMap({ RequestID($0) })
        else { return }
        let exchange = scope.session.map { $0.cancellable(id) } ?? ledger.cancellable(id, of: call.principal)
        // The client does not expect an answer, but its POST must end with one (Q-39).
        exchange?.fail(.requestCancelled, as: .cancelled)
    }

    // MARK: Exchanges

    private func begin(
        _ request: Request, _ tool: String, _ entry: Catalog.Entry, _ scope: Scope, _ principal: Principal,
        _ log: EventLog, in stream: ExchangeKey? = nil
    ) -> Result<Exchange, RefusedError> {
        let session = scope.session
        let exchange = Exchange(
            key: ledger.makeKey(), request: request, principal: principal, version: scope.version, log: log,
            logLevel: { session?.logLevel ?? .info })
        let stream = StreamID((stream ?? exchange.key).value)
        if let refusal = ledger.begin(exchange, hasSession: session != nil) {
            return .failure(RefusedError(refusal))
        }
        if let session, case .refuse(let refusal) = session.begin(exchange) {
            ledger.end(exchange)
            return .failure(RefusedError(refusal, session.cause))
        }
        let params = request.params ?? JSON.object([])
        let started = host.start { [self] in
            metrics.inFlightChanged(by: 1)
            await run(exchange, tool, params, entry.upstream)
            metrics.inFlightChanged(by: -1)
            close(exchange, session, stream)
        }
        if !started {
            session?.end(exchange)
            ledger.end(exchange)
            return .failure(.stopping)
        }
        return .success(exchange)
    }

    private func run(_ exchange: Exchange, _ tool: String, _ params: JSON, _ upstream: any Upstream) async {
        let limit = configuration.limits.toolTime
        let timer = deadlines.schedule(after: limit) {
            let text = "The tool \(tool) did not finish within \(limit.milliseconds) ms and was stopped."
            exchange.overrule(ToolResult.failure(text).encoded(for: exchange.version), as: .timeout)
        }
        await exchange.run { [self] in
            let inTime: Bool
            do {
                inTime = exchange.succeed(try await upstream.callTool(tool, params: params, on: exchange))
            } catch let error as RPCError {
                inTime = exchange.fail(error)
            } catch is CancellationError where Task.isCancelled {
                inTime = exchange.fail(.requestCancelled)
            } catch {
                inTime = exchange.succeed(toolFailure(error, tool).encoded(for: exchange.version))
            }
            if !inTime { metrics.lateAnswer() }
        }
        deadlines.cancel(timer)
    }

    /// What the tool said goes to the model; what merely happened inside it goes to the log.
    private func toolFailure(_ error: any Error, _ tool: String) -> ToolResult {
        if let error = error as? ToolError { return .failure(error.message) }
        logger.warning("tool.failed", metadata: ["tool": "\(tool)", "error": "\(type(of: error))"])
        return .failure("The tool \(tool) failed.")
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
