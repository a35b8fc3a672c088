import FoundationEssentials
import MCPEngine
import MCPProtocol
import Synchronization

/// What one process sees of the store that outlives it: calls take their time, fail, and stop for good when it dies.
final class FaultyStore: SessionStore, SealingKeyStore, TaskStore, OfferStore {
    private let store: InMemoryStore
    private let run: Run
    private let isDead = Atomic(false)
    /// Those that this process works on.
    private let tasks = Mutex<[TaskReference]>([])

    init(_ store: InMemoryStore, _ run: Run) {
        self.store = store
        self.run = run
    }

    /// The process is gone: from now on nothing of it reaches the store.
    func die() { isDead.store(true, ordering: .relaxed) }

    private func reach<Value>(_ key: SessionKey? = nil, _ body: () async throws -> Value) async throws -> Value {
        if run.plan.isStoreSlow { await run.rest(run.dice.milliseconds(60)) }
        let (isDead, fails) = (isDead.load(ordering: .relaxed), run.dice.percent(run.plan.storeFaults))
        // A call may fail after it has done its work.
        if isDead || fails && run.dice.percent(70) { throw fault(key) }
        let value = try await body()
        if fails { throw fault(key) }
        if run.plan.isStoreSlow { await run.rest(run.dice.milliseconds(30)) }
        return value
    }

    private func fault(_ key: SessionKey?) -> StoreError {
        run.witness.storeFailed(key)
        return StoreError(.unavailable, "the simulated store fails")
    }

    func insert(_ record: SessionRecord) async throws { try await reach(record.key) { try store.insert(record) } }
    func find(_ key: SessionKey) async throws -> SessionRecord? { try await reach(key) { store.find(key) } }
    func end(_ key: SessionKey, at date: Date) async throws { try await reach(key) { store.end(key, at: date) } }
    func touch(_ seen: [SessionKey: Date]) async throws { try await reach { store.touch(seen) } }

    func setLogLevel(_ level: LogLevel, of key: SessionKey) async throws {
        try await reach { store.setLogLevel(level, of: key) }
    }

    func setSubscriptions(_ uris: [String], of key: SessionKey) async throws {
        try await reach { store.setSubscriptions(uris, of: key) }
    }

    func sweep(idleSince: Date, endedBefore: Date, keep: Int) async throws -> Int {
        try await reach { store.sweep(idleSince: idleSince, endedBefore: endedBefore, keep: keep) }
    }

    func sealingKeys() async throws -> [SealingKey] { try await reach { try await store.sealingKeys() } }

    func rotate(to key: SealingKey, unlessNewerThan current: Date, forgetting superseded: Date) async throws
        -> [SealingKey]
    {
        try await reach { try await store.rotate(to: key, unlessNewerThan: current, forgetting: superseded) }
    }

    func insert(_ task: TaskRecord, perOwner: Int, inAll: Int) async throws -> TaskAdmission {
        try await reach {
            let admission = try await store.insert(task, perOwner: perOwner, inAll: inAll)
            if admission == .kept { tasks.withLock { $0.append(task.reference) } }
            return admission
        }
    }

    func find(_ task: TaskReference) async throws -> TaskRecord? { try await reach { try await store.find(task) } }

    func change<Effect: Sendable>(
        _ task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Effect
    ) async throws -> TaskChange<Effect>? {
        try await reach { try await store.change(task, event) }
    }

    func revisions(of tasks: [TaskReference]) async throws -> [TaskReference: Int] {
        try await reach { try await store.revisions(of: tasks) }
    }

    func orphans() async throws -> [TaskReference] {
        try await reach {
            run.processes.filter(\.isOver).flatMap { process in process.store.tasks.withLock { $0 } }
                .filter { store.find($0)?.machine.status.isTerminal == false }
        }
    }

    func sweep(expiredBy date: Date) async throws -> Int { try await reach { try await store.sweep(expiredBy: date) } }

    func keptOffer(of upstream: String) async throws -> KeptOffer? {
        try await reach { try await store.keptOffer(of: upstream) }
    }

    func keepOffer(_ offer: KeptOffer, of upstream: String) async throws {
        try await reach { try await store.keepOffer(offer, of: upstream) }
    }
}
