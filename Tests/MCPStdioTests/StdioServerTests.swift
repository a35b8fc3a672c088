import MCPEngine
import MCPProtocol
import MCPStdio
import MCPTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct StdioServerTests {
    @Test func initializeBeginsTheSessionOfTheChannel() async throws {
        try await Talk.with([Tools.echo]) { talk in
            #expect(talk.conversation.gateway.directory.count == 0)
            try await talk.open()
            #expect(talk.conversation.gateway.directory.count == 1)
            await talk.send(Conversation.call("echo", id: 1, arguments: #"{"text":"hi"}"#))
            #expect(try await talk.next().text == "hi")
        }
    }

    @Test func anotherInitializeEndsTheFirstSession() async throws {
        try await Talk.with([Tools.echo]) { talk in
            try await talk.open(version: "2025-11-25")
            try await talk.open(version: "2024-11-05")
            await talk.send(Conversation.list(id: 1))
            #expect(try await talk.next().id == 1)
            #expect(talk.conversation.gateway.directory.count == 1)
        }
    }

    @Test func requestsBeforeInitializeAreServedToo() async throws {
        try await Talk.with([Tools.echo]) { talk in
            await talk.send(#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#, Conversation.list(id: 1))
            let pong = try await talk.next()
            #expect(pong["id"]?.string == "p")
            let list = try await talk.next()
            #expect(list["result"]?["tools"]?.count == 1)
            await talk.send(Conversation.call("echo", id: 2, arguments: #"{"text":"early"}"#))
            #expect(try await talk.next().text == "early")
        }
    }

    @Test func requestsRunSideBySide() async throws {
        let gate = Gate()
        try await Talk.with([Tools.echo, Tools.waiting(at: gate)]) { talk in
            try await talk.open()
            await talk.send(Conversation.call("wait", id: 1), Conversation.call("echo", id: 2))
            await gate.arrivals()
            #expect(try await talk.next().id == 2)
            gate.open()
            #expect(try await talk.next().id == 1)
        }
    }

    @Test func aCancelledRequestIsNeverSpokenOfAgain() async throws {
        let gate = Gate()
        for isInSession in [true, false] {
            try await Talk.with([Tools.echo, Tools.waiting(at: gate)]) { talk in
                if isInSession { try await talk.open() }
                await talk.send(Conversation.call("wait", id: 1))
                await gate.arrivals(isInSession ? 1 : 2)
                await talk.send(Talk.cancel(1), Conversation.call("echo", id: 2, arguments: #"{"text":"on"}"#))
                let next = try await talk.next()
                #expect(next.id == 2 && next.text == "on")
            }
        }
    }

    @Test func aCancellationThatCouldMeanTwoRequestsCancelsNone() async throws {
        let gate = Gate()
        try await Talk.with([Tools.waiting(at: gate)]) { talk in
            try await talk.open()
            await talk.send(Conversation.call("wait", id: 1), Conversation.call("wait", id: 1))
            await gate.arrivals(2)
            await talk.send(Talk.cancel(1), #"{"jsonrpc":"2.0","id":9,"method":"ping"}"#)
            #expect(try await talk.next().id == 9)
            gate.open()
            for _ in 0..<2 { #expect(try await talk.next().text == "done") }
        }
    }

    @Test func listChangesArriveOnTheChannel() async throws {
        try await Talk.with([Tools.echo]) { talk in
            try await talk.open()
            let session = try #require(talk.conversation.gateway.directory.live.first)
            session.announce(Wire.notification(Method.toolsListChanged))
            let told = try await talk.next()
            #expect(told["method"]?.string == "notifications/tools/list_changed")
        }
    }

    @Test func aQuestionGoesOutAndItsAnswerComesInOnTheSameChannel() async throws {
        try await Talk.with([Tools.asking]) { talk in
            try await talk.open()
            await talk.send(Conversation.call("ask", id: 1))
            let question = try await talk.next()
            #expect(question["method"]?.string == "roots/list")
            let id = try #require(question["id"]?.string)
            await talk.send(#"{"jsonrpc":"2.0","id":"\#(id)","result":{"roots":[{"uri":"file:///here"}]}}"#)
            #expect(try await talk.next().text == "file:///here")
        }
    }

    // MARK: The per-request era

    @Test func requestsThatSayEverythingThemselvesNeedNoHeadersAndNoSession() async throws {
        let repeated = Tool(
            name: "repeated",
            inputSchema: [
                "type": "object", "properties": ["region": ["type": "string", "x-mcp-header": "Region"]],
            ])
        let tools = [Tools.echo, SwiftTool(repeated) { arguments, _ in .text(arguments["region"]?.string ?? "") }]
        try await Talk.with(tools) { talk in
            await talk.send(Talk.claim("server/discover", id: 1))
            let discovered = try await talk.next()
            #expect(discovered["result"]?["supportedVersions"]?.elements?.first?.string == "2026-07-28")
            await talk.send(Talk.claim("tools/call", id: 2, params: #""name":"repeated","arguments":{"region":"eu"}"#))
            #expect(try await talk.next().text == "eu")
            await talk.send(Talk.claim("initialize", id: 3), Talk.claim("tools/list", id: 4))
            #expect(try await talk.next().code == -32601)
            #expect(try await talk.next().id == 4)
            #expect(talk.conversation.gateway.directory.count == 0)
            // Neither era keeps the other out.
            try await talk.open()
            await talk.send(Talk.claim("ping", id: 5), #"{"jsonrpc":"2.0","id":6,"method":"ping"}"#)
            #expect(try await talk.next().code == -32601)
            #expect(try await talk.next().id == 6)
        }
    }

    @Test func aQuestionOfThePerRequestEraIsAResult() async throws {
        try await Talk.with([Tools.asking]) { talk in
            await talk.send(Talk.claim("tools/call", id: 1, params: #""name":"ask""#))
            let asked = try await talk.next()
            #expect(asked["result"]?["resultType"]?.string == "input_required")
            let state = try #require(asked["result"]?["requestState"]?.string)
            let answers = #""inputResponses":{"roots":{"roots":[{"uri":"file:///there"}]}}"#
            await talk.send(
                Talk.claim("tools/call", id: 2, params: #""name":"ask","requestState":"\#(state)",\#(answers)"#))
            #expect(try await talk.next().text == "file:///there")
        }
    }

    @Test func aCancelledRequestOfThePerRequestEraIsNeverSpokenOfAgain() async throws {
        let gate = Gate()
        try await Talk.with([Tools.echo, Tools.waiting(at: gate)]) { talk in
            await talk.send(Talk.claim("tools/call", id: 1, params: #""name":"wait""#))
            await gate.arrivals()
            await talk.send(Talk.cancel(1), Talk.claim("tools/list", id: 2))
            let next = try await talk.next()
            #expect(next.id == 2)
            while talk.conversation.gateway.inFlight > 0 { await Task.yield() }
        }
    }

    @Test func subscriptionsAreToldApartAndEndWhenTheyAreCancelled() async throws {
        try await Talk.with([Tools.echo]) { talk in
            let wanted = #""notifications":{"toolsListChanged":true}"#
            for id in [1, 2] as [Int] {
                await talk.send(Talk.claim("subscriptions/listen", id: id, params: wanted))
                let acknowledged = try await talk.next()
                #expect(acknowledged["method"]?.string == "notifications/subscriptions/acknowledged")
                #expect(acknowledged.subscription == Int64(id))
            }
            talk.conversation.upstream.register(Tools.big)
            let told = [try await talk.next(), try await talk.next()]
            #expect(told.allSatisfy { $0["method"]?.string == "notifications/tools/list_changed" })
            #expect(Set(told.map(\.subscription)) == [1, 2])
            await talk.send(Talk.cancel(1), Talk.claim("tools/list", id: 3))
            #expect(try await talk.next().id == 3)
            talk.conversation.upstream.register(Tools.asking)
            #expect(try await talk.next().subscription == 2)
            // An open subscription does not keep the channel open.
        }
    }

    @Test func aServerThatStopsEndsSubscriptionsWithTheirResult() async throws {
        try await Talk.with([Tools.echo]) { talk in
            await talk.send(Talk.claim("subscriptions/listen", id: 1, params: #""notifications":{}"#))
            _ = try await talk.next()
            await talk.conversation.gateway.shutdown()
            let ended = try await talk.next()
            #expect(ended.id == 1 && ended["result"] != nil)
        }
    }

    // MARK: Wrong input

    @Test func whatCannotBeReadGetsAnErrorWithoutAnID() async throws {
        try await Talk.with([Tools.echo]) { talk in
            try await talk.open()
            await talk.send("not json", "[]", #"{"jsonrpc":"2.0"}"#, String(repeating: "[", count: 200))
            for code in [-32700, -32600, -32600, -32700] as [Int64] {
                let error = try await talk.next()
                #expect(error["id"]?.isNull == true)
                #expect(error.code == code)
            }
            await talk.send(#"{"id":7,"method":"ping"}"#)
            let error = try await talk.next()
            #expect(error.id == 7 && error.code == -32600)
            await talk.send(String(repeating: "x", count: 100_001))
            #expect(try await talk.next().code == -32600)
            await talk.send(Conversation.list(id: 8))
            #expect(try await talk.next().id == 8)
        }
    }

    @Test func nobodyIsAnsweredWhoAskedNothing() async throws {
        try await Talk.with([Tools.echo]) { talk in
            try await talk.open()
            await talk.send(
                #"{"jsonrpc":"2.0","method":"notifications/unheard-of"}"#,
                #"{"jsonrpc":"2.0","id":77,"result":{}}"#,
                #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}"#,
                #"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":1}}}"#,
                Conversation.list(id: 1))
            #expect(try await talk.next().id == 1)
        }
    }

    @Test func aBatchOfTheOneVersionThatHasThemIsAnsweredInOneLine() async throws {
        try await Talk.with([Tools.echo]) { talk in
            try await talk.open(version: "2025-03-26")
            let calls = [1, 2].map { Conversation.call("echo", id: $0) }.joined(separator: ",")
            await talk.send("[\(calls)]")
            let answers = try await talk.next()
            #expect(answers.elements?.compactMap(\.id).sorted() == [1, 2])
            try await talk.open(version: "2025-06-18")
            await talk.send("[\(calls)]")
            #expect(try await talk.next().code == -32600)
        }
    }

    // MARK: The end

    @Test func whatIsInFlightAtTheEndOfInputIsFinished() async throws {
        let gate = Gate()
        for isInSession in [true, false] {
            try await Talk.with([Tools.waiting(at: gate)]) { talk in
                if isInSession { try await talk.open() }
                await talk.send(Conversation.call("wait", id: 1))
                await gate.arrivals(isInSession ? 1 : 2)
                talk.client.finish()
                gate.open()
                #expect(try await talk.next().text == "done")
                #expect(await talk.client.receive() == nil)
            }
        }
    }

    @Test func whatOutlivesTheGraceAfterTheEndOfInputGetsAnError() async throws {
        for isInSession in [true, false] {
            let gate = Gate()
            var configuration = StdioServer.Configuration()
            configuration.lastWrites = .seconds(1 << 40)
            try await Talk.with([Tools.waiting(at: gate)], configuration: configuration) { talk in
                if isInSession { try await talk.open() }
                await talk.send(Conversation.call("wait", id: 1))
                await gate.arrivals()
                talk.client.finish()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        // Whenever the grace begins, it is over some time.
                        while !Task.isCancelled {
                            talk.conversation.time.advance(by: .seconds(11))
                            talk.conversation.gateway.deadlines.fireDue()
                            await Task.yield()
                        }
                    }
                    let error = try await talk.next()
                    #expect(error.id == 1 && error.code == -32603)
                    #expect(await talk.client.receive() == nil)
                    group.cancelAll()
                }
            }
        }
    }

    @Test func aClientThatIsGoneCancelsWhatItIsOwed() async throws {
        let (gate, late) = (Gate(), Gate())
        let answering = SwiftTool(Tool(name: "answer")) { _, _ in
            await late.pass()
            return .text("")
        }
        try await Talk.with([Tools.waiting(at: gate), answering]) { talk in
            try await talk.open()
            await talk.send(Conversation.call("wait", id: 1), Conversation.call("answer", id: 2))
            await gate.arrivals()
            await late.arrivals()
            talk.client.close()
            // That nobody reads any more shows in what is written. The gate stays shut: only a cancellation lets the
            // server end.
            late.open()
        }
    }

    @Test func aClientThatDoesNotReadIsNotReadFrom() async throws {
        var configuration = StdioServer.Configuration()
        configuration.buffer = 1000
        try await Talk.with([Tools.big], buffer: 1000, configuration: configuration) { talk in
            try await talk.open()
            let count = 50
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    var sent = 0
                    for id in 1...count {
                        await talk.send(Conversation.call("big", id: id, arguments: #"{"bytes":1000}"#))
                        sent += 1
                    }
                    return sent
                }
                // Calls in flight, the server's buffer and both of the channel's: far fewer than were to be sent.
                while talk.conversation.gateway.inFlight > 0 { await Task.yield() }
                var answered: Set<Int64> = []
                for _ in 1...count { if let id = try await talk.next().id { answered.insert(id) } }
                #expect(answered.count == count)
                #expect(try await group.next() == count)
            }
        }
    }
}
