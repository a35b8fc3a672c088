import Logging
import MCPEngine
import MCPProtocol
import Synchronization

/// A conversation with a child process, from its start to the end of its process group.
///
/// One job on the host runs all of it: what waits is written by one task, standard output and standard error are read by
/// one each, and a fourth ends the child. None of them ever waits for whoever asks or listens.
final class StdioLink: UpstreamLink {
    typealias Waiter = @Sendable (LinkEvent) -> Void

    private struct State {
        var machine: StdioLinkMachine<Waiter>
        var starter: CheckedContinuation<LinkFailure?, Never>?
        var writer: CheckedContinuation<Void, Never>?
        /// Waits for a reason to end the child.
        var ender: CheckedContinuation<Void, Never>?
        var closers: [CheckedContinuation<Void, Never>] = []
        /// Nothing is left of it, not even a descendant.
        var isOver = false
    }

    let configuration: StdioTransport.Configuration
    let environment: [String: String]
    let logger: Logger
    private let receiver: LinkReceiver
    private let state: Mutex<State>

    init(
        _ configuration: StdioTransport.Configuration, environment: [String: String], receiver: LinkReceiver,
        logger: Logger
    ) {
        self.configuration = configuration
        self.environment = environment
        self.receiver = receiver
        var logger = logger
        logger[metadataKey: "upstream"] = .string(configuration.name)
        self.logger = logger
        state = Mutex(State(machine: StdioLinkMachine(bound: configuration.buffer)))
    }

    // MARK: The start

    /// Returns when the child has been started.
    func start(on host: SessionHost) async throws(LinkFailure) {
        let failure = await withCheckedContinuation { continuation in
            state.withLock { $0.starter = continuation }
            guard !host.start({ [self] _ in await run() }) else { return }
            hasStarted(failure: LinkFailure(.unreachable, mayHaveBegun: false, "The server is ending or overloaded"))
        }
        if let failure { throw failure }
    }

    /// - Parameter failure: Why there is no child.
    func hasStarted(failure: LinkFailure? = nil) {
        state.withLock { state in
            defer { state.starter = nil }
            return state.starter
        }?.resume(returning: failure)
    }

    // MARK: What is said

    func send(_ request: LinkRequest, _ event: @escaping @Sendable (LinkEvent) -> Void) {
        let (refusal, writer) = state.withLock { state in
            let refusal = state.machine.send(request.message, id: request.id, event)
            return (refusal, refusal == nil ? state.writer.take() : nil)
        }
        writer?.resume()
        if let refusal { event(.failed(failure(refusal))) }
    }

    func send(oneWay message: [UInt8], as version: ProtocolVersion) async throws(LinkFailure) {
        let (refusal, writer) = state.withLock { state in
            let refusal = state.machine.send(oneWay: message)
            return (refusal, refusal == nil ? state.writer.take() : nil)
        }
        writer?.resume()
        if let refusal { throw failure(refusal) }
    }

    private func failure(_ refusal: StdioLinkMachine<Waiter>.Refusal) -> LinkFailure {
        let name = configuration.name
        return switch refusal {
        case .over(.closed): LinkFailure(.closed, mayHaveBegun: false, "\(name) was ended")
        case .over(.pipeEnded): LinkFailure(.lost, mayHaveBegun: false, "\(name) has ended")
        case .idInUse: LinkFailure(.malformed, mayHaveBegun: false, "Another request to \(name) has this id")
        case .noRoom(let bytes):
            LinkFailure(.busy, mayHaveBegun: false, "\(name) does not read its input: \(bytes) bytes wait for it")
        }
    }

    func abandon(_ id: RequestID) {
        let waiter = state.withLock { $0.machine.take(id) }
        // Let go of where nothing is locked.
        _ = waiter
    }

    /// How many requests wait for an answer.
    var owed: Int { state.withLock { $0.machine.owed } }

    func opened(as version: ProtocolVersion) {
        // Everything it says comes through the one pipe that is read from the start.
    }

    /// What to write next; nil when nothing is to be written any more.
    func nextWrite() async -> [UInt8]? {
        while true {
            switch state.withLock({ $0.machine.nextWrite() }) {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .nothingYet: await untilThereIsSomethingToWrite()
            }
        }
    }

    private func untilThereIsSomethingToWrite() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.machine.hasNothingToWrite {
                    state.writer = continuation
                    return false
                }
                return true
            }
            if isReady { continuation.resume() }
        }
    }

    // MARK: What is heard

    /// False when nobody waits for that answer: it came twice, or late, or was never asked for.
    func answer(_ response: Response, _ id: RequestID) -> Bool {
        guard let waiter = state.withLock({ $0.machine.take(id)?.waiter }) else { return false }
        waiter(.answer(response))
        return true
    }

    /// False when nobody waits for an answer to that.
    func fail(_ id: RequestID, _ kind: LinkFailure.Kind, _ message: String) -> Bool {
        guard let entry = state.withLock({ $0.machine.take(id) }) else { return false }
        entry.waiter(.failed(LinkFailure(kind, mayHaveBegun: true, message)))
        return true
    }

    func heard(_ message: Message) { receiver.message(message) }

    func failAll(_ kind: LinkFailure.Kind, _ message: String) {
        tell(state.withLock { $0.machine.takeAll() }, kind, message)
    }

    private func tell(_ entries: [PendingRequests<Waiter>.Entry], _ kind: LinkFailure.Kind, _ message: String) {
        for entry in entries { entry.waiter(.failed(LinkFailure(kind, mayHaveBegun: entry.isWritten, message))) }
    }

    // MARK: The end

    func close() async {
        end(.closed)
        failAll(.closed, "\(configuration.name) was ended")
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.closers.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    func end(_ why: StdioLinkMachine<Waiter>.Ending) {
        let (writer, ender) = state.withLock { state in
            state.machine.end(why)
            return (state.writer.take(), state.ender.take())
        }
        writer?.resume()
        ender?.resume()
    }

    /// Returns when there is a reason to end the child, or none is left.
    func untilEnding() async {
        await withCheckedContinuation { continuation in
            let isEnding = state.withLock { state in
                if state.machine.phase == .open { state.ender = continuation }
                return state.machine.phase != .open
            }
            if isEnding { continuation.resume() }
        }
    }

    /// The child has been there and is not any more.
    /// - Parameter message: How it ended.
    func isGone(_ message: String) {
        let (entries, ending) = state.withLock { ($0.machine.gone(), $0.machine.ending) }
        let kind: LinkFailure.Kind = ending == .closed ? .closed : .lost
        tell(entries, kind, message)
        receiver.closed(LinkFailure(kind, mayHaveBegun: true, message))
    }

    /// Nothing is left.
    func isOver() {
        let closers = state.withLock { state in
            state.isOver = true
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }
}
