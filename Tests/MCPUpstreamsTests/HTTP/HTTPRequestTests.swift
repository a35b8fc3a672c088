import MCPEngine
import MCPProtocol
import MCPTesting
import MCPUpstreams
import NIOCore
import Testing

@Suite struct HTTPRequestTests {
    private func answering(_ script: @escaping ScriptedServer.Script) async throws -> Outcome {
        try await ScriptedServer.run(script) { server in
            try await LinkTalk.open(try server.transport()) { await $0.ask() }
        }
    }

    @Test func aSessionIsTakenFromTheAnswerToInitializeAndNamedFromThenOn() async throws {
        try await ScriptedServer.run { visitor in
            let isFirst = visitor.body.contains("initialize")
            try await visitor.answer(
                isFirst ? 200 : 202, "application/json", isFirst ? ["Mcp-Session-Id: s-1"] : [],
                body: isFirst ? Says.result(0) : "")
        } _: { server in
            try await LinkTalk.open(
                try server.transport(UpstreamCredentials(.token("secret")), headers: [("X-Team", "kelp")])
            ) { talk in
                _ = await talk.ask("initialize", id: 0)
                try await talk.link.send(oneWay: Array(Says.notification().utf8), as: .v2025_06_18)
            }
            let (first, second) = (server.all[0], server.all[1])
            #expect(first.verb == "POST" && first.path == "/mcp")
            #expect(first.headers["accept"] == "application/json, text/event-stream")
            #expect(first.headers["content-type"] == "application/json")
            #expect(first.headers["mcp-protocol-version"] == nil && first.headers["mcp-session-id"] == nil)
            #expect(first.headers["authorization"] == "Bearer secret" && first.headers["x-team"] == "kelp")
            #expect(first.headers["mcp-method"] == nil)
            #expect(second.headers["mcp-session-id"] == "s-1")
            #expect(second.headers["mcp-protocol-version"] == "2025-06-18")
        }
    }

    @Test func connectionsAreUsedAgain() async throws {
        try await ScriptedServer.run {
            try await $0.answer(200, body: Says.result())
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                for _ in 0..<20 { #expect(await talk.ask().result != nil) }
            }
            #expect(server.connections == 1)
        }
    }

    @Test func theOtherEraHasItsHeadersAndNoSession() async throws {
        try await ScriptedServer.run { visitor in
            try await visitor.answer(200, "application/json", ["Mcp-Session-Id: s-1"], body: Says.result())
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                _ = await talk.ask("server/discover", as: .v2026_07_28)
                _ = await talk.ask(as: .v2026_07_28, headers: [("Mcp-Name", "add"), ("Mcp-Param-Region", "eu")])
                talk.link.opened(as: .v2026_07_28)
            }
            let headers = server.all[1].headers
            #expect(server.all[0].headers["mcp-method"] == "server/discover")
            #expect(headers["mcp-method"] == "tools/call" && headers["mcp-protocol-version"] == "2026-07-28")
            #expect(headers["mcp-name"] == "add" && headers["mcp-param-region"] == "eu")
            #expect(headers["mcp-session-id"] == nil)
            // Neither a GET nor a DELETE.
            #expect(server.all.map(\.verb) == ["POST", "POST"])
        }
    }

    @Test func anAnswerAsJSONIsHandedOnAsItIs() async throws {
        let heard = try await answering { try await $0.answer(200, body: Says.result(1, #"{"n":1.0e0, "z":[]}"#)) }
        #expect(heard.result == #"{"n":1.0e0, "z":[]}"#)
        let batch = try await answering { visitor in
            try await visitor.answer(200, body: "[\(Says.notification()),\(Says.result())]")
        }
        #expect(batch.messages == ["notifications/progress"] && batch.result != nil)
    }

    @Test func everythingOnItsStreamBelongsToTheRequest() async throws {
        let heard = try await answering { visitor in
            try await visitor.stream()
            try await visitor.event(Says.notification())
            try await visitor.chunk(": still here\n\nevent: other\ndata: {}\n\n")
            try await visitor.event(Says.request("sampling/createMessage"))
            try await visitor.event(Says.result())
            try await visitor.endStream()
        }
        #expect(heard.messages == ["notifications/progress", "sampling/createMessage 9"])
        #expect(heard.result == #"{"ok":true}"#)
    }

    @Test func aStreamMayComeByteByByte() async throws {
        let text = "data: \(Says.notification())\r\n\r\nevent: message\rdata: \(Says.result(1, #""☃""#))\r\r"
        let heard = try await answering { visitor in
            try await visitor.stream()
            for byte in text.utf8 { try await visitor.write([0x31, 0x0D, 0x0A, byte, 0x0D, 0x0A]) }
        }
        #expect(heard.messages == ["notifications/progress"])
        #expect(heard.result == #""☃""#)
    }

    @Test(arguments: [200, 400, 404, 422, 500])
    func aJSONRPCErrorIsTheAnswerUnderAnyStatus(status: Int) async throws {
        let heard = try await answering { try await $0.answer(status, body: Says.error(-32602)) }
        #expect(heard.error?.contains("-32602") == true)
        let nameless = try await answering { try await $0.answer(status, body: Says.error(-32600, id: "null")) }
        #expect(nameless.error?.contains("-32600") == true)
    }

    @Test(arguments: [202, 204, 400, 404, 405, 406, 429, 500, 503])
    func aStatusWithoutAMessageIsAFailure(status: Int) async throws {
        let heard = try await answering { visitor in
            try await visitor.answer(status, "text/html", body: status == 202 || status == 204 ? "" : "<p>no")
        }
        #expect(heard.failure?.kind == .status(status))
        #expect(heard.failure?.mayHaveBegun == !(400..<500).contains(status))
    }

    @Test(arguments: ["text/html", "text/plain", "application/octet-stream"])
    func anAnswerOfAnotherTypeIsMalformed(type: String) async throws {
        let heard = try await answering { try await $0.answer(200, type, body: "hello") }
        #expect(heard.failure?.kind == .malformed)
        #expect(heard.failure?.message.contains(type) == true)
    }

    @Test(arguments: ["", "{", "[]", "{}", "[1]", Says.notification(), Says.result(2)])
    func anAnswerThatIsNoneIsMalformed(body: String) async throws {
        let heard = try await answering { try await $0.answer(200, body: body) }
        #expect(heard.failure?.kind == .malformed)
    }

    @Test func onlyTheFirstAnswerCountsAndOthersIdsDoNot() async throws {
        let heard = try await answering { visitor in
            try await visitor.stream()
            try await visitor.event(Says.result(7))
            try await visitor.event(Says.result(1, #""first""#))
            try await visitor.event(Says.result(1, #""second""#))
            try await visitor.event(Says.notification())
            try await visitor.endStream()
        }
        #expect(heard.result == #""first""# && heard.messages.isEmpty && heard.failure == nil)
        let stranger = try await answering { visitor in
            try await visitor.stream()
            try await visitor.event(Says.result(7))
            try await visitor.endStream()
        }
        #expect(stranger.failure?.kind == .lost && stranger.failure?.mayHaveBegun == true)
    }

    @Test func aBrokenMessageOnTheStreamDoesNotSpoilTheAnswer() async throws {
        let heard = try await answering { visitor in
            try await visitor.stream()
            try await visitor.event("{")
            try await visitor.event(Says.result())
            try await visitor.endStream()
        }
        #expect(heard.result != nil)
        let broken = try await answering { visitor in
            try await visitor.stream()
            try await visitor.event(Says.result() + "}")
            try await visitor.endStream()
        }
        #expect(broken.failure?.kind == .malformed)
    }

    @Test func aMessageBeyondTheBoundIsRefused() async throws {
        let long = Says.result(1, #""\#(String(repeating: "x", count: 2000))""#)
        let scripts: [ScriptedServer.Script] = [
            { try await $0.answer(200, body: long) },
            { visitor in
                try await visitor.write(
                    "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                try await visitor.chunk(long)
                await visitor.untilHungUp()
            },
            { visitor in
                try await visitor.stream()
                try await visitor.event(long)
                await visitor.untilHungUp()
            },
            { visitor in
                try await visitor.stream()
                try await visitor.chunk("id: 4\ndata: ")
                for _ in 0..<40 { try await visitor.chunk(String(repeating: "x", count: 50)) }
                await visitor.untilHungUp()
            },
        ]
        for script in scripts {
            try await ScriptedServer.run(script) { server in
                let heard = try await LinkTalk.open(try server.transport { $0.message = 1000 }) { await $0.ask() }
                #expect(heard.failure?.kind == .tooLarge)
            }
        }
    }

    @Test func theServersOwnAddressMayMoveButNotElsewhere() async throws {
        try await ScriptedServer.run { visitor in
            if visitor.path == "/mcp" {
                try await visitor.answer(307, nil, ["Location: /mcp/?x=1"])
            } else {
                try await visitor.answer(200, body: Says.result())
            }
        } _: { server in
            try await LinkTalk.open(try server.transport()) { talk in
                #expect(await talk.ask().result != nil)
                #expect(await talk.ask(id: 1).result != nil)
            }
            #expect(server.all.map(\.path) == ["/mcp", "/mcp/?x=1", "/mcp/?x=1"])
            #expect(server.all[0].body == server.all[1].body)
        }
        try await ScriptedServer.run { visitor in
            try await visitor.answer(307, nil, ["Location: http://localhost:9/mcp"])
        } _: { server in
            let heard = try await LinkTalk.open(try server.transport()) { await $0.ask() }
            #expect(heard.failure?.kind == .status(307) && server.all.count == 1)
        }
        let circle = try await answering { try await $0.answer(308, nil, ["Location: /mcp"]) }
        #expect(circle.failure?.kind == .status(308))
    }

    @Test func aSessionIDHasVisibleCharactersOnly() async throws {
        try await ScriptedServer.run { visitor in
            try await visitor.answer(200, "application/json", ["Mcp-Session-Id: a b"], body: Says.result(0))
        } _: { server in
            let heard = try await LinkTalk.open(try server.transport()) { await $0.ask("initialize", id: 0) }
            #expect(heard.failure?.kind == .malformed)
        }
    }
}
