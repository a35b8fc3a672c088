import MCPEngine
import MCPTesting
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
                    let taken = host.start {
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
        #expect(host.start { tally.raise() })
        host.stop()
        #expect(!host.start { tally.raise() })
        await host.run()
        #expect(tally.count == 1)
    }

    @Test func jobsBeyondTheBoundAreRefused() {
        let host = SessionHost(waiting: 2)
        #expect(host.start {})
        #expect(host.start {})
        #expect(!host.start {})
    }

    @Test func cancellingTheHostReachesEveryJobAndEndsIt() async {
        let host = SessionHost()
        let gate = Gate()
        let tally = Tally()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            for _ in 0..<3 {
                let taken = host.start {
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
        #expect(!host.start {})
    }
}
