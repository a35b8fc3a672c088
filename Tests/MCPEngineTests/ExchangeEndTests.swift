import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

/// The ends of a request that are not its result.
@Suite(.timeLimit(.minutes(1))) struct ExchangeEndTests {
    private let gate = Gate()
    private let stopped = Gate()

    private func waiting(_ name: String = "wait") -> SwiftTool {
        let (gate, stopped) = (gate, stopped)
        return SwiftTool(Tool(name: name)) { _, context in
            context.progress(1, total: nil, message: nil)
            await gate.pass()
            if Task.isCancelled { stopped.open() }
            try Task.checkCancellation()
            return .text("done")
        }
    }

    // MARK: The client has gone

    @Test func aConnectionThatEndsBeforeTheAnswerCancelsTheWorkAndNothingIsWritten() async throws {
        try await Conversation(tools: [waiting()]).run { conversation in
            let client = PerRequestClient(conversation)
            let reply = await client.call("wait")
            var stream = try #require(StreamReader(reply))
            await gate.arrivals()
            #expect(conversation.gateway.inFlight == 1)
            stream.close()
            await stopped.pass()
            await conversation.gateway.ledger.waitUntilEmpty()
            #expect(try await stream.next() == nil)
            #expect(stream.stream.outcome() == "cancelled")
            // And once more, as when a lease ends after a reset was seen.
            stream.close()
            #expect(conversation.gateway.inFlight == 0)
        }
    }

    @Test func aConnectionThatEndsAfterTheAnswerChangesNothing() async throws {
        gate.open()
        try await Conversation(tools: [waiting()]).run { conversation in
            let reply = await PerRequestClient(conversation).call("wait")
            var stream = try #require(StreamReader(reply))
            #expect(try await stream.next()?["result"] != nil)
            stream.close()
            #expect(stream.stream.outcome() == "result")
            #expect(stream.stream.log.lastPosition == 1)
        }
    }

    @Test func inTheHandshakeEraTheEndOfAConnectionSaysNothing() async throws {
        try await Conversation(tools: [waiting()]).run { conversation in
            for session in [nil, await conversation.open()] {
                let reply = await conversation.post(Conversation.call("wait", id: 1), session: session)
                #expect(StreamReader(reply)?.stream.whenClosed == nil)
            }
            gate.open()
        }
    }

    @Test func whatAnAbandonedExchangeStillSaysIsNotHeard() async throws {
        let log = EventLog(owed: 1)
        let client = Client(
            principal: .local, capabilities: .none,
            envelope: ResultEnvelope(version: .v2026_07_28, serverInfo: nil), logLevel: { .debug })
        let request = Request(id: .number(1), method: "tools/call", params: ["_meta": ["progressToken": 1]])
        let exchange = Exchange(key: ExchangeKey(1), request: request, client: client, log: log)
        #expect(exchange.abandon())
        #expect(!exchange.abandon() && !exchange.succeed([]) && !exchange.fail(.internalError("")))
        exchange.progress(1, total: nil, message: nil)
        exchange.log(.error, "x", logger: nil)
        await #expect(throws: CancellationError.self) { _ = try await exchange.ask([]) }
        #expect(log.isFinished && log.lastPosition == 0 && exchange.outcome == .cancelled)
        // Nobody waits for an answer that is never written.
        await exchange.waitUntilWritten()
    }

    /// H-72: whoever shares a principal, as everyone on an open server does, could stop the work of others.
    @Test func aCancellationOfTheOtherEraDoesNotReachARequestOfThisOne() async throws {
        let cancelled = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
        try await Conversation(tools: [waiting()]).run { conversation in
            let newer = await PerRequestClient(conversation).call("wait", id: 1)
            await gate.arrivals()
            #expect(await conversation.post(cancelled).status == 202)
            let older = await conversation.post(Conversation.call("wait", id: 1))
            await gate.arrivals(2)
            #expect(await conversation.post(cancelled).status == 202)
            let error = try await older.error()
            #expect(error?["code"]?.integer == -32800)
            gate.open()
            let result = try await newer.result()
            #expect(result?["content"] != nil)
        }
    }

    // MARK: Limits and errors

    private func offers(_ body: @escaping @Sendable () async throws -> Void) throws -> LocalUpstream {
        let upstream = LocalUpstream(
            name: "test",
            tools: [
                SwiftTool(Tool(name: "t")) { _, _ in
                    try await body()
                    return .text("")
                }
            ])
        upstream.register(
            SwiftPrompt(
                Prompt(name: "p"),
                completion: SwiftCompletion { _, _ in
                    try await body()
                    return Completion([])
                }
            ) { _, _ in
                try await body()
                return PromptResult([])
            })
        upstream.register(
            SwiftResource(Resource(uri: "r://1", name: "r")) { _ in
                try await body()
                return ResourceResult([])
            })
        return upstream
    }

    private let requests: [(method: String, params: JSON)] = [
        ("tools/call", ["name": "t"]), ("prompts/get", ["name": "p"]), ("resources/read", ["uri": "r://1"]),
        (
            "completion/complete",
            ["ref": ["type": "ref/prompt", "name": "p"], "argument": ["name": "a", "value": ""]]
        ),
    ]

    /// A tool's failure is for the model to read, everything else's an error of the protocol.
    private func failure(_ reply: Reply, of method: String) async throws -> String? {
        let answer = try await reply.answer()
        if method == "tools/call" {
            #expect(answer?["result"]?["isError"]?.bool == true)
            return answer?["result"]?["content"]?.elements?[0]["text"]?.string
        }
        #expect(answer?["error"]?["code"]?.integer == -32603)
        return answer?["error"]?["message"]?.string
    }

    @Test func whateverTakesTooLongIsStoppedAndSaysSo() async throws {
        let (gate, requests) = (gate, requests)
        let upstream = try offers {
            await gate.pass()
            try Task.checkCancellation()
        }
        try await Conversation(upstream) { $0.limits.toolTime = .seconds(5) }.run { conversation in
            for (index, (method, params)) in requests.enumerated() {
                let reply = await PerRequestClient(conversation).send(method, params)
                await gate.arrivals(index + 1)
                conversation.time.advance(by: .seconds(6))
                conversation.gateway.deadlines.fireDue()
                let words = try await failure(reply, of: method)
                #expect(words?.contains("did not finish within 5000 ms") == true)
                await conversation.gateway.ledger.waitUntilEmpty()
            }
        }
    }

    @Test func whatAFunctionSaysIsToldAndWhatHappensInsideItIsNot() async throws {
        struct Internal: Error { let secret = "hunter2" }
        for (error, expected) in [
            (ToolError("On fire"), "On fire"), (ClientError(code: -1, message: "No"), "which answered: No"),
            (Internal(), " failed."),
        ] as [(any Error, String)] {
            let requests = requests
            try await Conversation(try offers { throw error }).run { conversation in
                for (method, params) in requests {
                    let words = try await failure(
                        await PerRequestClient(conversation).send(method, params), of: method)
                    #expect(words?.contains(expected) == true && words?.contains("hunter2") == false)
                }
            }
        }
    }

    @Test func anErrorOfTheProtocolStaysWhatItIs() async throws {
        let requests = requests
        try await Conversation(try offers { throw RPCError(code: 7, message: "seven") }).run { conversation in
            for (method, params) in requests {
                let reply = await PerRequestClient(conversation).send(method, params)
                let error = try await reply.error()
                #expect(error == ["code": 7, "message": "seven"])
                #expect(await reply.statusOfAnswer() == 200)
            }
        }
    }

    @Test func aResourceNotFoundInsideAToolHasTheCodeOfItsEra() async throws {
        let requests = requests
        try await Conversation(try offers { throw ResourceNotFound("r://2") }).run { conversation in
            let session = await conversation.open()
            for (method, params) in requests {
                let newer = try await PerRequestClient(conversation).send(method, params).error()
                let older = try await conversation.post(Conversation.request(method, params), session: session).error()
                #expect(newer?["code"]?.integer == -32602 && older?["code"]?.integer == -32002)
                #expect(newer?["data"] == ["uri": "r://2"] && older?["data"] == ["uri": "r://2"])
            }
        }
    }

    @Test func aStoppingServerTellsARequestThatItCannotFinish() async throws {
        let (gate, requests) = (gate, requests)
        let upstream = try offers { await gate.pass() }
        try await Conversation(upstream) { $0.limits.shutdownGrace = .seconds(1) }.run { conversation in
            let client = PerRequestClient(conversation)
            let reply = await client.send(requests[1].method, requests[1].params)
            await gate.arrivals()
            async let shutdown: Void = conversation.gateway.shutdown()
            while conversation.gateway.isReady { await Task.yield() }
            let refused = await client.send("tools/list")
            #expect(refused.status == 503 && refused.retryAfter == 1)
            #expect(await client.send("server/discover").status == 503)
            // Several sleep already; time moves until the one that matters is among them.
            while try await timesOut(reply, conversation) == false {}
            #expect(try await reply.error()?["message"]?.string?.contains("stopped before") == true)
            await shutdown
        }
    }

    private func timesOut(_ reply: Reply, _ conversation: Conversation) async throws -> Bool {
        conversation.time.advance(by: .seconds(2))
        await Task.yield()
        return StreamReader(reply)?.stream.log.isFinished == true
    }

    @Test func aLogLevelIsForOneRequest() async throws {
        let talker = SwiftTool(Tool(name: "talk")) { _, context in
            context.log(.debug, "low")
            context.log(.error, "high")
            return .text("")
        }
        try await Conversation(tools: [talker]).run { conversation in
            func heard(_ level: String?) async throws -> [String?] {
                try await PerRequestClient(conversation, logLevel: level).call("talk").messages().map {
                    $0["params"]?["data"]?.string
                }
            }
            #expect(try await heard(nil) == [nil])
            #expect(try await heard("error") == ["high", nil])
            #expect(try await heard("debug") == ["low", "high", nil])
            let wrong = try await PerRequestClient(conversation, logLevel: "loud").call("talk").error()
            #expect(wrong?["code"]?.integer == -32602)
        }
    }
}
