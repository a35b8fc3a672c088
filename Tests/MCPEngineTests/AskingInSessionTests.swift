import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

/// Questions up to 2025-11-25: requests to the client, on the stream of the request that asks.
@Suite(.timeLimit(.minutes(1))) struct AskingInSessionTests {
    private static let everything: JSON = ["elicitation": [:], "sampling": [:], "roots": [:]]

    private func run(
        _ tools: SwiftTool..., limits: EngineLimits = EngineLimits(),
        _ body: @escaping @Sendable (Conversation, String) async throws -> Void
    ) async throws {
        let conversation = Conversation(tools: tools) { $0.limits = limits }
        try await conversation.run { conversation in
            try await body(conversation, await conversation.open(capabilities: Self.everything))
        }
    }

    private func text(_ message: JSON?) -> String? { message?["result"]?["content"]?.elements?.first?["text"]?.string }

    @Test func aQuestionIsARequestOnTheStreamThatAsksAndItsAnswerGoesOn() async throws {
        try await run(AskingTools.name) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            let question = try await stream.next()
            #expect(question?["method"]?.string == "elicitation/create")
            #expect(question?["id"]?.kind == .string)
            #expect(question?["params"]?["message"]?.string == "Your name?")
            #expect(question?["params"]?["mode"]?.string == "form")
            await conversation.answer(question, ["action": "accept", "content": ["name": "Ann"]], session: session)
            #expect(text(try await stream.next()) == "Ann")
            #expect(try await stream.next() == nil)
        }
    }

    @Test func whoTakesNoEventsIsNotAskedAndTheToolLearnsWhy() async throws {
        let careful = SwiftTool(Tool(name: "careful")) { _, context in
            do {
                return .text(
                    try await context.elicit("Your name?", ElicitationSchema([.string("name")])).action.rawValue)
            } catch let error as ClientUnreachable {
                return .text("alone: \(error.message)")
            }
        }
        try await run(AskingTools.name, careful) { conversation, session in
            func answer(_ tool: String) async throws -> JSON? {
                var headers = RequestHeaders()
                headers.sessionID = session
                var call = Call(verb: .post, principal: .local, headers: headers)
                call.body = Array(Conversation.call(tool, id: 1).utf8)
                call.takesEvents = false
                var stream = try #require(StreamReader(await conversation.gateway.handle(call)))
                return try await stream.next()
            }
            let failed = try await answer("name")
            #expect(failed?["result"]?["isError"]?.bool == true)
            #expect(text(failed)?.contains("does not accept text/event-stream") == true)
            #expect(text(try await answer("careful"))?.hasPrefix("alone: ") == true)
        }
    }

    @Test func twoQuestionsInARowAreAskedOneAfterTheOther() async throws {
        try await run(AskingTools.twoInARow) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("two", id: 1), session: session)))
            let first = try await stream.next()
            await conversation.answer(first, ["action": "accept", "content": ["name": "Ann"]], session: session)
            let second = try await stream.next()
            #expect(second?["params"]?["message"]?.string == "Ann, which town?")
            #expect(second?["id"] != first?["id"])
            await conversation.answer(second, ["action": "accept", "content": ["name": "Ulm"]], session: session)
            #expect(text(try await stream.next()) == "Ann of Ulm")
        }
    }

    @Test func severalQuestionsAtOnceAreAnsweredInAnyOrder() async throws {
        try await run(AskingTools.three) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("three", id: 1), session: session)))
            var questions: [String: JSON] = [:]
            for _ in 0..<3 {
                let question = try await stream.next()
                questions[question?["method"]?.string ?? ""] = question
            }
            await conversation.answer(
                questions["roots/list"], ["roots": [["uri": "file:///a"]]], session: session)
            await conversation.answer(
                questions["sampling/createMessage"],
                ["role": "assistant", "content": ["type": "text", "text": "a poem"], "model": "m"], session: session)
            await conversation.answer(questions["elicitation/create"], ["action": "decline"], session: session)
            #expect(text(try await stream.next()) == "decline, a poem, file:///a")
        }
    }

    @Test func whatTheClientCannotDoIsNotAskedAndNamed() async throws {
        try await Conversation(tools: [AskingTools.name]).run { conversation in
            for (version, capabilities) in [("2025-11-25", [:]), ("2025-06-18", ["elicitation": nil])] as [(_, JSON)] {
                let session = await conversation.open(version: version, capabilities: capabilities)
                let reply = await conversation.post(Conversation.call("name", id: 1), session: session)
                let error = try await reply.error()
                #expect(error?["code"]?.integer == -32021)
                #expect(error?["data"]?["requiredCapabilities"] == ["elicitation": [:]])
                #expect(await reply.statusOfAnswer() == 200)
            }
            let old = await conversation.open(version: "2025-03-26", capabilities: Self.everything)
            let error = try await conversation.post(Conversation.call("name", id: 1), session: old).error()
            #expect(error?["code"]?.integer == -32600)
            #expect(error?["message"]?.string?.contains("2025-03-26") == true)
        }
    }

    @Test func anErrorOfTheClientIsAFailureThatTheModelCanRead() async throws {
        try await run(AskingTools.name) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            let id: JSON = try await stream.next()?["id"] ?? nil
            _ = await conversation.post(
                #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-1,"message":"User said no"}}"#, session: session)
            let answer = try await stream.next()
            #expect(answer?["result"]?["isError"]?.bool == true)
            #expect(text(answer) == "The tool name asked the client, which answered: User said no")
        }
    }

    @Test(
        arguments: [
            ["action": "perhaps"], ["content": [:]], ["action": "accept", "content": ["name": 7]], ["action": "accept"],
            [],
        ] as [JSON])
    func anAnswerOfTheWrongShapeIsNoFaultOfTheRequest(answer: JSON) async throws {
        try await run(AskingTools.name) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            await conversation.answer(try await stream.next(), answer, session: session)
            let result = try await stream.next()
            #expect(result?["result"]?["isError"]?.bool == true)
            #expect(text(result)?.contains("answer to elicitation/create is wrong: ") == true)
        }
    }

    @Test(arguments: ["decline", "cancel"]) func aPersonMaySayNo(action: String) async throws {
        try await run(AskingTools.name) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            await conversation.answer(
                try await stream.next(), ["action": JSON(action), "content": ["name": "Eve"]], session: session)
            #expect(text(try await stream.next()) == action)
        }
    }

    @Test func aCallThatIsCancelledWhileItAsksEndsAtOnce() async throws {
        try await run(AskingTools.name) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 9), session: session)))
            let question = try await stream.next()
            _ = await conversation.post(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}"#, session: session)
            #expect(try await stream.next()?["error"]?["code"]?.integer == -32800)
            await conversation.answer(question, ["action": "decline"], session: session)
            #expect(try await stream.next() == nil)
            await conversation.gateway.ledger.waitUntilEmpty()
            #expect(conversation.gateway.inFlight == 0)
        }
    }

    /// Q-05: nothing can be answered on a session that is ending, so its questions need not wait for the grace.
    @Test func theEndOfItsSessionEndsAQuestionAtOnce() async throws {
        try await run(AskingTools.name) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            _ = try await stream.next()
            #expect(await conversation.delete(session).status == 200)
            let answer = try await stream.next()
            #expect(text(answer) == "The session ended before the client answered.")
            #expect(answer?["result"]?["isError"]?.bool == true)
        }
    }

    @Test func duringAShutdownAQuestionMayStillBeAnswered() async throws {
        try await run(AskingTools.name) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            let question = try await stream.next()
            async let shutdown: Void = conversation.gateway.shutdown()
            while conversation.gateway.isReady { await Task.yield() }
            await conversation.answer(question, ["action": "cancel"], session: session)
            #expect(text(try await stream.next()) == "cancel")
            await shutdown
        }
    }

    @Test func moreQuestionsThanOneMayHaveOpenAreNotAskedAtAll() async throws {
        var limits = EngineLimits()
        limits.questionsPerSession = 2
        try await run(AskingTools.three, AskingTools.name, limits: limits) {
            conversation, session in
            let reply = await conversation.post(Conversation.call("three", id: 1), session: session)
            let messages = try await reply.messages()
            #expect(messages.map { $0["method"] } == [nil])
            #expect(text(messages.first) == "The client has 2 questions to answer already.")
            // And those it opened before it noticed are closed again.
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 2), session: session)))
            await conversation.answer(try await stream.next(), ["action": "cancel"], session: session)
            #expect(text(try await stream.next()) == "cancel")
        }
    }

    @Test func theAnswerOfAnotherSessionIsNone() async throws {
        try await run(AskingTools.name) { conversation, session in
            let other = await conversation.open(capabilities: Self.everything)
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            let question = try await stream.next()
            await conversation.answer(question, ["action": "decline"], session: other)
            await conversation.answer(question, ["action": "cancel"], session: session)
            #expect(text(try await stream.next()) == "cancel")
        }
    }

    @Test func withoutASessionThereIsNobodyToAsk() async throws {
        try await Conversation(tools: [AskingTools.name]).run { conversation in
            let error = try await conversation.post(Conversation.call("name", id: 1)).error()
            #expect(error?["code"]?.integer == -32600)
            #expect(error?["message"]?.string?.contains("elicitation/create") == true)
        }
    }

    @Test func aTimeLimitEndsTheWaitForAnAnswer() async throws {
        var limits = EngineLimits()
        limits.toolTime = .seconds(5)
        try await run(AskingTools.name, limits: limits) { conversation, session in
            var stream = try #require(
                StreamReader(await conversation.post(Conversation.call("name", id: 1), session: session)))
            _ = try await stream.next()
            conversation.time.advance(by: .seconds(6))
            conversation.gateway.deadlines.fireDue()
            #expect(text(try await stream.next())?.contains("5000 ms") == true)
        }
    }
}
