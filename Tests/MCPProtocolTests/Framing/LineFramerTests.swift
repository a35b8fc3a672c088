import MCPProtocol
import Testing

@Suite struct LineFramerTests {
    private func lines(_ pieces: [String], limit: Int = 100) -> [InputLine] {
        var framer = LineFramer(limit: limit)
        var lines: [InputLine] = []
        for piece in pieces {
            framer.add(piece.utf8)
            while let line = framer.next() { lines.append(line) }
        }
        if let rest = framer.rest() { lines.append(rest) }
        return lines
    }

    private func text(_ text: String) -> InputLine { .text(Array(text.utf8)) }

    @Test func linesAreTheSameHoweverTheyArriveInPieces() {
        let whole = "one\ntwo ☃\r\nthree\n"
        let expected = [text("one"), text("two ☃"), text("three")]
        #expect(lines([whole]) == expected)
        for size in 1...5 {
            var framer = LineFramer(limit: 100)
            var found: [InputLine] = []
            var rest = Array(whole.utf8)[...]
            while !rest.isEmpty {
                framer.add(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let line = framer.next() { found.append(line) }
            }
            #expect(found == expected, "\(size)")
        }
    }

    @Test func blankLinesAreNoLines() {
        #expect(lines(["\n\r\n \t\na\n\n", "\n b\n"]) == [text("a"), text(" b")])
    }

    @Test func aLineWithoutItsEndCountsWhenNothingMoreComes() {
        #expect(lines(["a\nb"]) == [text("a"), text("b")])
        #expect(lines(["a\n", "\r"]) == [text("a")])
    }

    @Test func aLineMayBeAsLongAsTheLimitAndNoLonger() {
        #expect(lines(["12345\n", "12345\r\n"], limit: 5) == [text("12345"), text("12345")])
        #expect(lines(["123456\nnext\n"], limit: 5) == [.tooLong, text("next")])
        #expect(lines(["123456"], limit: 5) == [.tooLong])
    }

    @Test func aLineThatIsTooLongIsReportedOnceAndPassedOver() {
        var pieces = [String](repeating: "xxxx", count: 50)
        pieces += ["xx\nafter", "\n"]
        #expect(lines(pieces, limit: 10) == [.tooLong, text("after")])
        #expect(lines(["12345678", "90123\r\n", "a\n"], limit: 4) == [.tooLong, text("a")])
        #expect(lines(["1234567890", "the end never comes"], limit: 4) == [.tooLong])
    }
}
