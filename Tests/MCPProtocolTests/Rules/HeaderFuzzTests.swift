import MCPProtocol
import Testing

@Suite struct HeaderFuzzTests {
    static let lines = [
        "eu", "=?base64?SGVsbG8=?=", "=?base64??=", "=?base64?", "?=", "=?base64?SGVsbG8?=", "42", "true", " \t x \t ",
        "=?base64?8J+YgA==?=", "=?base64?/w==?=",
    ].map { Array($0.utf8) }

    @Test(arguments: [21, 22, 23] as [UInt64])
    func damagedHeadersAgreeWithTheBodyOrAreRefused(seed: UInt64) throws {
        var mutator = Mutator(random: SplitMix64(seed: seed))
        let rules = try ParameterHeaders(inputSchema: ParameterHeaderTests.schema)
        let values = ["Hello", "eu", "", "x", "😀"]
        var (taken, refused) = (0, 0)
        for round in 0..<4_000 {
            let line = String(
                decoding: round % 3 == 0
                    ? Self.lines[round % Self.lines.count] : mutator.mutate(Self.lines[round % Self.lines.count]),
                as: UTF8.self)
            let value = values.randomElement(using: &mutator.random) ?? ""
            var headers = RequestHeaders()
            headers.addParameter(header: "Mcp-Param-Region", value: line)
            if let error = rules.mismatch(headers, with: ["region": JSON(value)]) {
                refused += 1
                #expect(StatusTable.status(for: error.code, era: .perRequest, ladder: true) == 400)
                #expect(error.code == -32020)
            } else {
                taken += 1
                #expect(HeaderValue.decode(line).map { Array($0.utf8) } == Array(value.utf8))
            }
        }
        #expect(taken > 50 && refused > 1_000)
    }

    /// Schemas that were damaged: a header rule comes out, or a reason, and nothing else happens.
    @Test(arguments: [31, 32] as [UInt64])
    func damagedSchemasAreReadOrRefused(seed: UInt64) {
        var mutator = Mutator(random: SplitMix64(seed: seed))
        let original = Array(ParameterHeaderTests.schema.bytes)
        var (read, refused) = (0, 0)
        for _ in 0..<4_000 {
            guard let schema = try? JSON(parsing: mutator.mutate(original)) else { continue }
            do {
                try ToolRules.check(Tool(name: "t", description: "d", inputSchema: schema))
                read += 1
            } catch {
                refused += 1
                #expect(error.tool == "t" && !error.cause.isEmpty)
            }
        }
        #expect(read > 20 && refused > 20)
    }
}
