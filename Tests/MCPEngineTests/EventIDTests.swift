import MCPEngine
import Testing

@Suite struct EventIDTests {
    @Test func anIDReadsBackAsItWasWritten() {
        let id = EventID(epoch: 0xDEAD_BEEF, stream: StreamID(42), position: 7)
        #expect(EventID(id.description) == id)
    }

    @Test(arguments: [
        "", "1-2", "1-2-3-4", "x-2-3", "1-x-3", "1-2-x", "1-2--3", "-1-2-3", "1-2-3 ", "+1-2-3", "1-2-+3",
        "100000000-1-1",
        "1-2-9223372036854775807", "1-2-99999999999999999999999999999999999999999999",
    ])
    func anythingElseIsNone(text: String) {
        #expect(EventID(text) == nil)
    }
}
