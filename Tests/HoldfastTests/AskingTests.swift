import Holdfast
import Synchronization
import Testing

/// Questions to the client, written once and asked in both eras.
struct AskingTests {
    static let versions = ProtocolVersion.allCases.filter { $0 >= .v2025_06_18 }
    private static let form = ElicitationSchema([.string("value", required: true)])

    private final class Runs: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    private func setup(_ version: ProtocolVersion) -> ClientSetup {
        var setup = ClientSetup(version: version)
        setup.form = { message, _ in ElicitationAnswer(action: .accept, content: ["value": JSON("\(message)!")]) }
        setup.sampling = { request in
            SamplingAnswer(content: request.messages.flatMap(\.content), model: "test", stopReason: "endTurn")
        }
        setup.roots = { [Root(uri: "file:///work", name: "work")] }
        return setup
    }

    private func server(_ runs: Runs = Runs()) throws -> MCPServer {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("twice", "Asks twice in a row") { context in
            runs.add()
            let first = try await context.elicit("first", Self.form, key: "first").content?["value"]?.string
            let second = try await context.elicit("second", Self.form, key: "second").content?["value"]?.string
            return "\(first ?? "") \(second ?? "")"
        }
        try server.tool("several", "Asks everything at once") { context in
            let answers = try await context.ask([
                "form": .form(message: "form", schema: Self.form),
                "model": .sampling(SamplingRequest(messages: [.user("echo")], maxTokens: 9)),
                "roots": .roots,
            ])
            guard case .elicitation(let form) = answers["form"], case .sampling(let model) = answers["model"],
                case .roots(let roots) = answers["roots"]
            else { throw ToolError("Not every answer is there") }
            return "\(form.content?["value"]?.string ?? "") \(model.text) \(roots.map(\.uri))"
        }
        try server.tool("once", "Asks once") { context in try await context.elicit("once", Self.form).action.rawValue }
        server.prompt("asking", "Asks before it is filled in") { _, context in
            "About \(try await context.elicit("what", Self.form).content?["value"]?.string ?? "nothing")"
        }
        return server
    }

    @Test(arguments: versions)
    func twoQuestionsInARowAreBothAnswered(version: ProtocolVersion) async throws {
        let runs = Runs()
        try await server(runs).inMemory(setup(version)) { client in
            let found = try await client.call("twice").content
            #expect(found == [.text("first! second!")])
        }
        // Per request, each answer comes with a run from the start.
        #expect(runs.value == (version < .v2026_07_28 ? 1 : 3))
    }

    @Test(arguments: versions)
    func severalQuestionsAtOnceAreAllAnswered(version: ProtocolVersion) async throws {
        try await server().inMemory(setup(version)) { client in
            let found = try await client.call("several").content
            #expect(found == [.text(#"form! echo ["file:///work"]"#)])
        }
    }

    @Test(arguments: versions)
    func promptsCanAskToo(version: ProtocolVersion) async throws {
        try await server().inMemory(setup(version)) { client in
            let found = try await client.prompt("asking").messages
            #expect(found == [.user("About what!")])
        }
    }

    @Test(arguments: versions, [ElicitationAnswer.Action.decline, .cancel])
    func aPersonMaySayNo(version: ProtocolVersion, action: ElicitationAnswer.Action) async throws {
        var setup = setup(version)
        setup.form = { _, _ in ElicitationAnswer(action: action) }
        try await server().inMemory(setup) { client in
            let found = try await client.call("once").content
            #expect(found == [.text(action.rawValue)])
        }
    }

    @Test(arguments: versions)
    func nobodyIsAskedWhatTheyCannotAnswer(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let refused = await #expect(throws: RPCError.self) { try await client.call("once") }
            #expect(refused?.code == -32021)
            #expect(refused?.data?["requiredCapabilities"]?["elicitation"] != nil)
        }
    }

    @Test func aClientThatAnswersWithAnErrorIsHeard() async throws {
        var setup = setup(.v2025_11_25)
        setup.form = { _, _ in throw ClientError(code: -1, message: "Not now") }
        try await server().inMemory(setup) { client in
            let result = try await client.call("once")
            #expect(result.isError && result.content.first?.text?.contains("Not now") == true)
        }
    }

    /// In a session the wrong answer was a request of its own, so the call is not to blame; later it is part of the call.
    @Test func anAnswerThatDoesNotFitTheFormIsNotTaken() async throws {
        for version in Self.versions {
            var setup = setup(version)
            setup.form = { _, _ in ElicitationAnswer(action: .accept, content: ["value": 7]) }
            try await server().inMemory(setup) { client in
                guard version == .v2026_07_28 else {
                    let result = try await client.call("once")
                    #expect(result.isError && result.content.first?.text?.contains("value") == true)
                    return
                }
                let refused = await #expect(throws: RPCError.self) { try await client.call("once") }
                #expect(refused?.code == -32602 && refused?.message.contains("value") == true)
            }
        }
    }
}
