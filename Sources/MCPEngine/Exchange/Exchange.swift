package import MCPProtocol
import Synchronization

/// Our own name for a request in flight: JSON-RPC ids are the client's, and repeat.
package struct ExchangeKey: Hashable, Sendable {
    package var value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

/// Who sent a request and what they can read: the same for all requests of a session, stated anew with each where there
/// is none.
package struct Client: Sendable {
    package var principal: Principal
    package var capabilities: ClientCapabilities
    /// How results are written for it.
    package var envelope: ResultEnvelope
    /// Log messages from this level on; nil for none.
    package var logLevel: @Sendable () -> LogLevel?
    package var session: SessionKey?

    package init(
        principal: Principal, capabilities: ClientCapabilities, envelope: ResultEnvelope, session: SessionKey? = nil,
        logLevel: @escaping @Sendable () -> LogLevel?
    ) {
        self.session = session
        self.principal = principal
        self.capabilities = capabilities
        self.envelope = envelope
        self.logLevel = logLevel
    }
}

/// One request's life, from its admission to its one answer, which it writes into its stream's log.
package final class Exchange: ExchangePort, Sendable {
    package let key: ExchangeKey
    package let id: RequestID
    package let client: Client
    package let log: EventLog
    let questions: any Questions
    private let progressToken: ProgressToken?
    private let state = Mutex(State())

    private struct State {
        var machine = ExchangeMachine()
        var outcome: Outcome?
        /// The answer is in the log; until then nobody may think the exchange over.
        var isWritten = false
        var written: CheckedContinuation<Void, Never>?
        /// Of the work, while it runs.
        var interrupt: Interrupt?
    }

    /// How an exchange ended, as metrics and the drain's account name it.
    package enum Outcome: String, Sendable {
        case result, error, cancelled, expired, timeout
        /// The client was asked for input; its answer comes with another request.
        case inputRequired = "input_required"
        /// The work goes on as a task.
        case task
    }

    package init(
        key: ExchangeKey, request: Request, client: Client, log: EventLog,
        questions: any Questions = NoQuestions.withoutSession
    ) {
        self.key = key
        self.id = request.id
        self.client = client
        self.log = log
        self.questions = questions
        self.progressToken = request.progressToken
    }

    package var principal: Principal { client.principal }
    package var capabilities: ClientCapabilities { client.capabilities }
    package var envelope: ResultEnvelope { client.envelope }
    package var session: SessionKey? { client.session }
    package var logLevel: LogLevel? { client.logLevel() }
    package var canAsk: Bool { !(questions is NoQuestions) }
    package var takesTasks: Bool { client.takesTasks }
    package var carried: CarriedInput? { (questions as? RetryQuestions)?.carried }
    private var version: ProtocolVersion { client.envelope.version }

    /// Runs `work` on the task that `interrupt` cancels, which happens when the exchange is settled before the work has
    /// ended.
    package func run<Value: Sendable>(
        _ interrupt: Interrupt, _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        let isOver = state.withLock { state in
            state.interrupt = interrupt
            return state.machine.phase == .settled
        }
        if isOver { interrupt() }
        defer { state.withLock { $0.interrupt = nil } }
        return try await work()
    }

    /// For work that came too late: somebody else's answer may still be on its way into the log.
    package func waitUntilWritten() async {
        await withCheckedContinuation { continuation in
            let isWritten = state.withLock { state in
                if !state.isWritten { state.written = continuation }
                return state.isWritten
            }
            if isWritten { continuation.resume() }
        }
    }

    package var outcome: Outcome? { state.withLock { $0.outcome } }

    // MARK: The one answer

    /// False when the exchange had its answer already; then nothing is written.
    @discardableResult
    package func succeed(_ result: [UInt8], as outcome: Outcome = .result) -> Bool {
        settle(outcome) { log.answer(Wire.result(raw: result, id: id)) }
    }

    @discardableResult
    package func fail(_ error: RPCError, as outcome: Outcome = .error) -> Bool {
        settle(outcome) {
            let status = StatusTable.status(for: error.code, era: version.era, ladder: false)
            log.answer(Wire.error(error, id: id, era: version.era), status: status)
        }
    }

    /// Nobody will read the answer (H-86): nothing more is written, and the work is cancelled.
    @discardableResult
    package func abandon() -> Bool {
        settle(.cancelled) { log.finish() }
    }

    private func settle(_ outcome: Outcome, _ write: () -> Void) -> Bool {
        let (isFirst, interrupt) = state.withLock { state -> (Bool, Interrupt?) in
            guard state.machine.settle() else { return (false, nil) }
            // Before the answer: who reads that may ask for this at once.
            state.outcome = outcome
            return (true, state.interrupt)
        }
        guard isFirst else { return false }
        write()
        state.withLock { state in
            state.isWritten = true
            defer { state.written = nil }
            return state.written
        }?.resume()
        interrupt?()
        return true
    }

    // MARK: On the way there

    package func progress(_ progress: Double, total: Double?, message: String?) {
        guard let progressToken, state.withLock({ $0.machine.progress(progress) }) else { return }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("progressToken")
        writer.value(progressToken.json)
        writer.name("progress")
        writer.value(progress)
        if let total {
            writer.name("total")
            writer.value(total)
        }
        if let message, version.hasProgressMessage {
            writer.name("message")
            writer.value(message)
        }
        writer.endObject()
        log.append(Wire.notification(Method.progress, raw: writer.bytes))
    }

    package func log(_ level: LogLevel, _ data: JSON, logger: String?) {
        guard let least = client.logLevel(), level >= least, state.withLock({ $0.machine.phase == .running }) else {
            return
        }
        var members: [(String, JSON)] = [("level", JSON(level.rawValue)), ("data", data)]
        if let logger { members.insert(("logger", JSON(logger)), at: 1) }
        log.append(Wire.notification(Method.message, params: JSON.object(members)))
    }

    package func closeStream(for pause: Duration) {
        // Only clients that were given an id before the first message know where to come back to (H-35).
        if version.sendsPrimingEvent { log.suspend(for: pause) }
    }

    package func ask(_ questions: [Question]) async throws -> [JSON] {
        guard state.withLock({ $0.machine.phase == .running }) else { throw CancellationError() }
        return try await self.questions.ask(questions, on: self)
    }
}
