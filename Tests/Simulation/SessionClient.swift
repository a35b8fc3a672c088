import MCPEngine
import MCPProtocol
import Synchronization

/// A client of the handshake era: several connections at once on one session, which it leaves, resumes and deletes as
/// real ones do, and a stranger who knows its session's id.
final class SessionClient: Sendable {
    private let run: Run
    private let principal: Principal
    private let current = Mutex<SessionFacts?>(nil)
    /// All that there were, those that were deleted among them.
    private let sessions = Mutex<[SessionFacts]>([])
    private let running = Mutex<[Ticket]>([])
    /// Those among them, and those that are left and may be taken up again.
    private let owed = Mutex<[Ticket]>([])
    /// Ids whose cancellation is on its way: it may meet a request that is sent after it.
    private let cancelling = Mutex<[Int]>([])

    init(_ run: Run, _ principal: Principal) {
        self.run = run
        self.principal = principal
    }

    private var session: SessionFacts? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    func live() async {
        await withDiscardingTaskGroup { group in
            await open()
            for _ in 0..<run.plan.steps {
                await run.rest(run.dice.milliseconds(run.plan.expires ? 250 : 60))
                await step(&group)
            }
        }
    }

    private func step(_ group: inout DiscardingTaskGroup) async {
        let session = session
        guard let session else { return await open() }
        switch run.dice.below(100) {
        case 0..<50:
            // Several at once, as a client does that has just connected.
            for _ in 0...run.dice.below(3) { group.addTask { await self.call(on: session) } }
        case 50..<60: group.addTask { await self.call(on: nil) }
        case 60..<70: group.addTask { await self.listen(on: session) }
        case 70..<76: group.addTask { await self.cancelSomething(session) }
        case 76..<88:
            group.addTask { await self.delete(session) }
            // On the heels of it.
            if run.dice.percent(60) { group.addTask { await self.call(on: session) } }
            if run.dice.percent(20) { group.addTask { await self.delete(session) } }
        case 88..<93: await open()
        default:
            let known = run.dice.pick(sessions.withLock { $0 })
            group.addTask { await self.intrude(on: known) }
        }
    }

    // MARK: initialize

    private func open() async {
        let version = run.dice.pick(ProtocolVersion.allCases.filter { $0.era == .handshake })
        let body = Wire.request(
            Method.initialize,
            params: [
                "protocolVersion": JSON(version.rawValue), "capabilities": ["roots": [:]],
                "clientInfo": ["name": "c", "version": "1"],
            ], id: .number(1))
        let began = run.time.now
        let connection = Connection(run)
        let outcome = await connection.send(call(body, nil))
        switch outcome {
        case .message(let json, 200, let id?):
            run.witness.expect(json["result"]?["protocolVersion"]?.string == version.rawValue, "initialize got \(json)")
            let facts = SessionFacts(id: id, owner: principal, version: version, now: began)
            session = facts
            sessions.withLock { $0.append(facts) }
            connection.process?.uses(facts, at: began)
            run.witness.tell("\(facts) of \(principal.name) is open")
        case .message(let json, 503, _):
            let isFull = json["error"]?["message"]?.string?.contains("full") == true
            let hasReason = isFull ? connection.process?.wasFull(since: began) : connection.process?.stopping != nil
            run.witness.expect(hasReason == true, "no session from a server with room: \(json)")
        case .refused, .broken: break
        default: run.witness.object("initialize got \(outcome)")
        }
    }

    func call(_ body: [UInt8], _ session: String?, _ verb: Call.Verb = .post, as other: Principal? = nil) -> Call {
        var headers = RequestHeaders()
        headers.sessionID = session
        return Call(verb: verb, principal: other ?? principal, headers: headers, body: body)
    }

    // MARK: Requests

    private func call(on session: SessionFacts?) async {
        var kinds: [Ticket.Kind] = [.echo, .sleep, .sleep, .stream, .stream, .fail, .log, .list, .ping]
        if session != nil { kinds += [.ask, .level] }
        if run.plan.behind != nil { kinds += [.read, .work, .work] + (session == nil ? [] : [.question]) }
        let ticket = run.witness.ticket(run.dice.pick(kinds), principal, session)
        running.withLock { $0.append(ticket) }
        owed.withLock { $0.append(ticket) }
        defer { owed.withLock { $0.removeAll { $0 === ticket } } }
        // Ids of JSON-RPC are the client's, and repeat.
        let id = run.dice.percent(15) ? 7 : ticket.nonce
        ticket.id = id
        if cancelling.withLock({ $0.contains(id) }) { ticket.cancelled = run.time.now }
        let body = Wire.request(ticket.method, params: .object(ticket.params), id: .number(Int64(id)))
        let connection = Connection(run, for: ticket)
        let reading = Reading(run, ticket, connection.process, id: id)
        let leaves = run.dice.percent(run.plan.hangUps) ? run.dice.milliseconds(200) : nil
        let outcome = await connection.send(call(body, session?.id), hangUpAfter: leaves) { event in
            await reading.take(event) { await self.answer($0, on: session) }
        }
        reading.end(with: outcome)
        running.withLock { $0.removeAll { $0 === ticket } }
        if let session, reading.isInterrupted(outcome), run.dice.percent(70) {
            await resume(reading, on: session)
        }
    }

    /// Takes up a stream where it broke off.
    private func resume(_ reading: Reading, on session: SessionFacts) async {
        await run.rest(run.dice.milliseconds(150))
        guard let last = reading.last else { return }
        var get = call([], session.id, .get)
        get.headers.lastEventID = last
        let ticket = run.witness.ticket(.listen, principal, session)
        let connection = Connection(run, for: ticket)
        let outcome = await connection.send(get, hangUpAfter: run.plan.limits.toolTime + .milliseconds(400)) { event in
            await reading.take(event) { await self.answer($0, on: session) }
        }
        reading.resumed(with: outcome, by: ticket, in: connection.process)
    }

    private func answer(_ question: JSON, on session: SessionFacts?) async {
        // Some people never answer.
        if run.dice.percent(15) { return }
        let result: JSON = ["roots": [["uri": JSON("file:///\(principal.id)")]]]
        let response: JSON = ["jsonrpc": "2.0", "id": question["id"] ?? nil, "result": result]
        let outcome = await Connection(run).send(call(Array(response.bytes), session?.id))
        switch outcome {
        case .accepted, .refused, .broken: break
        case .message(_, 404, _), .message(_, 503, _): break
        default: run.witness.object("a response got \(outcome)")
        }
    }

    private func cancelSomething(_ session: SessionFacts) async {
        let ticket = running.withLock { $0.filter { $0.session === session } }.first
        guard let ticket else { return }
        // One of several with its id: which of them is in flight is for the server to say.
        let meant = owed.withLock { $0.filter { $0.session === session && $0.id == ticket.id } }
        for ticket in meant { ticket.cancelled = run.time.now }
        cancelling.withLock { $0.append(ticket.id) }
        defer { cancelling.withLock { $0.removeAll { $0 == ticket.id } } }
        let body = Wire.notification(Method.cancelled, params: ["requestId": JSON(ticket.id)])
        _ = await Connection(run).send(call(body, session.id))
    }

    // MARK: GET and DELETE

    private func listen(on session: SessionFacts) async {
        session.listen()
        let ticket = run.witness.ticket(.listen, principal, session)
        defer { ticket.settle() }
        let connection = Connection(run, for: ticket)
        let listening = Listening(run, connection)
        let outcome = await connection.send(call([], session.id, .get), hangUpAfter: run.dice.milliseconds(500)) {
            event in
            listening.take(event.message)
            self.run.witness.expect(!event.isAnswer, "an answer on the listening stream")
            self.run.witness.expect(event.message["id"] == nil, "a request on the listening stream")
        }
        if case .dismissed = outcome {} else { listening.end(ticket) }
        let ends = connection.process?.stopping != nil || session.deleted != nil
        switch outcome {
        case .refused, .broken, .tooSlow: break
        case .stream: run.witness.expect(ends, "the listening stream of a live \(session) was closed")
        case .dismissed:
            // Which of two is the newer one is for the server to say, as they arrive.
            run.witness.expect(session.listeners > 1, "the listener of \(session) gave way to nobody")
        case .message(let json, let status, _):
            Judge(run: run, ticket: ticket, process: connection.process).refusal(json, status: status)
        default: run.witness.object("GET got \(outcome)")
        }
    }

    private func delete(_ session: SessionFacts) async {
        let ticket = run.witness.ticket(.end, principal, session)
        defer { ticket.settle() }
        session.delete(at: run.time.now)
        if self.session === session { self.session = nil }
        run.witness.tell("\(session) is deleted")
        let connection = Connection(run, for: ticket)
        let began = run.time.now
        let outcome = await connection.send(call([], session.id, .delete))
        switch outcome {
        case .ended:
            let limit: Duration = .milliseconds(run.plan.isStoreSlow || run.plan.isNetworkSlow ? 300 : 1)
            run.witness.expect(run.time.now - began <= limit, "DELETE took \(run.time.now - began)")
            run.witness.reach("deleted")
        case .refused, .broken: break
        case .message(_, 404, _):
            let judge = Judge(run: run, ticket: ticket, process: connection.process)
            // Whoever comes second finds it deleted, which is no less well.
            run.witness.expect(judge.mayBeLost(session), "DELETE did not find \(session)")
        default: run.witness.object("DELETE got \(outcome)")
        }
    }

    // MARK: Somebody else

    /// For a stranger, this session is as unknown as one that never was.
    private func intrude(on session: SessionFacts) async {
        let stranger = Principal(id: "key:stranger", name: "stranger")
        let verb = run.dice.pick([Call.Verb.post, .get, .delete])
        let body = verb == .post ? Wire.request(Method.ping, id: .number(9)) : []
        let connection = Connection(run)
        var known = call(body, session.id, verb, as: stranger)
        if verb == .get { known.headers.lastEventID = run.dice.percent(50) ? "0-1-0" : nil }
        var unknown = known
        unknown.headers.sessionID = "00000000000000000000000000000000"
        let told = await connection.send(known)
        let control = await Connection(run).send(unknown)
        if case .refused = told { return }
        if case .broken = told { return }
        guard case .message(let message, let status, _) = told else {
            return run.witness.object("a stranger got \(told) on \(session)")
        }
        guard case .message(let other, let otherStatus, _) = control, connection.process?.stopping == nil else {
            return
        }
        run.witness.expect(status == otherStatus && message == other, "a stranger sees \(session): \(message)")
        run.witness.reach("stranger refused")
    }
}
