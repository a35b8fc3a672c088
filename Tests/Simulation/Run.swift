import MCPEngine
import MCPProtocol
import Synchronization

/// One schedule: processes that come and go on one store, clients that talk to them, and everything that is checked.
final class Run: Sendable {
    private struct State {
        var processes: [ServerProcess] = []
        var current: ServerProcess?
        var isEnding = false
        var isOver = false
    }

    let dice: Dice
    let plan: Plan
    let time = SimulatedTime()
    let witness: Witness
    let memory = InMemoryStore()
    private let state = Mutex(State())

    init(seed: Int, tells: Bool = false) {
        dice = Dice(seed: seed)
        plan = Plan(dice)
        witness = Witness(time: time, tells: tells)
    }

    /// The one that clients reach.
    var process: ServerProcess? { state.withLock { $0.current } }
    var processes: [ServerProcess] { state.withLock { $0.processes } }
    /// All clients have gone, and the store fails no more.
    var isEnding: Bool { state.withLock { $0.isEnding } }
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Lets simulated time pass; nobody waits for it.
    func pause(_ duration: Duration) async throws {
        try await time.sleep(for: duration)  // paces: simulated time, of which there is plenty
    }

    /// The same, cut short by a cancellation.
    func rest(_ duration: Duration) async { try? await pause(duration) }

    func network() async {
        guard plan.isNetworkSlow, dice.percent(60) else { return }
        await rest(dice.milliseconds(30))
    }

    // MARK: What happens

    func main() async {
        await withDiscardingTaskGroup { group in
            start(in: &group)
            await withDiscardingTaskGroup { clients in
                for number in 0..<plan.clients { clients.addTask { await self.client(number) } }
                if plan.changes {
                    clients.addTask {
                        await self.rest(self.dice.milliseconds(50 * self.plan.steps))
                        self.process?.change()
                    }
                }
                for restart in plan.restarts {
                    await rest(dice.milliseconds((plan.expires ? 150 : 50) * plan.steps))
                    await self.restart(restart, in: &group)
                }
            }
            await settle()
            await process?.stop()
        }
        witness.checkTickets()
        witness.checkSessions()
        state.withLock { $0.isOver = true }
    }

    private func start(in group: inout DiscardingTaskGroup) {
        // One that has not ended yet may come too late to tell the store what it knows.
        for process in processes where !process.isOver { process.isOvertaken() }
        let process = state.withLock { state in
            let process = ServerProcess(state.processes.count + 1, self)
            state.processes.append(process)
            state.current = process
            return process
        }
        witness.tell("process \(process.number) starts")
        group.addTask { await process.live() }
    }

    private func client(_ number: Int) async {
        // Of three, two are the same caller.
        let principal = Principal(id: "key:\(number % 2)", name: "caller\(number % 2)")
        var patience = 20
        while process?.accepts != true, patience > 0 {
            await rest(.milliseconds(20))
            patience -= 1
        }
        switch dice.below(10) {
        case 0..<5: await SessionClient(self, principal).live()
        case 5..<8: await PerRequestCaller(run: self, principal: principal).live()
        default: if let process, process.accepts { await PipeClient(self, principal, process).live() }
        }
    }

    private func restart(_ restart: Plan.Restart, in group: inout DiscardingTaskGroup) async {
        guard let old = process else { return }
        switch restart {
        case .crash: old.crash()
        case .orderly:
            // A deploy may start the next before the last has ended.
            if dice.percent(50) {
                group.addTask { await old.stop() }
            } else {
                await old.stop()
            }
        }
        await rest(dice.milliseconds(50))
        start(in: &group)
    }

    /// All clients have gone. What they left behind comes to its end, and the server serves the next.
    private func settle() async {
        guard let process else { return }
        state.withLock { $0.isEnding = true }
        let patience = time.now + plan.limits.toolTime + plan.limits.drainGrace + .milliseconds(1_500)
        while processes.contains(where: \.isBusy), time.now < patience { await rest(.milliseconds(50)) }
        witness.expect(process.gateway.inFlight == 0, "\(process.gateway.inFlight) requests are in flight for ever")
        let pending = process.far?.pending ?? 0
        witness.expect(pending == 0, "\(pending) requests wait at the server behind for ever")
        let tasks = processes.flatMap(\.store.unfinished)
        witness.expect(tasks.isEmpty, "\(tasks.count) tasks never end")
        let left = process.gateway.directory.live.filter { $0.phase != .active && process.stopping == nil }
        witness.expect(left.isEmpty, "\(left.count) sessions drain for ever")
        let body = Wire.request(Method.toolsList, id: .number(1))
        let principal = Principal(id: "key:last", name: "last")
        let reply = await process.gateway.handle(Call(verb: .post, principal: principal, headers: .init(), body: body))
        if case .message(_, 200) = reply.content { return }
        witness.object("the next client is not served")
    }

    // MARK: What is checked after every step

    func check() {
        state.withLock { state in
            for process in state.processes where !process.isOver { process.check() }
        }
    }

    /// When nothing more can happen before time goes on.
    func checkAtRest() {
        for process in processes where !process.isOver { process.checkAtRest() }
    }

    /// Lets go of everything, which knows each other.
    func forget() {
        state.withLock { ($0.processes, $0.current) = ([], nil) }
    }
}
