import MCPEngine
import MCPProtocol
import MCPTesting
import Synchronization

/// One conversation with the server behind.
final class FarLink: UpstreamLink {
    private typealias Sink = @Sendable (LinkEvent) -> Void

    private struct State {
        var pending: [RequestID: Sink] = [:]
        var answers: [RequestID: Gate] = [:]
        var told: [RequestID: Response] = [:]
        var isOver = false
        /// Nobody will use it again.
        var isLeft = false
        /// 404 to everything.
        var isForgotten = false
        var questions = 0
    }

    private let server: FarServer
    private let host: SessionHost
    private let receiver: LinkReceiver
    private let state = Mutex(State())
    private var run: Run { server.run }

    init(_ server: FarServer, _ host: SessionHost, _ receiver: LinkReceiver) {
        self.server = server
        self.host = host
        self.receiver = receiver
    }

    // MARK: The line

    func send(_ request: LinkRequest, _ event: @escaping @Sendable (LinkEvent) -> Void) {
        let isOver = change { state in
            if !state.isOver { state.pending[request.id] = event }
            return state.isOver
        }
        let closed = LinkFailure(.closed, mayHaveBegun: false, "it was ended")
        if isOver { return event(.failed(closed)) }
        if !host.start({ [self] _ in await serve(request) }) { say(request.id, .failed(closed)) }
    }

    func send(oneWay message: [UInt8], as version: ProtocolVersion) async throws(LinkFailure) {
        await run.rest(run.dice.milliseconds(10))
        if state.withLock({ $0.isOver }) { throw LinkFailure(.closed, mayHaveBegun: false, "it was ended") }
        guard let json = try? JSON(parsing: message), case .response(let response)? = try? Message(json),
            let id = response.id
        else { return }
        let gate = state.withLock { state in
            state.told[id] = response
            return state.answers[id]
        }
        gate?.open()
    }

    func abandon(_ id: RequestID) { change { $0.pending[id] = nil } }
    func opened(as version: ProtocolVersion) {}

    func close() async {
        leave()
        await run.rest(run.dice.milliseconds(10))
        end(LinkFailure(.closed, mayHaveBegun: true, "it was ended"))
    }

    private func leave() {
        let isFirst = state.withLock { state in
            defer { state.isLeft = true }
            return !state.isLeft
        }
        if isFirst { server.count(open: -1) }
    }

    private func end(_ failure: LinkFailure) {
        let pending = change { state -> [(key: RequestID, value: Sink)]? in
            if state.isOver { return nil }
            state.isOver = true
            defer { state.pending = [:] }
            return state.pending.sorted { "\($0.key)" < "\($1.key)" }
        }
        guard let pending else { return }
        leave()
        for (_, sink) in pending { sink(.failed(failure)) }
        for gate in state.withLock({ Array($0.answers.values) }) { gate.open() }
        receiver.closed(failure)
    }

    private func say(_ id: RequestID, _ event: LinkEvent) {
        let sink = change { state -> Sink? in
            if case .message = event { return state.pending[id] }
            return state.pending.removeValue(forKey: id)
        }
        sink?(event)
    }

    /// Changes what is pending, and says so when there is no room any more, or some again.
    private func change<Value>(_ body: (inout State) -> Value) -> Value {
        let (value, before, after) = state.withLock { state in
            let before = state.pending.count
            let value = body(&state)
            return (value, before, state.pending.count)
        }
        let most = run.plan.upstream.inFlight
        server.count(full: (after >= most ? 1 : 0) - (before >= most ? 1 : 0), pending: after - before)
        return value
    }

    // MARK: The server

    private func serve(_ request: LinkRequest) async {
        await run.rest(run.dice.milliseconds(run.plan.isNetworkSlow ? 60 : 4))
        if fault(before: request) { return }
        let params = (try? JSON(parsing: request.message))?["params"]
        if request.method == Method.toolsCall {
            await call(request, params)
        } else if let result = server.result(of: request.method, params) {
            say(request.id, .answer(Response(id: request.id, result: result, error: nil)))
        } else {
            let error: JSON = ["code": -32601, "message": "Method not found"]
            say(request.id, .answer(Response(id: request.id, result: nil, error: error)))
        }
    }

    /// Whether something else happens than an answer.
    private func fault(before request: LinkRequest) -> Bool {
        func fail(_ kind: LinkFailure.Kind, begun: Bool) {
            say(request.id, .failed(LinkFailure(kind, mayHaveBegun: begun, "a simulated fault")))
        }
        if state.withLock({ $0.isForgotten }) {
            fail(.sessionGone, begun: false)
            return true
        }
        guard run.dice.percent(server.behind.faults) else { return false }
        switch server.behind.isPipe ? 0 : run.dice.below(6) {
        case 0:
            server.failed("died")
            end(LinkFailure(.lost, mayHaveBegun: true, "it died"))
        case 1:
            server.failed("refused a connection")
            fail(.unreachable, begun: false)
        case 2:
            server.failed("said 500")
            fail(.status(500), begun: true)
        case 3 where server.behind.era == .handshake && request.method == Method.toolsCall:
            server.forgot()
            state.withLock { $0.isForgotten = true }
            leave()
            fail(.sessionGone, begun: false)
        case 4 where request.method == Method.toolsCall:
            server.failed("said nothing")
            let arguments = (try? JSON(parsing: request.message))?["params"]?["arguments"]
            run.witness.silenced(Int(arguments?["nonce"]?.integer ?? 0))
        default:
            server.failed("made no sense")
            fail(.malformed, begun: true)
        }
        return true
    }

    private func call(_ request: LinkRequest, _ params: JSON?) async {
        guard let kind = params?["name"]?.string.flatMap({ Ticket.Kind(rawValue: $0) }),
            let nonce = params?["arguments"]?["nonce"]?.integer.map({ Int($0) }),
            let principal = params?["arguments"]?["principal"]?.string
        else { return say(request.id, .failed(LinkFailure(.malformed, mayHaveBegun: false, "no such tool"))) }
        run.witness.executed(nonce)
        if kind == .work {
            let token = params?["_meta"]?["progressToken"] ?? nil
            let progress: JSON = ["progressToken": token, "progress": JSON(nonce)]
            let notification = Notification(method: Method.progress, params: progress)
            run.witness.progressed(nonce)
            tell(request.id, .notification(notification))
        }
        await run.rest(run.dice.milliseconds(run.plan.isSlow && run.dice.percent(20) ? 1_200 : 60))
        var result = server.text("\(kind) \(nonce) \(principal)")
        if kind == .question {
            guard let answered = await ask(request, params, principal) else { return }
            result = answered
        }
        if run.dice.percent(server.behind.faults) {
            server.failed("died after its work")
            return end(LinkFailure(.lost, mayHaveBegun: true, "it died"))
        }
        say(request.id, .answer(Response(id: request.id, result: result, error: nil)))
    }

    /// On the stream of the request, or on the line that all share.
    private func tell(_ id: RequestID, _ message: Message) {
        if server.hasStreamPerRequest { say(id, .message(message)) } else { receiver.message(message) }
    }

    /// What the call comes to; nil when it was lost meanwhile.
    private func ask(_ request: LinkRequest, _ params: JSON?, _ principal: String) async -> JSON? {
        let nonce = params?["arguments"]?["nonce"]?.integer ?? 0
        func judged(_ answer: JSON?) -> JSON {
            let uri = answer?["roots"]?.elements?.first?["uri"]?.string
            if uri == "file:///\(principal)" { return server.text("question \(nonce) \(principal)") }
            return server.text(uri == nil ? "refused" : "mixed up: \(uri ?? "")", isError: true)
        }
        if server.behind.era == .perRequest {
            if let responses = params?["inputResponses"] { return judged(responses["where"]) }
            return [
                "resultType": "input_required", "requestState": "kept",
                "inputRequests": ["where": ["method": "roots/list", "params": [:]]],
            ]
        }
        let gate = Gate()
        let id = state.withLock { state in
            state.questions += 1
            let id = RequestID.string("far-\(state.questions)")
            state.answers[id] = gate
            return id
        }
        // So late that the call may have been given up, and somebody else's be the only one.
        if server.behind.isPipe { await run.rest(run.dice.milliseconds(80)) }
        // So that whoever is asked can tell whose question it is.
        tell(request.id, .request(Request(id: id, method: Method.rootsList, params: ["for": JSON(principal)])))
        await gate.pass()
        let (response, isOver) = state.withLock { ($0.told[id], $0.isOver) }
        return isOver ? nil : judged(response?.result)
    }
}
