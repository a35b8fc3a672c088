import FoundationEssentials
import MCPEngine
import MCPProtocol
import MCPTesting
import MCPUpstreams
import Testing

@Suite struct HTTPFailureTests {
    private func asking(
        _ credentials: UpstreamCredentials? = nil,
        _ change: @escaping @Sendable (inout RemoteLimits) -> Void = { _ in },
        _ script: @escaping ScriptedServer.Script
    ) async throws -> Outcome {
        try await ScriptedServer.run(script) { server in
            try await LinkTalk.open(try server.transport(credentials, change)) { await $0.ask() }
        }
    }

    @Test func whoIsNotThereCannotHaveBegun() async throws {
        let port = try await ScriptedServer.run { _ in
        } _: {
            $0.port
        }
        let transport = HTTPTransport(try RemoteServer(url: "http://127.0.0.1:\(port)/mcp?key=hidden"))
        try await LinkTalk.open(transport) { talk in
            let failure = await talk.ask().failure
            #expect(failure?.kind == .unreachable && failure?.mayHaveBegun == false)
            #expect(failure?.message.contains("127.0.0.1") == true && failure?.message.contains("hidden") == false)
            await #expect(throws: LinkFailure.self) {
                try await talk.link.send(oneWay: Array(Says.notification().utf8), as: .v2025_11_25)
            }
        }
    }

    @Test func aConnectionThatBreaksMayHaveLostWork() async throws {
        let scripts: [ScriptedServer.Script] = [
            { try await $0.hangUp() },
            { visitor in
                try await visitor.write(
                    "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
                try await visitor.hangUp()
            },
            { visitor in
                try await visitor.stream()
                try await visitor.event(Says.notification())
                try await visitor.hangUp()
            },
            { try await $0.write("NOT HTTP\r\n\r\n") },
        ]
        for script in scripts {
            let failure = try await asking(nil, { _ in }, script).failure
            #expect(failure?.kind == .lost && failure?.mayHaveBegun == true)
        }
    }

    @Test func whoDoesNotAnswerInTimeIsGivenUp() async throws {
        let silent = try await asking(nil) {
            $0.firstByte = .milliseconds(80)
        } _: {
            await $0.untilHungUp()
        }
        #expect(silent.failure?.kind == .lost && silent.failure?.message.contains("did not answer") == true)
        let stuck = try await asking(nil) {
            $0.idle = .milliseconds(1000)
        } _: { visitor in
            try await visitor.stream()
            try await visitor.event(Says.notification())
            await visitor.untilHungUp()
        }
        #expect(stuck.messages.count == 1)
        #expect(stuck.failure?.kind == .lost && stuck.failure?.message.contains("silent") == true)
    }

    @Test func aRefusalNamesTheSchemeAndNoSecret() async throws {
        for status in [401, 403] {
            let heard = try await asking(UpstreamCredentials(.token("s3cret"))) { visitor in
                try await visitor.answer(
                    status, "application/json", [#"WWW-Authenticate: Bearer realm="s3cret", error="x""#],
                    body: Says.error(-32600))
            }
            #expect(heard.failure?.kind == .status(status) && heard.failure?.mayHaveBegun == false)
            #expect(heard.failure?.message.contains("Bearer") == true)
            #expect(heard.failure?.message.contains("s3cret") == false)
        }
    }

    @Test func aTokenInAFileIsReadAgainWhenItIsRefused() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("old\n".utf8).write(to: file)
        try await ScriptedServer.run { visitor in
            let isNew = visitor.headers["authorization"] == "Bearer new"
            try await visitor.answer(isNew ? 200 : 401, body: isNew ? Says.result() : "")
        } _: { server in
            try await LinkTalk.open(try server.transport(UpstreamCredentials(.file(file.path)))) { talk in
                #expect(await talk.ask().failure?.kind == .status(401))
                #expect(server.all.count == 1, "the same token is not sent twice")
                try Data("new\n".utf8).write(to: file)
                #expect(await talk.ask().result != nil)
                #expect(await talk.ask().result != nil)
                #expect(server.all.count == 4)
            }
        }
    }

    @Test func withoutATokenNothingIsSent() async throws {
        try await ScriptedServer.run {
            try await $0.answer(200, body: Says.result())
        } _: { server in
            for source in [UpstreamCredentials.Source.file("/nowhere/token"), .environment("HOLDFAST_NO_SUCH_TOKEN")] {
                let transport = try server.transport(UpstreamCredentials(source))
                await #expect(throws: LinkFailure.self) { try await LinkTalk.open(transport) { _ in } }
            }
            #expect(server.all.isEmpty)
        }
    }

    @Test func aSessionThatIsGoneEndsTheLinkOnceNothingIsUnderWay() async throws {
        let held = Gate()
        try await ScriptedServer.run { visitor in
            if visitor.body.contains("initialize") {
                try await visitor.answer(200, "application/json", ["Mcp-Session-Id: s"], body: Says.result(0))
            } else if visitor.body.contains("slow") {
                await held.pass()
                try await visitor.answer(200, body: Says.result(5))
            } else {
                try await visitor.answer(404, body: Says.error(-32001))
            }
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                _ = await talk.ask("initialize", id: 0)
                async let slow = talk.ask("slow", id: 5)
                while server.all.count < 2 { await Task.yield() }
                let gone = await talk.ask()
                #expect(gone.failure?.kind == .sessionGone && gone.failure?.mayHaveBegun == false)
                let late = await talk.ask(id: 2)
                #expect(late.failure?.kind == .sessionGone && late.failure?.mayHaveBegun == false)
                #expect(talk.ends.isEmpty)
                held.open()
                #expect(await slow.result != nil)
                await talk.untilEnded()
                await talk.link.close()
                #expect(talk.ends == [.sessionGone])
            }
            #expect(server.all.allSatisfy { $0.verb == "POST" }, "nobody ends a session that is gone")
        }
    }

    @Test(arguments: [
        ("Bad Request: No valid session ID provided", true), ("Bad Request", false),
        (#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Invalid or missing session ID"}}"#, true),
        (#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"No such session of the editor"}}"#, false),
    ])
    func aServerMayRefuseASessionInWords(words: String, isGone: Bool) async throws {
        try await ScriptedServer.run { visitor in
            let isFirst = visitor.body.contains("initialize")
            try await visitor.answer(
                isFirst ? 200 : 400, "application/json", isFirst ? ["Mcp-Session-Id: s"] : [],
                body: isFirst ? Says.result(0) : words)
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                _ = await talk.ask("initialize", id: 0)
                let failure = await talk.ask().failure
                #expect((failure?.kind == .sessionGone) == isGone)
                #expect(failure?.mayHaveBegun != true)
            }
        }
    }

    @Test func aMethodThatIsNotFoundLeavesTheSessionAlone() async throws {
        try await ScriptedServer.run { visitor in
            let isFirst = visitor.body.contains("initialize")
            try await visitor.answer(
                isFirst ? 200 : 404, "application/json", isFirst ? ["Mcp-Session-Id: s"] : [],
                body: isFirst ? Says.result(0) : Says.error(-32601))
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                _ = await talk.ask("initialize", id: 0)
                #expect(await talk.ask().error != nil)
                #expect(talk.ends.isEmpty)
            }
        }
    }

    @Test func noMoreResponsesAreOpenThanAreAllowed() async throws {
        try await ScriptedServer.run {
            await $0.untilHungUp()
        } _: { server in
            try await LinkTalk.open(try server.transport { $0.connections = 2 }) { talk in
                talk.send(id: 1) { _ in }
                talk.send(id: 2) { _ in }
                let third = await talk.ask(id: 3).failure
                #expect(third?.kind == .unreachable && third?.mayHaveBegun == false)
                talk.link.abandon(.number(1))
            }
        }
    }

    @Test func whatIsAbandonedLosesItsConnectionAndHearsNoMore() async throws {
        let heard = Tally()
        let hungUp = Gate()
        try await ScriptedServer.run { visitor in
            try await visitor.stream()
            try await visitor.event(Says.notification())
            await visitor.untilHungUp()
            hungUp.open()
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                let begun = Gate()
                talk.send { _ in
                    heard.raise()
                    begun.open()
                }
                await begun.pass()
                talk.link.abandon(.number(1))
                await hungUp.pass()
            }
        }
        #expect(heard.count == 1)
    }
}
