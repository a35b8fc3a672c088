import MCPEngine
import MCPProtocol

/// Whether what a client got is what it should have got: its own result, or an error for which there was a reason.
struct Judge {
    let run: Run
    let ticket: Ticket
    let process: ServerProcess?
    var witness: Witness { run.witness }
    var now: Duration { run.time.now }

    private func object(_ what: String) { witness.object("\(ticket) \(what)") }
    private func expect(_ isSo: Bool, _ what: @autoclosure () -> String) { if !isSo { object(what()) } }

    // MARK: Answers

    func answer(_ json: JSON, id: Int, status: Int = 200) {
        let count = ticket.answered()
        witness.tell("\(ticket) is answered: \(json)")
        expect(count == 1, "was answered \(count) times")
        expect(json["id"]?.integer == Int64(id), "got the answer to another request: \(json)")
        if status != 200 { return refusal(json, status: status) }
        if let error = json["error"] { return self.error(error) }
        guard let result = json["result"] else { return object("got neither result nor error: \(json)") }
        switch ticket.kind {
        case .list:
            let names = result["tools"]?.elements?.compactMap { $0["name"]?.string } ?? []
            expect(names.contains("echo"), "got a list without tools: \(names)")
            let isChanged =
                process?.changed.map { change in ticket.moment.map { change < $0.arrived } ?? false } ?? false
            expect(!isChanged || names.contains("late"), "got a list without the latest tool: \(names)")
        case .ping, .level: expect(result.kind == .object, "got \(result)")
        default: tool(result)
        }
    }

    private func tool(_ result: JSON) {
        let text = result["content"]?.elements?.first?["text"]?.string ?? ""
        guard result["isError"]?.bool == true else {
            expect(text == ticket.expected, "got somebody else's result: \(result)")
            expect(ticket.kind == .ask || witness.executions(of: ticket.nonce) > 0, "has a result of nothing")
            let steps = witness.steps(of: ticket.nonce)
            // A log that is too small forgets some, and so does a client that goes away with a question.
            let mayMiss = run.plan.isTight || ticket.first != nil
            expect(ticket.steps == steps || mayMiss, "heard of \(ticket.steps) steps, and there were \(steps)")
            return witness.reach("result of \(ticket.kind)")
        }
        switch ticket.kind {
        case .fail where text == "always fails": return witness.reach("result of fail")
        case .question where text == "refused": return witness.reach("refused question")
        default: break
        }
        if ticket.kind == .ask, text == "cannot be asked" {
            return expect(ticket.session?.isAbsent == true, "was not asked, though its client can be")
        }
        if ticket.kind == .task, text == "The tool task failed." {
            return expect(storeHasFailed(.tasks), "failed, and the store has just served")
        }
        if text.contains("did not finish within") {
            expect(now - ticket.sent >= run.plan.limits.toolTime, "ran out of its time too early")
            expect(mayTakeLong, "took all its time, and nothing held it up")
            return witness.reach("time limit")
        }
        if text.contains("is unavailable") {
            expect(ticket.kind.isBehind && mayBeUnavailable(text), "found a server unavailable that was there: \(text)")
            return witness.reach("unavailable")
        }
        if text.contains("session ended before the client answered") {
            expect(ticket.session?.deleted != nil, "lost its question without a reason")
            return witness.reach("question of an ended session")
        }
        if text.contains("questions to answer already") {
            expect(others(inSession: true).contains(where: \.mayAsk), "met a bound that is far: \(text)")
            return witness.reach("too many questions")
        }
        if text.contains("calls wait for answers") {
            return expect(holdsOthers, "met a bound that is far: \(text)")
        }
        object("failed without a reason: \(text)")
    }

    private func error(_ error: JSON) {
        let message = error["message"]?.string ?? ""
        switch error["code"]?.integer {
        case -32800:
            expect(ticket.cancelled != nil, "was cancelled by nobody")
            witness.reach("cancelled")
        case -32603 where message.contains("session ended before") || message.contains("channel ended before"):
            let isLate = ticket.session?.deleted.map { now - $0 >= run.plan.limits.drainGrace } ?? false
            expect(isLate, "was told too early that its grace is over")
            witness.reach("grace over")
        case -32603 where message.contains("server stopped before"):
            let isLate = process?.stopping.map { now - $0 >= run.plan.limits.shutdownGrace } ?? false
            expect(isLate, "was told too early that the server stopped")
            witness.reach("shutdown grace over")
        case -32603 where message.contains("Too many tasks"):
            expect(hasEnoughTasks, "met a bound that is far: \(message)")
            witness.reach("too many tasks")
        case -32603 where message.contains("keep the state"):
            expect(storeHasFailed(.keys), "was told that its state cannot be kept, and the store has just served")
        case _ where message.contains("server is stopping") || message.contains("server is restarting"):
            expect(stops, "was told of a stop: \(message)")
        case _ where message.contains("server is full"): expect(wasFull, "met a full server")
        case _ where message.contains("Too many requests in flight"):
            expect(hasCompany(message), "met a bound that is far: \(message)")
            witness.reach("too many in flight")
        // On a pipe there is no status.
        case -32001: expect(ticket.session.map { mayBeGone($0) } == true, "got \(message)")
        case -32602 where ticket.kind.isBehind && message.contains("Unknown tool"):
            expect(ticket.moment?.offersFar == false, "asked for a tool that is offered")
        case -32602 where message.contains("taken up already"):
            // Whoever brings an answer late, or to another process, begins again.
            let isLate = ticket.first.map {
                $0.process != process?.number || now - $0.sent >= run.plan.upstream.heldTime
            }
            expect(isLate == true, "came back in time, and its call is gone")
            witness.reach("held call gone")
        default: object("got an error without a reason: \(error)")
        }
    }

    // MARK: Refusals

    /// It was not begun.
    func refusal(_ json: JSON, status: Int) {
        ticket.settle()
        let message = json["error"]?["message"]?.string ?? ""
        switch status {
        case 404:
            guard let session = ticket.session else { return object("got 404 without a session") }
            expect(mayBeGone(session), "got 404 on a live \(session)")
            witness.reach("session gone")
        case 503 where message.contains("full"): expect(wasFull, "got 503 from a server with room")
        case 503: expect(wasStopping, "got 503 from a server that goes on: \(message)")
        case 429: expect(hasCompany(message), "got 429 within its bounds: \(message), beside \(others())")
        default: object("got status \(status): \(json)")
        }
    }

    // MARK: No answer

    func outcome(_ outcome: Connection.Outcome, id: Int) {
        switch outcome {
        case .refused: ticket.settle()
        case .message(let json, let status, _): answer(json, id: id, status: status)
        case .stream: expect(ticket.isSettled, "was owed an answer by a stream that ended without")
        case .broken, .tooSlow: ticket.settle()
        case .dismissed(let paused):
            expect(paused, "lost its stream to somebody else")
            ticket.settle()
        case .accepted, .ended, .notAllowed: object("got \(outcome)")
        }
    }
}
