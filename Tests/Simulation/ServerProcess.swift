import Logging
import MCPEngine
import MCPProtocol
import MCPTesting
import Synchronization

/// One process on the store that all share: from its start to its orderly end, or to its death in the middle of anything.
final class ServerProcess: Sendable {
    private struct State {
        var isListening = false
        var stopping: Duration?
        var hasCrashed = false
        var isOver = false
        var connections: [Int: Connection] = [:]
        var nextConnection = 0
        /// Clients on channels that carry everything both ways.
        var pipes = 0
        var hasCutPipes = false
        /// When there was one more tool.
        var changed: Duration?
        /// When every place for a session was taken.
        var full: Duration?
        /// Sessions that somebody used here.
        var used: Set<SessionKey> = []
    }

    let number: Int
    let gateway: Gateway
    let store: FaultyStore
    let far: FarServer?
    let bridge: BridgedUpstream?
    let run: Run
    private let local: LocalUpstream
    private let end = Gate()
    private let state = Mutex(State())

    init(_ number: Int, _ run: Run) {
        self.number = number
        self.run = run
        local = Tools.make(run)
        store = FaultyStore(run.memory, run, process: number)
        let logger = Logger(label: "simulation") { _ in Listener(run: run, process: number) }
        let identity = Implementation(name: "simulated", version: "1")
        far = run.plan.behind.map { FarServer(run, $0) }
        bridge = far.map { [store] far in
            BridgedUpstream(
                UpstreamPolicy(name: "far", lifetime: far.behind.lifetime, limits: run.plan.upstream), over: far,
                fingerprint: "far", identity: identity, store: store, time: run.time, random: run.dice, logger: logger)
        }
        var configuration = Gateway.Configuration(identity: identity)
        configuration.limits = run.plan.limits
        gateway = Gateway(
            configuration: configuration, upstreams: [local] + [bridge].compactMap { $0 }, store: store,
            time: run.time, random: run.dice, logger: logger)
    }

    // MARK: Its life

    func live() async {
        await bridge?.loadKeptOffer()
        await withDiscardingTaskGroup { group in
            if let bridge { group.addTask { await bridge.run() } }
            group.addTask { [gateway] in await gateway.run() }
            // As the program does: whoever connects first should not find an empty list.
            await bridge?.waitForOffer()
            state.withLock { $0.isListening = true }
            await end.pass()
            if stopping != nil { await bridge?.stop() }
            gateway.host.stop()
            group.cancelAll()
        }
        state.withLock { $0.isOver = true }
        run.witness.expect(gateway.inFlight == 0, "process \(number) ended with \(gateway.inFlight) requests in flight")
    }

    /// SIGTERM: drains, gives replies their time to be written, ends.
    func stop() async {
        run.witness.tell("process \(number) is told to stop")
        state.withLock { $0.stopping = run.time.now }
        await gateway.shutdown()
        let patience = run.time.now + run.plan.limits.shutdownWriting
        while !connections.isEmpty || state.withLock({ $0.pipes }) > 0, run.time.now < patience {
            await run.rest(.milliseconds(10))
        }
        for connection in connections { connection.cut(byServer: true) }
        state.withLock { $0.hasCutPipes = true }
        end.open()
    }

    /// SIGKILL: whatever it has not said or stored by now is lost.
    func crash() {
        run.witness.tell("process \(number) is killed")
        isOvertaken()
        state.withLock { ($0.hasCrashed, $0.hasCutPipes) = (true, true) }
        store.die()
        for connection in connections { connection.cut(byServer: true) }
        end.open()
    }

    /// It offers one more tool.
    func change() {
        guard accepts else { return }
        run.witness.tell("process \(number) has one more tool")
        state.withLock { $0.changed = run.time.now }
        local.register(Tools.late(run))
        run.witness.reach("one more tool")
    }

    var changed: Duration? { state.withLock { $0.changed } }
    var stopping: Duration? { state.withLock { $0.stopping } }
    var hasCrashed: Bool { state.withLock { $0.hasCrashed } }
    var isOver: Bool { state.withLock { $0.isOver } }
    /// Whether somebody listens at its address.
    var accepts: Bool { state.withLock { $0.isListening && !$0.hasCrashed && $0.stopping == nil } }

    // MARK: Its sessions

    /// A session is used here. The store is told so in a while, by the next sweep.
    func uses(_ session: SessionFacts, at moment: Duration? = nil) {
        session.use(at: moment ?? run.time.now)
        state.withLock { _ = $0.used.insert(session.key) }
        // Whoever stops tells it once, when that begins, and whoever was killed never.
        if stopping != nil || hasCrashed { run.witness.untold(session.key) }
    }

    /// What it has not told the store by now, it may never tell.
    func isOvertaken() {
        for session in state.withLock({ $0.used }) { run.witness.untold(session) }
    }

    /// Whether every place for a session was taken at some time since then.
    func wasFull(since moment: Duration) -> Bool { state.withLock { $0.full.map { $0 >= moment } ?? false } }

    /// After every step.
    func check() {
        let limits = run.plan.limits
        let (sessions, inFlight) = (gateway.directory.places, gateway.inFlight)
        run.witness.expect(sessions <= limits.sessions, "\(sessions) sessions, and \(limits.sessions) are the bound")
        if sessions == limits.sessions { state.withLock { $0.full = run.time.now } }
        // Callers, and whoever comes last.
        let bound = 4 * limits.inFlightPerPrincipal
        run.witness.expect(inFlight <= bound, "\(inFlight) requests in flight, and \(bound) are the bound")
    }

    /// When nothing can happen at this moment any more.
    func checkAtRest() {
        // Beside those that callers need, one for the lists.
        guard let open = far?.open else { return }
        let most = run.plan.upstream.conversations + 1
        run.witness.expect(open <= most, "\(open) conversations with the server behind, and \(most) are the bound")
    }

    /// Whether anything is still under way that should end by itself.
    var isBusy: Bool {
        gateway.inFlight > 0 || !store.unfinished.isEmpty || !hasCrashed && far?.pending ?? 0 > 0
    }

    // MARK: Its connections

    func add(_ connection: Connection) -> Int {
        state.withLock { state in
            state.nextConnection += 1
            state.connections[state.nextConnection] = connection
            return state.nextConnection
        }
    }

    func addPipe() { state.withLock { $0.pipes += 1 } }
    func removePipe() { state.withLock { $0.pipes -= 1 } }
    /// Whether it ended, or died, without waiting for them any longer.
    var hasCutPipes: Bool { state.withLock { $0.hasCutPipes } }

    func remove(_ connection: Int) { state.withLock { $0.connections[connection] = nil } }

    private var connections: [Connection] {
        state.withLock { $0.connections.sorted { $0.key < $1.key }.map(\.value) }
    }

    // MARK: Its log

    /// What it logs says what it went through, and that nothing went wrong that was not broken on purpose.
    private struct Listener: LogHandler {
        let run: Run
        let process: Int
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(run: Run, process: Int) {
            self.run = run
            self.process = process
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let name = "\(event.message)"
            run.witness.heard(name, event.metadata ?? [:], process)
            guard event.level >= .error else { return }
            let hasReason = run.witness.storeHasFailed(in: process, since: run.time.now)
            run.witness.expect(hasReason, "logged as an error, and the store has just served: \(name)")
        }
    }
}
