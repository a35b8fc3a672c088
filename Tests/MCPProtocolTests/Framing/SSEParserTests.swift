import MCPProtocol
import Testing

@Suite struct SSEParserTests {
    /// What came out, as `name|data`.
    private func events(_ pieces: [String], limit: Int = 100) -> [String] {
        var parser = SSEParser(limit: limit)
        return pieces.flatMap { Self.add(Array($0.utf8), to: &parser) }
    }

    static func add(_ bytes: some Collection<UInt8>, to parser: inout SSEParser) -> [String] {
        var found: [String] = []
        let isFine = parser.add(bytes) { found.append("\($0.name)|\(String(decoding: $0.data, as: UTF8.self))") }
        return isFine ? found : found + ["too long"]
    }

    @Test func eventsHaveANameAndTheirDataLines() {
        let text = "event: endpoint\ndata: /a\n\ndata:one\ndata: two\ndata:  three\n\ndata\n\n"
        #expect(events([text]) == ["endpoint|/a", "message|one\ntwo\n three", "message|"])
    }

    @Test func eventsAreTheSameHoweverTheyArriveInPieces() {
        let text = "\u{FEFF}id: 7\r\nevent: e\r\ndata: snow ☃\rdata: more\r\n\r\n: comment\n\ndata: last\r\r\n"
        let expected = ["e|snow ☃\nmore", "message|last"]
        for size in 1...9 {
            var parser = SSEParser(limit: 100)
            var rest = Array(text.utf8)[...]
            var found: [String] = []
            while !rest.isEmpty {
                found += Self.add(rest.prefix(size), to: &parser)
                rest = rest.dropFirst(size)
            }
            #expect(found == expected, "\(size)")
            #expect(parser.lastEventID == "7")
        }
    }

    @Test func anEventIsThereWithItsBlankLineAndNotBefore() {
        var parser = SSEParser(limit: 100)
        #expect(Self.add(Array("data: x\r".utf8), to: &parser) == [])
        #expect(Self.add(Array("\r".utf8), to: &parser) == ["message|x"])
        // The rest of that line end.
        #expect(Self.add(Array("\ndata: y\n".utf8), to: &parser) == [])
        #expect(Self.add(Array("\n".utf8), to: &parser) == ["message|y"])
    }

    @Test func aMarkOfByteOrderIsOnlyOneAtTheStart() {
        #expect(
            events(["\u{FEFF}data: a\n\n\u{FEFF}data: b\n\ndata: \u{FEFF}c\n\n"]) == ["message|a", "message|\u{FEFF}c"])
    }

    @Test func unknownFieldsAndCommentsSayNothing() {
        #expect(events([": hello\nDATA: a\ndat: b\ndata : c\nx\n\n", ":\n\n"]) == [])
    }

    @Test func theIDIsTakenWithItsEventEvenWithoutData() {
        var parser = SSEParser(limit: 100)
        _ = Self.add(Array("id: a\n".utf8), to: &parser)
        #expect(parser.lastEventID == nil)
        _ = Self.add(Array("\n".utf8), to: &parser)
        #expect(parser.lastEventID == "a")
        _ = Self.add(Array("id: b\u{0}c\ndata: x\n\n".utf8), to: &parser)
        #expect(parser.lastEventID == "a")
        _ = Self.add(Array("data: keeps it\n\n".utf8), to: &parser)
        #expect(parser.lastEventID == "a")
        _ = Self.add(Array("id\ndata: forgets it\n\n".utf8), to: &parser)
        #expect(parser.lastEventID == nil)
    }

    @Test func onlyDigitsAreATimeToWait() {
        var parser = SSEParser(limit: 100)
        _ = Self.add(Array("retry: 250\n".utf8), to: &parser)
        #expect(parser.retry == .milliseconds(250))
        for bad in ["", "-1", "+1", "1.5", "1s", "٣", "99999999999999999999"] {
            _ = Self.add(Array("retry: \(bad)\n".utf8), to: &parser)
            #expect(parser.retry == .milliseconds(250), "\(bad)")
        }
    }

    @Test func anEventMayBeAsLongAsTheLimitAndNoLonger() {
        #expect(events(["data: 12345\n\n", "data:1\ndata:345\n\n"], limit: 5) == ["message|12345", "message|1\n345"])
        #expect(events(["data: 123456\n\n"], limit: 5) == ["too long"])
        #expect(events(["data: 123\ndata: 45\n\n"], limit: 5) == ["too long"])
        #expect(
            events(["data: a\n\ndata: ", "0123456789", "\n\n"], limit: 5) == ["message|a", "too long", "too long"])
        #expect(events([": " + String(repeating: "x", count: 100)], limit: 5) == ["too long"])
    }

    @Test func whatTheStreamEndsInTheMiddleOfIsNoEvent() {
        #expect(events(["data: a\n\ndata: b\n"]) == ["message|a"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func damagedStreamsAreReadAlikeHoweverTheyAreCut(seed: UInt64) {
        let seeds = [
            "\u{FEFF}id: 1\nevent: message\ndata: {\"jsonrpc\":\"2.0\"}\n\nretry: 10\nid: 2\ndata: \n\n",
            ": comment\r\n\r\ndata: a\r\ndata: b\r\n\r\nid\r\ndata\r\r", "event: endpoint\ndata: /messages?id=1\n\n",
        ].map { Array($0.utf8) }
        var mutator = Mutator(random: SplitMix64(seed: seed))
        var random = SplitMix64(seed: seed &+ 100)
        var seen = 0
        for round in 0..<5_000 {
            let bytes = mutator.mutate(seeds[round % seeds.count])
            var whole = SSEParser(limit: 40)
            let expected = Self.add(bytes, to: &whole)
            seen += expected.count
            var parser = SSEParser(limit: 40)
            var found: [String] = []
            var rest = bytes[...]
            while !rest.isEmpty, found.last != "too long" {
                let size = Int.random(in: 1...12, using: &random)
                found += Self.add(rest.prefix(size), to: &parser)
                rest = rest.dropFirst(size)
            }
            #expect(found == expected, "\(String(decoding: bytes, as: UTF8.self))")
            #expect(parser.lastEventID == whole.lastEventID)
            #expect(parser.retry == whole.retry)
        }
        #expect(seen > 2_000)
    }
}
