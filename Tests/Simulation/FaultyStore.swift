import FoundationEssentials
import MCPEngine
import MCPProtocol
import Synchronization

/// What one process sees of the store that outlives it: calls take their time, fail, and stop for good when it dies.
final class FaultyStore: SessionStore, SealingKeyStore, TaskStore, OfferStore {
    private let store: InMemoryStore
    private let run: Run
    private let process: Int
    private let isDead = Atomic(false)
    /// Those that this process has made, and whether it knows that the store took them.
    private let tasks = Mutex<[(reference: TaskReference, isKnown: Bool)]>([])

    init(_ store: InMemoryStore, _ run: Run, process: Int) {
        self.store = store
        self.run = run
        self.process = process
    }

    /// The process is gone: from now on nothing of it reaches the store.
    func die() { isDead.store(true, ordering: .relaxed) }

    private func reach<Value>(_ part: StoreFault.Part, _ body: () async throws -> Value) async throws -> Value {
        if run.plan.isStoreSlow { await run.rest(run.dice.milliseconds(60)) }
        let (isDead, fails) = (isDead.load(ordering: .relaxed), !run.isEnding && run.dice.percent(run.plan.storeFaults))
        // A call may fail after it has done its work.
        if isDead || fails && run.dice.percent(70) { throw fault(part) }
        let value = try await body()
        if fails { throw fault(part) }
        if run.plan.isStoreSlow { await run.rest(run.dice.milliseconds(30)) }
        return value
    }

    private func fault(_ part: StoreFault.Part) -> StoreError {
        run.witness.storeFailed(StoreFault(part: part, process: process, at: run.time.now))
        return StoreError(.unavailable, "the simulated store fails")
    }

    /// Tasks that this process made for that caller.
    func made(by owner: String) -> [TaskReference] {
        tasks.withLock { $0 }.map(\.reference).filter { $0.owner == owner }
    }

    /// Tasks that this process began and that have not come to an end.
    var unfinished: [TaskReference] { unfinished(\.isKnown) }

    private func unfinished(_ admits: ((reference: TaskReference, isKnown: Bool)) -> Bool) -> [TaskReference] {
        tasks.withLock { $0.filter(admits) }.map(\.reference)
            .filter { store.find($0)?.machine.status.isTerminal == false }
    }

    func insert(_ record: SessionRecord) async throws {
        try await reach(.sessions) {
            try store.insert(record)
            run.witness.storeHeard(of: record.key, at: run.time.elapsed(by: record.lastSeen))
        }
    }

    func touch(_ seen: [SessionKey: Date]) async throws {
        do {
            try await reach(.sessions) {
                store.touch(seen)
                for (key, date) in seen where store.find(key) != nil {
                    run.witness.storeHeard(of: key, at: run.time.elapsed(by: date))
                }
            }
        } catch {
            for key in seen.keys { run.witness.untold(key) }
            throw error
        }
    }

    func find(_ key: SessionKey) async throws -> SessionRecord? { try await reach(.lookup(key)) { store.find(key) } }
    func end(_ key: SessionKey, at date: Date) async throws { try await reach(.sessions) { store.end(key, at: date) } }

    func setLogLevel(_ level: LogLevel, of key: SessionKey) async throws {
        try await reach(.sessions) { store.setLogLevel(level, of: key) }
    }

    func setSubscriptions(_ uris: [String], of key: SessionKey) async throws {
        try await reach(.sessions) { store.setSubscriptions(uris, of: key) }
    }

    func sweep(idleSince: Date, endedBefore: Date, keep: Int) async throws -> Int {
        try await reach(.sessions) { store.sweep(idleSince: idleSince, endedBefore: endedBefore, keep: keep) }
    }

    func sealingKeys() async throws -> [SealingKey] { try await reach(.keys) { try await store.sealingKeys() } }

    func rotate(to key: SealingKey, unlessNewerThan current: Date, forgetting superseded: Date) async throws
        -> [SealingKey]
    {
        try await reach(.keys) { try await store.rotate(to: key, unlessNewerThan: current, forgetting: superseded) }
    }

    func insert(_ task: TaskRecord, perOwner: Int, inAll: Int) async throws -> TaskAdmission {
        let admission = try await reach(.tasks) {
            let admission = try await store.insert(task, perOwner: perOwner, inAll: inAll)
            if admission == .kept { tasks.withLock { $0.append((task.reference, false)) } }
            return admission
        }
        tasks.withLock { tasks in
            for index in tasks.indices where tasks[index].reference == task.reference { tasks[index].isKnown = true }
        }
        return admission
    }

    func find(_ task: TaskReference) async throws -> TaskRecord? {
        try await reach(.tasks) { try await store.find(task) }
    }

    func change<Effect: Sendable>(
        _ task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Effect
    ) async throws -> TaskChange<Effect>? {
        try await reach(.tasks) { try await store.change(task, event) }
    }

    func revisions(of tasks: [TaskReference]) async throws -> [TaskReference: Int] {
        try await reach(.tasks) { try await store.revisions(of: tasks) }
    }

    func orphans() async throws -> [TaskReference] {
        try await reach(.tasks) {
            run.processes.filter(\.isOver).flatMap { $0.store.unfinished { _ in true } }
        }
    }

    func sweep(expiredBy date: Date) async throws -> Int {
        try await reach(.tasks) { try await store.sweep(expiredBy: date) }
    }

    func keptOffer(of upstream: String) async throws -> KeptOffer? {
        try await reach(.offers) { try await store.keptOffer(of: upstream) }
    }

    func keepOffer(_ offer: KeptOffer, of upstream: String) async throws {
        try await reach(.offers) { try await store.keepOffer(offer, of: upstream) }
    }
}
