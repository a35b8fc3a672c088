import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@Suite struct GatewayTests {
    private func echo() -> SwiftTool {
        SwiftTool(Tool(name: "echo")) { arguments, _ in .text(arguments["text"]?.string ?? "") }
    }

    private func waiting(at gate: Gate) -> SwiftTool {
        SwiftTool(Tool(name: "wait")) { _, _ in
            await gate.pass()
            try Task.checkCancellation()
            return .text("done")
        }
    }

    private func text(_ message: JSON?) -> String? { message?["result"]?["content"]?.elements?.first?["text"]?.string }

    @Test func aCallInFlightAtTheDeleteGetsItsResult() async throws {
        let gate = Gate()
        try await Conversation(tools: [waiting(at: gate)]).run { conversation in
            let session = await conversation.open()
            let call = await conversation.post(Conversation.call("wait", id: 1), session: session)
            await gate.arrivals()
            #expect(await conversation.delete(session).status == 200)
            let late = await conversation.post(Conversation.list(id: 2), session: session)
            #expect(late.status == 404)
            let seen1 = try await late.messages().first?["id"]?.integer
            #expect(seen1 == 2)
            gate.open()
            let messages = try await call.messages()
            #expect(messages.count == 1)
            #expect(text(messages.first) == "done")
        }
    }

    @Test func whatOutlivesTheGraceIsToldSo() async throws {
        let gate = Gate()
        try await Conversation(tools: [waiting(at: gate)]) { $0.limits.drainGrace = .seconds(10) }.run { conversation in
            let session = await conversation.open()
            let call = await conversation.post(Conversation.call("wait", id: 1), session: session)
            await gate.arrivals()
            _ = await conversation.delete(session)
            conversation.time.advance(by: .seconds(11))
            conversation.gateway.deadlines.fireDue()
            let messages = try await call.messages()
            #expect(messages.count == 1)
            #expect(messages.first?["error"]?["code"]?.integer == -32603)
        }
    }

    @Test func aSessionOfAnotherPrincipalDoesNotExist() async throws {
        let other = Principal(id: "key:other", name: "other")
        try await Conversation(tools: [echo()]).run { conversation in
            let session = await conversation.open()
            let foreign = await conversation.post(Conversation.list(id: 1), session: session, as: other)
            let unknown = await conversation.post(
                Conversation.list(id: 1), session: "00000000000000000000000000000000", as: other)
            #expect(foreign.status == 404)
            let told = try await foreign.messages()
            let toldOfNone = try await unknown.messages()
            #expect(told == toldOfNone)
            #expect(await conversation.delete(session, as: other).status == 404)
            #expect(await conversation.get(session, as: other).status == 404)
            #expect(await conversation.post(Conversation.list(id: 2), session: session).status == 200)
        }
    }

    @Test func anIdleSessionExpiresAndABusyOneDoesNot() async throws {
        let gate = Gate()
        try await Conversation(tools: [waiting(at: gate)]) { $0.limits.idleExpiry = .seconds(60) }.run { conversation in
            let idle = await conversation.open()
            let busy = await conversation.open()
            let call = await conversation.post(Conversation.call("wait", id: 1), session: busy)
            await gate.arrivals()
            conversation.time.advance(by: .seconds(61))
            await conversation.gateway.sweep()
            #expect(await conversation.post(Conversation.list(id: 2), session: idle).status == 404)
            #expect(await conversation.post(Conversation.list(id: 2), session: busy).status == 200)
            gate.open()
            let seen2 = try await call.messages().count
            #expect(seen2 == 1)
        }
    }

    @Test func atTheCapTheLongestIdleSessionIsSuspendedAndComesBack() async throws {
        try await Conversation(tools: [echo()]) { $0.limits.sessions = 2 }.run { conversation in
            let first = await conversation.open()
            conversation.time.advance(by: .seconds(1))
            let second = await conversation.open()
            conversation.time.advance(by: .seconds(1))
            let third = await conversation.open()
            #expect(conversation.gateway.directory.count == 2)
            for session in [first, second, third] {
                #expect(await conversation.post(Conversation.list(id: 1), session: session).status == 200)
            }
        }
    }

    @Test func atTheCapWithNobodyIdleANewSessionIsRefusedForNow() async throws {
        let gate = Gate()
        try await Conversation(tools: [waiting(at: gate)]) { $0.limits.sessions = 1 }.run { conversation in
            let session = await conversation.open()
            let call = await conversation.post(Conversation.call("wait", id: 1), session: session)
            await gate.arrivals()
            let refused = await conversation.post(
                #"{"jsonrpc":"2.0","id":5,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#)
            #expect(refused.status == 503)
            #expect(refused.retryAfter == 1)
            let seen3 = try await refused.messages().first?["id"]?.integer
            #expect(seen3 == 5)
            gate.open()
            let seen4 = try await call.messages().count
            #expect(seen4 == 1)
        }
    }

    @Test func aStoredSessionIsServedByAProcessThatHasNeverSeenIt() async throws {
        let store = InMemoryStore()
        let before = Conversation(tools: [echo()], store: store)
        let after = Conversation(tools: [echo()], store: store)
        let session = await before.open(version: "2025-06-18")
        try await after.run { conversation in
            let reply = await conversation.post(Conversation.list(id: 1), session: session)
            #expect(reply.status == 200)
            #expect(reply.session?.id == session)
            #expect(conversation.gateway.directory.live.first?.version == .v2025_06_18)
        }
    }

    @Test func aDeletedSessionStaysDeletedForAnotherProcess() async throws {
        let store = InMemoryStore()
        let before = Conversation(tools: [echo()], store: store)
        let after = Conversation(tools: [echo()], store: store)
        let session = await before.open()
        #expect(await before.delete(session).status == 200)
        #expect(await after.post(Conversation.list(id: 1), session: session).status == 404)
        #expect(await after.delete(session).status == 200)
    }

    @Test func onlyAClientKnownToCallOnDeletedIDsIsServedOnOne() async throws {
        try await Conversation(tools: [echo()]).run { conversation in
            let session = await conversation.open()
            _ = await conversation.delete(session)
            let known = await conversation.post(Conversation.list(id: 1), session: session, agent: "openai-mcp/1.0.0")
            #expect(known.status == 200)
            #expect(known.session == nil)
            #expect(await conversation.post(Conversation.list(id: 1), session: session, agent: "curl/8").status == 404)
        }
        try await Conversation(tools: [echo()]) { $0.quirks = Quirks(strict: true) }.run { conversation in
            let session = await conversation.open()
            _ = await conversation.delete(session)
            let strict = await conversation.post(Conversation.list(id: 1), session: session, agent: "openai-mcp/1.0.0")
            #expect(strict.status == 404)
        }
    }

    @Test func withoutASessionACancellationThatFitsTwoCallsFitsNone() async throws {
        let gate = Gate()
        let cancelled = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#
        try await Conversation(tools: [waiting(at: gate)]).run { conversation in
            let first = await conversation.post(Conversation.call("wait", id: 7))
            let second = await conversation.post(Conversation.call("wait", id: 7))
            await gate.arrivals(2)
            #expect(await conversation.post(cancelled).status == 202)
            gate.open()
            let answers = try await first.messages() + second.messages()
            #expect(answers.map { text($0) } == ["done", "done"])
        }
    }

    @Test func whatOnePrincipalHasInFlightIsBoundedOverAllItsSessions() async throws {
        let gate = Gate()
        let other = Principal(id: "key:other", name: "other")
        try await Conversation(tools: [waiting(at: gate)]) { $0.limits.inFlightPerPrincipal = 2 }.run { conversation in
            var calls: [Reply] = []
            for id in 1...2 {
                let session = await conversation.open()
                calls.append(await conversation.post(Conversation.call("wait", id: id), session: session))
            }
            let refused = await conversation.post(Conversation.call("wait", id: 3))
            #expect(refused.status == 429)
            #expect(refused.retryAfter == 1)
            calls.append(await conversation.post(Conversation.call("wait", id: 4), as: other))
            gate.open()
            for call in calls {
                let answer = try await call.messages().first
                #expect(text(answer) == "done")
            }
        }
    }

    @Test func aToolThatTakesTooLongIsStoppedAndSaysSo() async throws {
        let gate = Gate()
        try await Conversation(tools: [waiting(at: gate)]) { $0.limits.toolTime = .seconds(5) }.run { conversation in
            let call = await conversation.post(Conversation.call("wait", id: 1))
            await gate.arrivals()
            conversation.time.advance(by: .seconds(6))
            conversation.gateway.deadlines.fireDue()
            let result = try await call.messages().first?["result"]
            #expect(result?["isError"]?.bool == true)
        }
    }

    @Test func whatAToolThrowsStaysInsideUnlessItIsMeantForTheModel() async throws {
        struct Internal: Error { let secret = "hunter2" }
        let tools = [
            SwiftTool(Tool(name: "inside")) { _, _ in throw Internal() },
            SwiftTool(Tool(name: "outside")) { _, _ in throw ToolError("No such file") },
            SwiftTool(Tool(name: "protocol")) { _, _ in throw RPCError.invalidParams("bad") },
        ]
        try await Conversation(tools: tools).run { conversation in
            let inside = try await conversation.post(Conversation.call("inside", id: 1)).messages().first
            #expect(inside?["result"]?["isError"]?.bool == true)
            #expect(inside?.description.contains("hunter2") == false)
            let outside = try await conversation.post(Conversation.call("outside", id: 2)).messages().first
            #expect(text(outside) == "No such file")
            let error = try await conversation.post(Conversation.call("protocol", id: 3)).messages().first
            #expect(error?["error"]?["code"]?.integer == -32602)
        }
    }

    @Test func aBatchIsOnlyForTheVersionThatHasThem() async throws {
        let batch = "[\(Conversation.list(id: 1)),\(Conversation.call("echo", id: 2, arguments: #"{"text":"b"}"#))]"
        try await Conversation(tools: [echo()]).run { conversation in
            let old = await conversation.open(version: "2025-03-26")
            let new = await conversation.open()
            let ids = try await conversation.post(batch, session: old).messages().compactMap { $0["id"]?.integer }
            #expect(ids.sorted() == [1, 2])
            #expect(await conversation.post(batch, session: new).status == 400)
        }
    }

    @Test func aShutdownRefusesNewWorkAndKeepsTheSession() async throws {
        let store = InMemoryStore()
        let gate = Gate()
        try await Conversation(tools: [waiting(at: gate)], store: store).run { conversation in
            let session = await conversation.open()
            let call = await conversation.post(Conversation.call("wait", id: 1), session: session)
            await gate.arrivals()
            async let shutdown: Void = conversation.gateway.shutdown()
            while conversation.gateway.isReady { await Task.yield() }
            let refused = await conversation.post(Conversation.call("wait", id: 2))
            #expect(refused.status == 503)
            #expect(refused.retryAfter == 1)
            gate.open()
            await shutdown
            let answer5 = try await call.messages().first
            #expect(text(answer5) == "done")
            let next = Conversation(tools: [], store: store)
            #expect(await next.post(Conversation.list(id: 3), session: session).status == 200)
        }
    }
}
