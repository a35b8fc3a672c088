import Holdfast
import Hummingbird
import Logging
import ServiceLifecycle
import Testing

/// The code of the documentation's articles, as it stands there: the house rules compare them.
struct ArticleTests {
    struct Trip: Decodable {
        var city: String
        var days: Int?
    }

    struct Forecast: Encodable {
        var city: String
        var degrees: [Double]
    }

    struct Party: Decodable {
        var people: Int
    }

    private func makeServer() throws -> MCPServer {
        let server = MCPServer(name: "articles", version: "1.0.0")
        try server.tool(
            "plan", "Plans a trip",
            input: [
                "city": .string("Where to", minLength: 2),
                "days": .integer("For how long", minimum: 1, maximum: 7).optional,
            ]
        ) { (trip: Trip, _) in "\(trip.days ?? 1) days in \(trip.city)" }

        let schema: JSON = ["type": "object", "properties": ["query": ["type": "string"]], "required": ["query"]]
        try server.tool("search", "Searches", input: .json(schema)) { (arguments: JSON, _) in
            "Nothing is known of \(arguments["query"]?.string ?? "")"
        }

        try server.tool(
            "forecast", "Forecasts the weather", input: ["city": .string("Which city")],
            output: ["city": .string(), "degrees": .array(of: .number("Day by day"))]
        ) { (trip: Trip, _) in Forecast(city: trip.city, degrees: [4, 7.5]) }

        let notes = ["kelp": "It holds on."]
        try server.tool("note", "Reads a note", input: ["title": .string("Which note")]) {
            (arguments: [String: String], _) in
            let title = arguments["title"] ?? ""
            guard let text = notes[title] else { throw ToolError("There is no note of that title.") }
            return text
        }

        try server.tool("count", "Counts to three") { context in
            for step in 1...3 {
                try Task.checkCancellation()
                context.progress(Double(step), total: 3)
                context.log(.info, ["step": JSON(step)])
            }
            return "Counted."
        }

        try server.tool("dig", "Digs", tasks: .optional) { _ in "Dug." }

        try server.tool("book", "Books a table", input: ["people": .integer("How many", minimum: 1)]) {
            (party: Party, context) in
            let form = ElicitationSchema([.string("name", required: true)])
            let answer = try await context.elicit("For which name?", form)
            guard answer.action == .accept, let name = answer.content?["name"]?.string else { return "Not booked." }
            return "A table for \(party.people), for \(name)."
        }

        try server.tool("twice", "Asks twice") { context in
            let form = ElicitationSchema([.string("name", required: true)])
            let first = try await context.elicit("The first?", form, key: "first")
            let second = try await context.elicit("The second?", form, key: "second")
            return "\(first.action) \(second.action)"
        }

        try server.tool("both", "Asks two things at once") { context in
            let form = ElicitationSchema([.string("name", required: true)])
            let answers = try await context.ask([
                "name": .form(message: "For which name?", schema: form),
                "where": .roots,
            ])
            return answers.keys.sorted().joined(separator: " ")
        }
        return server
    }

    @Test func toolsTakeReturnAndThrow() async throws {
        let server = try makeServer()
        try await server.inMemory { client in
            let result = try await client.call("plan", ["city": "Oslo", "days": 3])
            #expect(result.content == [.text("3 days in Oslo")])
        }
        try await server.inMemory { client in
            #expect(try await client.call("plan", ["city": "Oslo", "days": 9]).isError)
            #expect(try await client.call("search", ["query": "kelp"]).content == [.text("Nothing is known of kelp")])
            let forecast = try await client.call("forecast", ["city": "Oslo"])
            #expect(forecast.structured == ["city": "Oslo", "degrees": [4, 7.5]])
            #expect(try await client.call("note", ["title": "kelp"]).content == [.text("It holds on.")])
            let missing = try await client.call("note", ["title": "rock"])
            #expect(missing.isError && missing.content == [.text("There is no note of that title.")])
            var steps: [Double] = []
            let counted = try await client.call("count", onProgress: { steps.append($0.progress) })
            #expect(counted.content == [.text("Counted.")])
            #expect(steps == [1, 2, 3])
            #expect(try await client.call("dig").content == [.text("Dug.")])
        }
    }

    @Test(arguments: [ProtocolVersion.v2025_11_25, .v2026_07_28])
    func questionsAreAnswered(version: ProtocolVersion) async throws {
        let server = try makeServer()
        var setup = ClientSetup(version: version)
        setup.form = { _, _ in ElicitationAnswer(action: .accept, content: ["name": "Ida"]) }
        try await server.inMemory(setup) { client in
            let result = try await client.call("book", ["people": 2])
            #expect(result.content == [.text("A table for 2, for Ida.")])
        }
        setup.roots = { [] }
        try await server.inMemory(setup) { client in
            let twice = try await client.call("twice")
            #expect(twice.content == [.text("accept accept")])
            let both = try await client.call("both")
            #expect(both.content == [.text("name where")])
        }
    }

    @Test func changesAreHeardOf() async throws {
        let server = try makeServer()
        try await server.inMemory { client in
            var changes = try await client.changes().makeAsyncIterator()
            server.removeTool("book")
            #expect(try await changes.next() == .tools)
        }
    }

    /// These run until a signal comes, so they are only compiled; `ServingTests` runs the like.
    enum Embedded {
        static func alone(_ server: MCPServer) async throws {
            let router = Router(context: BasicMCPRequestContext.self)
            router.get("hello") { _, _ in "Hello" }
            try server.mount(on: router, at: "mcp")
            try await server.run(with: Application(router: router))
        }

        static func besideOthers(_ server: MCPServer, _ database: any Service) async throws {
            let router = Router(context: BasicMCPRequestContext.self)
            let services = [database] + (try server.services(with: Application(router: router)))
            try await ServiceGroup(services: services, logger: Logger(label: "app")).run()
        }
    }
}
