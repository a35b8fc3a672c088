import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPEngine

/// Questions from 2026-07-28 on: results that ask, and requests that are sent again with the answers.
@Suite(.timeLimit(.minutes(1))) struct AskingByRetryTests {
    private static let everything: JSON = ["elicitation": [:], "sampling": [:], "roots": [:]]
    private static let ann: JSON = ["action": "accept", "content": ["name": "Ann"]]
    private static let poem: JSON = [
        "role": "assistant", "content": ["type": "text", "text": "a poem"], "model": "m",
    ]

    private func run(
        _ tools: SwiftTool..., configure: (inout Gateway.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (PerRequestClient) async throws -> Void
    ) async throws {
        try await Conversation(tools: tools, configure: configure).run { conversation in
            try await body(PerRequestClient(conversation, capabilities: Self.everything))
        }
    }

    private func text(_ reply: Reply) async throws -> String? {
        try await reply.result()?["content"]?.elements?.first?["text"]?.string
    }

    private func isRefused(_ reply: Reply, _ words: String) async throws {
        let error = try await reply.error()
        #expect(error?["code"]?.integer == -32602)
        #expect(error?["message"]?.string?.contains(words) == true, "\(error ?? nil)")
    }

    @Test func aQuestionIsTheResultAndTheRetryBringsTheAnswer() async throws {
        try await run(AskingTools.name) { client in
            let messages = try await client.call("name").messages()
            #expect(messages.count == 1)
            let asked = try #require(messages.first?["result"])
            #expect(asked["resultType"]?.string == "input_required")
            let question = asked["inputRequests"]?["input"]
            #expect(question?["method"]?.string == "elicitation/create" && question?["id"] == nil)
            #expect(question?["params"]?["message"]?.string == "Your name?")
            #expect(asked["requestState"]?.kind == .string && asked["content"] == nil)
            let reply = await client.retry("name", after: asked, with: ["input": Self.ann])
            #expect(try await text(reply) == "Ann")
            // What was asked once may be answered again: nothing is kept here.
            let again = await client.retry("name", after: asked, with: ["input": ["action": "decline"]], id: 3)
            #expect(try await text(again) == "decline")
        }
    }

    @Test func anAnswerIsKeptThroughTheNextQuestion() async throws {
        try await run(AskingTools.twoInARow) { client in
            let first = try await client.call("two").result()
            let second = try await client.retry("two", after: first, with: ["name": Self.ann]).result()
            #expect(second?["inputRequests"]?.members?.map(\.name) == ["town"])
            #expect(second?["inputRequests"]?["town"]?["params"]?["message"]?.string == "Ann, which town?")
            #expect(second?["requestState"] != first?["requestState"])
            let ulm: JSON = ["action": "accept", "content": ["name": "Ulm"]]
            let reply = await client.retry("two", after: second, with: ["town": ulm], id: 3)
            #expect(try await text(reply) == "Ann of Ulm")
        }
    }

    @Test func whatIsMissingOfSeveralIsAskedAgainAndTheRestIsKept() async throws {
        try await run(AskingTools.three) { client in
            let asked = try await client.call("three").result()
            #expect(Set(asked?["inputRequests"]?.members?.map(\.name) ?? []) == ["name", "poem", "place"])
            let half = try await client.retry("three", after: asked, with: ["poem": Self.poem]).result()
            #expect(Set(half?["inputRequests"]?.members?.map(\.name) ?? []) == ["name", "place"])
            let reply = await client.retry(
                "three", after: half, with: ["name": Self.ann, "place": ["roots": []]], id: 3)
            #expect(try await text(reply) == "Ann, a poem, ")
        }
    }

    @Test func anAnsweredQuestionCannotBeAnsweredAnewNorAnUnaskedOneBeforehand() async throws {
        try await run(AskingTools.twoInARow) { client in
            let eve: JSON = ["action": "accept", "content": ["name": "Eve"]]
            let first = try await client.call("two").result()
            let early = try await client.retry("two", after: first, with: ["name": Self.ann, "town": eve]).result()
            #expect(early?["inputRequests"]?["town"] != nil)
            let reply = await client.retry("two", after: early, with: ["name": eve, "town": Self.ann], id: 3)
            #expect(try await text(reply) == "Ann of Ann")
        }
    }

    @Test func answersWithoutAStateAreNoAnswers() async throws {
        try await run(AskingTools.name) { client in
            let result = try await client.call("name", [:], [("inputResponses", ["input": Self.ann])]).result()
            #expect(result?["inputRequests"]?["input"] != nil)
        }
    }

    @Test func whatTheClientCannotDoIs400AndNamed() async throws {
        try await run(AskingTools.three, AskingTools.name) { client in
            var client = client
            client.capabilities = ["sampling": [:]]
            let reply = await client.call("three")
            #expect(await reply.statusOfAnswer() == 400)
            let error = try await reply.error()
            #expect(error?["code"]?.integer == -32021)
            #expect(error?["data"]?["requiredCapabilities"] == ["roots": [:], "elicitation": [:]])
            // What the client can do is said with each request anew.
            client.capabilities = Self.everything
            let asked = try await client.call("name").result()
            client.capabilities = [:]
            #expect(await client.retry("name", after: asked, with: ["input": Self.ann]).statusOfAnswer() == 400)
        }
    }

    @Test(
        arguments: [
            ["action": "perhaps"], ["action": "accept"], ["action": "accept", "content": ["name": 7]], nil, 7, [],
        ] as [JSON])
    func anAnswerOfTheWrongShapeIsTheRequestsFaultAndCanBeRepaired(answer: JSON) async throws {
        try await run(AskingTools.name) { client in
            let asked = try await client.call("name").result()
            let wrong = await client.retry("name", after: asked, with: ["input": answer])
            try await isRefused(wrong, "inputResponses.input")
            #expect(await wrong.statusOfAnswer() == 200)
            let right = await client.retry("name", after: asked, with: ["input": Self.ann])
            #expect(try await text(right) == "Ann")
        }
    }

    @Test func responsesThatAreNoObjectAnswerNothing() async throws {
        try await run(AskingTools.name) { client in
            let asked = try await client.call("name").result()
            for responses in [nil, 1, "input", []] as [JSON] {
                let reply = await client.retry("name", after: asked, with: responses)
                #expect(try await reply.result()?["inputRequests"]?["input"] != nil)
            }
        }
    }

    // MARK: The state

    @Test func aStateThatWasChangedIsRefused() async throws {
        try await run(AskingTools.name) { client in
            let asked = try #require(try await client.call("name").result())
            let state = try #require(asked["requestState"]?.string)
            let middle = state.index(state.startIndex, offsetBy: state.count / 2)
            let other = state[middle] == "A" ? "B" : "A"
            for wrong in ["", "x", String(state.dropLast()), state.replacingCharacters(at: middle, with: other)] {
                let reply = await client.retry(
                    "name", after: ["requestState": JSON(wrong)], with: ["input": Self.ann])
                try await isRefused(reply, "requestState")
            }
            try await isRefused(
                await client.retry("name", after: ["requestState": 7], with: [:]), "requestState must be a string")
        }
    }

    @Test func aStateIsForOneCallerMethodAndSetOfArguments() async throws {
        let form = ElicitationSchema([.string("name", required: true)])
        let upstream = LocalUpstream(name: "test", tools: [AskingTools.name, AskingTools.three])
        upstream.register(
            SwiftPrompt(Prompt(name: "name")) { _, context in
                PromptResult([.user((try await context.elicit("Your name?", form)).action.rawValue)])
            })
        try await Conversation(upstream).run { conversation in
            let client = PerRequestClient(conversation, capabilities: Self.everything)
            let asked = try await client.call("name", ["a": 1, "b": ["x": "y"]]).result()
            let responses: JSON = ["input": Self.ann]
            try await isRefused(
                await client.retry("name", ["a": 2, "b": ["x": "y"]], after: asked, with: responses), "does not belong")
            try await isRefused(await client.retry("name", after: asked, with: responses), "does not belong")
            try await isRefused(
                await client.retry("three", ["a": 1, "b": ["x": "y"]], after: asked, with: responses),
                "does not belong")
            let prompt = await client.send(
                "prompts/get",
                [
                    "name": "name", "arguments": ["a": 1, "b": ["x": "y"]],
                    "requestState": asked?["requestState"] ?? nil, "inputResponses": responses,
                ])
            try await isRefused(prompt, "does not belong")
            let stranger = PerRequestClient(
                conversation, as: Principal(id: "key:eve", name: "local"), capabilities: Self.everything)
            try await isRefused(
                await stranger.retry("name", ["a": 1, "b": ["x": "y"]], after: asked, with: responses),
                "does not belong")
            // The order of members is nothing.
            let reply = await client.retry("name", ["b": ["x": "y"], "a": 1], after: asked, with: responses)
            #expect(try await text(reply) == "Ann")
        }
    }

    @Test func aStateIsGoodForAnHour() async throws {
        try await run(AskingTools.name) { client in
            let asked = try await client.call("name").result()
            client.conversation.time.advance(by: .seconds(3599))
            let late = await client.retry("name", after: asked, with: ["input": Self.ann])
            #expect(try await text(late) == "Ann")
            client.conversation.time.advance(by: .seconds(1))
            try await isRefused(await client.retry("name", after: asked, with: ["input": Self.ann]), "expired")
        }
    }

    @Test func aStateIsGoodForAProcessThatHasNeverSeenIt() async throws {
        let store = InMemoryStore()
        let asked = Mutex<JSON?>(nil)
        try await Conversation(tools: [AskingTools.name], store: store).run { conversation in
            let result = try await PerRequestClient(conversation, capabilities: Self.everything).call("name").result()
            asked.withLock { $0 = result }
        }
        try await Conversation(tools: [AskingTools.name], store: store).run { conversation in
            let client = PerRequestClient(conversation, capabilities: Self.everything)
            let reply = await client.retry("name", after: asked.withLock { $0 }, with: ["input": Self.ann])
            let text = try await text(reply)
            #expect(text == "Ann")
        }
    }

    @Test func moreThanAStateHoldsIsRefused() async throws {
        let configure = { @Sendable (configuration: inout Gateway.Configuration) in
            configuration.limits.requestState.bytes = 500
        }
        try await run(AskingTools.twoInARow, configure: configure) { client in
            let asked = try await client.call("two").result()
            let long: JSON = ["action": "accept", "content": ["name": JSON(String(repeating: "x", count: 500))]]
            try await isRefused(await client.retry("two", after: asked, with: ["name": long]), "500 bytes")
        }
    }

    // MARK: Functions that do not do the same twice

    @Test func aFunctionThatAsksSomethingElseOnItsSecondRunGetsThatAskedToo() async throws {
        let runs = Tally()
        let form = ElicitationSchema([.string("name", required: true)])
        let fickle = SwiftTool(Tool(name: "fickle")) { _, context in
            runs.raise()
            let key = "run\(runs.count)"
            let answer = try await context.elicit("Once more?", form, key: key)
            return .text("\(key) \(answer.action.rawValue)")
        }
        try await run(fickle) { client in
            let first = try await client.call("fickle").result()
            #expect(first?["inputRequests"]?.members?.map(\.name) == ["run1"])
            let second = try await client.retry("fickle", after: first, with: ["run1": Self.ann]).result()
            #expect(second?["inputRequests"]?.members?.map(\.name) == ["run2"])
            #expect(second?["resultType"]?.string == "input_required")
        }
    }

    @Test func whatCannotAnswerWithAQuestionSaysSo() async throws {
        let upstream = LocalUpstream(name: "test")
        let form = ElicitationSchema([.string("name", required: true)])
        upstream.register(
            SwiftPrompt(
                Prompt(name: "p"),
                completion: SwiftCompletion { _, context in
                    _ = try await context.elicit("Your name?", form)
                    return Completion([])
                }
            ) { _, _ in PromptResult([]) })
        try await Conversation(upstream).run { conversation in
            let client = PerRequestClient(conversation, capabilities: Self.everything)
            let error = try await client.send(
                "completion/complete",
                ["ref": ["type": "ref/prompt", "name": "p"], "argument": ["name": "a", "value": ""]]
            ).error()
            #expect(error?["code"]?.integer == -32603)
            #expect(error?["message"]?.string?.contains("Only a tool, a prompt or a resource") == true)
        }
    }

    @Test func promptsAndResourcesAskTheSameWay() async throws {
        let upstream = LocalUpstream(name: "test")
        let form = ElicitationSchema([.string("name", required: true)])
        upstream.register(
            SwiftPrompt(Prompt(name: "p")) { _, context in
                PromptResult([.user((try await context.elicit("Your name?", form)).action.rawValue)])
            })
        upstream.register(
            SwiftResource(Resource(uri: "r://1", name: "r")) { context in
                let answer = try await context.elicit("Your name?", form)
                return ResourceResult([ResourceContents(uri: "r://1", text: answer.action.rawValue)])
            })
        try await Conversation(upstream).run { conversation in
            let client = PerRequestClient(conversation, capabilities: Self.everything)
            for (method, name, key) in [("prompts/get", "name", "p"), ("resources/read", "uri", "r://1")] {
                let asked = try await client.send(method, [name: JSON(key)]).result()
                #expect(asked?["inputRequests"]?["input"] != nil && asked?["ttlMs"] == nil)
                let answer = try await client.send(
                    method,
                    [
                        name: JSON(key), "requestState": asked?["requestState"] ?? nil,
                        "inputResponses": ["input": ["action": "decline"]],
                    ]
                ).result()
                #expect(answer?["resultType"]?.string == "complete")
                #expect(answer?.description.contains("decline") == true)
            }
        }
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index, with character: String) -> String {
        String(self[..<index]) + character + String(self[self.index(after: index)...])
    }
}
