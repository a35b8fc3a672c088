import MCPProtocol
import MCPTesting
import Testing

@testable import MCPUpstreams

@Suite struct ChildOutputTests {
    private func id(_ line: String) -> RequestID? { AnswerID(Array(line.utf8)).id }

    @Test func theIDOfAnAnswerIsFoundWithoutReadingItAsJSON() {
        #expect(id(#"{"jsonrpc":"2.0","id":17,"result":{"#) == .number(17))
        #expect(id(#"{"result":{"id":1,"a":[{"id":2}]},"id" : "a\"b" ,"x":"#) == .string("a\"b"))
        #expect(id(#"{"result":"},\"id\":3","id":-4}"#) == .number(-4))
        #expect(id(#"{"id":5,"method":"ping"}"#) == nil)
        #expect(id(#"{"idea":6,"result":{}}"#) == nil)
        #expect(id(#"{"id":null,"error":{}}"#) == nil)
        #expect(id(#"[{"id":7}]"#) == nil)
        #expect(id(#"{"id":"\#(String(repeating: "x", count: 300))"}"#) == nil)
        #expect(id("") == nil)
        #expect(id("Listening, id: 8") == nil)
    }

    @Test(arguments: 1...40) func linesThatAreTooLongAreToldWithTheirIDsHoweverTheyCome(piece: Int) {
        let lines = [
            #"{"id":1}"#, #"{"result":"xxxxxxxxxxxxxxxxxxxx","id":2}"#, "",
            #"{"id":3,"result":"xxxxxxxxxxxxxxxxxxxxxxxx"}"#,
            String(repeating: "y", count: 20), String(repeating: "y", count: 20) + "\r",
            String(repeating: "z", count: 21),
        ]
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        var long = LongLines(limit: 20)
        var found: [RequestID?] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { found += long.add($0) }
        }
        #expect(found == [.number(2), .number(3), nil])
    }

    @Test(arguments: 1...30) func standardErrorIsCutIntoLinesHoweverItComes(piece: Int) {
        let bytes = Array("one\r\n\n  \ntwo\nabcdefghijklmnopqrstuvw\nlast".utf8)
        var errors = ErrorLines(limit: 10)
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { lines += errors.add($0) }
        }
        if let rest = errors.finish() { lines.append(rest) }
        #expect(lines == ["one", "two", "abcdefghij", "klmnopqrst", "uvw", "last"])
    }

    @Test func onlySoMuchMayBeLogged() {
        var allowance = LogAllowance(burst: 2, perSecond: 1)
        let start = ContinuousClock.now
        #expect(allowance.take(at: start) == 0)
        #expect(allowance.take(at: start) == 0)
        for _ in 0..<5 { #expect(allowance.take(at: start) == nil) }
        #expect(allowance.take(at: start + .milliseconds(500)) == nil)
        #expect(allowance.take(at: start + .milliseconds(1100)) == 6)
        #expect(allowance.take(at: start + .milliseconds(1200)) == nil)
        #expect(allowance.take(at: start + .seconds(100)) == 1)
        #expect(allowance.take(at: start + .seconds(100)) == 0)
        #expect(allowance.take(at: start + .seconds(100)) == nil)
    }
}
