import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

@Suite(.timeLimit(.minutes(1))) struct ListenTests {
    private static let subscription = "io.modelcontextprotocol/subscriptionId"
    private static let all: JSON = [
        "toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": true,
    ]

    private func tool(_ name: String) -> SwiftTool { SwiftTool(Tool(name: name)) { _, _ in .text("") } }

    /// With one of each kind.
    private func offer() -> LocalUpstream {
        let upstream = LocalUpstream(name: "test", tools: [tool("t")])
        upstream.register(SwiftPrompt(Prompt(name: "p")) { _, _ in PromptResult([]) })
        upstream.register(.text(Resource(uri: "r://1", name: "r")) { "" })
        return upstream
    }

    private func run(
        _ upstream: LocalUpstream? = nil, limits: EngineLimits = EngineLimits(),
        _ body: @escaping @Sendable (PerRequestClient) async throws -> Void
    ) async throws {
        let conversation = Conversation(upstream ?? offer()) { $0.limits = limits }
        try await conversation.run { try await body(PerRequestClient($0)) }
    }

    private func listen(_ client: PerRequestClient, _ filter: JSON, id: Int = 1) async throws -> StreamReader {
        let reply = await client.send("subscriptions/listen", ["notifications": filter], id: id)
        return try #require(StreamReader(reply))
    }

    private func words(_ message: JSON?) -> String {
        let method = message?["method"]?.string ?? (message?["result"] == nil ? "nothing" : "result")
        return method.replacing("notifications/", with: "")
            + (message?["params"]?["uri"]?.string.map { " \($0)" } ?? "")
    }

    // MARK: The acknowledgment

    @Test func theAcknowledgmentComesFirstAndSaysWhatIsGranted() async throws {
        try await run { client in
            var stream = try await listen(
                client, ["toolsListChanged": true, "resourceSubscriptions": ["r://1", "r://1"], "later": true], id: 7)
            #expect(stream.stream.kind == .subscription && stream.stream.session == nil)
            client.conversation.upstream.register(tool("new"))
            let first = try await stream.next()
            #expect(first?["method"]?.string == "notifications/subscriptions/acknowledged" && first?["id"] == nil)
            #expect(first?["params"]?["_meta"]?[Self.subscription] == 7)
            #expect(
                first?["params"]?["notifications"] == ["toolsListChanged": true, "resourceSubscriptions": ["r://1"]])
            let second = try await stream.next()
            #expect(second?["method"]?.string == "notifications/tools/list_changed")
            #expect(second?["params"] == ["_meta": [Self.subscription: 7]])
        }
    }

    @Test func whatIsNotOnOfferIsNotGranted() async throws {
        try await run(LocalUpstream(name: "test", tools: [tool("t")])) { client in
            var stream = try await listen(
                client, ["promptsListChanged": true, "resourcesListChanged": true, "resourceSubscriptions": ["r://1"]])
            #expect(try await stream.next()?["params"]?["notifications"] == [:])
        }
    }

    @Test(
        arguments: [
            [:], ["notifications": nil], ["notifications": []], ["notifications": ["toolsListChanged": 1]],
            ["notifications": ["resourceSubscriptions": "r://1"]], ["notifications": ["resourceSubscriptions": [1]]],
            ["notifications": ["resourceSubscriptions": ["1", "2", "3"]]],
        ] as [JSON])
    func aFilterThatIsNoneIsAnOrdinaryError(params: JSON) async throws {
        var limits = EngineLimits()
        limits.subscriptionsPerListener = 2
        try await run(limits: limits) { client in
            let reply = await client.send("subscriptions/listen", params)
            let error = try await reply.error()
            #expect(error?["code"]?.integer == -32602)
            #expect(client.conversation.gateway.listens.count == 0)
        }
    }

    // MARK: What is told to whom

    @Test func everyoneHearsOnlyWhatTheyAskedFor() async throws {
        try await run { client in
            var tools = try await listen(client, ["toolsListChanged": true], id: 1)
            var prompts = try await listen(client, ["promptsListChanged": true, "toolsListChanged": false], id: 2)
            var updates = try await listen(client, ["resourceSubscriptions": ["r://1"]], id: 3)
            var everything = try await listen(client, Self.all, id: 4)
            let upstream = client.conversation.upstream
            upstream.register(tool("t2"))
            upstream.register(SwiftPrompt(Prompt(name: "p2")) { _, _ in PromptResult([]) })
            upstream.register(.text(Resource(uri: "r://2", name: "r")) { "" })
            upstream.resourceUpdated("r://2")
            upstream.resourceUpdated("r://1")
            client.conversation.gateway.listens.endAll()
            func heard(_ stream: inout StreamReader) async throws -> [String] {
                var heard: [String] = []
                while let message = try await stream.next() { heard.append(words(message)) }
                return heard
            }
            let ack = "subscriptions/acknowledged"
            #expect(try await heard(&tools) == [ack, "tools/list_changed", "result"])
            #expect(try await heard(&prompts) == [ack, "prompts/list_changed", "result"])
            #expect(try await heard(&updates) == [ack, "resources/updated r://1", "result"])
            #expect(
                try await heard(&everything) == [
                    ack, "tools/list_changed", "prompts/list_changed", "resources/list_changed", "result",
                ])
        }
    }

    @Test func aChangeOfATemplateIsAChangeOfTheResources() async throws {
        try await run { client in
            var stream = try await listen(client, Self.all)
            _ = try await stream.next()
            client.conversation.upstream.register(
                try SwiftResourceTemplate(ResourceTemplate(uriTemplate: "x://{a}", name: "x")) { _, _, _ in
                    ResourceResult([])
                })
            #expect(try await words(stream.next()) == "resources/list_changed")
        }
    }

    @Test func sessionsHearOfTheSameChangesOnTheirOwnStream() async throws {
        try await run { client in
            let conversation = client.conversation
            let session = await conversation.open()
            let subscribed = await conversation.post(
                Conversation.request("resources/subscribe", ["uri": "r://1"]), session: session)
            #expect(subscribed.status == 200)
            var stream = try #require(StreamReader(await conversation.get(session)))
            conversation.upstream.resourceUpdated("r://2")
            conversation.upstream.resourceUpdated("r://1")
            conversation.upstream.removeTool("t")
            #expect(try await words(stream.next()) == "resources/updated r://1")
            #expect(try await words(stream.next()) == "tools/list_changed")
        }
    }

    // MARK: Slow readers

    @Test func whatWaitsForASlowReaderDoesNotGrow() async throws {
        var limits = EngineLimits()
        limits.stream = EventLog.Limits(events: 8, bytes: 1 << 20)
        try await run(limits: limits) { client in
            var stream = try await listen(
                client, ["toolsListChanged": true, "resourceSubscriptions": ["r://1", "r://2"]])
            let upstream = client.conversation.upstream
            upstream.register(tool("once"))
            for _ in 0..<100 {
                upstream.resourceUpdated("r://1")
                upstream.resourceUpdated("r://2")
            }
            let ack = try await words(stream.next())
            #expect(ack == "subscriptions/acknowledged")
            var heard: Set<String> = []
            for _ in 0..<3 { heard.insert(try await words(stream.next())) }
            #expect(heard == ["tools/list_changed", "resources/updated r://1", "resources/updated r://2"])
            // What has been read may be told again.
            upstream.resourceUpdated("r://1")
            #expect(try await words(stream.next()) == "resources/updated r://1")
            #expect(stream.stream.log.lastPosition == 5)
        }
    }

    /// A client that lists after each notification ends up with what there is, however the two interleave.
    @Test func noChangeIsLostBetweenTheAcknowledgmentAndTheEnd() async throws {
        try await run { client in
            for round in 0..<30 {
                let upstream = client.conversation.upstream
                let listening = Gate()
                async let changes: Void = {
                    for number in 0..<5 {
                        upstream.register(tool("r\(round)n\(number)"))
                        if number == 2 { await listening.pass() }
                    }
                }()
                var stream = try await listen(client, ["toolsListChanged": true])
                listening.open()
                var tools = 0
                var isAcknowledged = false
                while tools < 1 + (round + 1) * 5 {
                    let word = try await words(stream.next())
                    try #require(word == (isAcknowledged ? "tools/list_changed" : "subscriptions/acknowledged"))
                    isAcknowledged = true
                    tools = try await client.send("tools/list").result()?["tools"]?.count ?? 0
                }
                await changes
                stream.close()
            }
        }
    }

    // MARK: The end

    @Test func aShutdownEndsEveryStreamWithItsResult() async throws {
        try await run { client in
            var streams: [StreamReader] = []
            for id in 1...3 { streams.append(try await listen(client, [:], id: id)) }
            await client.conversation.gateway.shutdown()
            for id in 1...3 {
                #expect(try await words(streams[id - 1].next()) == "subscriptions/acknowledged")
                let end = try await streams[id - 1].next()
                #expect(end?["id"]?.integer == Int64(id))
                #expect(end?["result"]?["resultType"]?.string == "complete")
                #expect(end?["result"]?["_meta"]?[Self.subscription]?.integer == Int64(id))
                #expect(try await streams[id - 1].next() == nil)
                streams[id - 1].close()
            }
            #expect(client.conversation.gateway.listens.count == 0)
            let late = await client.send("subscriptions/listen", ["notifications": [:]])
            #expect(late.status == 503 && late.retryAfter == 1)
        }
    }

    @Test func whoeverOpensWhileTheHubClosesIsNotForgotten() async throws {
        let hub = ListenHub(identity: Implementation(name: "t", version: "1"), limits: EventLog.Limits())
        let request = Request(id: .number(1), method: "subscriptions/listen", params: [:])
        hub.endAll()
        #expect(hub.open(request, filter: ListenFilter()) == nil)
        #expect(hub.count == 0)
    }

    @Test func soManyStreamsAreOpenAtOnceAndClosingOneMakesRoom() async throws {
        var limits = EngineLimits()
        limits.streamsPerPrincipal = 2
        try await run(limits: limits) { client in
            let streams = [try await listen(client, [:], id: 1), try await listen(client, [:], id: 2)]
            let refused = await client.send("subscriptions/listen", ["notifications": [:]], id: 3)
            #expect(refused.status == 429 && refused.retryAfter == 1)
            let stranger = PerRequestClient(client.conversation, as: Principal(id: "key:other", name: "other"))
            _ = try await listen(stranger, [:])
            #expect(client.conversation.gateway.listens.count == 3)
            streams[0].close()
            #expect(client.conversation.gateway.listens.count == 2)
            let next = try await listen(client, [:], id: 4)
            #expect(await client.send("subscriptions/listen", ["notifications": [:]], id: 5).status == 429)
            next.close()
            streams[1].close()
            #expect(client.conversation.gateway.listens.count == 1)
        }
    }

    @Test func nothingIsSaidToWhoHasClosed() async throws {
        try await run { client in
            let stream = try await listen(client, Self.all)
            stream.close()
            client.conversation.upstream.register(tool("new"))
            #expect(stream.stream.log.lastPosition == 1)
        }
    }

    @Test func inTheHandshakeEraThereIsNoSuchMethod() async throws {
        try await run { client in
            let session = await client.conversation.open()
            let reply = await client.conversation.post(
                Conversation.request("subscriptions/listen", ["notifications": [:]]), session: session)
            let error = try await reply.error()
            #expect(error?["code"]?.integer == -32601)
            #expect(reply.status == 200)
        }
    }
}
