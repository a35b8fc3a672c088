import MCPTesting
import Synchronization
import Testing

@testable import MCPEngine
@testable import MCPProtocol

/// Tasks as a client of the gateway sees them (extension `io.modelcontextprotocol/tasks`).
@Suite(.timeLimit(.minutes(1))) struct GatewayTaskTests {
    private static let tasks: JSON = ["extensions": ["io.modelcontextprotocol/tasks": [:]], "elicitation": [:]]
    private static let yes: JSON = ["action": "accept", "content": ["name": "Ann"]]
    private static let form = ElicitationSchema([.string("name", required: true)])
    private let gate = Gate()

    private func tool(
        _ name: String, _ support: SwiftTool.TaskSupport = .optional, preparation: SwiftTool.Preparation? = nil,
        body: @escaping SwiftTool.Body
    ) -> SwiftTool {
        SwiftTool(Tool(name: name), tasks: support, preparation: preparation, body: body)
    }

    /// Takes until the gate is open.
    private func dig(_ support: SwiftTool.TaskSupport = .optional) -> SwiftTool {
        let gate = gate
        return tool("dig", support) { arguments, context in
            context.progress(1)
            context.log(.error, "nobody hears this")
            await gate.pass()
            try Task.checkCancellation()
            return .text("dug \(arguments["what"]?.string ?? "")", structured: ["depth": 3])
        }
    }

    private func run(
        _ tools: SwiftTool..., store: InMemoryStore = InMemoryStore(),
        _ body: @escaping @Sendable (PerRequestClient) async throws -> Void
    ) async throws {
        try await Conversation(tools: tools, store: store).run { conversation in
            try await body(PerRequestClient(conversation, capabilities: Self.tasks))
        }
    }

    private func start(_ client: PerRequestClient, _ tool: String, _ arguments: JSON = [:]) async throws -> String {
        try #require(try await client.call(tool, arguments).result()?["taskId"]?.string)
    }

    private func get(_ client: PerRequestClient, _ id: String) async throws -> JSON {
        try #require(try await client.send("tasks/get", ["taskId": JSON(id)]).result())
    }

    /// Waits until the task is over, or asks for something.
    private func settled(_ client: PerRequestClient, _ id: String) async throws -> JSON {
        let gateway = client.conversation.gateway
        let reached = Gate()
        let task = TaskReference(id: id, owner: client.principal.id)
        let watch = gateway.tasks.watch([task: -1]) { if $0.machine.status != .working { reached.open() } }
        defer { gateway.tasks.end(watch) }
        await gateway.tasks.reconcile()
        await reached.pass()
        return try await get(client, id)
    }

    // MARK: From the call to the result

    @Test func aCallBecomesATaskThatIsAskedAboutUntilItIsDone() async throws {
        try await run(dig()) { client in
            let reply = await client.call("dig", ["what": "gold"])
            let messages = try await reply.messages()
            #expect(messages.count == 1)
            let created = try #require(messages.first?["result"])
            #expect(created["resultType"]?.string == "task" && created["status"]?.string == "working")
            #expect(created["content"] == [] && created["ttlMs"]?.integer == 86_400_000)
            #expect(created["_meta"]?["io.modelcontextprotocol/serverInfo"] != nil)
            #expect(StreamReader(reply)?.stream.outcome() == "task")
            let id = try #require(created["taskId"]?.string)
            let working = try await get(client, id)
            #expect(working["status"]?.string == "working" && working["resultType"]?.string == "complete")
            #expect(working["result"] == nil && working["pollIntervalMs"]?.integer == 1_000)
            gate.open()
            let done = try await settled(client, id)
            #expect(done["status"]?.string == "completed")
            #expect(done["result"]?["content"]?.elements?[0]["text"]?.string == "dug gold")
            #expect(done["result"]?["structuredContent"] == ["depth": 3])
            #expect(done["result"]?["resultType"]?.string == "complete" && done["result"]?["_meta"] == nil)
        }
    }

    @Test func whatAToolCannotDoIsAResultAndAnErrorOfTheProtocolFailsTheTask() async throws {
        struct Internal: Error { let secret = "hunter2" }
        let tools = [
            tool("sorry") { _, _ in throw ToolError("No gold here") },
            tool("broken") { _, _ in throw Internal() },
            tool("protocol") { _, _ in throw RPCError(code: -32603, message: "It broke") },
        ]
        try await Conversation(tools: tools).run { conversation in
            let client = PerRequestClient(conversation, capabilities: Self.tasks)
            let sorry = try await settled(client, start(client, "sorry"))
            #expect(sorry["status"]?.string == "completed" && sorry["result"]?["isError"]?.bool == true)
            #expect(sorry["result"]?["content"]?.elements?[0]["text"]?.string == "No gold here")
            let broken = try await settled(client, start(client, "broken"))
            #expect(broken["result"]?["content"]?.elements?[0]["text"]?.string == "The tool broken failed.")
            #expect(!broken.description.contains("hunter2"))
            let failed = try await settled(client, start(client, "protocol"))
            #expect(failed["status"]?.string == "failed" && failed["result"] == nil)
            #expect(failed["error"] == ["code": -32603, "message": "It broke"])
            #expect(failed["statusMessage"]?.string == "It broke")
        }
    }

    @Test func aTaskThatIsCancelledStopsItsTool() async throws {
        let stopped = Gate()
        let tool = tool("wait") { _, _ in
            await Gate().pass()
            stopped.open()
            return .text("too late")
        }
        try await run(tool) { client in
            let id = try await start(client, "wait")
            let reply = await client.send("tasks/cancel", ["taskId": JSON(id)])
            #expect(try await reply.result()?.members?.map(\.name) == ["resultType", "_meta"])
            await stopped.pass()
            let state = try await get(client, id)
            #expect(state["status"]?.string == "cancelled" && state["result"] == nil && state["error"] == nil)
            #expect(try await client.send("tasks/cancel", ["taskId": JSON(id)]).result() != nil)
        }
    }

    // MARK: Questions

    @Test func aTaskAsksThroughItsStateAndIsAnsweredByUpdate() async throws {
        let asking = tool("ask") { _, context in
            let answers = try await context.ask([
                "who": .form(message: "Who?", schema: Self.form), "where": .form(message: "Where?", schema: Self.form),
            ])
            return .text("\(answers.count) answers")
        }
        try await run(asking) { client in
            let id = try await start(client, "ask")
            let asked = try await settled(client, id)
            #expect(asked["status"]?.string == "input_required")
            #expect(Set(asked["inputRequests"]?.members?.map(\.name) ?? []) == ["who", "where"])
            #expect(asked["inputRequests"]?["who"]?["method"]?.string == "elicitation/create")
            func update(_ responses: JSON) async throws -> JSON? {
                try await client.send("tasks/update", ["taskId": JSON(id), "inputResponses": responses]).answer()
            }
            for wrong in [nil, [], 1] as [JSON] {
                #expect(try await update(wrong)?["error"]?["code"]?.integer == -32602)
            }
            #expect(try await update(["who": Self.yes, "what": 1])?["result"] != nil)
            let half = try await get(client, id)
            #expect(half["inputRequests"]?.members?.map(\.name) == ["where"])
            #expect(try await update(["where": ["action": "decline"]])?["result"] != nil)
            let done = try await settled(client, id)
            #expect(done["result"]?["content"]?.elements?[0]["text"]?.string == "2 answers")
            #expect(done["inputRequests"] == nil)
            #expect(try await update(["who": Self.yes])?["result"] != nil, "what is over is left alone")
        }
    }

    @Test func anAnswerOfTheWrongShapeFailsTheTask() async throws {
        let asking = tool("ask") { _, context in .text("\(try await context.elicit("Who?", Self.form).action)") }
        try await run(asking) { client in
            let id = try await start(client, "ask")
            _ = try await settled(client, id)
            _ = await client.send(
                "tasks/update", ["taskId": JSON(id), "inputResponses": ["input": ["action": "perhaps"]]])
            let failed = try await settled(client, id)
            #expect(failed["status"]?.string == "failed" && failed["error"]?["code"]?.integer == -32602)
        }
    }

    @Test func aTaskAsksOnlyForWhatItsCallerCanDo() async throws {
        let asking = tool("ask") { _, context in .text("\(try await context.roots().count)") }
        try await run(asking) { client in
            let failed = try await settled(client, start(client, "ask"))
            #expect(failed["error"]?["code"]?.integer == -32021)
            #expect(failed["error"]?["data"]?["requiredCapabilities"] == ["roots": [:]])
        }
    }

    @Test func whatIsAskedBeforeThereIsATaskIsAskedByTheCall() async throws {
        let prepared = tool(
            "delete", .required,
            preparation: { arguments, context in
                let answer = try await context.elicit("Really?", Self.form)
                guard answer.action == .accept else { throw ToolError("Kept") }
                return ["who": answer.content?["name"] ?? nil]
            },
            body: { arguments, _ in .text("deleted for \(arguments["who"]?.string ?? "?")") })
        try await run(prepared) { client in
            let asked = try await client.call("delete", ["file": "a"]).result()
            #expect(asked?["resultType"]?.string == "input_required" && asked?["taskId"] == nil)
            #expect(client.conversation.gateway.tasks.running == 0)
            let kept = await client.retry("delete", ["file": "a"], after: asked, with: ["input": ["action": "decline"]])
            #expect(try await kept.result()?["isError"]?.bool == true)
            let created = try await client.retry("delete", ["file": "a"], after: asked, with: ["input": Self.yes])
                .result()
            #expect(created?["resultType"]?.string == "task")
            let done = try await settled(client, created?["taskId"]?.string ?? "")
            #expect(done["result"]?["content"]?.elements?[0]["text"]?.string == "deleted for Ann")
        }
    }

    // MARK: Who gets a task

    @Test(arguments: [SwiftTool.TaskSupport.required, .optional, .none])
    func onlyAClientThatKnowsTasksGetsOne(support: SwiftTool.TaskSupport) async throws {
        gate.open()
        let other = tool("other", .optional) { _, _ in .text("") }
        try await run(dig(support), other) { client in
            let known = try await client.call("dig").result()
            #expect(known?["resultType"]?.string == (support == .none ? "complete" : "task"))
            var stranger = client
            let session = await client.conversation.open(capabilities: Self.tasks)
            for capabilities in [[:], ["extensions": [:]], ["extensions": ["io.modelcontextprotocol/tasks": nil]]]
                as [JSON]
            {
                stranger.capabilities = capabilities
                let plain = await stranger.call("dig")
                let older = await client.conversation.post(Conversation.call("dig", id: 1), session: session)
                if support == .required {
                    for (reply, status) in [(plain, 400), (older, 200)] {
                        let error = try await reply.error()
                        #expect(error?["code"]?.integer == -32021)
                        #expect(
                            error?["data"]?["requiredCapabilities"] == [
                                "extensions": ["io.modelcontextprotocol/tasks": [:]]
                            ])
                        #expect(await reply.statusOfAnswer() == status)
                    }
                } else {
                    for reply in [plain, older] {
                        #expect(try await reply.result()?["content"]?.elements?[0]["text"]?.string == "dug ")
                    }
                }
            }
        }
    }

    @Test func theMethodsOfTasksTakeTheCapability() async throws {
        try await run(dig()) { client in
            let id = try await start(client, "dig")
            var stranger = client
            stranger.capabilities = [:]
            for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
                let reply = await stranger.send(method, ["taskId": JSON(id), "inputResponses": [:]])
                let error = try await reply.error()
                #expect(error?["code"]?.integer == -32021)
                #expect(reply.status == 400)
                for taskID in [nil, 7] as [JSON] {
                    let without = try await client.send(method, ["taskId": taskID]).error()
                    #expect(without?["code"]?.integer == -32602)
                }
            }
            let reply = await stranger.send("subscriptions/listen", ["notifications": ["taskIds": [JSON(id)]]])
            #expect(reply.status == 400)
            #expect(try await get(client, id)["status"]?.string == "working")
        }
    }

    @Test func aTaskOfAnotherDoesNotExist() async throws {
        try await run(dig()) { client in
            let id = try await start(client, "dig")
            let stranger = PerRequestClient(
                client.conversation, as: Principal(id: "key:eve", name: "local"), capabilities: Self.tasks)
            for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
                let foreign = await stranger.send(method, ["taskId": JSON(id), "inputResponses": [:]])
                let unknown = await client.send(method, ["taskId": "nothing", "inputResponses": [:]])
                let (told, toldOfNone) = (try await foreign.error(), try await unknown.error())
                #expect(told == toldOfNone && told?["code"]?.integer == -32602)
                #expect(foreign.status == 200)
            }
            let reply = await stranger.send("subscriptions/listen", ["notifications": ["taskIds": [JSON(id)]]])
            var stream = try #require(StreamReader(reply))
            #expect(try await stream.next()?["params"]?["notifications"] == [:])
            #expect(try await get(client, id)["status"]?.string == "working")
        }
    }

    @Test func aTaskWhoseNameNobodyHeardIsNotKeptRunning() async throws {
        let (asked, stopped) = (Gate(), Gate())
        let tool = tool(
            "wait",
            preparation: { arguments, _ in
                asked.open()
                // Returns when its task is cancelled, which it does not heed.
                await Gate().pass()
                return arguments
            },
            body: { _, _ in
                await Gate().pass()
                stopped.open()
                return .text("")
            })
        try await run(tool) { client in
            let stream = try #require(StreamReader(await client.call("wait")))
            await asked.pass()
            stream.close()
            await stopped.pass()
        }
    }

    // MARK: Listening

    @Test func whoListensHearsOfEveryChangeOfATask() async throws {
        let gate = gate
        let asking = tool("ask") { _, context in
            await gate.pass()
            return .text("\(try await context.elicit("Who?", Self.form).action)")
        }
        try await run(asking) { client in
            let id = try await start(client, "ask")
            let reply = await client.send(
                "subscriptions/listen", ["notifications": ["taskIds": [JSON(id), "unknown"]]], id: 9)
            var stream = try #require(StreamReader(reply))
            #expect(try await stream.next()?["params"]?["notifications"] == ["taskIds": [JSON(id)]])
            gate.open()
            let asked = try await stream.next()
            #expect(asked?["method"]?.string == "notifications/tasks")
            #expect(asked?["params"]?["_meta"] == ["io.modelcontextprotocol/subscriptionId": 9])
            #expect(asked?["params"]?["status"]?.string == "input_required")
            #expect(asked?["params"]?["inputRequests"]?["input"] != nil)
            _ = await client.send("tasks/update", ["taskId": JSON(id), "inputResponses": ["input": Self.yes]])
            #expect(try await stream.next()?["params"]?["status"]?.string == "working")
            let done = try await stream.next()
            #expect(done?["params"]?["status"]?.string == "completed")
            #expect(done?["params"]?["result"]?["content"]?.elements?[0]["text"]?.string == "accept")
            stream.close()
        }
    }

    @Test func whoHasClosedHearsNothingMoreOfATask() async throws {
        try await run(dig()) { client in
            let id = try await start(client, "dig")
            let reply = await client.send("subscriptions/listen", ["notifications": ["taskIds": [JSON(id)]]])
            let stream = try #require(StreamReader(reply))
            stream.close()
            gate.open()
            _ = try await settled(client, id)
            #expect(stream.stream.log.lastPosition == 1)
            #expect(client.conversation.gateway.tasks.watches.tasks.isEmpty)
        }
    }

    // MARK: The end of the server

    @Test func aTaskOfAServerThatStoppedHasFailedForTheNext() async throws {
        let store = InMemoryStore()
        let kept = Mutex("")
        try await run(dig(), store: store) { client in
            let id = try await start(client, "dig")
            kept.withLock { $0 = id }
            await client.conversation.gateway.shutdown()
        }
        let id = kept.withLock { $0 }
        try await run(dig(), store: store) { client in
            let state = try await get(client, id)
            #expect(state["status"]?.string == "failed")
            #expect(state["error"]?["code"]?.integer == -32603)
            #expect(state["error"]?["message"]?.string == "The server stopped before this task finished")
        }
    }

    @Test func whatATaskKeepsOfItsCallIsSmall() async throws {
        let seen = Mutex<JSON?>(nil)
        let tool = tool("small") { arguments, context in
            seen.withLock { $0 = context.client.json }
            return .text("")
        }
        try await run(tool) { client in
            _ = try await settled(
                client, start(client, "small", ["padding": JSON(String(repeating: "x", count: 9_999))]))
            let capabilities = try #require(seen.withLock { $0 })
            #expect(capabilities.text.bytes.count < 200)
        }
    }
}
