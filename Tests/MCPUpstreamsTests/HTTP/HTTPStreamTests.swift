import MCPEngine
import MCPProtocol
import MCPTesting
import MCPUpstreams
import Synchronization
import Testing

@Suite struct HTTPStreamTests {
    /// A server that opens a session; `script` has the rest.
    private func inSession(
        _ script: @escaping ScriptedServer.Script, change: @Sendable (inout RemoteLimits) -> Void = { _ in },
        _ test: @Sendable (LinkTalk, ScriptedServer) async throws -> Void
    ) async throws {
        try await ScriptedServer.run { visitor in
            if visitor.body.contains("\"initialize\"") {
                try await visitor.answer(200, "application/json", ["Mcp-Session-Id: s"], body: Says.result(0))
            } else {
                try await script(visitor)
            }
        } _: { server in
            try await LinkTalk.open(try server.transport(nil, change)) { talk in
                _ = await talk.ask("initialize", id: 0)
                try await test(talk, server)
            }
        }
    }

    // MARK: Taking up the stream of a request

    @Test func aStreamThatEndsWithoutItsAnswerIsTakenUpWhereItEnded() async throws {
        try await inSession { visitor in
            switch (visitor.verb, visitor.headers["last-event-id"]) {
            case ("POST", _):
                try await visitor.stream()
                try await visitor.chunk("id: p-1\nretry: 1\ndata: \n\n")
                try await visitor.event(Says.notification(), id: "p-2")
                try await visitor.endStream()
            case ("GET", "p-2"):
                // Nothing yet.
                try await visitor.stream()
                try await visitor.chunk("id: p-3\ndata: \n\n")
                try await visitor.hangUp()
            case ("GET", "p-3"):
                try await visitor.stream()
                try await visitor.event(Says.request("roots/list"), id: "p-4")
                try await visitor.event(Says.result(), id: "p-5")
                try await visitor.endStream()
            default: try await visitor.answer(200, nil)
            }
        } _: { talk, server in
            let heard = await talk.ask()
            #expect(heard.messages == ["notifications/progress", "roots/list 9"])
            #expect(heard.result != nil)
            #expect(server.all.filter { $0.verb == "GET" }.allSatisfy { $0.headers["mcp-session-id"] == "s" })
        }
    }

    @Test func aStreamIsTakenUpOnlySoOften() async throws {
        try await inSession { visitor in
            try await visitor.stream()
            if visitor.verb == "POST" { try await visitor.chunk("id: 1\nretry: 1\ndata:\n\n") }
            try await visitor.endStream()
        } change: {
            $0.resumes = 3
        } _: { talk, server in
            let failure = await talk.ask().failure
            #expect(failure?.kind == .lost && failure?.mayHaveBegun == true)
            #expect(server.all.count { $0.verb == "GET" } == 3)
        }
    }

    @Test(arguments: [400, 405, 404])
    func whoRefusesToTakeItUpHasLostIt(status: Int) async throws {
        try await inSession { visitor in
            if visitor.verb == "GET" { return try await visitor.answer(status, nil) }
            try await visitor.stream()
            try await visitor.event(Says.notification(), id: "1")
            try await visitor.hangUp()
        } _: { talk, _ in
            let failure = await talk.ask().failure
            #expect(failure?.kind == (status == 404 ? .sessionGone : .lost) && failure?.mayHaveBegun == true)
        }
    }

    @Test func aStreamThatOnlyRepeatsItselfIsGivenUp() async throws {
        try await inSession { visitor in
            try await visitor.stream()
            try await visitor.chunk("retry: 1\n")
            try await visitor.event(Says.notification(), id: "1")
            try await visitor.endStream()
        } change: {
            $0.resumes = 3
        } _: { talk, server in
            #expect(await talk.ask().failure?.kind == .lost)
            #expect(server.all.count { $0.verb == "GET" } == 3)
        }
    }

    @Test func aServerThatDiedIsTriedAFewTimes() async throws {
        try await inSession { visitor in
            if visitor.verb == "POST" {
                try await visitor.stream()
                try await visitor.event(Says.notification(), id: "1")
            }
            try await visitor.hangUp()
        } _: { talk, server in
            let failure = await talk.ask().failure
            #expect(failure?.kind == .lost && failure?.mayHaveBegun == true)
            #expect(server.all.count { $0.verb == "GET" } == 4)
        }
    }

    @Test func theOtherEraTakesNothingUp() async throws {
        try await ScriptedServer.run { visitor in
            try await visitor.stream()
            try await visitor.event(Says.notification(), id: "1")
            try await visitor.endStream()
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                #expect(await talk.ask(as: .v2026_07_28).failure?.kind == .lost)
            }
            #expect(server.all.count == 1)
        }
    }

    // MARK: The stream of what belongs to no request

    @Test func theServerIsListenedToAndAgainWhereItsStreamEnded() async throws {
        try await inSession { visitor in
            guard visitor.verb == "GET" else { return try await visitor.answer(200, nil) }
            try await visitor.stream()
            switch visitor.headers["last-event-id"] {
            case nil:
                try await visitor.event(Says.notification("notifications/tools/list_changed"), id: "g-1")
                try await visitor.event(Says.result(1), id: "g-2")
                try await visitor.endStream()
            case "g-2":
                try await visitor.event(Says.request(), id: "g-3")
                try await visitor.hangUp()
            default:
                try await visitor.event(Says.notification("notifications/message"))
                await visitor.untilHungUp()
            }
        } _: { talk, server in
            talk.link.opened(as: .v2025_11_25)
            let messages = await talk.messages(3)
            #expect(messages == ["notifications/tools/list_changed", "ping 9", "notifications/message"])
            let get = server.all.first { $0.verb == "GET" }
            #expect(get?.headers["accept"] == "text/event-stream" && get?.headers["mcp-session-id"] == "s")
            #expect(get?.headers["mcp-protocol-version"] == "2025-11-25")
        }
    }

    @Test(arguments: [405, 404, 400])
    func aServerThatHasNoSuchStreamIsNotAskedAgain(status: Int) async throws {
        let answered = Gate()
        try await inSession { visitor in
            if visitor.verb == "GET" {
                try await visitor.answer(status, nil)
                answered.open()
            } else {
                try await visitor.answer(200, body: Says.result())
            }
        } change: {
            $0.reopen = .zero
        } _: { talk, server in
            talk.link.opened(as: .v2025_11_25)
            await answered.pass()
            for _ in 0..<5 { #expect(await talk.ask().failure?.message == nil) }
            #expect(server.all.count { $0.verb == "GET" } == 1)
            #expect(talk.ends.isEmpty)
        }
    }

    @Test func aStreamThatCannotBeOpenedNowIsOpenedLater() async throws {
        let failures = Mutex(2)
        try await inSession { visitor in
            guard visitor.verb == "GET" else { return try await visitor.answer(200, nil) }
            let isDown = failures.withLock { failures in
                defer { failures -= 1 }
                return failures > 0
            }
            if isDown { return try await visitor.answer(503, nil) }
            try await visitor.stream()
            try await visitor.event(Says.notification())
            await visitor.untilHungUp()
        } _: { talk, _ in
            talk.link.opened(as: .v2025_06_18)
            #expect(await talk.messages(1) == ["notifications/progress"])
        }
    }

    @Test func aSessionThatIsGoneWhileListeningEndsTheLink() async throws {
        let isGone = Mutex(false)
        try await inSession { visitor in
            let wasOpen = isGone.withLock { gone in
                defer { gone = true }
                return gone
            }
            if wasOpen { return try await visitor.answer(404, nil) }
            try await visitor.stream()
            try await visitor.endStream()
        } _: { talk, _ in
            talk.link.opened(as: .v2025_11_25)
            await talk.untilEnded()
            #expect(talk.ends == [.sessionGone])
        }
    }

    // MARK: The end

    @Test func closingEndsWhatIsUnderWayAndThenTheSession() async throws {
        try await inSession { visitor in
            if visitor.verb == "DELETE" { return try await visitor.answer(405, nil) }
            await visitor.untilHungUp()
        } _: { talk, server in
            talk.link.opened(as: .v2025_11_25)
            async let pending = talk.ask()
            while server.all.count < 3 { await Task.yield() }
            await talk.link.close()
            #expect(await pending.failure?.kind == .closed)
            #expect(talk.ends == [.closed])
            let last = server.all.last
            #expect(last?.verb == "DELETE" && last?.headers["mcp-session-id"] == "s")
            #expect(last?.headers["mcp-protocol-version"] == "2025-11-25")
            let late = await talk.ask().failure
            #expect(late?.kind == .closed && late?.mayHaveBegun == false)
        }
    }

    @Test func aServerThatDoesNotLetGoIsNotWaitedFor() async throws {
        try await inSession {
            await $0.untilHungUp()
        } change: {
            $0.close = .milliseconds(200)
        } _: { talk, server in
            await talk.link.close()
            #expect(talk.ends == [.closed])
        }
    }

    @Test func aOneWayMessageIsAcceptedOrRefused() async throws {
        let status = Mutex(202)
        try await inSession { visitor in
            try await visitor.answer(status.withLock { $0 }, nil)
        } _: { talk, _ in
            let message = Array(Says.notification().utf8)
            for accepted in [200, 202, 204] {
                status.withLock { $0 = accepted }
                try await talk.link.send(oneWay: message, as: .v2025_11_25)
            }
            for (refused, kind) in [(400, LinkFailure.Kind.status(400)), (500, .status(500)), (404, .sessionGone)] {
                status.withLock { $0 = refused }
                do {
                    try await talk.link.send(oneWay: message, as: .v2025_11_25)
                    Issue.record("\(refused) is no acceptance")
                } catch {
                    #expect((error as? LinkFailure)?.kind == kind)
                }
            }
            await talk.untilEnded()
        }
    }
}
