import MCPTesting
import Testing

@testable import MCPEngine

@Suite struct EventLogTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func readAll(_ log: EventLog, as reader: ReaderID = .first, after start: Int = 0) async -> [String] {
        var position = start
        var texts: [String] = []
        while case .event(let event) = await log.next(for: reader, after: position) {
            position = event.position
            texts.append(String(decoding: event.payload, as: UTF8.self))
        }
        return texts
    }

    @Test func theLastAnswerOwedFinishesTheLog() async {
        let log = EventLog(owed: 2)
        log.append(bytes("progress"))
        log.answer(bytes("one"))
        #expect(!log.isFinished)
        log.answer(bytes("two"))
        #expect(log.isFinished)
        #expect(await readAll(log) == ["progress", "one", "two"])
    }

    @Test func nothingFollowsTheLastAnswer() async {
        let log = EventLog(owed: 1)
        log.answer(bytes("answer"))
        log.answer(bytes("second answer"))
        log.append(bytes("late progress"))
        #expect(await readAll(log) == ["answer"])
    }

    @Test func aReaderThatResumesSeesExactlyWhatTheFirstOneMissed() async {
        let log = EventLog(owed: 1)
        for step in 1...5 { log.append(bytes("\(step)")) }
        var seen: [String] = []
        var position = 0
        for _ in 0..<2 {
            guard case .event(let event) = await log.next(for: .first, after: position) else { break }
            seen.append(String(decoding: event.payload, as: UTF8.self))
            position = event.position
        }
        log.admit(ReaderID(1))
        log.answer(bytes("answer"))
        #expect(await log.next(for: .first, after: position) == .dismissed)
        #expect(seen + (await readAll(log, as: ReaderID(1), after: position)) == ["1", "2", "3", "4", "5", "answer"])
    }

    @Test func anOlderReaderCannotTakeTheLogBack() async {
        let log = EventLog(owed: 1)
        log.admit(ReaderID(2))
        log.admit(ReaderID(1))
        log.answer(bytes("answer"))
        #expect(await log.next(for: ReaderID(1), after: 0) == .dismissed)
        #expect(await readAll(log, as: ReaderID(2)) == ["answer"])
    }

    @Test func aReaderBehindTheBoundIsToldWhereTheLogBegins() async {
        let log = EventLog(owed: 1, limits: .init(events: 2, bytes: 1000))
        for step in 1...5 { log.append(bytes("\(step)")) }
        #expect(await log.next(for: .first, after: 1) == .gap(oldest: 4))
        log.finish()
        #expect(await readAll(log, after: 3) == ["4", "5"])
    }

    @Test func theBoundInBytesDropsTheOldestButNeverTheAnswer() async {
        let log = EventLog(owed: 1, limits: .init(events: 100, bytes: 10))
        log.append(bytes("12345678"))
        log.append(bytes("12345678"))
        #expect(log.byteCount == 8)
        log.answer(bytes(String(repeating: "a", count: 50)))
        #expect(await log.next(for: .first, after: 0) == .gap(oldest: 3))
        #expect(await readAll(log, after: 2) == [String(repeating: "a", count: 50)])
    }

    @Test func aLongLogKeepsItsPositionsWhileItForgets() async {
        let log = EventLog(owed: 1, limits: .init(events: 10, bytes: 10_000))
        for step in 1...1000 { log.append(bytes("\(step)")) }
        log.answer(bytes("answer"))
        #expect(await readAll(log, after: 991) == (992...1000).map(String.init) + ["answer"])
    }

    @Test func anAnnouncementWaitingToBeReadIsNotRepeated() async {
        let log = EventLog(owed: 0)
        log.announce(bytes("changed"))
        log.announce(bytes("changed"))
        #expect(
            await log.next(for: .first, after: 0)
                == .event(.init(position: 1, payload: bytes("changed"), isAnswer: false)))
        log.announce(bytes("changed"))
        log.finish()
        #expect(await readAll(log, after: 1) == ["changed"])
    }

    @Test func whatWaitsGrowsOnlyWithTheKindsOfAnnouncements() async {
        let log = EventLog(owed: 0, limits: .init(events: 3))
        log.announce(bytes("once"))
        for _ in 0..<10 {
            log.announce(bytes("a"))
            log.announce(bytes("b"))
        }
        log.finish()
        #expect(await readAll(log) == ["once", "a", "b"])
    }

    @Test func anAnnouncementThatWasReadIsMadeAnewWhateverElseWaits() async {
        let log = EventLog(owed: 0)
        log.announce(bytes("a"))
        _ = await log.next(for: .first, after: 0)
        log.announce(bytes("b"))
        log.announce(bytes("a"))
        log.announce(bytes("b"))
        log.finish()
        #expect(await readAll(log, after: 1) == ["b", "a"])
    }

    @Test func aWaitingReaderIsWokenByWhatComes() async {
        let log = EventLog(owed: 1)
        async let texts = readAll(log)
        log.append(bytes("progress"))
        log.answer(bytes("answer"))
        #expect(await texts == ["progress", "answer"])
    }

    @Test(.timeLimit(.minutes(1))) func aWaitingReaderLeavesWhenANewerOneComes() async {
        let time = ManualTime()
        let deadlines = Deadlines(time: time)
        let log = EventLog(owed: 1)
        await withTaskGroup(of: EventLog.Read?.self) { group in
            group.addTask {
                await deadlines.run()
                return nil
            }
            group.addTask { await log.next(for: .first, after: 0, within: .seconds(60), deadlines: deadlines) }
            // Somebody sleeps until the reader's limit, so the reader waits.
            await time.waitForSleeper()
            log.admit(ReaderID(1))
            #expect(await group.next() == .dismissed)
            group.cancelAll()
        }
    }

    @Test func aReaderWaitsOnlyAsLongAsItWants() async {
        let time = ManualTime()
        let deadlines = Deadlines(time: time, resolution: .milliseconds(10))
        let log = EventLog(owed: 1)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await deadlines.run() }
            group.addTask {
                while !Task.isCancelled {
                    await time.waitForSleeper()
                    time.advance(by: .milliseconds(10))
                }
            }
            #expect(await log.next(for: .first, after: 0, within: .milliseconds(50), deadlines: deadlines) == .quiet)
            group.cancelAll()
        }
    }

    @Test func aCancelledReaderLeavesTheLogToOthers() async {
        let log = EventLog(owed: 1)
        await withTaskGroup(of: EventLog.Read.self) { group in
            group.addTask { await log.next(for: .first, after: 0) }
            group.cancelAll()
            #expect(await group.next() == .dismissed)
        }
        log.answer(bytes("still here"))
        #expect(await readAll(log) == ["still here"])
    }

    @Test func manyWritersAndAReaderLoseNothing() async {
        let log = EventLog(owed: 400, limits: .init(events: 1000, bytes: 1 << 20))
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask { for step in 0..<100 { log.answer(Array("\(writer).\(step)".utf8)) } }
            }
            #expect(Set(await readAll(log)).count == 400)
        }
    }

    @Test func aReaderThatCanPauseLeavesOnceItHasReadWhatIsThere() async {
        let log = EventLog(owed: 1)
        log.append(bytes("progress"))
        log.suspend(for: .seconds(2))
        let first = await log.next(for: .first, after: 0, canPause: true)
        #expect(first == .event(EventLog.Event(position: 1, payload: bytes("progress"), isAnswer: false)))
        #expect(await log.next(for: .first, after: 1, canPause: true) == .dismissed)
        #expect(log.takePause() == .seconds(2) && log.pause == nil)
        log.answer(bytes("answer"))
        #expect(await readAll(log, after: 1) == ["answer"])
    }

    @Test func aReaderThatCannotPauseStays() async {
        let log = EventLog(owed: 1)
        log.suspend(for: .seconds(2))
        log.answer(bytes("answer"))
        log.suspend(for: .seconds(2))
        #expect(await readAll(log) == ["answer"])
    }
}
