import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

@Suite struct SessionMachineTests {
    private func machine(limit: Int = 8) -> SessionMachine { SessionMachine(limit: limit, now: .zero) }
    private func key(_ value: UInt64) -> ExchangeKey { ExchangeKey(value) }

    @Test func aDeleteWithNothingInFlightClosesAtOnce() {
        var machine = machine()
        #expect(machine.drain() == .init(close: true))
        #expect(machine.phase == .closed)
    }

    @Test func aDeleteWaitsForTheLastAnswer() {
        var machine = machine()
        #expect(machine.begin(key(1), id: .number(1), now: .zero) == .run)
        #expect(machine.drain() == .init())
        #expect(machine.phase == .draining)
        #expect(machine.begin(key(2), id: .number(2), now: .zero) == .refuse(.ending))
        #expect(machine.note(now: .zero) == .refuse(.ending))
        #expect(machine.end(key(1), now: .zero) == .init(close: true))
        #expect(machine.phase == .closed)
        #expect(machine.begin(key(3), id: .number(3), now: .zero) == .refuse(.gone))
        #expect(machine.attach(to: .listening, now: .zero) == .refuse(.gone))
    }

    @Test func aSecondDeleteChangesNothing() {
        var machine = machine()
        _ = machine.begin(key(1), id: .number(1), now: .zero)
        #expect(machine.drain() == .init())
        #expect(machine.drain() == .init())
        #expect(machine.phase == .draining)
    }

    @Test func equalRequestIDsAreTwoRequests() {
        var machine = machine()
        #expect(machine.begin(key(1), id: .number(7), now: .zero) == .run)
        #expect(machine.begin(key(2), id: .number(7), now: .zero) == .run)
        #expect(machine.owed == [key(1), key(2)])
    }

    @Test func aCancellationThatFitsTwoRequestsFitsNone() {
        var machine = machine()
        _ = machine.begin(key(1), id: .number(7), now: .zero)
        #expect(machine.cancellable(.number(7)) == key(1))
        #expect(machine.cancellable(.string("7")) == nil)
        _ = machine.begin(key(2), id: .number(7), now: .zero)
        #expect(machine.cancellable(.number(7)) == nil)
    }

    @Test func theLimitRefusesOneTooManyAndAdmitsAgainAfterAnAnswer() {
        var machine = machine(limit: 1)
        #expect(machine.begin(key(1), id: .number(1), now: .zero) == .run)
        #expect(machine.begin(key(2), id: .number(2), now: .zero) == .refuse(.tooManyInFlight))
        _ = machine.end(key(1), now: .zero)
        #expect(machine.begin(key(2), id: .number(2), now: .zero) == .run)
    }

    @Test func aNewListenerDisplacesTheOldOne() {
        var machine = machine()
        guard case .read(let first, displacing: nil) = machine.attach(to: .listening, now: .zero) else {
            Issue.record("the first listener was refused")
            return
        }
        #expect(machine.attach(to: .listening, now: .zero) == .read(as: ReaderID(2), displacing: first))
        machine.detach(first, from: .listening, now: .zero)
        #expect(machine.attached == [.listening: ReaderID(2)])
    }

    @Test func aStreamThatIsOwedItsAnswerCanBeResumedWhileTheSessionDrains() {
        var machine = machine()
        _ = machine.begin(key(1), id: .number(1), now: .zero)
        _ = machine.drain()
        #expect(machine.attach(to: StreamID(1), now: .zero) == .read(as: ReaderID(1), displacing: nil))
        #expect(machine.attach(to: .listening, now: .zero) == .refuse(.ending))
    }

    @Test func aDrainLetsTheListenerGoAndKeepsReadersOfAnswers() {
        var machine = machine()
        _ = machine.begin(key(1), id: .number(1), now: .zero)
        _ = machine.attach(to: .listening, now: .zero)
        _ = machine.attach(to: StreamID(1), now: .zero)
        #expect(machine.drain().release == [.init(stream: .listening, reader: ReaderID(1))])
        #expect(machine.attached == [StreamID(1): ReaderID(2)])
    }

    @Test func theEndOfTheGraceFailsWhatIsOwedAndCloses() {
        var machine = machine()
        _ = machine.begin(key(2), id: .number(1), now: .zero)
        _ = machine.begin(key(1), id: .number(1), now: .zero)
        #expect(machine.expire() == .init())
        _ = machine.drain()
        #expect(machine.expire() == .init(fail: [key(1), key(2)], settlement: .init(close: true)))
        #expect(machine.end(key(1), now: .zero) == .init())
        #expect(machine.phase == .closed)
    }

    @Test func aSessionIsIdleOnlyWithNothingInFlightAndNobodyReading() {
        var machine = machine()
        #expect(machine.idle(now: .seconds(5)) == .seconds(5))
        _ = machine.begin(key(1), id: .number(1), now: .seconds(6))
        #expect(machine.idle(now: .seconds(9)) == nil)
        _ = machine.end(key(1), now: .seconds(10))
        #expect(machine.idle(now: .seconds(12)) == .seconds(2))
        _ = machine.attach(to: .listening, now: .seconds(12))
        #expect(machine.idle(now: .seconds(99)) == nil)
        machine.detach(ReaderID(1), from: .listening, now: .seconds(100))
        #expect(machine.idle(now: .seconds(101)) == .seconds(1))
    }

    // MARK: At random, against a shadow world

    @Test(arguments: 0..<200) func everyAdmittedRequestIsSettledExactlyOnce(seed: Int) {
        let faults = ShadowSession.walk(seed: seed) { $0 }
        #expect(faults == [], "seed \(seed)")
    }

    /// Planted faults: each must be caught by the walk, or the walk proves nothing.
    @Test(arguments: ShadowSession.Fault.allCases) func theWalkCatches(fault: ShadowSession.Fault) {
        let caught = (0..<200).contains { seed in
            !ShadowSession.walk(seed: seed, transform: { fault.applied(to: $0) }).isEmpty
        }
        #expect(caught)
    }
}
