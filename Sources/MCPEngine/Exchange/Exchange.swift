package import MCPProtocol
import Synchronization

/// Our own name for a request in flight: JSON-RPC ids are the client's, and repeat.
package struct ExchangeKey: Hashable, Sendable {
    package var value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

/// One request's life, from its admission to its one answer, which it writes into its stream's log.
package final class Exchange: ExchangePort, Sendable {
    package let key: ExchangeKey
    package let id: RequestID
    package let principal: Principal
    package let version: ProtocolVersion
    package let log: EventLog
    private let progressToken: ProgressToken?
    private let logLevel: @Sendable () -> LogLevel
    private let state = Mutex(State())

    private struct State {
        var machine = ExchangeMachine()
        var outcome: Outcome?
        /// The answer is in the log; until then nobody may think the exchange over.
        var isWritten = false
        var settled: CheckedContinuation<Void, Never>?
    }

    /// How an exchange ended, as metrics and the drain's account name it.
    package enum Outcome: String, Sendable { case result, error, cancelled, expired, timeout }

    package init(
        key: ExchangeKey, request: Request, principal: Principal, version: ProtocolVersion, log: EventLog,
        logLevel: @escaping @Sendable () -> LogLevel
    ) {
        self.key = key
        self.id = request.id
        self.principal = principal
        self.version = version
        self.log = log
        self.progressToken = request.progressToken
        self.logLevel = logLevel
    }

    /// Runs `work` until it answers or the exchange is settled from outside, which cancels it. Returns when the work
    /// has ended, so what it holds stays accounted for.
    package func run(_ work: @escaping @Sendable () async -> Void) async {
        await withDiscardingTaskGroup { group in
            // Begun on this thread: work that never waits costs no hop.
            if #available(macOS 26, *) {
                group.addImmediateTask(operation: work)
            } else {
                group.addTask(operation: work)
            }
            await waitUntilSettled()
            group.cancelAll()
        }
    }

    private func waitUntilSettled() async {
        if isWritten { return }
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if state.isWritten { return true }
                state.settled = continuation
                return false
            }
            if ready { continuation.resume() }
        }
    }

    private var isWritten: Bool { state.withLock { $0.isWritten } }

    package var outcome: Outcome? { state.withLock { $0.outcome } }

    // MARK: The one answer

    /// False when the exchange had its answer already; then nothing is written.
    @discardableResult
    package func succeed(_ result: [UInt8]) -> Bool {
        settle(.result, Wire.result(raw: result, id: id))
    }

    @discardableResult
    package func fail(_ error: RPCError, as outcome: Outcome = .error) -> Bool {
        settle(outcome, Wire.error(error, id: id, era: version.era))
    }

    /// Answers with a result that is known from outside the work, such as a tool error for an exceeded time limit.
    @discardableResult
    package func overrule(_ result: [UInt8], as outcome: Outcome) -> Bool {
        settle(outcome, Wire.result(raw: result, id: id))
    }

    private func settle(_ outcome: Outcome, _ payload: @autoclosure () -> [UInt8]) -> Bool {
        let isFirst = state.withLock { state in
            guard state.machine.settle() else { return false }
            // Before the answer: who reads that may ask for this at once.
            state.outcome = outcome
            return true
        }
        guard isFirst else { return false }
        log.answer(payload())
        state.withLock { state in
            state.isWritten = true
            defer { state.settled = nil }
            return state.settled
        }?.resume()
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
        guard level >= logLevel(), state.withLock({ $0.machine.phase == .running }) else { return }
        var members: [(String, JSON)] = [("level", JSON(level.rawValue)), ("data", data)]
        if let logger { members.insert(("logger", JSON(logger)), at: 1) }
        log.append(Wire.notification(Method.message, params: JSON.object(members)))
    }
}
