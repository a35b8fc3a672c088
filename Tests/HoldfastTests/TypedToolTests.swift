import Holdfast
import Testing

/// Tools with Swift types on both sides, as clients of every version meet them.
struct TypedToolTests {
    struct Trip: Decodable {
        var city: String
        var days: Int
        var unit: String?
        var companions: [Companion]?
    }

    struct Companion: Decodable {
        var name: String
    }

    struct Forecast: Codable, Equatable {
        var city: String
        var degrees: [Double]
    }

    private static let trip: Schema = [
        "city": .string("Where to", minLength: 2),
        "days": .integer("For how long", minimum: 1, maximum: 7),
        "unit": .choice(["celsius", "fahrenheit"]).optional,
        "companions": .array(of: .object(["name": .string()]), maxItems: 2).optional,
    ]

    private func server() throws -> MCPServer {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("trip", "Plans a trip", input: Self.trip) { (trip: Trip, _) in
            let unit = trip.unit ?? "kelvin"
            return "\(trip.city) for \(trip.days) in \(unit) with \(trip.companions?.map(\.name) ?? [])"
        }
        try server.tool(
            "forecast", "Forecasts", input: ["city": .string()],
            output: ["city": .string(), "degrees": .array(of: .number())]
        ) { (trip: [String: String], _) in Forecast(city: trip["city"] ?? "", degrees: [1, 2.5]) }
        return server
    }

    private func complaint(_ arguments: JSON) async throws -> String {
        try await server().inMemory { client in
            let result = try await client.call("trip", arguments)
            #expect(result.isError)
            return result.content.first?.text ?? ""
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func argumentsArriveAsTheTypeThatTheFunctionTakes(version: ProtocolVersion) async throws {
        try await server().inMemory(ClientSetup(version: version)) { client in
            let short = try await client.call("trip", ["city": "Oslo", "days": 3.0])
            #expect(short == .text("Oslo for 3 in kelvin with []").with(short.meta))
            let long = try await client.call(
                "trip", ["city": "Oslo", "days": 7, "unit": "celsius", "companions": [["name": "Ida"]], "more": true])
            #expect(long.content == [.text("Oslo for 7 in celsius with [\"Ida\"]")])
        }
    }

    @Test func anEncodableResultIsStructuredAndTheSameAsText() async throws {
        try await server().inMemory { client in
            let result = try await client.call("forecast", ["city": "Oslo"])
            let expected: JSON = ["city": "Oslo", "degrees": [1, 2.5]]
            #expect(result.structured == expected)
            #expect(result.content == [.text(expected.description)])
            let output = try #require(try await client.tools().first { $0.name == "forecast" }?.outputSchema)
            #expect(output["required"] == ["city", "degrees"])
        }
    }

    @Test func clientsThatDoNotKnowStructuredContentGetTheText() async throws {
        try await server().inMemory(ClientSetup(version: .v2025_03_26)) { client in
            let result = try await client.call("forecast", ["city": "Oslo"])
            #expect(result.structured == nil && result.content.first?.text?.contains("Oslo") == true)
        }
    }

    @Test func whatIsMissingIsNamedWithWhatItShouldBe() async throws {
        let text = try await complaint(["city": "Oslo"])
        #expect(text == #"The arguments of trip are not right: "days" is missing: it must be an integer."#)
    }

    @Test func everyWrongArgumentIsNamedAtOnce() async throws {
        let text = try await complaint(["city": 7, "days": 3.5, "unit": "kelvin", "companions": [["name": "a"], [:]]])
        #expect(text.contains(#""city" must be a string, not 7"#))
        #expect(text.contains(#""days" must be an integer, not 3.5"#))
        #expect(text.contains(#""unit" must be one of "celsius", "fahrenheit""#))
        #expect(text.contains(#""companions[1].name" is missing: it must be a string"#))
    }

    @Test func boundsAreKept() async throws {
        let text = try await complaint(["city": "O", "days": 8, "companions": [[:], [:], [:]]])
        #expect(text.contains(#""city" must have at least 2 characters"#))
        #expect(text.contains(#""days" must be at most 7"#))
        #expect(text.contains(#""companions" must have at most 2 items"#))
    }

    @Test func nullCountsAsLeftOutOnlyWhereThatIsAllowed() async throws {
        try await server().inMemory { client in
            let result = try await client.call("trip", ["city": "Oslo", "days": 1, "unit": nil])
            #expect(result.content == [.text("Oslo for 1 in kelvin with []")])
        }
        #expect(try await complaint(["city": "Oslo", "days": nil]).contains(#""days" must be an integer, not null"#))
    }

    @Test func aClosedObjectKnowsItsMembers() async throws {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("closed", "Takes one", input: .object(["a": .string()], others: false)) {
            (arguments: JSON, _) in arguments
        }
        try await server.inMemory { client in
            let result = try await client.call("closed", ["a": "x", "b": 1])
            #expect(result.isError && result.content.first?.text?.contains(#""b" is not known: there are "a""#) == true)
        }
    }

    struct Even: Decodable, Sendable {
        var value: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = try container.decode([String: Int].self)["value"] ?? 0
            guard value.isMultiple(of: 2) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "the value must be even")
            }
        }
    }

    @Test func whatTheTypeItselfRefusesIsToldToo() async throws {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("even", "Takes even numbers", input: ["value": .integer()]) { (even: Even, _) in "\(even.value)"
        }
        try server.tool("wrong", "Has a schema that says something else", input: ["city": .integer()]) {
            (trip: Trip, _) in trip.city
        }
        try await server.inMemory { client in
            #expect(try await client.call("even", ["value": 2]).content == [.text("2")])
            let odd = try await client.call("even", ["value": 3])
            #expect(odd.isError && odd.content.first?.text?.contains("the value must be even") == true)
            let wrong = try await client.call("wrong", ["city": 3])
            #expect(wrong.isError && wrong.content.first?.text?.contains(#""city" must be a string"#) == true)
        }
    }

    @Test func rawArgumentsAreExactlyWhatWasSent() async throws {
        let server = MCPServer(name: "test", version: "1")
        try server.tool("raw", "Returns its arguments", input: .json(["type": "object"])) { (arguments: JSON, _) in
            arguments.description
        }
        try await server.inMemory { client in
            let arguments = try JSON(parsing: Array(#"{"z":1.50,"a":[1e2]}"#.utf8))
            #expect(try await client.call("raw", arguments).content == [.text(#"{"z":1.50,"a":[1e2]}"#)])
        }
    }

    @Test func jsonInsideATypeIsWhateverWasThere() async throws {
        struct Note: Codable { var about: JSON }
        let server = MCPServer(name: "test", version: "1")
        try server.tool("note", "Takes anything", input: ["about": .any()]) { (note: Note, _) in note }
        try await server.inMemory { client in
            let about: JSON = ["a": [1, 2.5, "x", true, nil], "b": [:]]
            let result = try await client.call("note", ["about": about]).structured?["about"]
            #expect(result == about)
        }
    }
}

extension ToolResult {
    /// The same with what the server adds of its own.
    fileprivate func with(_ meta: JSON?) -> ToolResult {
        var result = self
        result.meta = meta
        return result
    }
}
