import MCPEngine
import MCPProtocol

/// Whether what a client got is what it should have got: its own result, or an error for which there was a reason.
struct Judge {
    let run: Run
    let ticket: Ticket
    let process: ServerProcess?
    private var witness: Witness { run.witness }
    private var now: Duration { run.time.now }

    private func object(_ what: String) { witness.object("\(ticket) \(what)") }
    private func expect(_ isSo: Bool, _ what: @autoclosure () -> String) { if !isSo { object(what()) } }

    private var stops: Bool { process?.stopping != nil || process?.hasCrashed == true }

    // MARK: Answers

    func answer(_ json: JSON, id: Int, status: Int = 200) {
        let count = ticket.answered()
        witness.tell("\(ticket) is answered: \(json)")
        expect(count == 1, "was answered \(count) times")
        expect(json["id"]?.integer == Int64(id), "got the answer to another request: \(json)")
        if status != 200 { return refusal(status) }
        if let error = json["error"] { return self.error(error) }
        guard let result = json["result"] else { return object("got neither result nor error: \(json)") }
        switch ticket.kind {
        case .list:
            let names = result["tools"]?.elements?.compactMap { $0["name"]?.string } ?? []
            expect(names.contains("echo"), "got a list without tools: \(names)")
        case .ping, .level: expect(result.kind == .object, "got \(result)")
        default: tool(result)
        }
    }

    private func tool(_ result: JSON) {
        let text = result["content"]?.elements?.first?["text"]?.string ?? ""
        guard result["isError"]?.bool == true else {
            expect(text == ticket.expected, "got somebody else's result: \(result)")
            expect(ticket.kind == .ask || witness.executions(of: ticket.nonce) > 0, "has a result of nothing")
            return witness.reach("result of \(ticket.kind)")
        }
        switch ticket.kind {
        case .fail where text == "always fails": return witness.reach("result of fail")
        case .question where text == "refused": return witness.reach("refused question")
        default: break
        }
        if ticket.kind == .ask, text == "cannot be asked" {
            return expect(run.plan.isTight || stops, "was not asked, though its client can be")
        }
        if text.contains("did not finish within") {
            expect(now - ticket.sent >= run.plan.limits.toolTime, "ran out of its time too early")
            let waitsForPeople = ticket.kind == .ask || ticket.kind == .question
            let isSilent = ticket.kind.isBehind && witness.reached.contains("upstream fault said nothing")
            expect(run.plan.isSlow || waitsForPeople || isSilent, "took all its time, and nothing held it up")
            return witness.reach("time limit")
        }
        if text.contains("is unavailable") {
            let hasReason = process?.far?.hasFailed == true || stops || run.plan.isTight
            expect(ticket.kind.isBehind && hasReason, "found a server unavailable that was there: \(text)")
            return witness.reach("unavailable")
        }
        if text.contains("session ended before the client answered") {
            expect(ticket.session?.deleted != nil || run.plan.expires, "lost its question without a reason")
            return witness.reach("question of an ended session")
        }
        if text.contains("questions to answer already") || text.contains("calls wait for answers") {
            return expect(run.plan.isTight, "met a bound that is far: \(text)")
        }
        if text.contains("asked 10 times") || text.contains("needs roots/list") { return }
        if ticket.kind == .question, text.contains("The client") { return witness.reach("question not put") }
        if ticket.kind == .task, text == "The tool task failed." {
            return expect(witness.storeHasFailed || stops, "failed")
        }
        object("failed without a reason: \(text)")
    }

    private func error(_ error: JSON) {
        let message = error["message"]?.string ?? ""
        switch error["code"]?.integer {
        case -32800:
            expect(ticket.cancelled != nil || process?.hasCrashed == true, "was cancelled by nobody")
            witness.reach("cancelled")
        case -32603 where message.contains("session ended before") || message.contains("channel ended before"):
            let since = ticket.session?.deleted ?? (run.plan.expires ? .zero : nil)
            let isLate = since.map { now - $0 >= run.plan.limits.drainGrace } ?? false
            // A session that makes room for another has the same grace.
            expect(isLate || run.plan.isTight, "was told too early that its grace is over")
            witness.reach("grace over")
        case -32603 where message.contains("server stopped before"):
            let isLate = process?.stopping.map { now - $0 >= run.plan.limits.shutdownGrace } ?? false
            expect(isLate || process?.hasCrashed == true, "was told too early that the server stopped")
            witness.reach("shutdown grace over")
        case -32603 where message.contains("tasks") || message.contains("Too many tasks"):
            expect(witness.storeHasFailed || run.plan.isTight || stops, "met a store that does not fail: \(message)")
        case _ where message.contains("server is stopping") || message.contains("server is restarting"):
            expect(stops, "was told of a stop: \(message)")
        case _ where message.contains("server is full"): expect(run.plan.isTight, "met a full server")
        case _ where message.contains("Too many requests in flight"):
            expect(run.plan.isTight, "met a bound that is far: \(message)")
            witness.reach("too many in flight")
        case -32001:
            // On a pipe there is no status.
            expect(ticket.session.map { mayBeGone($0) } == true || stops && witness.storeHasFailed, "got \(message)")
        case -32602 where ticket.kind.isBehind && message.contains("Unknown tool"):
            expect(process?.far?.hasFailed == true || stops, "asked for a tool that is not offered")
        case -32603 where message.contains("keep the state"), -32603 where message.contains("failed"):
            expect(witness.storeHasFailed || process?.hasCrashed == true, "failed: \(message)")
        case -32602 where message.contains("taken up already"):
            // Whoever brings an answer late, or to another process, begins again.
            witness.reach("held call gone")
        case -32602 where message.contains("requestState"):
            expect(witness.storeHasFailed, "was told that its state is no good: \(message)")
        default: object("got an error without a reason: \(error)")
        }
    }

    // MARK: Refusals

    /// It was not begun.
    func refusal(_ status: Int) {
        ticket.settle()
        switch status {
        case 404:
            guard let session = ticket.session else { return object("got 404 without a session") }
            expect(mayBeGone(session), "got 404 on a live \(session)")
            witness.reach("session gone")
        case 503: expect(stops || run.plan.isTight, "got 503 from a server with room")
        case 429: expect(run.plan.isTight, "got 429 within its bounds")
        case 500: expect(witness.storeHasFailed || stops, "got 500")
        default: object("got status \(status)")
        }
    }

    private func mayBeGone(_ session: SessionFacts) -> Bool {
        if session.deleted != nil { return true }
        // What the store did not take, or does not give, is not known to another process, nor after an eviction.
        if witness.storeHasFailed(for: session.key) { return true }
        guard run.plan.expires else { return false }
        // When it was last seen is written behind: a process that was killed took that along, and so did an eviction.
        if run.plan.isTight || run.processes.contains(where: \.hasCrashed) { return true }
        return session.rested(by: now) >= run.plan.limits.idleExpiry - .milliseconds(150)
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
