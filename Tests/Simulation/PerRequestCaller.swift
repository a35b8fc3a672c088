import MCPEngine
import MCPProtocol

/// A client of the per-request era: no session, leaving is cancelling, questions are taken away and brought back, and
/// some calls become tasks.
struct PerRequestCaller: Sendable {
    let run: Run
    let principal: Principal

    func live() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<run.plan.steps {
                await run.rest(run.dice.milliseconds(60))
                switch run.dice.below(10) {
                case 0..<7: for _ in 0...run.dice.below(3) { group.addTask { await self.call() } }
                case 7: group.addTask { await self.listen() }
                default: group.addTask { await self.task() }
                }
            }
        }
    }

    private func body(_ method: String, _ params: [(String, JSON)], id: Int, tasks: Bool = false) -> Call {
        var capabilities: [(String, JSON)] = [("roots", [:])]
        if tasks { capabilities.append(("extensions", JSON.object([(ExtensionID.tasks, [:] as JSON)]))) }
        let meta = (params.first { $0.0 == "_meta" }?.1.members ?? []).map { ($0.name, $0.value) }
        let claim: [(String, JSON)] = [
            (MetaKey.protocolVersion, JSON(ProtocolVersion.v2026_07_28.rawValue)),
            (MetaKey.clientCapabilities, .object(capabilities)),
        ]
        let members = params.filter { $0.0 != "_meta" } + [("_meta", .object(meta + claim))]
        let bytes = Wire.request(method, params: .object(members), id: .number(Int64(id)))
        var call = Call(verb: .post, principal: principal, headers: RequestHeaders(), body: bytes)
        call.comesWithHeaders = false
        return call
    }

    // MARK: Calls

    private func call() async {
        var kinds: [Ticket.Kind] = [.echo, .sleep, .stream, .fail, .ask, .ask, .list]
        if run.plan.behind != nil { kinds += [.read, .work, .question, .question] }
        let ticket = run.witness.ticket(run.dice.pick(kinds), principal)
        guard let asked = await send(ticket, ticket.params) else { return }
        // Once in a while nobody comes back, or comes late.
        if run.dice.percent(20) { return }
        await run.rest(run.dice.milliseconds(150))
        var responses: [(String, JSON)] = []
        for question in asked["inputRequests"]?.members ?? [] {
            responses.append((question.name, ["roots": [["uri": JSON("file:///\(principal.id)")]]]))
        }
        var params = ticket.params + [("inputResponses", .object(responses))]
        if let state = asked["requestState"] { params.append(("requestState", state)) }
        run.witness.reach("brought answers")
        let again = run.witness.ticket(ticket.kind, principal, repeating: ticket)
        if run.dice.percent(15) { await intrude(params, id: again.nonce) }
        _ = await send(again, params)
    }

    /// The question that was the answer, if it was one.
    private func send(_ ticket: Ticket, _ params: [(String, JSON)]) async -> JSON? {
        let connection = Connection(run, for: ticket)
        var leaves = run.dice.percent(run.plan.hangUps) ? run.dice.milliseconds(200) : nil
        // Before it is asked, so that its question finds it gone.
        if ticket.kind == .question, run.dice.percent(30) { leaves = run.dice.milliseconds(60) }
        let asked = Asked()
        let outcome = await connection.send(
            body(ticket.method, params, id: ticket.nonce), hangUpAfter: leaves
        ) { event in
            guard event.isAnswer else { return self.take(event.message, ticket) }
            asked.note(event.message, self.judge(ticket, connection))
        }
        if case .message(let json, 200, _) = outcome {
            asked.note(json, judge(ticket, connection))
        } else {
            judge(ticket, connection).outcome(outcome, id: ticket.nonce)
        }
        return asked.question
    }

    private func take(_ message: JSON, _ ticket: Ticket) {
        guard message["method"]?.string == Method.progress else { return }
        let token = message["params"]?["progressToken"]?.integer
        run.witness.expect(token == Int64(ticket.nonce), "\(ticket) got another's progress: \(message)")
        ticket.progressed()
    }

    private func judge(_ ticket: Ticket, _ connection: Connection) -> Judge {
        Judge(run: run, ticket: ticket, process: connection.process)
    }

    /// The state of this request means nothing in another's hands.
    private func intrude(_ params: [(String, JSON)], id: Int) async {
        let stranger = PerRequestCaller(run: run, principal: Principal(id: "key:stranger", name: "stranger"))
        guard params.contains(where: { $0.0 == "requestState" }) else { return }
        let got = Asked()
        let outcome = await Connection(run).send(stranger.body(Method.toolsCall, params, id: id)) { event in
            if event.isAnswer { got.keep(event.message) }
        }
        if case .message(let json, _, _) = outcome { got.keep(json) }
        guard let message = got.message else { return }
        run.witness.expect(message["error"] != nil, "a stranger could use a request's state: \(message)")
        run.witness.reach("stranger refused a state")
    }

    // MARK: Tasks

    private func task() async {
        let ticket = run.witness.ticket(.task, principal)
        let connection = Connection(run, for: ticket)
        let got = Asked()
        let outcome = await connection.send(body(Method.toolsCall, ticket.params, id: ticket.nonce, tasks: true)) {
            event in
            if event.isAnswer { got.keep(event.message) }
        }
        if case .message(let json, 200, _) = outcome { got.keep(json) }
        guard let message = got.message else { return judge(ticket, connection).outcome(outcome, id: ticket.nonce) }
        guard message["result"]?["resultType"]?.string == "task", let id = message["result"]?["taskId"]?.string else {
            return judge(ticket, connection).answer(message, id: ticket.nonce)
        }
        run.witness.expect(ticket.answered() == 1, "\(ticket) was answered twice")
        run.witness.reach("task begun")
        if run.dice.percent(30) { await ask(stranger: id) }
        if run.dice.percent(25) { _ = await tasks(Method.tasksCancel, id) }
        for _ in 0..<6 {
            await run.rest(.milliseconds(80))
            guard let state = await tasks(Method.tasksGet, id)?["result"] else { continue }
            let status = state["status"]?.string ?? ""
            run.witness.reach("task \(status)")
            guard status == "completed" else { continue }
            let text = state["result"]?["content"]?.elements?.first?["text"]?.string
            run.witness.expect(text == ticket.expected, "\(ticket) became \(state)")
            return
        }
    }

    private func tasks(_ method: String, _ id: String) async -> JSON? {
        let outcome = await Connection(run).send(body(method, [("taskId", JSON(id))], id: 1, tasks: true))
        guard case .message(let json, _, _) = outcome else { return nil }
        return json
    }

    private func ask(stranger id: String) async {
        let stranger = PerRequestCaller(run: run, principal: Principal(id: "key:stranger", name: "stranger"))
        let method = run.dice.pick([Method.tasksGet, Method.tasksCancel])
        let (began, process) = (run.time.now, run.process)
        guard let known = await stranger.tasks(method, id), let unknown = await stranger.tasks(method, "unknown")
        else { return }
        // Of a server that is about to stop, or whose store fails, one may hear just that.
        let isTold = [known, unknown].contains { $0["error"]?["code"]?.integer == -32603 }
        let mayBeTold =
            run.process?.number != process?.number || process?.stopping != nil
            || run.witness.storeHasFailed(.tasks, in: process?.number, since: began)
        let isSame = known == unknown || isTold && mayBeTold
        run.witness.expect(isSame, "a stranger sees a task: \(known)")
        run.witness.expect(known["result"] == nil, "a stranger got \(known)")
        run.witness.reach("stranger refused a task")
    }

    // MARK: subscriptions/listen

    private func listen() async {
        let ticket = run.witness.ticket(.listen, principal)
        defer { ticket.settle() }
        let connection = Connection(run, for: ticket)
        let params: [(String, JSON)] = [("notifications", ["toolsListChanged": true])]
        let got = Asked()
        let listening = Listening(run, connection)
        let outcome = await connection.send(
            body(Method.subscriptionsListen, params, id: 5), hangUpAfter: run.dice.milliseconds(400)
        ) { event in
            if got.message == nil {
                let isAcknowledged = event.message["method"]?.string == Method.subscriptionsAcknowledged
                self.run.witness.expect(isAcknowledged, "a subscription begins with \(event.message)")
            }
            got.keep(event.message)
            listening.take(event.message)
        }
        listening.end(ticket)
        switch outcome {
        case .refused, .broken: break
        case .stream:
            run.witness.expect(connection.process?.stopping != nil, "a subscription ended while the server lives")
            run.witness.expect(got.message?["id"]?.integer == 5, "a subscription ended without its answer")
        case .message(let json, let status, _):
            Judge(run: run, ticket: ticket, process: connection.process).refusal(json, status: status)
        default: run.witness.object("subscriptions/listen got \(outcome)")
        }
    }
}
