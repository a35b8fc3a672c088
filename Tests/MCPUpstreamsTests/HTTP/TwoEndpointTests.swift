import MCPEngine
import MCPProtocol
import MCPTesting
import MCPUpstreams
import Synchronization
import Testing

@Suite struct TwoEndpointTests {
    /// A server whose stream says what is put into `says`, and ends with it.
    private func talking(
        endpoint: String = "/messages?id=7",
        post: @escaping @Sendable (Visitor, AsyncStream<String>.Continuation) async throws -> Void,
        _ test: @Sendable (LinkTalk, ScriptedServer) async throws -> Void
    ) async throws {
        let (words, says) = AsyncStream.makeStream(of: String.self)
        try await ScriptedServer.run { visitor in
            if visitor.verb == "POST" { return try await post(visitor, says) }
            try await visitor.stream()
            try await visitor.chunk("event: endpoint\ndata: \(endpoint)\n\n")
            for await word in words { try await visitor.chunk("event: message\ndata: \(word)\n\n") }
            try await visitor.hangUp()
        } _: { server in
            let transport = TwoEndpointTransport(try server.remote(UpstreamCredentials(.token("t"))) { _ in })
            try await LinkTalk.open(transport) { try await test($0, server) }
        }
    }

    @Test func answersComeOnTheStreamInAnyOrder() async throws {
        try await talking { visitor, says in
            try await visitor.answer(202, nil)
            if visitor.body.contains("\"id\":2") {
                says.yield(Says.notification())
                says.yield(Says.result(2, #""two""#))
                says.yield(Says.result(77))
                says.yield(Says.result(1, #""one""#))
            }
        } _: { talk, server in
            async let first = talk.ask(id: 1, as: .v2024_11_05)
            while server.all.count < 2 { await Task.yield() }
            #expect(await talk.ask(id: 2, as: .v2024_11_05).result == #""two""#)
            #expect(await first.result == #""one""#)
            #expect(talk.messages == ["notifications/progress"])
            try await talk.link.send(oneWay: Array(Says.notification().utf8), as: .v2024_11_05)
            let post = server.all.last
            #expect(post?.path == "/messages?id=7" && post?.headers["authorization"] == "Bearer t")
            #expect(post?.headers["mcp-protocol-version"] == nil && post?.headers["mcp-session-id"] == nil)
        }
    }

    @Test(arguments: ["http://127.0.0.1:9/messages", "https://127.0.0.1/messages", "//evil.example/x", "http://["])
    func thePlaceForMessagesHasTheOriginOfTheStream(endpoint: String) async throws {
        do {
            try await talking(endpoint: endpoint, post: { _, _ in }, { _, _ in Issue.record("it was opened") })
        } catch let failure as LinkFailure {
            #expect(failure.kind == .malformed)
        }
    }

    @Test(arguments: [404, 405, 500])
    func aServerThatSpeaksSomethingElseIsNotOpened(status: Int) async throws {
        try await ScriptedServer.run {
            try await $0.answer(status, nil)
        } _: { server in
            do {
                try await LinkTalk.open(TwoEndpointTransport(try server.remote())) { _ in }
                Issue.record("it was opened")
            } catch let failure as LinkFailure {
                #expect(failure.kind == .status(status))
            }
        }
        try await ScriptedServer.run {
            try await $0.answer(200, body: "{}")
        } _: { server in
            do {
                try await LinkTalk.open(TwoEndpointTransport(try server.remote())) { _ in }
                Issue.record("it was opened")
            } catch let failure as LinkFailure {
                #expect(failure.kind == .malformed)
            }
        }
    }

    @Test func aStreamThatNamesNoPlaceIsGivenUp() async throws {
        try await ScriptedServer.run { visitor in
            try await visitor.stream()
            await visitor.untilHungUp()
        } _: { server in
            do {
                let transport = TwoEndpointTransport(try server.remote { $0.probe = .milliseconds(50) })
                try await LinkTalk.open(transport) { _ in }
                Issue.record("it was opened")
            } catch let failure as LinkFailure {
                #expect(failure.kind == .malformed)
            }
        }
    }

    @Test func aRefusedMessageFailsItsRequestAlone() async throws {
        try await talking { visitor, says in
            let isRefused = visitor.body.contains("refuse")
            try await visitor.answer(isRefused ? 400 : 202, nil)
            if !isRefused { says.yield(Says.result(2)) }
        } _: { talk, _ in
            let failure = await talk.ask("refuse", id: 1, as: .v2024_11_05).failure
            #expect(failure?.kind == .status(400) && failure?.mayHaveBegun == false)
            #expect(await talk.ask(id: 2, as: .v2024_11_05).result != nil)
        }
    }

    @Test func theEndOfTheStreamIsTheEndOfEverything() async throws {
        try await talking { visitor, says in
            try await visitor.answer(202, nil)
            says.finish()
        } _: { talk, _ in
            let failure = await talk.ask(as: .v2024_11_05).failure
            #expect(failure?.kind == .lost && failure?.mayHaveBegun == true)
            await talk.untilEnded()
            #expect(await talk.ask(id: 2).failure?.mayHaveBegun == false)
            await talk.link.close()
            #expect(talk.ends == [.lost])
        }
    }

    @Test func closingFailsWhatIsUnderWay() async throws {
        try await talking { visitor, _ in
            try await visitor.answer(202, nil)
        } _: { talk, server in
            async let pending = talk.ask(as: .v2024_11_05)
            let heard = Tally()
            talk.send(id: 2) { _ in heard.raise() }
            talk.link.abandon(.number(2))
            while server.all.count < 2 { await Task.yield() }
            await talk.link.close()
            #expect(await pending.failure?.kind == .closed)
            #expect(talk.ends == [.closed] && heard.count == 0)
        }
    }
}
