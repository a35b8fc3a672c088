import Foundation
import MCPProtocol
import Testing

@Suite struct JSONParsingTests {
    @Test(arguments: JSONCorpus.accepted)
    func validTextIsAcceptedAndKeptByteForByte(text: String) throws {
        let json = try JSON(parsing: Array(text.utf8))
        #expect(json.description.utf8.elementsEqual(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8))
    }

    @Test(arguments: JSONCorpus.refused)
    func invalidTextIsRefusedWithItsReason(refused: JSONCorpus.Refused) throws {
        let error = try #require(throws: JSONError.self) { try JSON(parsing: refused.bytes) }
        #expect(error.reason == refused.reason)
        if let offset = refused.offset { #expect(error.offset == offset) }
        #expect(!error.description.isEmpty)
    }

    @Test func aStrictReaderOfAnotherMakeAgrees() {
        func foundationAccepts(_ bytes: [UInt8]) -> Bool {
            (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
        }
        // Its numbers have an upper bound and it does not mind duplicate names.
        for text in JSONCorpus.accepted where !text.contains("e400") && !text.contains("e-400") {
            #expect(foundationAccepts(Array(text.utf8)), "\(text)")
        }
        // It takes a byte order mark for the sign of an encoding, and lets a comma stand before the end of a container.
        let lenient: Set<[UInt8]> = [Array("[1,]".utf8), Array(#"{"a":1,}"#.utf8)]
        for refused in JSONCorpus.refused
        where refused.bytes.first != 0xEF && refused.bytes.first != 0xFF && !lenient.contains(refused.bytes) {
            switch refused.reason {
            case .syntax, .trailing, .empty: #expect(!foundationAccepts(refused.bytes), "\(refused)")
            default: break
            }
        }
    }

    @Test func whatIsInsideAContainerIsKeptByteForByteToo() throws {
        let text = #" {"b" : 1.50e+1 , "a":[ "\u0041\/" , {"z":null,"y" :true} ] } "#
        let json = try JSON(parsing: Array(text.utf8))
        #expect(json["b"]?.description == "1.50e+1")
        #expect(json["a"]?.description == #"[ "\u0041\/" , {"z":null,"y" :true} ]"#)
        #expect(json["a"]?.elements?[1].description == #"{"z":null,"y" :true}"#)
        #expect(json.members?.map(\.name) == ["b", "a"])
    }

    @Test func nestingIsLimitedAndBeyondTheLimitIsRefusedWithoutDescending() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(128)) }
        #expect(throws: JSONError(.depth, at: 128)) { try JSON(parsing: nested(129)) }
        #expect(throws: JSONError(.depth, at: 128)) { try JSON(parsing: nested(10_000)) }
        #expect(throws: JSONError(.depth, at: 2)) { try JSON(parsing: nested(3), limits: .init(depth: 2)) }
        #expect(throws: Never.self) { try JSON(parsing: nested(100_000), limits: .init(depth: 100_000)) }
        let objects = String(repeating: #"{"a":"#, count: 10_000)
        #expect(throws: JSONError(.depth, at: 128 * 5)) { try JSON(parsing: Array(objects.utf8)) }
        // Depth, not the number of containers.
        let flat = "[" + Array(repeating: "[[]]", count: 1_000).joined(separator: ",") + "]"
        #expect(throws: Never.self) { try JSON(parsing: Array(flat.utf8), limits: .init(depth: 3)) }
    }

    @Test(arguments: [2, 3, 31, 32, 33, 64, 1_000])
    func aDuplicateNameIsFoundInObjectsOfEverySize(count: Int) throws {
        let names = (0..<count).map { "name\($0)" }
        func text(_ names: [String]) -> [UInt8] {
            Array(("{" + names.map { "\"\($0)\":[1]" }.joined(separator: ",") + "}").utf8)
        }
        #expect(try JSON(parsing: text(names)).count == count)
        for place in [0, count / 2, count - 1] {
            let error = #expect(throws: JSONError.self) { try JSON(parsing: text(names + [names[place]])) }
            #expect(error?.reason == .duplicateName(names[place]))
            let escaped = #expect(throws: JSONError.self) {
                try JSON(parsing: text(names + [#"\u006eame\#(place)"#]))
            }
            #expect(escaped?.reason == .duplicateName(names[place]))
        }
    }

    @Test func namesThatOnlyLookEqualAreTwo() throws {
        // One character composed and decomposed: equal as Swift strings, not as JSON names.
        let json = try JSON(parsing: Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        #expect(json["\u{E9}"]?.integer == 1)
        #expect(json["e\u{301}"]?.integer == 2)
        #expect(json.count == 2)
    }
}
