import Holdfast
import Testing

/// What becomes of what a tool returns or throws.
struct ToolOutcomeTests {
    private struct Inner: Error {}

    private func server() throws -> MCPServer {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("image", "Returns an image") { _ in Content.image(base64: "AAAA", mimeType: "image/png") }
        try server.tool("several", "Returns two blocks") { _ in [Content.text("one"), .text("two")] }
        try server.tool("says", "Fails with a reason") { _ -> String in throw ToolError("Out of cheese") }
        try server.tool("breaks", "Fails without one") { _ -> String in throw Inner() }
        try server.tool("refuses", "Fails as the protocol does") { _ -> String in
            throw RPCError(code: 7, message: "No", data: ["why": "because"])
        }
        return server
    }

    @Test(arguments: ProtocolVersion.allCases)
    func everyKindOfOutputBecomesAResult(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let image = try await client.call("image").content
            #expect(image == [.image(base64: "AAAA", mimeType: "image/png")])
            #expect(try await client.call("several").content == [.text("one"), .text("two")])
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func errorsAreForTheModelAndKeepTheirSecrets(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let said = try await client.call("says")
            #expect(said.isError && said.content == [.text("Out of cheese")])
            let broken = try await client.call("breaks")
            #expect(broken.isError && broken.content.first?.text?.contains("Inner") == false)
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func errorsOfTheProtocolStayThat(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let expected = RPCError(code: 7, message: "No", data: ["why": "because"])
            await #expect(throws: expected) { try await client.call("refuses") }
            let unknown = await #expect(throws: RPCError.self) { try await client.call("nobody") }
            #expect(unknown?.code == -32602)
        }
    }
}
