import Foundation
import Holdfast
import Testing

/// Prompts, resources, templates and completion as Swift functions.
struct PromptAndResourceTests {
    private func server() throws -> MCPServer {
        let server = MCPServer(name: "test", version: "1")
        server.prompt(
            "review", "Reviews code", arguments: [.required("code", "What to look at"), .optional("style")],
            completion: .values(["style": ["strict", "kind"]])
        ) { arguments, _ in
            [.user("Review \(arguments["code"] ?? "")"), .assistant("In what style? \(arguments["style"] ?? "any")")]
        }
        server.resource("test://text", name: "text", "A text", mimeType: "text/markdown") { _ in "# Hello" }
        server.resource("test://bytes", name: "bytes", mimeType: "image/png") { _ in Data([1, 2, 3]) }
        server.resource("test://json", name: "json") { _ in ["a": 1] as JSON }
        try server.template("test://{shelf}/{book}", name: "book", completion: .values(["shelf": ["a", "ab"]])) {
            match, _ in
            guard match["book"] != "none" else { throw ResourceNotFound(match.uri) }
            return "\(match["book"]) of \(match["shelf"])"
        }
        return server
    }

    @Test(arguments: ProtocolVersion.allCases)
    func promptsAreFilledIn(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let prompt = try #require(try await client.prompts().first)
            #expect(prompt.arguments.map(\.required) == [true, false])
            let filled = try await client.prompt("review", ["code": "x = 1"])
            #expect(filled.messages == [.user("Review x = 1"), .assistant("In what style? any")])
            let missing = await #expect(throws: RPCError.self) { try await client.prompt("review") }
            #expect(missing?.code == -32602 && missing?.message.contains("code") == true)
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func resourcesAreRead(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let uris = try await client.resources().map(\.uri)
            #expect(uris == ["test://text", "test://bytes", "test://json"])
            let text = ResourceContents(uri: "test://text", mimeType: "text/markdown", text: "# Hello")
            #expect(try await client.read("test://text").contents == [text])
            let bytes = ResourceContents(uri: "test://bytes", mimeType: "image/png", base64: "AQID")
            #expect(try await client.read("test://bytes").contents == [bytes])
            #expect(try await client.read("test://json").contents.first?.body == .text(#"{"a":1}"#))
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func templatesGiveTheirVariables(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let templates = try await client.templates().map(\.uriTemplate)
            #expect(templates == ["test://{shelf}/{book}"])
            #expect(try await client.read("test://top/a%20b").contents.first?.body == .text("a b of top"))
            let missing = await #expect(throws: RPCError.self) { try await client.read("test://top/none") }
            #expect(missing?.code == (version < .v2026_07_28 ? -32002 : -32602))
            #expect(missing?.data?["uri"] == "test://top/none")
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func whatIsTypedIsCompleted(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let values = try await client.complete(.prompt(name: "review"), "style", "k").values
            #expect(values == ["kind"])
            let template = CompletionReference.resource(uriTemplate: "test://{shelf}/{book}")
            #expect(try await client.complete(template, "shelf", "a").values == ["a", "ab"])
        }
    }

    @Test func aTemplateThatCannotBeMatchedIsRefused() throws {
        let server = MCPServer(name: "test", version: "1")
        #expect(throws: URITemplate.Fault.self) {
            try server.template("test://{broken", name: "broken") { match, _ in match.uri }
        }
    }
}
