import FoundationEssentials
import GRDB
import Logging
import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPStorage

@Suite struct SQLiteTaskTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/data" }
    private let logger = Logger(label: "test")

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func task(_ id: String) -> TaskRecord {
        TaskRecord(
            id: id, owner: "local", tool: "dig", created: .at(0), ttl: nil, pollInterval: nil,
            machine: TaskMachine(at: .at(0)))
    }

    private func service(_ store: SQLiteStore) -> TaskService {
        TaskService(store: store, host: SessionHost(), time: ManualTime(), metrics: EngineMetrics(), logger: logger)
    }

    @Test func aTaskOutlivesItsProcessAndHasFailedWithIt() async throws {
        let done = task("done")
        do {
            let store = try SQLiteStore(directory: path)
            for task in [task("working"), task("asking"), done] {
                _ = try await store.insert(task, perOwner: 9, inAll: 9)
            }
            _ = try await store.change(task("asking").reference) {
                $0.ask(["who": [:]], count: 9, bytes: 99, at: .at(1))
            }
            _ = try await store.change(done.reference) { $0.finish(.result(Array("{}".utf8)), at: .at(1)) }
            try store.close()
        }
        let service = service(try SQLiteStore(directory: path))
        await service.sweep()
        for id in ["working", "asking"] {
            let machine = try await service.get(id, owner: .local).machine
            #expect(machine.status == .failed)
            #expect(
                machine.outcome == .error(.internalError("The server restarted before this task finished")))
            #expect(machine.statusMessage == "The server restarted before this task finished")
        }
        #expect(try await service.get("done", owner: .local).machine.outcome == .result(Array("{}".utf8)))
    }

    /// As when it is killed: nothing says goodbye, the system closes what was open.
    @Test func aProcessThatWasKilledIsNoticedAtOnceAndALivingOneIsLeftAlone() async throws {
        var killed: SQLiteStore? = try SQLiteStore(directory: path)
        let living = try SQLiteStore(directory: path)
        _ = try await killed?.insert(task("k"), perOwner: 9, inAll: 9)
        _ = try await living.insert(task("l"), perOwner: 9, inAll: 9)
        let third = try SQLiteStore(directory: path)
        #expect(try await third.orphans() == [])
        #expect(try await living.orphans() == [])
        killed = nil
        #expect(try await third.orphans() == [task("k").reference])
        #expect(try await living.orphans() == [task("k").reference])
        await service(third).sweep()
        #expect(try await living.orphans() == [])
        #expect(try await living.find(task("l").reference)?.machine.status == .working)
    }

    @Test func aSignThatNobodyHoldsIsTakenAway() async throws {
        let running = path + "/running"
        let store = try SQLiteStore(directory: path)
        try FileManager.default.createDirectory(atPath: running, withIntermediateDirectories: false)
        try Data().write(to: URL(filePath: running + "/left"))
        _ = try await store.insert(task("a"), perOwner: 9, inAll: 9)
        let files = try FileManager.default.contentsOfDirectory(atPath: running)
        #expect(files.count == 1 && files != ["left"])
        let mode = try FileManager.default.attributesOfItem(atPath: running + "/" + files[0])[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: running) == [])
    }

    @Test func manyTasksOfOneProcessShareOneSign() async throws {
        let store = try SQLiteStore(directory: path)
        let made = (0..<20).map { task("t\($0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in made {
                group.addTask { _ = try await store.insert(task, perOwner: 99, inAll: 99) }
            }
            try await group.waitForAll()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/running").count == 1)
        #expect(try await SQLiteStore(directory: path).orphans() == [])
    }

    @Test func aTaskThatIsAnsweredAndCancelledInAnotherProcessHearsOfIt() async throws {
        let (here, there) = try (SQLiteStore(directory: path), SQLiteStore(directory: path))
        let host = SessionHost()
        let (working, other) = (
            TaskService(store: here, host: host, time: ManualTime(), metrics: EngineMetrics(), logger: logger),
            service(there)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            let (begin, asked, completed, stopped) = (Gate(), Gate(), Gate(), Gate())
            let answering = try await working.start(owner: .local, tool: "ask") { port in
                await begin.pass()
                let answers = try await port.ask(["who": ["method": "roots/list"]])
                return Array(JSON(answers["who"].map { [$0] } ?? []).bytes)
            }
            let stopping = try await working.start(owner: .local, tool: "wait") { _ in
                await Gate().pass()
                stopped.open()
                throw CancellationError()
            }
            _ = try await working.watch(working.known([answering.id], owner: .local)) { task in
                if task.machine.status == .inputRequired { asked.open() }
                if task.machine.status == .completed { completed.open() }
            }
            begin.open()
            await asked.pass()
            try await other.update(answering.id, owner: .local, responses: ["who": ["roots": []]])
            try await other.cancel(stopping.id, owner: .local)
            await working.reconcile()
            await completed.pass()
            await stopped.pass()
            let answered = try await other.get(answering.id, owner: .local).machine
            #expect(answered.outcome == .result(Array(#"[{"roots":[]}]"#.utf8)))
            #expect(try await working.get(stopping.id, owner: .local).machine.status == .cancelled)
            host.stop()
            try await group.waitForAll()
        }
    }

    @Test func aTaskOfAStatusThatIsNotKnownHereIsUnknown() async throws {
        let store = try SQLiteStore(directory: path)
        _ = try await store.insert(task("a"), perOwner: 9, inAll: 9)
        try await store.pool.write { try $0.execute(sql: "UPDATE task SET status = 'dreaming'") }
        #expect(try await store.find(task("a").reference) == nil)
        try await store.pool.write { try $0.execute(sql: "UPDATE task SET status = 'completed'") }
        #expect(try await store.find(task("a").reference) == nil)
    }
}
