import MCPEngine
import MCPProtocol
import MCPTesting
import Synchronization

/// A client on a channel that carries everything both ways: it says goodbye, or is gone.
final class PipeClient: Sendable {
    private struct State {
        var owed: [Int: Ticket] = [:]
        var isGone = false
    }

    private let run: Run
    private let principal: Principal
    private let process: ServerProcess
    private let began: Duration
    private let duplex: Duplex
    private let opened: Mutex<SessionFacts>
    private let state = Mutex(State())

    init(_ run: Run, _ principal: Principal, _ process: ServerProcess) {
        self.run = run
        self.principal = principal
        self.process = process
        began = run.time.now
        opened = Mutex(SessionFacts(id: "", owner: principal, version: .v2025_11_25, now: run.time.now))
        duplex = Duplex(gateway: process.gateway, principal: principal, buffer: run.plan.isTight ? 300 : 4_000)
    }

    func live() async {
        process.addPipe()
        defer { process.removePipe() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.read() }
            let hello: JSON = [
                "protocolVersion": "2025-11-25", "capabilities": ["roots": [:]],
                "clientInfo": ["name": "pipe", "version": "1"],
            ]
            await say(Wire.request(Method.initialize, params: hello, id: .string("hello")))
            if let id = duplex.session?.id {
                let facts = SessionFacts(id: id, owner: principal, version: .v2025_11_25, now: run.time.now)
                opened.withLock { $0 = facts }
                process.uses(facts)
            }
            for _ in 0..<(2 * run.plan.steps) where !isGone && process.stopping == nil {
                await run.rest(run.dice.milliseconds(30))
                if run.dice.percent(12) { await cancelSomething() } else { await call() }
            }
            session.delete(at: run.time.now)
            if run.dice.percent(run.plan.hangUps) {
                state.withLock { $0.isGone = true }
                duplex.abandon()
                run.witness.reach("pipe abandoned")
            } else {
                await duplex.end()
                run.witness.reach("pipe ended")
            }
        }
        let owed = state.withLock { $0.owed.values.map { $0 } }
        for ticket in owed {
            run.witness.expect(isGone, "\(ticket) was not answered when its pipe ended")
            ticket.settle()
        }
    }

    private var session: SessionFacts { opened.withLock { $0 } }
    private var isGone: Bool { state.withLock { $0.isGone } || process.hasCutPipes }

    // MARK: Out

    private func say(_ message: [UInt8]) async {
        guard await duplex.outbox.room() else { return }
        if case .unreadable(let error) = await duplex.receive(message, report: { _ in }) {
            run.witness.object("a pipe could not read \(String(decoding: message, as: UTF8.self))")
            duplex.outbox.post(error)
        }
    }

    private func call() async {
        var kinds: [Ticket.Kind] = [.echo, .sleep, .stream, .ask, .list, .ping, .fail]
        if run.plan.behind != nil { kinds += [.read, .work] }
        let ticket = run.witness.ticket(run.dice.pick(kinds), principal, session)
        ticket.process = process.number
        state.withLock { $0.owed[ticket.nonce] = ticket }
        ticket.moment = process.moment(for: session)
        await say(Wire.request(ticket.method, params: .object(ticket.params), id: .number(Int64(ticket.nonce))))
        process.decided(ticket)
        process.uses(session)
    }

    /// From then on nothing is said about it, unless its answer was on its way already.
    private func cancelSomething() async {
        let ticket = state.withLock { state in
            state.owed.values.min { $0.nonce < $1.nonce }.map { state.owed.removeValue(forKey: $0.nonce) ?? $0 }
        }
        guard let ticket else { return }
        ticket.cancelled = run.time.now
        ticket.settle()
        await say(Wire.notification(Method.cancelled, params: ["requestId": JSON(ticket.nonce)]))
        run.witness.reach("pipe cancelled")
    }

    // MARK: In

    private func read() async {
        while case .message(let payload) = await duplex.outbox.next() {
            await run.network()
            guard !isGone, let json = try? JSON(parsing: payload) else { continue }
            if json["method"] == nil {
                take(json)
            } else if json["id"] != nil {
                await answer(json)
            } else if let token = json["params"]?["progressToken"]?.integer {
                state.withLock { $0.owed[Int(token)] }?.progressed()
            }
        }
    }

    private func take(_ answer: JSON) {
        guard let id = answer["id"]?.integer else {
            run.witness.expect(answer["id"]?.string == "hello", "a pipe got \(answer)")
            let mayBeRefused = process.stopping != nil || process.wasFull(since: began)
            return run.witness.expect(answer["error"] == nil || mayBeRefused, "a pipe was refused: \(answer)")
        }
        guard let ticket = state.withLock({ $0.owed.removeValue(forKey: Int(id)) }) else {
            return run.witness.reach("answer to what was cancelled")
        }
        Judge(run: run, ticket: ticket, process: process).answer(answer, id: Int(id))
    }

    private func answer(_ question: JSON) async {
        if run.dice.percent(15) { return }
        let result: JSON = ["roots": [["uri": JSON("file:///\(principal.id)")]]]
        let response: JSON = ["jsonrpc": "2.0", "id": question["id"] ?? nil, "result": result]
        _ = await duplex.receive(Array(response.bytes)) { _ in }
    }
}
