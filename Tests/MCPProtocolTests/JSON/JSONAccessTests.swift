import MCPProtocol
import Testing

@Suite struct JSONAccessTests {
    static func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

    @Test(
        arguments: [
            ("42", 42), ("-42", -42), ("42.0", 42), ("4.2e1", 42), ("420e-1", 42), ("4200E-2", 42), ("0", 0), ("-0", 0),
            ("0.000", 0), ("0e999999999999999999999", 0), ("1e15", 1_000_000_000_000_000),
            ("1000000000000000", 1_000_000_000_000_000),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9.223372036854775807e18", .max),
            ("92233720368547758070e-1", .max), ("-9.223372036854775808E+18", .min), ("10.50e1", 105), ("0.001e3", 1),
            ("100e-2", 1), ("1.000000000000000000000000000000", 1),
        ] as [(String, Int64)])
    func anIntegerIsReadFromAnySpellingThatIsExactlyOne(text: String, value: Int64) throws {
        #expect(try Self.parse(text).integer == value)
    }

    @Test(arguments: [
        "1.5", "42.1", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e999999999999999999999",
        "1e-999999999999999999999", "0.1", "123456789012345678901234567890", "18446744073709551616", "\"1\"", "null",
        "18446744073709551615", "9.2233720368547758071e18",
    ])
    func whatIsNotExactlyA64BitIntegerHasNone(text: String) throws {
        #expect(try Self.parse(text).integer == nil)
    }

    @Test func numbersAreTheNearestDouble() throws {
        #expect(try Self.parse("0.1").number == 0.1)
        #expect(try Self.parse("-1.7976931348623157e308").number == -.greatestFiniteMagnitude)
        #expect(try Self.parse("5e-324").number == .leastNonzeroMagnitude)
        #expect(try Self.parse("123456789012345678901234567890").number == 1.2345678901234568e29)
        #expect(try Self.parse("1e400").number == nil)
        #expect(try Self.parse("\"1\"").number == nil)
    }

    @Test func everyKindIsTold() throws {
        let texts = ["null": JSON.Kind.null, "true": .bool, "1": .number, "\"\"": .string, "[]": .array, "{}": .object]
        for (text, kind) in texts { #expect(try Self.parse(text).kind == kind) }
        #expect(try Self.parse("null").isNull)
        #expect(try !Self.parse("0").isNull)
        #expect(try Self.parse("true").bool == true)
        #expect(try Self.parse("false").bool == false)
        #expect(try Self.parse("1").bool == nil)
    }

    @Test func stringsHaveTheirEscapesResolved() throws {
        #expect(try Self.parse(#""a\"\\\/\b\f\n\r\tb""#).string == "a\"\\/\u{8}\u{C}\n\r\tb")
        #expect(try Self.parse(#""\u0041\u00e9\u4e2d\uD83D\uDE00\u0000""#).string == "Aé中😀\u{0}")
        #expect(try Self.parse(#""\uDBFF\uDFFF""#).string == "\u{10FFFF}")
        #expect(try Self.parse("\"plain é\"").string == "plain é")
        #expect(try Self.parse("1").string == nil)
    }

    @Test func stringsAreComparedByteByByte() throws {
        #expect(try Self.parse("\"tools/call\"").stringEquals("tools/call"))
        #expect(try Self.parse(#""tools\/c\u0061ll""#).stringEquals("tools/call"))
        #expect(try !Self.parse("\"tools/cal\"").stringEquals("tools/call"))
        #expect(try !Self.parse("\"tools/call \"").stringEquals("tools/call"))
        #expect(try !Self.parse("\"e\u{301}\"").stringEquals("\u{E9}"))
        #expect(try !Self.parse("1").stringEquals("1"))
        #expect(try Self.parse("\"\"").stringEquals(""))
    }

    @Test func membersAreFoundBehindWhateverPrecedesThem() throws {
        let json = try Self.parse(#"{"a":[1,[2,{"c":0}]],"b":{"c":{"d":[]}},"\u0063":"found","d":null}"#)
        #expect(json["c"]?.string == "found")
        #expect(json["b"]?["c"]?["d"]?.kind == .array)
        #expect(json["d"]?.isNull == true)
        #expect(json["e"] == nil)
        #expect(json["a"]?["c"] == nil)
        #expect(json.members?.map(\.name) == ["a", "b", "c", "d"])
        #expect(json["a"]?.elements?.count == 2)
        #expect(json["a"]?.count == 2)
        #expect(json.elements == nil)
        #expect(json["a"]?.members == nil)
        #expect(json["c"]?.count == 0)
    }

    @Test func equalityIsThatOfBytes() throws {
        #expect(try Self.parse("[1,2]") == Self.parse(" [1,2]\n"))
        #expect(try Self.parse("[1,2]").elements?[0] == 1)
        #expect(try Self.parse("1") != Self.parse("1.0"))
        #expect(try Self.parse(#"{"a":1,"b":2}"#) != Self.parse(#"{"b":2,"a":1}"#))
        #expect(Set([try Self.parse("[1]"), [1], try Self.parse("1")]).count == 2)
    }

    @Test func aDetachedValueIsTheSameWithoutItsDocument() throws {
        let document = try Self.parse(#"{"x":[1],"params":{"a":[true,{"b":"c\n"}],"d":2},"y":0}"#)
        let params = try #require(document["params"])
        let detached = params.detached()
        #expect(detached == params)
        #expect(detached.bytes.startIndex == 0)
        #expect(detached["a"]?.elements?[1]["b"]?.string == "c\n")
        #expect(detached["d"]?.integer == 2)
        #expect(detached["y"] == nil)
    }
}
