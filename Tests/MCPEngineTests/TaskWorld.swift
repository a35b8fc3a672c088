import FoundationEssentials
import Logging
import MCPProtocol
import MCPTesting
import Synchronization

@testable import MCPEngine

/// A service in memory, and what its tasks come to.
final class TaskWorld: Sendable {
    let store: InMemoryStore
    let time = ManualTime()
    let host = SessionHost()
    let service: TaskService

    init(
        limits: TaskLimits = TaskLimits(), logger: Logger = Logger(label: "test"),
        wrap: (InMemoryStore) -> any TaskStore = { $0 }
    ) {
        store = InMemoryStore()
        service = TaskService(
            store: wrap(store), host: host, time: time, limits: limits, metrics: EngineMetrics(), logger: logger)
    }

    /// Waits until the task meets the condition. Must be called before it can.
    func reaches(_ id: String, _ condition: @escaping @Sendable (TaskMachine) -> Bool) async throws -> TaskMachine {
        let gate = Gate()
        let watch = service.watch([TaskReference(id: id, owner: Principal.local.id): -1]) { task in
            if condition(task.machine) { gate.open() }
        }
        defer { service.end(watch) }
        // What came before the watch is told by this.
        await service.reconcile()
        await gate.pass()
        return try await service.get(id, owner: .local).machine
    }

    func ends(_ id: String) async throws -> TaskMachine { try await reaches(id) { $0.status.isTerminal } }

    /// Ends what still runs when `body` is done.
    func whileItRuns(_ body: @escaping @Sendable (TaskWorld) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.host.run() }
            try await body(self)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

/// A store whose changes fail for the first few times.
final class FailingTaskStore: TaskStore {
    let inner: InMemoryStore
    let failures: Atomic<Int>

    init(_ inner: InMemoryStore, failures: Int) {
        self.inner = inner
        self.failures = Atomic(failures)
    }

    func change<Effect: Sendable>(
        _ task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Effect
    ) async throws -> TaskChange<Effect>? {
        if failures.subtract(1, ordering: .relaxed).oldValue > 0 { throw StoreError(.unavailable, "full") }
        return inner.change(task, event)
    }

    func insert(_ task: TaskRecord, perOwner: Int, inAll: Int) async throws -> TaskAdmission {
        try inner.insert(task, perOwner: perOwner, inAll: inAll)
    }
    func find(_ task: TaskReference) async throws -> TaskRecord? { inner.find(task) }
    func revisions(of tasks: [TaskReference]) async throws -> [TaskReference: Int] { inner.revisions(of: tasks) }
    func orphans() async throws -> [TaskReference] { inner.orphans() }
    func sweep(expiredBy date: Date) async throws -> Int { inner.sweep(expiredBy: date) }
}
