import Foundation
import Logging
import Testing

@testable import HoldfastServer

struct LogLineTests {
    // 2026-11-22T16:03:22.123Z
    let time = LogTime(seconds: 1_795_363_402, milliseconds: 123)

    private func json(_ message: String, _ metadata: [(String, Logger.Metadata.Value)] = []) throws -> [String: Any] {
        let line = LogLine(.json, at: time, level: .info, message: message, metadata: metadata.map { ($0.0, $0.1) })
        #expect(line.bytes.last == UInt8(ascii: "\n") && line.bytes.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
    }

    private func text(_ message: String, _ metadata: [(String, Logger.Metadata.Value)], colour: Bool = false) -> String
    {
        let line = LogLine(
            .text(colour: colour), at: time, level: .info, message: message, metadata: metadata.map { ($0.0, $0.1) })
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test func aJSONLineHoldsTimeLevelMessageAndFlatMetadata() throws {
        let line = LogLine(
            .json, at: time, level: .notice, message: "hello",
            metadata: [
                ("a", "x"), ("ms", .stringConvertible(12)), ("ok", .stringConvertible(true)),
                ("deep", ["one": "1", "two": ["three": "3"]]), ("list", ["a", .stringConvertible(2)]),
                ("ratio", .stringConvertible(0.5)), ("nan", .stringConvertible(Double.nan)),
            ])
        #expect(
            String(decoding: line.bytes, as: UTF8.self)
                == #"{"time":"2026-11-22T16:03:22.123Z","level":"notice","message":"hello","a":"x","ms":12,"ok":true,"#
                + #""deep.one":"1","deep.two.three":"3","list":["a",2],"ratio":0.5,"nan":"nan"}"# + "\n")
    }

    @Test(arguments: [
        "a\nb", "a\r\nb", "\u{0}", "\u{1b}[2J", "\u{7f}", "\u{9b}31m", "a\u{2028}b\u{202e}c\u{2066}", "\"\\",
    ])
    func noTextCanForgeALineOrMoveTheCursor(_ hostile: String) throws {
        #expect(try json(hostile)["message"] as? String == hostile)
        #expect(try json("m", [("k", .string(hostile))])["k"] as? String == hostile)
        #expect(try json("m", [(hostile, "v")])[hostile] as? String == "v")
        let line = text(hostile, [(hostile, .string(hostile))]).dropLast()
        #expect(
            line.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && !(0x2028...0x202e).contains($0.value)
                    && !(0x2066...0x2069).contains($0.value)
            })
    }

    @Test(arguments: ["", "plain", "naïve café", "日本語", "👩‍👩‍👧", "\u{2027}\u{2030}\u{a0}Â", "–—“”"])
    func harmlessTextStaysAsItIs(_ harmless: String) throws {
        #expect(try json(harmless)["message"] as? String == harmless)
        #expect(text(harmless, []).contains("info  \(harmless)\n"))
    }

    @Test func metadataCannotTakeTheLinesOwnNames() throws {
        let line = try json("m", [("level", "fake"), ("message", "fake"), ("time", "fake")])
        #expect(line["level"] as? String == "info" && line["message"] as? String == "m")
        #expect(line["level_"] as? String == "fake")
    }

    @Test func aLongTextIsCutBetweenCharacters() throws {
        let cut = try #require(try json(String(repeating: "é", count: 100_000))["message"] as? String)
        #expect(cut.utf8.count <= LogText.longest + 3 && cut.hasSuffix("é…"))
    }

    @Test func aTextLineIsForPeople() {
        let line = text("started", [("port", .stringConvertible(8080)), ("path", "a b"), ("none", ""), ("eq", "a=b")])
        #expect(line.wholeMatch(of: /\d\d:\d\d:22\.123 info  started port=8080 path="a b" none="" eq="a=b"\n/) != nil)
        #expect(text("x", [("k", "v")], colour: true).contains("\u{1b}[32minfo\u{1b}[0m"))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199, "2024-02-29T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.000Z"),
    ])
    func datesAreRight(_ seconds: Int, _ expected: String) {
        var bytes: [UInt8] = []
        LogTime(seconds: seconds, milliseconds: 0).appendUTC(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func theStyleFollowsTheTerminalAndNoColor() {
        #expect(LogStyle(.auto, isTerminal: true, environment: [:]) == .text(colour: true))
        #expect(LogStyle(.auto, isTerminal: true, environment: ["NO_COLOR": "1"]) == .text(colour: false))
        #expect(LogStyle(.auto, isTerminal: true, environment: ["NO_COLOR": ""]) == .text(colour: true))
        #expect(LogStyle(.auto, isTerminal: false, environment: [:]) == .json)
        #expect(LogStyle(.text, isTerminal: false, environment: [:]) == .text(colour: false))
        #expect(LogStyle(.json, isTerminal: true, environment: [:]) == .json)
    }
}
