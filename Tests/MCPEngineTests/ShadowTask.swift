import FoundationEssentials
import MCPProtocol
import MCPTesting

@testable import MCPEngine

/// A world that performs the task machine's effects, remembers who waits for what, and objects to what must not be.
struct ShadowTask {
    /// One effect of the machine, as the world is told of it. A planted fault changes what it is told.
    enum Effect: Equatable {
        case asking(TaskMachine.Asking)
        case answering(TaskMachine.Answering)
        case ending(Bool)
    }

    enum Fault: String, CaseIterable, Sendable {
        case asksTwice, asksWhenOver, forgetsAQuestion, answersTwice, dropsAnswers, endsTwice, neverEnds

        func applied(to effect: Effect) -> Effect {
            switch (self, effect) {
            case (.asksTwice, .asking(.refuse(.keyTaken))): .asking(.asked)
            case (.asksWhenOver, .asking(.refuse(.over))): .asking(.asked)
            case (.forgetsAQuestion, .asking(.asked)): .asking(.refuse(.over))
            case (.answersTwice, .answering(.taken(let taken))) where taken.isEmpty: .answering(.taken(["0": 1]))
            case (.dropsAnswers, .answering(.taken)): .answering(.taken([:]))
            case (.endsTwice, .ending(false)): .ending(true)
            case (.neverEnds, .ending(true)): .ending(false)
            default: effect
            }
        }
    }

    private var machine = TaskMachine(at: .at(0))
    private var waiting: Set<String> = []
    private var asked: Set<String> = []
    private var end: TaskStatus?
    private var updated = Date.at(0)
    private var faults: [String] = []
    private let transform: (Effect) -> Effect

    /// Walks a machine through 200 random events; returns what the world objected to.
    static func walk(seed: Int, transform: @escaping (Effect) -> Effect) -> [String] {
        var random = SplitMix64(seed: seed)
        var world = ShadowTask(transform: transform)
        for _ in 0..<200 { world.step(&random) }
        return world.faults
    }

    private init(transform: @escaping (Effect) -> Effect) {
        self.transform = transform
    }

    private mutating func object(_ fault: String) { faults.append(fault) }

    private mutating func step(_ random: inout SplitMix64) {
        let date = Date.at(.random(in: 0..<1_000, using: &random))
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: ask(keys(&random), at: date)
        case 40..<90: answer(keys(&random), at: date)
        case 90..<97: break
        case 97: finish(.completed, machine.finish(.result([]), at: date))
        case 98: finish(.failed, machine.finish(.error(.taskNotFound), at: date))
        default: finish(.cancelled, machine.cancel(at: date))
        }
        let status = end ?? (waiting.isEmpty ? .working : .inputRequired)
        if machine.status != status { object("is \(machine.status), should be \(status)") }
        if Set(machine.unanswered.map(\.key)) != waiting { object("asks for other things than are waited for") }
        if machine.updated < updated { object("was updated in the past") }
        updated = machine.updated
    }

    private func keys(_ random: inout SplitMix64) -> Set<String> {
        Set((0..<Int.random(in: 1..<4, using: &random)).map { _ in "\(Int.random(in: 0..<40, using: &random))" })
    }

    private mutating func ask(_ keys: Set<String>, at date: Date) {
        let requests = Dictionary(uniqueKeysWithValues: keys.map { ($0, [:] as JSON) })
        guard case .asking(let asking) = transform(.asking(machine.ask(requests, count: 99, bytes: 9_999, at: date)))
        else { return }
        switch asking {
        case .asked:
            if end != nil { object("asked after the end") }
            if !asked.isDisjoint(with: keys) { object("asked twice") }
            asked.formUnion(keys)
            waiting.formUnion(keys)
        case .refuse(.over): if end == nil { object("over too early") }
        case .refuse(.keyTaken(let key)): if !asked.contains(key) { object("a free key was taken") }
        case .refuse: object("refused within the bounds")
        }
    }

    private mutating func answer(_ keys: Set<String>, at date: Date) {
        let responses = Dictionary(uniqueKeysWithValues: keys.map { ($0, JSON($0)) })
        let answering = machine.answer(responses, bytes: 9_999, at: date)
        guard case .answering(.taken(let taken)) = transform(.answering(answering)) else { return }
        for (key, answer) in taken {
            if waiting.remove(key) == nil { object("answered what was not waited for") }
            if answer != JSON(key) { object("gave another's answer") }
        }
        if !waiting.isDisjoint(with: keys) { object("left an answer lying") }
    }

    private mutating func finish(_ status: TaskStatus, _ isEnd: Bool) {
        guard case .ending(let isEnd) = transform(.ending(isEnd)) else { return }
        if isEnd, end != nil { object("ended twice") }
        if !isEnd, end == nil { object("did not end") }
        guard isEnd else { return }
        end = status
        waiting = []
    }
}
