package import Logging
package import MCPProtocol
import Synchronization

/// Everything about tasks: it makes them, lets their functions run, carries questions and answers, and ends them.
///
/// The store decides what a task is; this only performs it. So `get`, `update` and `cancel` work in every process on
/// the same data, whichever of them runs the function.
package final class TaskService: Sendable {
    /// The function behind a task: it returns the tool's result, the bytes of one object as ``JSONWriter`` leaves them.
    package typealias Function = @Sendable (any TaskPort) async throws -> [UInt8]

    private struct State {
        var runs: [TaskReference: TaskRun] = [:]
        var isStopped = false
    }

    let store: any TaskStore
    let time: any TimeSource
    private let random: any RandomSource
    let limits: TaskLimits
    private let metrics: EngineMetrics
    let logger: Logger
    let watches = TaskWatches()
    private let host: SessionHost
    private let state = Mutex(State())

    /// - Parameter host: Where functions run.
    package init(
        store: any TaskStore, host: SessionHost, time: any TimeSource = SystemTime(),
        random: any RandomSource = SystemRandom(), limits: TaskLimits = TaskLimits(), metrics: EngineMetrics,
        logger: Logger
    ) {
        self.store = store
        self.host = host
        self.time = time
        self.random = random
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
    }

    // MARK: Making

    /// Keeps a new task and begins to work on it. When this returns, every process finds it.
    /// - Parameter ttl: For how long it should exist; never longer than ``TaskLimits/ttl``.
    /// - Throws: ``RPCError`` when there is no room, ``StoreError``.
    package func start(
        owner: Principal, tool: String, ttl: Duration? = nil, run function: @escaping Function
    ) async throws -> TaskRecord {
        guard !state.withLock({ $0.isStopped }) else { throw Self.stopping }
        let now = time.date.wholeMilliseconds
        let record = TaskRecord(
            id: RandomText.lowercase(25, from: random), owner: owner.id, tool: tool, created: now,
            ttl: max(1, min(ttl ?? limits.ttl, limits.ttl).milliseconds),
            pollInterval: limits.pollInterval.milliseconds,
            machine: TaskMachine(at: now))
        switch try await store.insert(record, perOwner: limits.perOwner, inAll: limits.inAll) {
        case .kept: break
        case .tooManyOfOwner:
            throw RPCError.internalError("Too many tasks are kept for this principal; try again later")
        case .tooMany: throw RPCError.internalError("Too many tasks are kept; try again later")
        }
        let reference = record.reference
        metrics.taskCreated()
        logger.info(
            "task.created",
            metadata: ["task": "\(reference.mark)", "tool": "\(tool)", "principal": "\(owner.name)"])
        let run = TaskRun(reference) { [self] in try await put($0, of: reference) }
        let isTaken = state.withLock { state in
            if !state.isStopped { state.runs[reference] = run }
            return !state.isStopped
        }
        guard isTaken, host.start({ [self] in await perform(run, interrupt: $0, function) }) else {
            state.withLock { $0.runs[reference] = nil }
            try await end(reference) { $0.finish(.error(Self.stopping), at: now) }
            throw Self.stopping
        }
        return record
    }

    static let stopping = RPCError.internalError("The server is stopping; try again in a second")

    // MARK: Working

    private func perform(_ run: TaskRun, interrupt: Interrupt, _ function: @escaping Function) async {
        await run.perform(interrupt) { [self] in
            if let outcome = await outcome(of: run, function) { await finish(run, outcome) }
        }
        state.withLock { $0.runs[run.reference] = nil }
    }

    /// Nil when it no longer matters.
    private func outcome(of run: TaskRun, _ function: Function) async -> TaskOutcome? {
        do {
            let result = try await function(run)
            guard result.count <= limits.result else {
                return .error(
                    .internalError("The result is too large: \(result.count) bytes, and \(limits.result) are the limit")
                )
            }
            return .result(result)
        } catch let error as RPCError {
            return .error(error)
        } catch {
            if run.isOver { return nil }
            logger.warning(
                "task.failed", metadata: ["task": "\(run.reference.mark)", "error": "\(type(of: error))"])
            return .error(.internalError("The tool failed"))
        }
    }

    /// A store that fails does not cost a result: it is tried again for as long as the task exists.
    private func finish(_ run: TaskRun, _ outcome: TaskOutcome) async {
        while !run.isOver {
            let now = time.date
            do {
                try await end(run.reference) { $0.finish(outcome, at: now) }
                return
            } catch is CancellationError {
                return
            } catch {
                notStored(run.reference, error)
            }
            do { try await time.sleep(for: limits.reconciliation) } catch { return }
        }
    }

    private func put(_ requests: [String: JSON], of task: TaskReference) async throws {
        let (count, bytes, now) = (limits.questions, limits.questionBytes, time.date)
        let change = try await happen(to: task) { $0.ask(requests, count: count, bytes: bytes, at: now) }
        switch change?.effect {
        case .asked: return
        case .refuse(.over), nil: throw CancellationError()
        case .refuse(let refusal): throw refusal
        }
    }

    // MARK: Asking and steering, in any process

    /// - Throws: ``RPCError/taskNotFound``, ``StoreError``.
    package func get(_ id: String, owner: Principal) async throws -> TaskRecord {
        let record = try await store.find(TaskReference(id: id, owner: owner.id))
        guard let record, !record.hasExpired(by: time.date) else { throw RPCError.taskNotFound }
        return record
    }

    /// Hands the client's answers to the function. Keys that were not asked, or are answered, are passed over.
    /// - Throws: ``RPCError`` when the task is not there or the answers are too large, ``StoreError``.
    package func update(_ id: String, owner: Principal, responses: [String: JSON]) async throws {
        let (bytes, now) = (limits.answerBytes, time.date)
        let task = TaskReference(id: id, owner: owner.id)
        guard let change = try await happen(to: task, { $0.answer(responses, bytes: bytes, at: now) }) else {
            throw RPCError.taskNotFound
        }
        if case .refuse(let limit) = change.effect {
            throw RPCError.invalidParams("inputResponses are too large: \(limit) bytes is the limit of a task")
        }
    }

    /// Ends the task at once; its function is told to stop, and what it still returns is dropped. A task that has
    /// ended stays as it is.
    /// - Throws: ``RPCError/taskNotFound``, ``StoreError``.
    package func cancel(_ id: String, owner: Principal) async throws {
        let now = time.date
        guard try await end(TaskReference(id: id, owner: owner.id), { $0.cancel(at: now) }) else {
            throw RPCError.taskNotFound
        }
    }

    // MARK: What follows from a change

    /// As ``happen(to:_:)``, with an event that ends the task or comes too late: an end is told once, by the process that
    /// brought it about. False when there is no such task.
    @discardableResult
    func end(
        _ task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Bool
    ) async throws -> Bool {
        guard let change = try await store.change(task, event) else { return false }
        // Before anyone hears of it from us.
        if change.effect {
            let status = change.record.machine.status
            metrics.taskEnded(status)
            logger.info(
                "task.ended",
                metadata: [
                    "task": "\(task.mark)", "tool": "\(change.record.tool)", "status": "\(status.rawValue)",
                    "milliseconds": .stringConvertible(
                        change.record.machine.updated.milliseconds - change.record.created.milliseconds),
                ])
        }
        follow(change.record)
        return true
    }

    @discardableResult
    func happen<Effect: Sendable>(
        to task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Effect
    ) async throws -> TaskChange<Effect>? {
        guard let change = try await store.change(task, event) else { return nil }
        follow(change.record)
        return change
    }

    /// Brings the function and the watchers up to what the store says.
    func follow(_ record: TaskRecord) {
        watches.tell(record)
        guard let run = run(of: record.reference), run.note(revision: record.revision) else { return }
        run.deliver(record.machine.answers)
        if record.machine.status.isTerminal { run.end() }
    }

    private func notStored(_ task: TaskReference, _ error: any Error) {
        logger.error("task.not_stored", metadata: ["task": "\(task.mark)", "error": "\(error)"])
    }

    private func run(of task: TaskReference) -> TaskRun? { state.withLock { $0.runs[task] } }

    var runs: [TaskRun] { state.withLock { Array($0.runs.values) } }

    /// Tasks whose function runs in this process, or has yet to notice that it should stop.
    package var running: Int { state.withLock { $0.runs.count } }

    /// Takes no more tasks, and ends those of this process with an error that says why.
    package func stop() async {
        let runs = state.withLock { state in
            state.isStopped = true
            return Array(state.runs.values)
        }
        let (now, error) = (time.date, RPCError.internalError("The server stopped before this task finished"))
        for run in runs {
            do { try await end(run.reference) { $0.finish(.error(error), at: now) } } catch {
                // The next process finds it an orphan.
                notStored(run.reference, error)
            }
            run.end()
        }
    }
}
