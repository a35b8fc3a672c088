import Holdfast
import Testing

/// What a server takes, what it does not, and what follows from that.
struct RegistrationTests {
    private let server = MCPServer(name: "test", version: "1")

    private func refusal(of name: String, _ input: Schema, allowing exemptions: ToolExemptions = []) -> ToolRefusal? {
        do {
            try server.tool(name, "Does something", input: input, allowing: exemptions) { (_: JSON, _) in "done" }
            return nil
        } catch {
            return error as? ToolRefusal
        }
    }

    @Test func toolsThatClientsWouldHideAreRefusedWithTheirNameAndTheCause() {
        let spaced = refusal(of: "my tool", [:])
        #expect(spaced?.tool == "my tool" && spaced?.description.contains("my tool") == true)
        #expect(refusal(of: "array", .json(["type": "array"]))?.cause.contains("object") == true)
        #expect(refusal(of: "wide", ["a b": .string()])?.cause.contains("a b") == true)
        #expect(refusal(of: "headed", ["a": .array(of: .string()).header("X")])?.cause.contains("x-mcp-header") == true)
    }

    @Test func combinatorsAtTheTopTakeAWordOfTheirOwn() {
        let schema: JSON = ["type": "object", "oneOf": [["required": ["a"]], ["required": ["b"]]]]
        #expect(refusal(of: "either", .json(schema))?.cause.contains("oneOf") == true)
        #expect(refusal(of: "either", .json(schema), allowing: .topLevelCombinators) == nil)
    }

    @Test func aSecondToolOfOneNameIsRefusedUntilTheFirstIsGone() async throws {
        #expect(refusal(of: "one", [:]) == nil)
        #expect(refusal(of: "one", [:])?.cause.contains("same name") == true)
        server.removeTool("one")
        #expect(refusal(of: "one", [:]) == nil)
        try await server.inMemory { client in
            let names = try await client.tools().map(\.name)
            #expect(names == ["one"])
        }
    }

    @Test func aToolIsReplacedInOneChange() async throws {
        try server.tool("one", "The first") { _ in "1" }
        try await server.inMemory { client in
            var changes = try await client.changes().makeAsyncIterator()
            try server.tool("one", "The second", replacing: true) { _ in "2" }
            #expect(try await changes.next() == .tools)
            let listed = try await client.tools()
            #expect(listed.map(\.description) == ["The second"])
            let result = try await client.call("one")
            #expect(result.content == [.text("2")])
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func aToolIsListedAsItWasWritten(version: ProtocolVersion) async throws {
        let annotations = Tool.Annotations(readOnlyHint: true)
        try server.tool(
            "look", "Looks", title: "Look", input: ["at": .string("What").header("Target").default("sky").optional],
            annotations: annotations
        ) { (_: JSON, _) in "seen" }
        try await server.inMemory(ClientSetup(version: version)) { client in
            let tool = try #require(try await client.tools().first)
            #expect(tool.description == "Looks")
            let property: JSON = ["type": "string", "description": "What", "x-mcp-header": "Target", "default": "sky"]
            #expect(tool.inputSchema == ["type": "object", "properties": ["at": property]])
            #expect(version == .v2024_11_05 || tool.annotations?.readOnlyHint == true)
        }
    }

    @Test func capabilitiesFollowFromWhatIsThere() async throws {
        #expect(try await capabilities(of: MCPServer(name: "test", version: "1"))["prompts"] == nil)
        server.prompt("hello", "Says hello", completion: .values(["a": ["b"]])) { _, _ in "Hello" }
        server.resource("test://one", name: "one") { _ in "1" }
        let capabilities = try await capabilities(of: server)
        #expect(capabilities["prompts"]?["listChanged"] == true && capabilities["resources"]?["subscribe"] == true)
        #expect(capabilities["completions"] == [:])
    }

    @Test func whatComesLaterCanBeDeclared() async throws {
        var options = MCPServer.Options()
        options.declares = [.prompts, .resources, .completions]
        let capabilities = try await capabilities(of: MCPServer(name: "test", version: "1", options: options))
        #expect(
            capabilities["prompts"] != nil && capabilities["resources"] != nil && capabilities["completions"] != nil)
    }

    @Test func listsSayForHowLongTheyCanBeKept() async throws {
        var options = MCPServer.Options()
        options.cache.tools = CacheHint(ttl: .milliseconds(1500), scope: .private)
        try await MCPServer(name: "test", version: "1", options: options).inMemory { client in
            let tools = try await client.request("tools/list")
            #expect(tools["ttlMs"] == 1500 && tools["cacheScope"] == "private")
        }
    }

    @Test func aLongListIsReadPageByPage() async throws {
        var options = MCPServer.Options()
        options.pageSize = 2
        let server = MCPServer(name: "test", version: "1", options: options)
        for number in 1...5 { try server.tool("tool_\(number)", "One of several") { _ in "" } }
        try await server.inMemory { client in
            let size = try await client.request("tools/list")["tools"]?.count
            #expect(size == 2)
            #expect(try await client.tools().map(\.name) == (1...5).map { "tool_\($0)" })
        }
    }

    private func capabilities(of server: MCPServer) async throws -> JSON {
        try await server.inMemory { client in try await client.request("server/discover")["capabilities"] ?? [:] }
    }
}
