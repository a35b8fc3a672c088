import FoundationEssentials
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

@Suite struct TaskMachineTests {
    private func ask(
        _ machine: inout TaskMachine, _ keys: String..., count: Int = 9, bytes: Int = 999, at seconds: Double = 1
    ) -> TaskMachine.Asking {
        let requests = Dictionary(uniqueKeysWithValues: keys.map { ($0, ["method": JSON($0)] as JSON) })
        return machine.ask(requests, count: count, bytes: bytes, at: .at(seconds))
    }

    private let end = TaskOutcome.result(Array("{}".utf8))

    @Test func aNewTaskIsWorking() {
        let machine = TaskMachine(at: .at(0))
        #expect(machine.status == .working && machine.questions == [] && machine.outcome == nil)
        #expect(machine.updated == .at(0))
    }

    @Test func aQuestionMakesItWaitAndTheLastAnswerMakesItWork() {
        var machine = TaskMachine(at: .at(0))
        #expect(ask(&machine, "b", "a") == .asked)
        #expect(machine.status == .inputRequired && machine.updated == .at(1))
        #expect(machine.unanswered.map(\.key) == ["a", "b"])
        #expect(machine.answer(["b": 1], bytes: 99, at: .at(2)) == .taken(["b": 1]))
        #expect(machine.status == .inputRequired && machine.unanswered.map(\.key) == ["a"])
        #expect(machine.answer(["a": 2], bytes: 99, at: .at(3)) == .taken(["a": 2]))
        #expect(machine.status == .working && machine.updated == .at(3))
        #expect(machine.answers == ["a": 2, "b": 1])
    }

    @Test func aSecondQuestionMayComeWhileTheFirstIsOpen() {
        var machine = TaskMachine(at: .at(0))
        #expect(ask(&machine, "b") == .asked)
        #expect(ask(&machine, "a") == .asked)
        #expect(machine.unanswered.map(\.key) == ["b", "a"])
    }

    @Test func aKeyStandsForOneQuestionForEver() {
        var machine = TaskMachine(at: .at(0))
        _ = ask(&machine, "a")
        #expect(ask(&machine, "a", "b") == .refuse(.keyTaken("a")))
        _ = machine.answer(["a": 1], bytes: 99, at: .at(1))
        #expect(ask(&machine, "b", "a") == .refuse(.keyTaken("a")))
        #expect(machine.questions.map(\.key) == ["a"] && machine.status == .working)
    }

    @Test func answersThatNobodyWaitsForAreIgnored() {
        var machine = TaskMachine(at: .at(0))
        _ = ask(&machine, "a", "b")
        _ = machine.answer(["a": 1], bytes: 99, at: .at(2))
        let before = machine
        #expect(machine.answer(["a": 2, "other": 3], bytes: 99, at: .at(9)) == .taken([:]))
        #expect(machine == before)
    }

    @Test func questionsAreBounded() {
        var machine = TaskMachine(at: .at(0))
        #expect(ask(&machine, "a", "b", count: 1) == .refuse(.tooMany(limit: 1)))
        #expect(ask(&machine, "a", bytes: 14) == .refuse(.tooLarge(limit: 14)))
        #expect(ask(&machine, "a", bytes: 15) == .asked)
        #expect(ask(&machine, "b", bytes: 29) == .refuse(.tooLarge(limit: 29)))
        _ = machine.answer(["a": 1], bytes: 99, at: .at(1))
        #expect(ask(&machine, "b", count: 1) == .refuse(.tooMany(limit: 1)))
    }

    @Test func answersAreBoundedTogether() {
        var machine = TaskMachine(at: .at(0))
        _ = ask(&machine, "a", "b")
        #expect(machine.answer(["a": "xy"], bytes: 4, at: .at(1)) == .taken(["a": "xy"]))
        let before = machine
        #expect(machine.answer(["b": 1], bytes: 4, at: .at(2)) == .refuse(tooLarge: 4))
        #expect(machine == before)
        #expect(machine.answer(["b": 1], bytes: 5, at: .at(2)) == .taken(["b": 1]))
    }

    @Test func aResultCompletesIt() {
        var machine = TaskMachine(at: .at(0))
        #expect(machine.finish(end, at: .at(5)) == true)
        #expect(machine.status == .completed && machine.outcome == end && machine.updated == .at(5))
        #expect(machine.statusMessage == nil)
    }

    @Test func anErrorFailsItAndSaysWhy() {
        var machine = TaskMachine(at: .at(0))
        #expect(machine.finish(.error(.internalError("no rock")), at: .at(5)) == true)
        #expect(machine.status == .failed && machine.outcome == .error(.internalError("no rock")))
        #expect(machine.statusMessage == "no rock")
    }

    @Test func aCancelledTaskHasNoOutcome() {
        var machine = TaskMachine(at: .at(0))
        _ = ask(&machine, "a")
        #expect(machine.cancel(at: .at(5)) == true)
        #expect(machine.status == .cancelled && machine.outcome == nil && machine.questions == [])
    }

    @Test(arguments: [TaskStatus.completed, .failed, .cancelled])
    func nothingHappensToATaskThatIsOver(status: TaskStatus) {
        var machine = TaskMachine(at: .at(0))
        _ = ask(&machine, "a")
        switch status {
        case .completed: #expect(machine.finish(end, at: .at(1)) == true)
        case .failed: #expect(machine.finish(.error(.taskNotFound), at: .at(1)) == true)
        default: #expect(machine.cancel(at: .at(1)) == true)
        }
        let before = machine
        #expect(machine.status == status)
        #expect(machine.finish(end, at: .at(2)) == false)
        #expect(machine.finish(.error(.taskNotFound), at: .at(2)) == false)
        #expect(machine.cancel(at: .at(2)) == false)
        #expect(ask(&machine, "b") == .refuse(.over))
        #expect(machine.answer(["a": 1], bytes: 99, at: .at(2)) == .taken([:]))
        #expect(machine == before)
    }

    @Test func itsLastUpdateNeverMovesBack() {
        var machine = TaskMachine(at: .at(10))
        _ = ask(&machine, "a", at: 5)
        #expect(machine.updated == .at(10))
        _ = machine.cancel(at: .at(7))
        #expect(machine.updated == .at(10))
    }

    // MARK: At random, against a shadow world

    @Test(arguments: 0..<100) func everyQuestionIsAnsweredOnceAndEveryTaskEndsOnce(seed: Int) {
        #expect(ShadowTask.walk(seed: seed) { $0 } == [], "seed \(seed)")
    }

    /// Planted faults: each must be caught by the walk, or the walk proves nothing.
    @Test(arguments: ShadowTask.Fault.allCases) func theWalkCatches(fault: ShadowTask.Fault) {
        let caught = (0..<100).contains { !ShadowTask.walk(seed: $0, transform: { fault.applied(to: $0) }).isEmpty }
        #expect(caught)
    }
}
