import Foundation
import Holdfast
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The examples as they are built, run as processes of their own.
struct ExampleTests {
    @Test func helloIsShortAndServes() async throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Examples/hello/main.swift")
        let lines = try String(contentsOf: source, encoding: .utf8).split(separator: "\n")
        #expect(lines.count <= 25)

        let hello = try Example("hello", ["0"])
        defer { hello.end() }
        var request = URLRequest(url: try await hello.url())
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":2.5}}}"#.utf8)
        let (data, _) = try await URLSession.shared.data(for: request)
        #expect(String(decoding: data, as: UTF8.self).contains(#""text":"3.5""#))
    }

    @Test func notesAreWrittenReadAndAnnounced() async throws {
        let notes = try Example("notes", ["--stdio"])
        defer { notes.end() }
        try notes.send(
            "initialize",
            ["protocolVersion": "2025-11-25", "capabilities": [:], "clientInfo": ["name": "c", "version": "1"]])
        #expect(try await notes.answer()["capabilities"]?["resources"]?["listChanged"] == true)

        try notes.send("tools/call", ["name": "write_note", "arguments": ["title": "a b", "text": "first"]])
        #expect(try await notes.answer()["content"] != nil)
        try notes.send("resources/subscribe", ["uri": "notes://a%20b"])
        _ = try await notes.answer()
        try notes.send("tools/call", ["name": "write_note", "arguments": ["title": "a b", "text": "second"]])
        _ = try await notes.answer()
        try notes.send("resources/read", ["uri": "notes://a%20b"])
        #expect(try await notes.answer()["contents"]?.elements?.first?["text"] == "second")
        try notes.send(
            "completion/complete",
            [
                "ref": ["type": "ref/prompt", "name": "summarize"], "argument": ["name": "title", "value": "a"],
            ])
        #expect(try await notes.answer()["completion"]?["values"] == ["a b"])

        #expect(notes.heard.contains("notifications/resources/list_changed"))
        #expect(notes.heard.contains("notifications/resources/updated"))
        #expect(try await notes.finish() == 0)
    }

    @Test func everythingSpeaksOverStandardInputAndOutput() async throws {
        let everything = try Example("everything", ["--stdio"])
        defer { everything.end() }
        let meta: JSON = [
            "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": [:],
        ]
        try everything.send("tools/list", ["_meta": meta])
        #expect(try await everything.answer()["tools"]?.elements?.first?["name"] == "test_simple_text")
        #expect(try await everything.finish() == 0)
    }
}
