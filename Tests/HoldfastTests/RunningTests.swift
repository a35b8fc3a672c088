import Holdfast
import MCPTesting
import Synchronization
import Testing

/// What happens while a call runs, and while a server does.
struct RunningTests {
    @Test(arguments: ProtocolVersion.allCases)
    func progressAndLogMessagesComeBeforeTheResult(version: ProtocolVersion) async throws {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("work", "Works") { context in
            context.progress(1, total: 2, message: "half")
            context.log(.warning, ["left": 1], logger: "work")
            context.progress(2, total: 2)
            return "done"
        }
        try await server.inMemory(ClientSetup(version: version)) { client in
            var reports: [ProgressReport] = []
            var logs: [LogMessage] = []
            let result = try await client.call("work", onProgress: { reports.append($0) }, onLog: { logs.append($0) })
            #expect(result.content == [.text("done")])
            let half = version == .v2024_11_05 ? nil : "half"
            #expect(
                reports == [
                    ProgressReport(progress: 1, total: 2, message: half), ProgressReport(progress: 2, total: 2),
                ])
            #expect(logs == [LogMessage(level: .warning, data: ["left": 1], logger: "work")])
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func aClientHearsOnlyWhatIsGraveEnough(version: ProtocolVersion) async throws {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("work", "Works") { context in
            for level in LogLevel.allCases { context.log(level, JSON(level.rawValue)) }
            return "done"
        }
        var setup = ClientSetup(version: version)
        setup.logLevel = .error
        try await server.inMemory(setup) { client in
            var heard: [LogLevel] = []
            _ = try await client.call("work", onLog: { heard.append($0.level) })
            #expect(heard == [.error, .critical, .alert, .emergency])
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func cancellingTheTaskThatWaitsCancelsTheTool(version: ProtocolVersion) async throws {
        let (started, ended) = (Gate(), Gate())
        let server = MCPServer(name: "test", version: "1")
        try server.tool("wait", "Waits for ever") { _ -> String in
            started.open()
            defer { ended.open() }
            try await Task.sleep(for: .seconds(3600))  // paces: until it is cancelled
            return "never"
        }
        try await server.inMemory(ClientSetup(version: version)) { client in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.call("wait") }
                await started.pass()
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            await ended.pass()
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func aListThatChangesIsAnnounced(version: ProtocolVersion) async throws {
        var options = MCPServer.Options()
        options.declares = [.prompts, .resources]
        let server = MCPServer(name: "test", version: "1", options: options)
        try await server.inMemory(ClientSetup(version: version)) { client in
            var changes = try await client.changes().makeAsyncIterator()
            if version == .v2026_07_28 { server.resourceUpdated("test://nobody") }
            try server.tool("new", "Was not there before") { _ in "here" }
            #expect(try await changes.next() == .tools)
            #expect(try await client.call("new").content == [.text("here")])
            server.prompt("new", "Was not there before") { _, _ in "here" }
            #expect(try await changes.next() == .prompts)
            server.resource("test://new", name: "new") { _ in "here" }
            #expect(try await changes.next() == .resources)
            server.removeTool("new")
            #expect(try await changes.next() == .tools)
            #expect(try await client.tools().isEmpty)
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func whoSubscribedHearsOfAResourceAndNobodyElse(version: ProtocolVersion) async throws {
        let server = MCPServer(name: "test", version: "1")
        server.resource("test://one", name: "one") { _ in "1" }
        server.resource("test://two", name: "two") { _ in "2" }
        try await server.inMemory(ClientSetup(version: version)) { client in
            let other = try await client.another(ClientSetup(version: version, principal: .anonymous))
            var one = try await client.changes(of: ["test://one"]).makeAsyncIterator()
            var two = try await other.changes(of: ["test://two"]).makeAsyncIterator()
            server.resourceUpdated("test://one")
            server.resourceUpdated("test://two")
            #expect(try await one.next() == .resource("test://one"))
            #expect(try await two.next() == .resource("test://two"))
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func aCallThatTakesTooLongIsStoppedAndSaysSo(version: ProtocolVersion) async throws {
        var options = MCPServer.Options()
        options.limits.callTime = .milliseconds(50)
        let server = MCPServer(name: "test", version: "1", options: options)
        try server.tool("wait", "Waits for ever") { _ -> String in
            try await Task.sleep(for: .seconds(3600))  // paces: until it is cancelled
            return "never"
        }
        try await server.inMemory(ClientSetup(version: version)) { client in
            let result = try await client.call("wait")
            #expect(result.isError && result.content.first?.text?.contains("50 ms") == true)
        }
    }

    @Test func aTaskIsFollowedToItsEnd() async throws {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("job", "Asks while it works", tasks: .required) { context in
            let form = ElicitationSchema([.string("name", required: true)])
            return "done for \(try await context.elicit("Who?", form).content?["name"]?.string ?? "nobody")"
        }
        try server.tool("broken", "Fails", tasks: .required) { _ -> String in throw RPCError(code: 7, message: "No") }
        var setup = ClientSetup()
        setup.form = { _, _ in ElicitationAnswer(action: .accept, content: ["name": "Ida"]) }
        try await server.inMemory(setup) { client in
            let refused = await #expect(throws: RPCError.self) { try await client.call("job") }
            #expect(refused?.code == -32021)
            var able = setup
            able.tasks = true
            let tasks = try await client.another(able)
            let done = try await tasks.call("job")
            #expect(done.content == [.text("done for Ida")])
            await #expect(throws: RPCError(code: 7, message: "No")) { try await tasks.call("broken") }
        }
    }

    @Test func cancellingTheTaskThatFollowsATaskCancelsThat() async throws {
        let (started, ended) = (Gate(), Gate())
        let server = MCPServer(name: "test", version: "1")
        try server.tool("wait", "Waits for ever", tasks: .required) { _ -> String in
            started.open()
            defer { ended.open() }
            try await Task.sleep(for: .seconds(3600))  // paces: until it is cancelled
            return "never"
        }
        var setup = ClientSetup()
        setup.tasks = true
        try await server.inMemory(setup) { client in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.call("wait") }
                await started.pass()
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            await ended.pass()
        }
    }

    @Test func theCallerIsKnown() async throws {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("who", "Names the caller") { context in "\(context.principal.id) \(context.version.rawValue)" }
        try await server.inMemory(ClientSetup(principal: Principal(id: "key:ida", name: "ida"))) { client in
            let found = try await client.call("who").content
            #expect(found == [.text("key:ida 2026-07-28")])
        }
    }

    @Test func everyRunInMemoryIsANewServer() async throws {
        let server = MCPServer(name: "test", version: "1")
        for _ in 0..<3 {
            try await server.inMemory(ClientSetup(version: .v2025_11_25)) { client in
                let tools = try await client.tools()
                #expect(tools.isEmpty)
            }
        }
    }
}
