import MCPEngine
import MCPTesting
import Synchronization
import Testing

@Suite struct DeadlinesTests {
    @Test func aDeadlineFiresOnceItIsDueAndNotBefore() {
        let time = ManualTime(), deadlines = Deadlines(time: time, resolution: .milliseconds(10)), fired = Atomic(0)
        _ = deadlines.schedule(after: .milliseconds(35)) { fired.add(1, ordering: .relaxed) }
        time.advance(by: .milliseconds(30))
        deadlines.fireDue()
        #expect(fired.load(ordering: .relaxed) == 0)
        time.advance(by: .milliseconds(10))
        deadlines.fireDue()
        deadlines.fireDue()
        #expect(fired.load(ordering: .relaxed) == 1)
    }

    @Test func aCancelledDeadlineDoesNotFire() {
        let time = ManualTime(), deadlines = Deadlines(time: time), fired = Atomic(0)
        let token = deadlines.schedule(after: .seconds(1)) { fired.add(1, ordering: .relaxed) }
        deadlines.cancel(token)
        time.advance(by: .seconds(2))
        deadlines.fireDue()
        #expect(fired.load(ordering: .relaxed) == 0)
    }

    @Test(arguments: 0..<20) func deadlinesFireInTimeWhateverTheTicks(seed: Int) {
        var random = SplitMix64(seed: seed)
        let time = ManualTime(), deadlines = Deadlines(time: time, resolution: .milliseconds(25))
        let late = Atomic(0), fired = Atomic(0)
        for _ in 0..<200 {
            let delay = Duration.milliseconds(Int.random(in: 0..<5000, using: &random)), due = time.now + delay
            _ = deadlines.schedule(after: delay) {
                fired.add(1, ordering: .relaxed)
                if time.now < due { late.add(1, ordering: .relaxed) }
            }
            time.advance(by: .milliseconds(Int.random(in: 0..<300, using: &random)))
            deadlines.fireDue()
        }
        time.advance(by: .seconds(6))
        deadlines.fireDue()
        #expect(late.load(ordering: .relaxed) == 0)
        #expect(fired.load(ordering: .relaxed) == 200)
    }
}
