import MCPProtocol
import Testing

@Suite struct JSONWriterTests {
    @Test func literalsBecomeJSON() {
        let name = "x"
        let json: JSON = [
            "null": nil, "yes": true, "no": false, "int": -7, "double": 1.5, "text": "a\"b",
            "list": [1, "two", [:], []],
            "inter": "<\(name)>", "é\n": 1,
        ]
        #expect(
            json.description
                == #"{"null":null,"yes":true,"no":false,"int":-7,"double":1.5,"text":"a\"b","list":[1,"two",{},[]],"inter":"<x>","é\n":1}"#
        )
        #expect(json["list"]?.elements?[1].string == "two")
        #expect(json["é\n"]?.integer == 1)
        #expect(json.count == 9)
        #expect((try? JSON(parsing: Array(json.bytes))) == json)
    }

    @Test func anObjectKeepsItsOrderAndOfTwoEqualNamesTheLast() {
        #expect(JSON.object([("b", 1), ("a", 2), ("b", 3)]).description == #"{"a":2,"b":3}"#)
        let many = (0..<50).map { ("n\($0 % 40)", JSON($0)) }
        #expect(JSON.object(many).members?.map(\.name) == (10..<50).map { "n\($0 % 40)" })
        #expect(JSON.object(many)["n9"] == 49)
        #expect(JSON.object([("\u{E9}", 1), ("e\u{301}", 2)]).count == 2)
        #expect(JSON.object([]).description == "{}")
        #expect(JSON([JSON]()).description == "[]")
    }

    @Test func builtValuesCanBeReadLikeParsedOnes() throws {
        let parsed = try JSON(parsing: Array(#"{"keep":{"n":1.00,"s":"\u0041"},"list":[0,1]}"#.utf8))
        let built = JSON([.object([("inner", parsed["keep"]!), ("list", parsed["list"]!)]), parsed])
        #expect(built.description.contains(#"{"n":1.00,"s":"\u0041"}"#))
        #expect(built.elements?[0]["inner"]?["s"]?.string == "A")
        #expect(built.elements?[0]["list"]?.elements?[1].integer == 1)
        #expect(built.elements?[1]["keep"]?["n"]?.integer == 1)
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (1.0, "1"), (-3.0, "-3"), (1e15, "1000000000000000"), (-0.0, "-0.0"), (0.0, "0"),
            (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (0.30000000000000004, "0.30000000000000004"),
            (9007199254740993.0, "9007199254740992.0"), (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)])
    func doublesAreWrittenAsShortAsTheyReadBack(double: Double, text: String) throws {
        #expect(JSON(double).description == text)
        if double.isFinite { #expect(try JSON(parsing: Array(JSON(double).bytes)).number == double) }
        #expect(JSON(double).kind == (double.isFinite ? .number : .null))
    }

    @Test(arguments: [0, 1, -1, 10, 99, 100, -12345, .max, .min] as [Int64])
    func integersAreWrittenInFull(integer: Int64) {
        var writer = JSONWriter()
        writer.value(integer)
        #expect(writer.json.description == String(integer))
        #expect(JSON(integer).integer == integer)
    }

    @Test func everyStringReadsBack() throws {
        var all = ""
        for value in 0..<0x3000 as Range<UInt32> {
            if let scalar = Unicode.Scalar(value) { all.unicodeScalars.append(scalar) }
        }
        for text in [all, "", "\"", "\\", "ends with \\", "\u{0}", "\u{1F}\u{7F}", "😀\u{10FFFF}", "\u{2028}"] {
            let json = JSON(text)
            #expect(try #require(JSON(parsing: Array(json.bytes)).string).utf8.elementsEqual(text.utf8))
            #expect(try #require(json.string).utf8.elementsEqual(text.utf8))
        }
        #expect(JSON("\u{0}\u{1B}\u{1F}").description == #""\u0000\u001b\u001f""#)
        #expect(JSON("a/b").description == #""a/b""#)
    }

    @Test func theWriterSetsCommasByItself() {
        var writer = JSONWriter(reserving: 1)
        writer.beginObject()
        writer.member("a", 1)
        writer.member("b", "x")
        writer.name("c")
        writer.beginArray()
        writer.value(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.raw(Array("[1, 2]".utf8))
        writer.raw(Array("x7x".utf8)[1..<2])
        writer.value(2.5)
        writer.endArray()
        writer.member("d", ["e": 1] as JSON)
        writer.member("f", Int64(5))
        writer.member("g", 0.5)
        writer.member("h", false)
        writer.endObject()
        let text = #"{"a":1,"b":"x","c":[true,null,{},[],[1, 2],7,2.5],"d":{"e":1},"f":5,"g":0.5,"h":false}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
        #expect(writer.json.description == text)
    }

    @Test func aCopiedValueLosesTheLineBreaksBetweenItsTokensAndNothingElse() throws {
        let pretty = try JSON(parsing: Array("{\r\n  \"a\": [\n    1.0\n  ],\n  \"b\\n\": \"\\n\"\n}".utf8))
        var writer = JSONWriter()
        writer.value(JSON.object([("p", pretty)]))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"p":{  "a": [    1.0  ],  "b\n": "\n"}}"#)
        #expect(pretty.description.contains("\n"))
    }
}
