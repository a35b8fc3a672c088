import MCPEngine
import MCPTesting
import Testing

@Suite struct DeadlinesTests {
    @Test func aDeadlineFiresOnceItIsDueAndNotBefore() {
        let time = ManualTime()
        let deadlines = Deadlines(time: time, resolution: .milliseconds(10))
        let fired = Tally()
        _ = deadlines.schedule(after: .milliseconds(35)) { fired.raise() }
        time.advance(by: .milliseconds(30))
        deadlines.fireDue()
        #expect(fired.count == 0)
        time.advance(by: .milliseconds(10))
        deadlines.fireDue()
        deadlines.fireDue()
        #expect(fired.count == 1)
    }

    @Test func aCancelledDeadlineDoesNotFire() {
        let time = ManualTime()
        let deadlines = Deadlines(time: time)
        let fired = Tally()
        let token = deadlines.schedule(after: .seconds(1)) { fired.raise() }
        deadlines.cancel(token)
        time.advance(by: .seconds(2))
        deadlines.fireDue()
        #expect(fired.count == 0)
    }

    @Test(arguments: 0..<20) func deadlinesFireInTimeWhateverTheTicks(seed: Int) {
        var random = SplitMix64(seed: seed)
        let time = ManualTime()
        let deadlines = Deadlines(time: time, resolution: .milliseconds(25))
        let late = Tally()
        let fired = Tally()
        for _ in 0..<200 {
            let delay = Duration.milliseconds(Int.random(in: 0..<5000, using: &random))
            let due = time.now + delay
            _ = deadlines.schedule(after: delay) {
                fired.raise()
                if time.now < due { late.raise() }
            }
            time.advance(by: .milliseconds(Int.random(in: 0..<300, using: &random)))
            deadlines.fireDue()
        }
        time.advance(by: .seconds(6))
        deadlines.fireDue()
        #expect(late.count == 0)
        #expect(fired.count == 200)
    }
}
