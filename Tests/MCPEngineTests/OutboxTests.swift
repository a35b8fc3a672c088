import MCPEngine
import MCPTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct OutboxTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func messagesComeOutInTheOrderInWhichTheyWentIn() async {
        let outbox = Outbox(limit: 100)
        #expect(outbox.post(bytes("a")))
        #expect(await outbox.send(bytes("b")))
        outbox.finish()
        #expect(await outbox.next() == .message(bytes("a")))
        #expect(await outbox.next() == .message(bytes("b")))
        #expect(await outbox.next() == .end)
        #expect(!outbox.post(bytes("c")))
        let isTaken = await outbox.send(bytes("c"))
        #expect(!isTaken)
    }

    @Test func aSenderWaitsForRoomAndOneMessageOfAnySizeIsTaken() async {
        let outbox = Outbox(limit: 4)
        #expect(await outbox.send(bytes("much more than the limit")))
        #expect(outbox.waiting == 0)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await outbox.send(self.bytes("second")) }
            #expect(await outbox.next() == .message(bytes("much more than the limit")))
            #expect(await group.next() == true)
        }
        #expect(await outbox.next() == .message(bytes("second")))
        #expect(await outbox.room())
    }

    @Test func waitingForRoomEndsWhenThereIsSomeAndWhenThereNeverWillBe() async {
        let outbox = Outbox(limit: 1)
        #expect(await outbox.room())
        outbox.post(bytes("a"))
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await outbox.room() }
            #expect(await outbox.next() == .message(bytes("a")))
            #expect(await group.next() == true)
            outbox.post(bytes("b"))
            group.addTask { await outbox.room() }
            group.addTask { await outbox.send(self.bytes("c")) }
            outbox.close()
            #expect(await group.next() == false)
            #expect(await group.next() == false)
        }
        #expect(await outbox.next() == .end)
    }

    @Test func aCancelledSenderAddsNothing() async {
        let outbox = Outbox(limit: 1)
        outbox.post(bytes("a"))
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await outbox.send(self.bytes("b")) }
            group.cancelAll()
            #expect(await group.next() == false)
        }
        outbox.finish()
        #expect(await outbox.next() == .message(bytes("a")))
        #expect(await outbox.next() == .end)
    }

    @Test func whatNobodyWantsAnyMoreIsPassedOver() async {
        let outbox = Outbox(limit: 100)
        let interest = Interest()
        outbox.post(bytes("lost"), for: interest)
        outbox.post(bytes("kept"), for: Interest())
        interest.lose()
        outbox.finish()
        #expect(await outbox.next() == .message(bytes("kept")))
        #expect(await outbox.next() == .end)
    }

    @Test func aReaderIsToldWhenNothingCameInTime() async {
        let time = ManualTime()
        let deadlines = Deadlines(time: time)
        let outbox = Outbox(limit: 100)
        await withTaskGroup(of: Outbox.Read.self) { group in
            group.addTask { await outbox.next(within: .seconds(1), deadlines: deadlines) }
            group.addTask {
                // The deadline is there as soon as the reader waits; until then time passes in vain.
                while !Task.isCancelled {
                    time.advance(by: .seconds(2))
                    deadlines.fireDue()
                    await Task.yield()
                }
                return .end
            }
            #expect(await group.next() == .quiet)
            group.cancelAll()
        }
    }
}
