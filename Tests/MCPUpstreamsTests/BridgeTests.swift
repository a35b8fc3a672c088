import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

/// Clients of both eras in front of a real server of both eras (protocol §4).
@Suite(.timeLimit(.minutes(2))) struct BridgeTests {
    private static let eras: [Era] = [.handshake, .perRequest]
    private static let able: JSON = ["elicitation": ["form": [:], "url": [:]], "sampling": [:], "roots": [:]]

    private func text(_ result: JSON?) -> String? { result?["content"]?.elements?.first?["text"]?.string }

    @Test(arguments: eras) func listsAreThereForClientsOfBothEras(era: Era) async throws {
        try await Bridge.toEverything(era: era) { conversation in
            let session = await conversation.open()
            let modern = PerRequestClient(conversation)
            for (method, member) in [
                ("tools/list", "tools"), ("prompts/list", "prompts"), ("resources/list", "resources"),
                ("resources/templates/list", "resourceTemplates"),
            ] {
                let old = try await conversation.post(Conversation.request(method), session: session).result()
                let new = try await modern.send(method).result()
                #expect((old?[member]?.count ?? 0) > 0, "\(method)")
                #expect(new?[member]?.count == old?[member]?.count)
                #expect(old?["ttlMs"] == nil)
                #expect(new?["resultType"]?.string == "complete")
            }
        }
    }

    @Test(arguments: eras) func callsAreAnswered(era: Era) async throws {
        try await Bridge.toEverything(era: era) { conversation in
            let session = await conversation.open()
            let modern = PerRequestClient(conversation)
            let call = Conversation.call("test_simple_text", id: 1)
            let old = try await conversation.post(call, session: session).result()
            let new = try await modern.call("test_simple_text").result()
            #expect(text(old) == "This is a simple text response for testing.")
            #expect(text(new) == text(old))
            #expect(old?["resultType"] == nil)
            #expect(new?["resultType"]?.string == "complete")
            #expect(new?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"]?.string == "test")
            let failed = try await modern.call("test_error_handling").result()
            #expect(failed?["isError"]?.bool == true)
            let unknown = try await modern.send("resources/read", ["uri": "test://none"]).error()
            #expect(unknown?["code"]?.integer == -32602)
            let read = try await modern.send("resources/read", ["uri": "test://static-text"]).result()
            #expect(read?["contents"]?.count == 1)
            #expect(read?["cacheScope"] != nil)
            let gone = try await conversation.post(
                Conversation.request("resources/read", ["uri": "test://template/nothing/data/x"]), session: session
            ).error()
            #expect(gone?["code"]?.integer == -32002)
        }
    }

    @Test(arguments: eras) func progressAndLogMessagesComeOnTheStreamOfTheCall(era: Era) async throws {
        try await Bridge.toEverything(era: era) { conversation in
            let session = await conversation.open()
            let call =
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_tool_with_progress","arguments":{},"_meta":{"progressToken":"mine"}}}"#
            let messages = try await conversation.post(call, session: session).messages()
            let progress = messages.filter { $0["method"]?.string == "notifications/progress" }
            #expect(progress.count == 3)
            #expect(progress.allSatisfy { $0["params"]?["progressToken"]?.string == "mine" })
            let modern = PerRequestClient(conversation, logLevel: "info")
            let logs = try await modern.call("test_tool_with_logging").messages()
            #expect(logs.filter { $0["method"]?.string == "notifications/message" }.count == 3)
        }
    }

    @Test(arguments: eras) func aQuestionReachesAClientWithASession(era: Era) async throws {
        try await Bridge.toEverything(era: era) { conversation in
            let session = await conversation.open(capabilities: Self.able)
            var stream = try #require(
                StreamReader(
                    await conversation.post(
                        Conversation.call("test_elicitation", id: 1, arguments: #"{"message":"Who?"}"#),
                        session: session)))
            let question = try await stream.next()
            #expect(question?["method"]?.string == "elicitation/create")
            #expect(question?["params"]?["requestedSchema"]?["type"]?.string == "object")
            await conversation.answer(
                question, ["action": "accept", "content": ["username": "ann", "email": "a@b.c"]], session: session)
            let answer = try await stream.next()
            #expect(text(answer?["result"])?.contains("ann") == true, "\(answer as Any)")
        }
    }

    @Test(arguments: eras) func aQuestionReachesAClientThatComesBack(era: Era) async throws {
        try await Bridge.toEverything(era: era) { conversation in
            let client = PerRequestClient(conversation, capabilities: Self.able)
            let first = try await client.call("test_elicitation", ["message": "Who?"]).result()
            #expect(first?["resultType"]?.string == "input_required", "\(first as Any)")
            let key = try #require(first?["inputRequests"]?.members?.first?.name)
            let answer: JSON = ["action": "accept", "content": ["username": "ann", "email": "a@b.c"]]
            let answers = JSON.object([(key, answer)])
            let second = try await client.retry("test_elicitation", ["message": "Who?"], after: first, with: answers)
                .result()
            #expect(second?["resultType"]?.string == "complete")
            #expect(text(second)?.contains("ann") == true, "\(second as Any)")
        }
    }

    @Test(arguments: eras) func whoCannotBeAskedIsNotAsked(era: Era) async throws {
        try await Bridge.toEverything(era: era) { conversation in
            let session = await conversation.open()
            let old = try await conversation.post(
                Conversation.call("test_sampling", id: 1, arguments: #"{"prompt":"Hm?"}"#), session: session
            ).messages()
            #expect(old.count == 1)
            let result = old.last
            #expect(result?["result"]?["isError"]?.bool == true || result?["error"] != nil, "\(old)")
        }
    }

    /// On a line that all calls share, a question may belong to a call that was given up a moment ago (B-29).
    @Test func aQuestionThatMayBeOfACallGivenUpIsPutToNobody() async throws {
        let upstream = Bridge.upstream(Bridge.product("echochild"), [], era: .handshake)
        try await Bridge.run(upstream) { conversation in
            let form = #"{"message":"Who?","requestedSchema":{"type":"object","properties":{}}}"#
            let ask = #"{"method":"elicitation/create","params":\#(form)}"#
            let leaving = Principal(id: "key:leaving", name: "leaving")
            let session = await conversation.open(as: leaving, capabilities: Self.able)
            let given = await conversation.post(
                Conversation.call("ask", id: 1, arguments: ask), session: session, as: leaving)
            var stream = try #require(StreamReader(given))
            #expect(try await stream.next()?["method"]?.string == "elicitation/create")
            let cancelled = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
            _ = await conversation.post(cancelled, session: session, as: leaving)
            while try await stream.next() != nil {}
            let staying = await conversation.open(capabilities: Self.able)
            let messages = try await conversation.post(
                Conversation.call("ask", id: 2, arguments: ask), session: staying
            ).messages()
            #expect(messages.count == 1, "\(messages)")
            #expect(text(messages.last?["result"])?.contains("Several calls") == true, "\(messages)")
        }
    }
}
