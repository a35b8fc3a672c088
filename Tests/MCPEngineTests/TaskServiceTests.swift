import FoundationEssentials
import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPEngine

@Suite(.timeLimit(.minutes(1))) struct TaskServiceTests {
    private func inWorld(
        _ world: TaskWorld = TaskWorld(), _ body: @escaping @Sendable (TaskWorld) async throws -> Void
    ) async throws {
        try await world.whileItRuns(body)
    }

    private let result = Array(#"{"content":[]}"#.utf8)

    @Test func aTaskIsThereBeforeItsHandleIsReturnedAndEndsWithItsResult() async throws {
        let result = result
        try await inWorld { world in
            let gate = Gate()
            let task = try await world.service.start(owner: .local, tool: "dig", ttl: .seconds(60)) { port in
                await gate.pass()
                return Array(#"{"content":[],"id":"\#(port.taskID)"}"#.utf8)
            }
            #expect(task.id.count == 25 && task.ttl == 60_000 && task.pollInterval == 1_000 && task.tool == "dig")
            #expect(task.created == world.time.date && task.machine.status == .working)
            #expect(try await world.service.get(task.id, owner: .local) == task)
            #expect(world.service.running == 1)
            world.time.advance(by: .seconds(5))
            gate.open()
            let machine = try await world.ends(task.id)
            #expect(machine.outcome == .result(Array(#"{"content":[],"id":"\#(task.id)"}"#.utf8)))
            #expect(machine.updated == world.time.date)
            let other = try await world.service.start(owner: .local, tool: "dig") { _ in result }
            #expect(other.id != task.id && other.ttl == 24 * 3_600_000)
        }
    }

    @Test func whatTheFunctionThrowsFailsTheTask() async throws {
        struct Rockslide: Error {}
        try await inWorld { world in
            let (thrown, other) = try await (
                world.service.start(owner: .local, tool: "dig") { _ in throw RPCError(code: 7, message: "no rock") },
                world.service.start(owner: .local, tool: "dig") { _ in throw Rockslide() }
            )
            #expect(try await world.ends(thrown.id).outcome == .error(RPCError(code: 7, message: "no rock")))
            #expect(try await world.ends(other.id).outcome == .error(.internalError("The tool failed")))
        }
    }

    @Test func aResultThatIsTooLargeFailsTheTaskAndSaysSo() async throws {
        var limits = TaskLimits()
        limits.result = 10
        try await inWorld(TaskWorld(limits: limits)) { world in
            let task = try await world.service.start(owner: .local, tool: "dig") { _ in Array("{\"a\":\"567\"}".utf8) }
            #expect(
                try await world.ends(task.id).statusMessage == "The result is too large: 11 bytes, and 10 are the limit"
            )
        }
    }

    @Test func aResultIsNotLostToAStoreThatFailsForAWhile() async throws {
        let result = result
        try await inWorld(TaskWorld { FailingTaskStore($0, failures: 2) }) { world in
            let task = try await world.service.start(owner: .local, tool: "dig") { _ in result }
            for _ in 0..<2 {
                await world.time.waitForSleeper()
                #expect(try await world.service.get(task.id, owner: .local).machine.status == .working)
                world.time.advance(by: .seconds(2))
            }
            #expect(try await world.ends(task.id).outcome == .result(result))
        }
    }

    // MARK: Questions

    @Test func twoQuestionsAreOpenAtOnceAndAreAnsweredOneByOne() async throws {
        try await inWorld { world in
            let begin = Gate()
            let task = try await world.service.start(owner: .local, tool: "dig") { port in
                await begin.pass()
                let answers = try await port.ask(["a": ["method": "one"], "b": ["method": "two"]])
                let more = try await port.ask(["c": ["method": "three"]])
                return Array(JSON([answers["a"] ?? nil, answers["b"] ?? nil, more["c"] ?? nil]).bytes)
            }
            begin.open()
            let asking = try await world.reaches(task.id) { $0.status == .inputRequired }
            #expect(asking.unanswered.map(\.key) == ["a", "b"])
            try await world.service.update(task.id, owner: .local, responses: ["b": 2, "unknown": 0])
            let half = try await world.service.get(task.id, owner: .local).machine
            #expect(half.status == .inputRequired && half.unanswered.map(\.key) == ["a"])
            try await world.service.update(task.id, owner: .local, responses: ["a": 1, "b": 9])
            _ = try await world.reaches(task.id) { $0.unanswered.map(\.key) == ["c"] }
            try await world.service.update(task.id, owner: .local, responses: ["c": 3])
            #expect(try await world.ends(task.id).outcome == .result(Array("[1,2,3]".utf8)))
        }
    }

    @Test func aFunctionMayAskFromSeveralPlacesAtOnce() async throws {
        try await inWorld { world in
            let task = try await world.service.start(owner: .local, tool: "dig") { port in
                async let left = port.ask(["l": [:]])
                async let right = port.ask(["r": [:]])
                return try await Array(JSON([left["l"] ?? nil, right["r"] ?? nil]).bytes)
            }
            _ = try await world.reaches(task.id) { $0.unanswered.count == 2 }
            try await world.service.update(task.id, owner: .local, responses: ["r": 2])
            try await world.service.update(task.id, owner: .local, responses: ["l": 1])
            #expect(try await world.ends(task.id).outcome == .result(Array("[1,2]".utf8)))
        }
    }

    @Test func whatCannotBeAskedIsThrownIntoTheFunction() async throws {
        var limits = TaskLimits()
        limits.questions = 2
        let seen = Mutex<[TaskMachine.AskRefusal]>([])
        try await inWorld(TaskWorld(limits: limits)) { world in
            let task = try await world.service.start(owner: .local, tool: "dig") { port in
                #expect(try await port.ask([:]) == [:])
                _ = try await port.ask(["a": [:]])
                for keys in [["a"], ["b", "c"]] {
                    do { _ = try await port.ask(Dictionary(uniqueKeysWithValues: keys.map { ($0, [:]) })) } catch let
                        refusal as TaskMachine.AskRefusal
                    {
                        seen.withLock { $0.append(refusal) }
                    }
                }
                return []
            }
            _ = try await world.reaches(task.id) { $0.status == .inputRequired }
            try await world.service.update(task.id, owner: .local, responses: ["a": 1])
            _ = try await world.ends(task.id)
        }
        #expect(seen.withLock { $0 } == [.keyTaken("a"), .tooMany(limit: 2)])
    }

    @Test func answersThatAreTooLargeAreRefusedAndTheQuestionStaysOpen() async throws {
        var limits = TaskLimits()
        limits.answerBytes = 5
        try await inWorld(TaskWorld(limits: limits)) { world in
            let task = try await world.service.start(owner: .local, tool: "dig") { port in
                try await port.ask(["a": [:]])["a"].map { Array($0.bytes) } ?? []
            }
            _ = try await world.reaches(task.id) { $0.status == .inputRequired }
            await #expect(
                throws: RPCError.invalidParams("inputResponses are too large: 5 bytes is the limit of a task")
            ) {
                try await world.service.update(task.id, owner: .local, responses: ["a": "1234"])
            }
            try await world.service.update(task.id, owner: .local, responses: ["a": "123"])
            #expect(try await world.ends(task.id).outcome == .result(Array(#""123""#.utf8)))
        }
    }

    // MARK: Whose it is

    @Test func aForeignOrUnknownTaskDoesNotExist() async throws {
        let result = result
        try await inWorld { world in
            let service = world.service
            let task = try await service.start(owner: .local, tool: "dig") { _ in
                await Gate().pass()
                return result
            }
            let stranger = Principal(id: "key:bob", name: "local")
            for (id, owner) in [(task.id, stranger), ("unknown", Principal.local)] {
                await #expect(throws: RPCError.taskNotFound) { _ = try await service.get(id, owner: owner) }
                await #expect(throws: RPCError.taskNotFound) { try await service.cancel(id, owner: owner) }
                await #expect(throws: RPCError.taskNotFound) {
                    try await service.update(id, owner: owner, responses: ["a": 1])
                }
                #expect(try await service.known([id], owner: owner) == [:])
            }
            #expect(RPCError.taskNotFound.code == -32602)
            #expect(try await service.get(task.id, owner: .local).machine.status == .working)
        }
    }

    @Test func thereIsRoomForSoManyTasks() async throws {
        var limits = TaskLimits()
        (limits.perOwner, limits.inAll) = (1, 2)
        let result = result
        try await inWorld(TaskWorld(limits: limits)) { world in
            func start(_ owner: String) async throws -> TaskRecord {
                try await world.service.start(
                    owner: Principal(id: owner, name: owner), tool: "dig", ttl: .seconds(10)
                ) { _ in result }
            }
            _ = try await start("ann")
            await #expect(throws: RPCError.internalError("Too many tasks are kept for this principal; try again later"))
            {
                _ = try await start("ann")
            }
            _ = try await start("bob")
            await #expect(throws: RPCError.internalError("Too many tasks are kept; try again later")) {
                _ = try await start("cy")
            }
            world.time.advance(by: .seconds(10))
            _ = try await start("ann")
        }
    }

    // MARK: Ends

    @Test func aCancelledTaskStopsItsFunctionAndKeepsNothingOfIt() async throws {
        let result = result
        try await inWorld { world in
            let (begun, stopped) = (Gate(), Gate())
            let task = try await world.service.start(owner: .local, tool: "dig") { _ in
                begun.open()
                await Gate().pass()
                stopped.open()
                return result
            }
            await begun.pass()
            try await world.service.cancel(task.id, owner: .local)
            let machine = try await world.service.get(task.id, owner: .local).machine
            #expect(machine.status == .cancelled)
            await stopped.pass()
            try await world.service.cancel(task.id, owner: .local)
            try await world.service.update(task.id, owner: .local, responses: ["a": 1])
            #expect(try await world.service.get(task.id, owner: .local).machine == machine)
        }
    }

    @Test func aQuestionThatIsWaitedForEndsWithItsTask() async throws {
        try await inWorld { world in
            let stopped = Gate()
            let task = try await world.service.start(owner: .local, tool: "dig") { port in
                do { _ = try await port.ask(["a": [:]]) } catch is CancellationError { stopped.open() }
                await #expect(throws: CancellationError.self) { _ = try await port.ask(["b": [:]]) }
                return []
            }
            _ = try await world.reaches(task.id) { $0.status == .inputRequired }
            try await world.service.cancel(task.id, owner: .local)
            await stopped.pass()
            #expect(try await world.service.get(task.id, owner: .local).machine.status == .cancelled)
        }
    }

    @Test func aTaskThatHasExpiredIsGoneAndItsFunctionStops() async throws {
        let result = result
        try await inWorld { world in
            let stopped = Gate()
            let task = try await world.service.start(owner: .local, tool: "dig", ttl: .seconds(20)) { _ in
                await Gate().pass()
                stopped.open()
                return result
            }
            world.time.advance(by: .seconds(20))
            await #expect(throws: RPCError.taskNotFound) { _ = try await world.service.get(task.id, owner: .local) }
            await world.service.sweep()
            #expect(world.store.find(task.reference) == nil)
            await world.service.reconcile()
            await stopped.pass()
        }
    }

    @Test func upkeepHappensByItself() async throws {
        let result = result
        try await inWorld { world in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await world.service.run() }
                let stopped = Gate()
                _ = try await world.service.start(owner: .local, tool: "dig", ttl: .seconds(15)) { _ in
                    await Gate().pass()
                    stopped.open()
                    return result
                }
                // Eight rounds to the sweep; it is the ninth that finds nothing left.
                for _ in 0..<9 {
                    await world.time.waitForSleeper()
                    world.time.advance(by: .seconds(2))
                }
                await stopped.pass()
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func aServerThatStopsFailsItsTasksAndTakesNoMore() async throws {
        let result = result
        try await inWorld { world in
            let stopped = Gate()
            let task = try await world.service.start(owner: .local, tool: "dig") { _ in
                await Gate().pass()
                stopped.open()
                return result
            }
            await world.service.stop()
            await stopped.pass()
            let machine = try await world.service.get(task.id, owner: .local).machine
            #expect(machine.statusMessage == "The server stopped before this task finished")
            await #expect(throws: RPCError.self) {
                _ = try await world.service.start(owner: .local, tool: "dig") { _ in result }
            }
        }
    }

    @Test func aTaskThatNobodyCanRunIsNotPromised() async throws {
        let world = TaskWorld()
        world.host.stop()
        let result = result
        await #expect(throws: RPCError.self) {
            _ = try await world.service.start(owner: .local, tool: "dig") { _ in result }
        }
        #expect(world.service.running == 0)
    }

    // MARK: Watching

    @Test func aWatcherHearsOfEveryChangeInOrderUntilItEnds() async throws {
        try await inWorld { world in
            let service = world.service
            let begin = Gate()
            let task = try await service.start(owner: .local, tool: "dig") { port in
                await begin.pass()
                _ = try await port.ask(["a": [:], "b": [:]])
                return []
            }
            let other = try await service.start(owner: .local, tool: "dig") { _ in
                await Gate().pass()
                return []
            }
            let heard = Mutex<[TaskStatus]>([])
            // The end is told a moment after it can be read.
            let heardTheEnd = Gate()
            let silent = Tally()
            let known = try await service.known([task.id, "unknown"], owner: .local)
            #expect(known == [task.reference: 0])
            let watch = service.watch(known) { task in
                heard.withLock { $0.append(task.machine.status) }
                if task.machine.status == .completed { heardTheEnd.open() }
            }
            let ended = service.watch(known) { _ in silent.raise() }
            service.end(ended)
            begin.open()
            _ = try await world.reaches(task.id) { $0.status == .inputRequired }
            try await service.cancel(other.id, owner: .local)
            try await service.update(task.id, owner: .local, responses: ["a": 1])
            try await service.update(task.id, owner: .local, responses: ["a": 1])
            try await service.update(task.id, owner: .local, responses: ["b": 1])
            _ = try await world.ends(task.id)
            await heardTheEnd.pass()
            #expect(heard.withLock { $0 } == [.inputRequired, .inputRequired, .working, .completed])
            #expect(silent.count == 0)
            service.end(watch)
        }
    }

    @Test func aChangeBetweenTheAcknowledgmentAndTheWatchIsNotLost() async throws {
        try await inWorld { world in
            let service = world.service
            let task = try await service.start(owner: .local, tool: "dig") { _ in
                await Gate().pass()
                return []
            }
            let known = try await service.known([task.id], owner: .local)
            try await service.cancel(task.id, owner: .local)
            let heard = Mutex<[TaskStatus]>([])
            let watch = service.watch(known) { task in heard.withLock { $0.append(task.machine.status) } }
            await service.reconcile()
            await service.reconcile()
            #expect(heard.withLock { $0 } == [.cancelled])
            service.end(watch)
        }
    }
}
