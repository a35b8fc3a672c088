import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPEngine

@Suite(.timeLimit(.minutes(1))) struct LocalUpstreamTests {
    private func tool(_ name: String, _ text: String = "") -> SwiftTool {
        SwiftTool(Tool(name: name, description: text)) { _, _ in .text(text) }
    }

    /// In both eras: what `body` gets sends a request.
    private func inBothEras(
        _ upstream: LocalUpstream, pageSize: Int = 1000,
        _ body: @escaping @Sendable (Era, (String, JSON) async -> Reply) async throws -> Void
    ) async throws {
        let conversation = Conversation(upstream) { $0.catalog.pageSize = pageSize }
        try await conversation.run { conversation in
            try await body(.perRequest) { await PerRequestClient(conversation).send($0, $1) }
            let session = await conversation.open()
            try await body(.handshake) { await conversation.post(Conversation.request($0, $1), session: session) }
        }
    }

    private func code(_ reply: Reply) async throws -> Int64? { try await reply.error()?["code"]?.integer }

    // MARK: What it offers

    @Test func thingsStandInTheOrderOfTheirArrivalAndAreReplacedInTheirPlace() {
        let upstream = LocalUpstream(name: "test", tools: [tool("a"), tool("b"), tool("c"), tool("a", "later")])
        func now() -> [String] { upstream.offer.tools.map { $0.tool.name + ($0.tool.description ?? "") } }
        #expect(now() == ["alater", "b", "c"])
        upstream.register(tool("b", "new"))
        #expect(now() == ["alater", "bnew", "c"])
        upstream.removeTool("a")
        upstream.removeTool("nothing")
        #expect(now() == ["bnew", "c"])
        upstream.register(tool("c", "2"))
        #expect(now() == ["bnew", "c2"])
        upstream.register(tool("a"))
        upstream.removeTool("c")
        upstream.register(tool("a", "3"))
        #expect(now() == ["bnew", "a3"])
        #expect(!upstream.add(tool("a", "4")) && upstream.add(tool("d")))
        #expect(now() == ["bnew", "a3", "d"])
    }

    @Test func promptsResourcesAndTemplatesComeAndGoToo() throws {
        let upstream = LocalUpstream(name: "test")
        for name in ["a", "b", "a"] {
            upstream.register(SwiftPrompt(Prompt(name: name)) { _, _ in PromptResult([]) })
            upstream.register(.text(Resource(uri: "r://\(name)", name: name)) { "" })
            upstream.register(
                try SwiftResourceTemplate(ResourceTemplate(uriTemplate: "\(name)://{x}", name: name)) { _, _, _ in
                    ResourceResult([])
                })
        }
        #expect(upstream.offer.prompts.map(\.name) == ["a", "b"])
        #expect(upstream.offer.resources.map(\.uri) == ["r://a", "r://b"])
        #expect(upstream.offer.templates.map(\.definition.uriTemplate) == ["a://{x}", "b://{x}"])
        #expect(!upstream.offer.completes)
        upstream.removePrompt("a")
        upstream.removeResource("r://a")
        upstream.removeTemplate("a://{x}")
        #expect(upstream.offer.prompts.map(\.name) == ["b"])
        #expect(upstream.offer.resources.map(\.uri) == ["r://b"])
        #expect(upstream.offer.templates.map(\.definition.uriTemplate) == ["b://{x}"])
    }

    @Test func everyGatewayThatItServesHearsOfChanges() {
        let upstream = LocalUpstream(name: "test")
        let offers = Tally()
        let updates = Mutex<[String]>([])
        for _ in 0..<2 {
            upstream.observe(
                UpstreamObserver(
                    offerChanged: { offers.raise() }, resourceUpdated: { uri in updates.withLock { $0.append(uri) } }))
        }
        upstream.register(tool("a"))
        upstream.resourceUpdated("r://1")
        #expect(offers.count == 2 && updates.withLock { $0 } == ["r://1", "r://1"])
    }

    // MARK: Tools

    @Test func aToolThatIsNotThereIsUnknownAndOneThatGoesAwayIsToo() async throws {
        let upstream = LocalUpstream(name: "test", tools: [tool("a", "here")])
        try await inBothEras(upstream) { _, send in
            #expect(try await code(send("tools/call", ["name": "b"])) == -32602)
            #expect(try await code(send("tools/call", [:])) == -32602)
            #expect(try await code(send("tools/call", ["name": "a", "arguments": "x"])) == -32602)
            #expect(try await code(send("tools/call", ["name": "a", "arguments": nil])) == -32602)
            let result = try await send("tools/call", ["name": "a"]).result()
            #expect(result?["content"] != nil)
        }
        let port = SilentPort(version: .v2026_07_28)
        upstream.removeTool("a")
        await #expect(throws: RPCError.invalidParams("Unknown tool: a")) {
            _ = try await upstream.answer(Work(.tool("a"), params: [:]), on: port)
        }
    }

    @Test func aPreparationRunsBeforeTheBodyWhateverBecomesOfTheCall() async throws {
        func tool(_ support: SwiftTool.TaskSupport) -> SwiftTool {
            SwiftTool(
                Tool(name: "t\(support)"), tasks: support,
                preparation: { arguments, _ in ["said": arguments["say"] ?? nil, "prepared": true] },
                body: { arguments, _ in .text(arguments.description) })
        }
        let upstream = LocalUpstream(name: "test", tools: [tool(.none), tool(.optional)])
        try await inBothEras(upstream) { _, send in
            for name in ["tnone", "toptional"] {
                let result = try await send("tools/call", ["name": JSON(name), "arguments": ["say": "hi"]]).result()
                #expect(result?["content"]?.elements?[0]["text"]?.string == #"{"said":"hi","prepared":true}"#)
            }
        }
    }

    // MARK: Prompts

    @Test func aPromptGetsItsArgumentsAndSaysWhichAreMissing() async throws {
        let upstream = LocalUpstream(name: "test")
        let definition = Prompt(
            name: "p", description: "About it",
            arguments: [PromptArgument(name: "who", required: true), PromptArgument(name: "how")])
        upstream.register(
            SwiftPrompt(definition) { arguments, _ in
                PromptResult([.user("\(arguments["who"] ?? "?") \(arguments["how"] ?? "?")")])
            })
        upstream.register(SwiftPrompt(Prompt(name: "own")) { _, _ in PromptResult([], description: "Its own") })
        upstream.register(SwiftPrompt(Prompt(name: "sorry")) { _, _ in throw ToolError("The printer is on fire") })
        try await inBothEras(upstream) { era, send in
            let full = try await send("prompts/get", ["name": "p", "arguments": ["who": "Ann", "how": "so"]]).result()
            #expect(full?["messages"]?.elements?[0]["content"]?["text"]?.string == "Ann so")
            #expect(full?["description"]?.string == "About it")
            #expect(try await send("prompts/get", ["name": "own"]).result()?["description"]?.string == "Its own")
            let missing = try await send("prompts/get", ["name": "p", "arguments": ["how": "so"]]).error()
            #expect(missing?["code"]?.integer == -32602)
            #expect(missing?["message"]?.string == "The prompt p needs params.arguments.who, a string")
            for arguments in [["who": 7], "x", ["who": nil], []] as [JSON] {
                #expect(try await code(send("prompts/get", ["name": "p", "arguments": arguments])) == -32602)
            }
            #expect(try await send("prompts/get", ["name": "own", "arguments": nil]).result() != nil)
            #expect(try await code(send("prompts/get", ["name": "q"])) == -32602)
            #expect(try await code(send("prompts/get", [:])) == -32602)
            let sorry = try await send("prompts/get", ["name": "sorry"]).error()
            #expect(sorry?["code"]?.integer == -32603 && sorry?["message"]?.string == "The printer is on fire")
        }
    }

    // MARK: Resources

    private func library() throws -> LocalUpstream {
        let upstream = LocalUpstream(name: "test")
        upstream.register(
            .text(Resource(uri: "note://fixed", name: "n", mimeType: "text/x")) { "fixed" })
        for (template, mark) in [("note://{id}", "first"), ("note://{+path}", "second"), ("all://{+path}", "all")] {
            upstream.register(
                try SwiftResourceTemplate(ResourceTemplate(uriTemplate: template, name: mark)) { uri, variables, _ in
                    if variables["id"] == "gone" { throw ResourceNotFound(uri) }
                    let text = "\(mark) \(variables["id"] ?? variables["path"] ?? "")"
                    return ResourceResult(
                        [ResourceContents(uri: uri, text: text)], cache: CacheHint(ttl: .seconds(9), scope: .public))
                })
        }
        return upstream
    }

    @Test func aResourceIsReadByItsNameThenByTheFirstTemplateThatFits() async throws {
        try await inBothEras(try library()) { era, send in
            func read(_ uri: String) async throws -> String? {
                try await send("resources/read", ["uri": JSON(uri)]).result()?["contents"]?.elements?[0]["text"]?.string
            }
            #expect(try await read("note://fixed") == "fixed")
            #expect(try await read("note://7") == "first 7")
            #expect(try await read("note://a/b") == "second a/b")
            #expect(try await read("all://a/b") == "all a/b")
            let fixed = try await send("resources/read", ["uri": "note://fixed"]).result()
            let matched = try await send("resources/read", ["uri": "note://7"]).result()
            #expect(fixed?["contents"]?.elements?[0]["mimeType"]?.string == "text/x")
            #expect(fixed?["ttlMs"]?.integer == (era == .perRequest ? 0 : nil))
            #expect(matched?["ttlMs"]?.integer == (era == .perRequest ? 9_000 : nil))
            #expect(matched?["cacheScope"]?.string == (era == .perRequest ? "public" : nil))
        }
    }

    @Test func aResourceThatIsNotThereHasTheCodeOfItsEra() async throws {
        try await inBothEras(try library()) { era, send in
            for uri in ["note://gone", "other://1"] {
                let reply = await send("resources/read", ["uri": JSON(uri)])
                let error = try await reply.error()
                #expect(error?["code"]?.integer == (era == .perRequest ? -32602 : -32002))
                #expect(error?["data"]?["uri"]?.string == uri)
                #expect(reply.status == 200)
            }
            #expect(try await code(send("resources/read", [:])) == -32602)
        }
    }

    @Test func aResourceThatIsRemovedWhileItIsReadIsNotFound() async throws {
        let port = SilentPort(version: .v2025_11_25)
        await #expect(throws: ResourceNotFound.self) {
            _ = try await LocalUpstream(name: "test").answer(Work(.resource("r://1"), params: [:]), on: port)
        }
    }

    // MARK: Completion

    @Test func argumentsAreCompletedForPromptsAndTemplates() async throws {
        let upstream = LocalUpstream(name: "test")
        upstream.register(
            SwiftPrompt(Prompt(name: "p"), completion: .values(["city": ["Ulm", "Uppsala", "Bern"]])) { _, _ in
                PromptResult([])
            })
        upstream.register(SwiftPrompt(Prompt(name: "mute")) { _, _ in PromptResult([]) })
        upstream.register(
            try SwiftResourceTemplate(
                ResourceTemplate(uriTemplate: "r://{x}", name: "r"),
                completion: SwiftCompletion { request, _ in
                    Completion((0..<150).map { "\(request.value)\($0)" }, total: 150)
                }
            ) { _, _, _ in ResourceResult([]) })
        try await inBothEras(upstream) { _, send in
            func complete(_ reference: JSON, _ argument: String, _ value: String) async throws -> JSON? {
                let params: JSON = ["ref": reference, "argument": ["name": JSON(argument), "value": JSON(value)]]
                return try await send("completion/complete", params).result()?["completion"]
            }
            let prompt: JSON = ["type": "ref/prompt", "name": "p"]
            #expect(try await complete(prompt, "city", "U")?["values"] == ["Ulm", "Uppsala"])
            #expect(try await complete(prompt, "country", "U")?["values"] == [])
            #expect(try await complete(["type": "ref/prompt", "name": "mute"], "x", "")?["values"] == [])
            let many = try await complete(["type": "ref/resource", "uri": "r://{x}"], "x", "v")
            #expect(many?["values"]?.count == 100 && many?["hasMore"]?.bool == true && many?["total"]?.integer == 150)
            for reference in [
                ["type": "ref/prompt", "name": "q"], ["type": "ref/resource", "uri": "s://{x}"], ["type": "ref/tool"],
            ] as [JSON] {
                let params: JSON = ["ref": reference, "argument": ["name": "x", "value": ""]]
                #expect(try await code(send("completion/complete", params)) == -32602)
            }
            #expect(try await code(send("completion/complete", ["ref": prompt])) == -32602)
        }
    }

    // MARK: What is not on offer

    @Test func theMethodsOfWhatIsNotOnOfferDoNotExistInThePerRequestEra() async throws {
        try await inBothEras(LocalUpstream(name: "test", tools: [tool("a")])) { era, send in
            for method in [
                "prompts/list", "prompts/get", "resources/list", "resources/templates/list", "resources/read",
                "completion/complete", "tasks/get", "tasks/update", "tasks/cancel",
            ] {
                let reply = await send(method, [:])
                let code = try await code(reply)
                #expect(reply.status == (era == .perRequest ? 404 : 200))
                if era == .perRequest || method.hasPrefix("tasks") {
                    #expect(code == -32601)
                } else {
                    #expect(code == (method.hasSuffix("list") ? nil : -32602))
                }
            }
        }
    }

    @Test func aCursorIsForTheListAsItIsSent() async throws {
        let upstream = LocalUpstream(name: "test", tools: ["a", "b", "c"].map { tool($0) })
        try await inBothEras(upstream, pageSize: 2) { era, send in
            let first = try await send("tools/list", ["cursor": nil]).result()
            #expect(first?["tools"]?.count == 2)
            let second = try await send("tools/list", ["cursor": first?["nextCursor"] ?? nil]).result()
            #expect(second?["tools"]?.elements?.map { $0["name"]?.string } == ["c"])
            for cursor in ["", "x", 7, [:], true] as [JSON] {
                let reply = await send("tools/list", ["cursor": cursor])
                #expect(try await code(reply) == -32602)
                #expect(reply.status == 200)
            }
        }
    }
}

/// An exchange that nobody listens to.
private struct SilentPort: ExchangePort {
    var version: ProtocolVersion
    var principal: Principal { .local }
    var capabilities: ClientCapabilities { .none }
    var envelope: ResultEnvelope { ResultEnvelope(version: version, serverInfo: nil) }
    func progress(_ progress: Double, total: Double?, message: String?) {}
    func log(_ level: LogLevel, _ data: JSON, logger: String?) {}
    func ask(_ questions: [Question]) async throws -> [JSON] { throw CancellationError() }
}
