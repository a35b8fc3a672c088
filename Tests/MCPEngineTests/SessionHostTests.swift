import MCPEngine
import MCPTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct SessionHostTests {
    @Test func everyJobRunsAtOnceWhetherOrNotATaskWasFree() async {
        let host = SessionHost(spare: 2)
        let tally = Tally()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            for round in 1...3 {
                let gate = Gate()
                let ended = Gate()
                for _ in 0..<10 {
                    let taken = host.start { _ in
                        await gate.pass()
                        tally.raise()
                        await ended.pass()
                    }
                    #expect(taken)
                }
                await gate.arrivals(10)
                gate.open()
                await ended.arrivals(10)
                #expect(tally.count == 10 * round)
                ended.open()
            }
            host.stop()
        }
    }

    @Test func whatWasTakenBeforeTheStopIsRunAndNothingAfter() async {
        let host = SessionHost()
        let tally = Tally()
        #expect(host.start { _ in tally.raise() })
        host.stop()
        #expect(!host.start { _ in tally.raise() })
        await host.run()
        #expect(tally.count == 1)
    }

    @Test func jobsBeyondTheBoundAreRefused() {
        let host = SessionHost(waiting: 2)
        #expect(host.start { _ in })
        #expect(host.start { _ in })
        #expect(!host.start { _ in })
    }

    @Test func cancellingTheHostReachesEveryJobAndEndsIt() async {
        let host = SessionHost()
        let gate = Gate()
        let tally = Tally()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            for _ in 0..<3 {
                let taken = host.start { _ in
                    // Opened by nobody.
                    await gate.pass()
                    if Task.isCancelled { tally.raise() }
                }
                #expect(taken)
            }
            await gate.arrivals(3)
            group.cancelAll()
        }
        #expect(tally.count == 3)
        #expect(!host.start { _ in })
    }

    @Test func anInterruptReachesItsOwnJobAndNoLaterOneOnTheSameTask() async {
        let host = SessionHost(spare: 1)
        let interrupts = Mutex<[Interrupt]>([])
        let cancelled = Tally()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            for round in 0...100 {
                let gate = Gate()
                let ended = Gate()
                let taken = host.start { interrupt in
                    interrupts.withLock { $0.append(interrupt) }
                    await gate.pass()
                    if Task.isCancelled { cancelled.raise() }
                    await ended.pass()
                }
                #expect(taken)
                await gate.arrivals(1)
                // All but the last are of jobs that have ended.
                for late in interrupts.withLock({ $0.dropLast() }) { late() }
                if round < 100 { gate.open() } else { interrupts.withLock { $0[round] }() }
                await ended.arrivals(1)
                ended.open()
            }
            host.stop()
            await group.waitForAll()
        }
        #expect(cancelled.count == 1)
    }
}
