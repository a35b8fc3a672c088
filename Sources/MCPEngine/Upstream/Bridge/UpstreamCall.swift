import MCPProtocol
import Synchronization

/// One request to a server behind us, from its sending to its answer. Who waits for it may change: a call that was held
/// for an answer is taken up again by the next request of the client.
final class UpstreamCall: Sendable {
    enum Event: Sendable {
        case asks(ServerQuestion)
        /// The last one.
        case ended(Result<Response, LinkFailure>)
    }

    private struct State {
        var port: (any ExchangePort)?
        var events: [Event] = []
        var isOver = false
        var waiter: CheckedContinuation<Event?, Never>?
    }

    /// What it has to do with a task of a server of the handshake era.
    enum Part: Sendable {
        case none
        /// It begins one, and cannot be cancelled itself (§3.5).
        case begins
        /// It waits for one. Who cancels the call cancels the task.
        case awaits(ServerTask)
    }

    let id: RequestID
    /// A client's call, even while that is away; not a request of our own.
    let isOfClient: Bool
    let part: Part
    private let state: Mutex<State>
    private let limit: Int

    /// - Parameters:
    ///   - port: Gets progress and log messages; nil for a request of our own.
    ///   - limit: Events that may wait to be taken.
    init(_ id: RequestID, for port: (any ExchangePort)?, part: Part = .none, limit: Int) {
        self.id = id
        self.part = part
        self.limit = limit
        isOfClient = port != nil
        state = Mutex(State(port: port))
    }

    /// What it waits for.
    var task: ServerTask? {
        if case .awaits(let task) = part { task } else { nil }
    }

    /// Who gets progress and log messages: nobody between two rounds (B-25).
    var port: (any ExchangePort)? {
        get { state.withLock { $0.port } }
        set { state.withLock { $0.port = newValue } }
    }

    /// False when it cannot be taken in: it is over, or too much waits already.
    @discardableResult
    func put(_ event: Event) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Event?, Never>?) in
            if state.isOver { return (false, nil) }
            if case .ended = event { state.isOver = true } else if state.events.count >= limit { return (false, nil) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (true, waiter)
            }
            state.events.append(event)
            return (true, nil)
        }
        waiter?.resume(returning: event)
        return isTaken
    }

    /// What comes next. One task waits at a time.
    /// - Throws: `CancellationError` when that task is cancelled.
    func next() async throws -> Event {
        let event = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Event?, Never>) in
                let ready = state.withLock { state -> Event?? in
                    if Task.isCancelled { return .some(nil) }
                    if !state.events.isEmpty { return .some(state.events.removeFirst()) }
                    state.waiter = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }?.resume(returning: nil)
        }
        guard let event else { throw CancellationError() }
        return event
    }
}

/// What a server of the handshake era asks while it works on a call.
struct ServerQuestion: Sendable {
    /// The server's, to be answered under.
    var id: RequestID
    var request: InputRequest
    /// As it came, without what is only between the server and us.
    var params: JSON?

    /// - Throws: -32602 or -32601, for the server.
    init(_ request: Request) throws(RPCError) {
        id = request.id
        do throws(ShapeError) {
            self.request = try InputRequest(method: request.method, params: request.params)
        } catch {
            throw error.rpcError
        }
        params = Self.verbatim(self.request, request.params)
    }

    static func verbatim(_ request: InputRequest, _ params: JSON?) -> JSON? {
        switch request {
        case .url: nil
        case .form, .sampling, .roots: params?.without(["_meta", "mode", "task"])
        }
    }

    func question(key: String) -> Question { Question(key: key, request: request, verbatim: params) }
}

extension JSON {
    /// An object without some of its members; the others as they are.
    func without(_ names: Set<String>) -> JSON {
        guard let members, members.contains(where: { names.contains($0.name) }) else { return self }
        return .object(members.filter { !names.contains($0.name) }.map { ($0.name, $0.value) })
    }
}
