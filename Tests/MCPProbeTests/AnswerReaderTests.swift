import MCPProtocol
import MCPTesting
import NIOHTTP1
import Testing

@testable import MCPProbe

@Suite struct AnswerReaderTests {
    private static func reply(
        _ body: String, status: Int? = 200, type: String? = "application/json", end: HTTPReply.End = .complete
    ) -> HTTPReply {
        var reply = HTTPReply(sent: .zero)
        reply.status = status
        reply.headAt = .milliseconds(1)
        reply.body = Array(body.utf8)
        reply.end = end
        if let type { reply.headers.add(name: "Content-Type", value: type) }
        if reply.isEventStream {
            var parser = SSEParser(limit: 1 << 20)
            _ = parser.add(reply.body) { reply.events.append($0) }
            reply.hasUnfinishedEvent = parser.isInsideEvent
        }
        return reply
    }

    private static func read(
        _ body: String, status: Int? = 200, type: String? = "application/json", end: HTTPReply.End = .complete,
        isPrimed: Bool = true
    ) -> Answer {
        AnswerReader.read(reply(body, status: status, type: type, end: end), id: 1, isPrimed: isPrimed)
    }

    private static let fine = #"{"jsonrpc":"2.0","id":1,"result":{}}"#

    @Test func anAnswerIsReadAsJSONAndFromAStream() {
        for answer in [Self.read(Self.fine), Self.read("data: \(Self.fine)\n\n", type: "text/event-stream")] {
            #expect(answer.result != nil)
            #expect(answer.defects.isEmpty)
        }
    }

    @Test func whatComesBeforeTheAnswerInAStreamIsNoAnswer() {
        let notification = #"data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}"#
        let answer = Self.read("\(notification)\n\ndata: \(Self.fine)\n\n", type: "text/event-stream")
        #expect(answer.result != nil)
        #expect(answer.defects.isEmpty)
    }

    @Test func nothingIsToldFromSilenceAndFromABreak() {
        #expect(Self.read("").absence == .empty)
        #expect(Self.read("", type: "text/event-stream").absence == .empty)
        #expect(Self.read(": hello\n\n", type: "text/event-stream").absence == .endedStream)
        #expect(Self.read("", status: nil, end: .late).absence == .late)
        #expect(Self.read("", status: nil, end: .broken(.closed("it broke"))).absence == .broken("it broke"))
        #expect(Self.read("", type: "text/event-stream", end: .broken(.closed("cut"))).absence == .broken("cut"))
        guard case .unreadable = Self.read("<html>").absence else {
            Issue.record("a page is an answer")
            return
        }
    }

    @Test func aRefusalKeepsWhatItSays() throws {
        let body = #"{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}"#
        guard case .refused(404, let fault?) = Self.read(body, status: 404).outcome else {
            Issue.record("not refused")
            return
        }
        #expect(fault.code == -32001)
        #expect(Self.read("", status: 202).isAccepted)
    }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":"1","result":{}}"#, Defect.changedID),
        (#"{"jsonrpc":"2.0","id":1.0,"result":{}}"#, .changedID),
        (#"{"id":1,"result":{}}"#, .missingVersion),
        (#"{"jsonrpc":"2.0","id":1,"result":{},"error":null}"#, .nullMember),
        (#"{"jsonrpc":"2.0","id":1,"error":{"code":"NO","message":""}}"#, .notIntegerCode),
    ])
    func defectsAreNotedAndTheAnswerIsRead(body: String, defect: Defect) {
        let answer = Self.read(body)
        #expect(answer.isAnswered)
        #expect(answer.defects.map(\.0) == [defect])
    }

    @Test func defectsOfStreamsAreNoted() {
        func defects(_ body: String, end: HTTPReply.End = .complete, isPrimed: Bool = true) -> [Defect] {
            let answer = Self.read(body, type: "text/event-stream", end: end, isPrimed: isPrimed)
            #expect(answer.result != nil)
            return answer.defects.map(\.0)
        }
        let event = "data: \(Self.fine)\n\n"
        #expect(defects("event: answer\n\(event)") == [.eventName])
        #expect(defects("data: \(Self.fine)") == [.unfinishedEvent])
        #expect(defects("data: hello\n\n\(event)") == [.unreadableEvent])
        #expect(defects(event + event) == [.secondAnswer])
        #expect(defects(event, end: .stopped) == [.leftOpen])
        #expect(defects("id: 1\ndata:\n\n\(event)", isPrimed: false) == [.emptyEvent])
        #expect(defects("id: 1\ndata:\n\n\(event)") == [])
        #expect(Self.read(event, type: "text/plain").defects.map(\.0) == [.contentType])
        #expect(Self.read(Self.fine, type: "text/event-stream").defects.map(\.0) == [.contentType])
    }

    @Test func anAnswerToAnotherRequestIsNone() {
        #expect(!Self.read(#"{"jsonrpc":"2.0","id":2,"result":{}}"#).isAnswered)
    }

    @Test(.requirement("PR-11")) func randomBytesAreReadWithoutHarm() {
        var generator = SplitMix64(seed: 11)
        let pieces = [Self.fine, "data: ", "\n\n", "event: x\n", "{", "[", "\"id\":1", "null", "\u{0}", ",", "}"]
        for _ in 0..<3000 {
            let body = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                pieces.randomElement(using: &generator)!
            }
            .joined()
            for type in ["application/json", "text/event-stream", "text/html"] {
                let end: HTTPReply.End = Bool.random(using: &generator) ? .complete : .stopped
                _ =
                    Self.read(
                        body, status: [200, 202, 400, 500].randomElement(using: &generator)!, type: type, end: end
                    )
                    .words
            }
        }
    }
}
