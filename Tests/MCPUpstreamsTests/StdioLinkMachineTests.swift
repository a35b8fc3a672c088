import MCPProtocol
import MCPTesting
import Testing

@testable import MCPUpstreams

@Suite struct StdioLinkMachineTests {
    private typealias Machine = StdioLinkMachine<Int>

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func whatWaitsTogetherIsWrittenTogetherUpToAPiece() {
        var machine = Machine(bound: 1000, piece: 10)
        #expect(machine.nextWrite() == .nothingYet)
        #expect(machine.send(bytes("one"), id: .number(1), 1) == nil)
        #expect(machine.send(oneWay: bytes("two")) == nil)
        #expect(machine.send(bytes("much longer"), id: .number(3), 3) == nil)
        #expect(machine.nextWrite() == .bytes(bytes("one\ntwo\n")))
        #expect(machine.nextWrite() == .bytes(bytes("much longer\n")))
        #expect(machine.nextWrite() == .nothingYet)
        #expect(machine.owed == 2)
    }

    @Test func anythingIsTakenWhileLessThanTheBoundWaitsAndWhatIsBeingWrittenCounts() {
        var machine = Machine(bound: 4)
        #expect(machine.send(oneWay: bytes("longer than the bound")) == nil)
        #expect(machine.send(oneWay: bytes("a")) == .noRoom(22))
        #expect(machine.send(bytes("a"), id: .number(1), 1) == .noRoom(22))
        #expect(machine.owed == 0)
        guard case .bytes = machine.nextWrite() else { return #expect(Bool(false)) }
        #expect(machine.send(oneWay: bytes("a")) == .noRoom(22))
        #expect(machine.nextWrite() == .nothingYet)
        #expect(machine.send(oneWay: bytes("a")) == nil)
    }

    @Test func aRequestThatIsGivenUpBeforeItWasWrittenIsNotWritten() {
        var machine = Machine(bound: 100)
        #expect(machine.send(bytes("a"), id: .number(1), 1) == nil)
        #expect(machine.send(bytes("b"), id: .number(2), 2) == nil)
        #expect(machine.take(.number(1))?.isWritten == false)
        #expect(machine.nextWrite() == .bytes(bytes("b\n")))
        #expect(machine.take(.number(2))?.isWritten == true)
        #expect(machine.take(.number(2)) == nil)
        #expect(machine.send(bytes("c"), id: .number(3), 3) == nil)
        #expect(machine.take(.number(3)) != nil)
        #expect(machine.nextWrite() == .nothingYet)
        #expect(machine.hasNothingToWrite)
    }

    @Test func closingLetsWhatWaitsGoOutAndAPipeThatEndedDoesNot() {
        var machine = Machine(bound: 100)
        #expect(machine.send(oneWay: bytes("a")) == nil)
        machine.end(.closed)
        #expect(machine.send(oneWay: bytes("b")) == .over(.closed))
        #expect(machine.nextWrite() == .bytes(bytes("a\n")))
        #expect(machine.nextWrite() == .end)
        #expect(machine.ending == .closed && machine.phase == .ending)

        machine = Machine(bound: 100)
        #expect(machine.send(oneWay: bytes("a")) == nil)
        machine.end(.closed)
        machine.end(.pipeEnded)
        #expect(machine.nextWrite() == .end)
        #expect(machine.ending == .closed)
    }

    @Test func theEndTellsEachThatWaitsOnceAndWhetherItWasWritten() {
        var machine = Machine(bound: 100, piece: 1)
        #expect(machine.send(bytes("a"), id: .number(1), 1) == nil)
        #expect(machine.send(bytes("b"), id: .string("1"), 2) == nil)
        #expect(machine.send(bytes("c"), id: .number(1), 3) == .idInUse)
        #expect(machine.nextWrite() == .bytes(bytes("a\n")))
        let entries = machine.gone().sorted { $0.waiter < $1.waiter }
        #expect(entries.map(\.waiter) == [1, 2])
        #expect(entries.map(\.isWritten) == [true, false])
        #expect(machine.gone().isEmpty && machine.nextWrite() == .end)
        #expect(machine.send(bytes("d"), id: .number(4), 4) == .over(.pipeEnded))
    }

    /// Against a plain list: everything that is taken and not given up is written once and in order, and everybody who
    /// waits is answered or told of the end.
    @Test(arguments: 0..<50) func everyRequestHasOneEnd(seed: Int) {
        var random = SplitMix64(seed: seed)
        var machine = Machine(bound: 40, piece: 12)
        var expected: [String] = []
        var written = ""
        var open: Set<Int> = []
        var given: Set<Int> = []
        var next = 0
        for _ in 0..<300 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                next += 1
                let line = String(repeating: "r", count: Int.random(in: 1...9, using: &random)) + "\(next)"
                if machine.send(bytes(line), id: .number(Int64(next)), next) == nil {
                    expected.append(line)
                    open.insert(next)
                }
            case 4...6:
                if case .bytes(let bytes) = machine.nextWrite() { written += String(decoding: bytes, as: UTF8.self) }
            case 7...8:
                guard let id = open.randomElement(using: &random) else { continue }
                guard let entry = machine.take(.number(Int64(id))) else { return #expect(Bool(false)) }
                #expect(entry.waiter == id)
                open.remove(id)
                if !entry.isWritten { given.insert(id) }
            default: #expect(machine.take(.string("never")) == nil)
            }
            #expect(machine.owed == open.count)
        }
        while case .bytes(let bytes) = machine.nextWrite() { written += String(decoding: bytes, as: UTF8.self) }
        let kept = expected.filter { line in !given.contains { line.hasSuffix("r\($0)") } }
        #expect(written == kept.map { $0 + "\n" }.joined())
        #expect(Set(machine.gone().map(\.waiter)) == open)
    }
}
