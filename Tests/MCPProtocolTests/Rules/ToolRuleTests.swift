import MCPProtocol
import Testing

@Suite struct ToolRuleTests {
    private static func tool(
        _ name: String = "t", description: String? = "Does it", schema: String = #"{"type":"object"}"#,
        output: JSON? = nil
    ) throws -> Tool {
        Tool(
            name: name, description: description, inputSchema: try JSON(parsing: Array(schema.utf8)),
            outputSchema: output)
    }

    private static func cause(_ tool: Tool, _ exemptions: ToolExemptions = []) -> String? {
        do {
            try ToolRules.check(tool, exemptions: exemptions)
            return nil
        } catch {
            return error.cause
        }
    }

    @Test func anOrdinaryToolIsTaken() throws {
        #expect(Self.cause(try Self.tool()) == nil)
        #expect(Self.cause(try Self.tool("a-B_3.x", output: ["type": "array"])) == nil)
        let schema = ##"{"type":"object","$defs":{"a":{"$anchor":"x"}},"properties":{"a":{"$ref":"#/$defs/a"}}}"##
        #expect(Self.cause(try Self.tool(schema: schema)) == nil)
        // What is only data is no schema.
        #expect(
            Self.cause(
                try Self.tool(schema: #"{"type":"object","default":{"$ref":"http://x"},"examples":[{"$ref":"y"}]}"#))
                == nil)
    }

    @Test(arguments: ["", "a b", "a/b", "é", "a\n", String(repeating: "a", count: 65)])
    func aNameThatClientsCannotUseIsRefused(name: String) throws {
        #expect(Self.cause(try Self.tool(name))?.contains("1 to 64") == true)
    }

    @Test func aToolWithoutADescriptionIsRefused() throws {
        #expect(Self.cause(try Self.tool(description: nil))?.contains("description") == true)
        #expect(Self.cause(try Self.tool(description: ""))?.contains("description") == true)
    }

    @Test(arguments: ["{}", "[]", #"{"type":"string"}"#, #"{"type":["object","null"]}"#])
    func aSchemaThatIsNotOfAnObjectIsRefused(schema: String) throws {
        #expect(Self.cause(try Self.tool(schema: schema))?.contains("\"type\" is \"object\"") == true)
    }

    @Test func aSchemaThatIsTooLargeIsRefused() throws {
        func schema(_ bytes: Int) -> String {
            let frame = #"{"type":"object","description":""}"#
            return frame.replacing(#""""#, with: #""\#(String(repeating: "x", count: bytes - frame.utf8.count))""#)
        }
        #expect(Self.cause(try Self.tool(schema: schema(16_384))) == nil)
        #expect(Self.cause(try Self.tool(schema: schema(16_385)))?.contains("16385 bytes") == true)
    }

    @Test(arguments: ["oneOf", "anyOf", "allOf", "not", "enum"])
    func aCombinatorAtTheTopIsRefusedUnlessItIsMeant(keyword: String) throws {
        let value = keyword == "not" ? "{}" : "[{}]"
        let top = try Self.tool(schema: #"{"type":"object","\#(keyword)":\#(value)}"#)
        #expect(Self.cause(top)?.contains("\"\(keyword)\" at the top") == true)
        #expect(Self.cause(top, .topLevelCombinators) == nil)
        let inner = try Self.tool(schema: #"{"type":"object","properties":{"a":{"\#(keyword)":\#(value)}}}"#)
        #expect(Self.cause(inner) == nil)
    }

    @Test func parametersThatModelAPIsRefuseAreRefused() throws {
        for name in ["", "a b", "$x", String(repeating: "a", count: 65)] {
            let cause = Self.cause(try Self.tool(schema: #"{"type":"object","properties":{"\#(name)":{}}}"#))
            #expect(cause?.contains("the parameter \"\(name)\"") == true)
        }
        #expect(Self.cause(try Self.tool(schema: #"{"type":"object","properties":[]}"#)) != nil)
    }

    @Test(arguments: [
        #"{"type":"object","properties":{"a":{"$ref":"https://example.com/s.json"}}}"#,
        #"{"type":"object","properties":{"a":{"items":{"anyOf":[{"$ref":"other.json"}]}}}}"#,
        #"{"type":"object","$defs":{"a":{"$dynamicRef":"urn:x"}}}"#,
    ])
    func aReferenceThatLeavesTheSchemaIsRefused(schema: String) throws {
        #expect(Self.cause(try Self.tool(schema: schema))?.contains("input schema") == true)
        let output = try Self.tool(output: try JSON(parsing: Array(schema.utf8)))
        #expect(Self.cause(output)?.contains("output schema") == true)
    }

    @Test func aBadHeaderMarkIsRefusedWithItsPlace() throws {
        let schema = #"{"type":"object","properties":{"a":{"type":"number","x-mcp-header":"A"}}}"#
        #expect(Self.cause(try Self.tool(schema: schema))?.hasPrefix("x-mcp-header at properties/a:") == true)
    }

    @Test func theRefusalNamesTheToolAndTheCause() throws {
        let refusal = #expect(throws: ToolRefusal.self) {
            try ToolRules.check(all: [(try Self.tool("a"), []), (try Self.tool("b"), []), (try Self.tool("a"), [])])
        }
        #expect(refusal == ToolRefusal(tool: "a", cause: "another tool has the same name"))
        #expect(refusal?.description == #"The tool "a" is refused: another tool has the same name"#)
    }

    /// The tool of the scenario `json-schema-2020-12`, which combines on purpose.
    @Test func theConformanceToolNeedsItsExemptionAndNoMore() throws {
        let schema =
            ##"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","$defs":{"address":{"##
            + ##""$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"}}}},"properties":{"##
            + ##""address":{"$ref":"#/$defs/address"},"phone":{"type":"string"}},"allOf":[{"anyOf":[{"required":["phone"]}]}],"##
            + ##""if":{"required":["phone"]},"then":{"required":["phone"]},"else":{},"additionalProperties":false}"##
        let tool = try Self.tool("json_schema_2020_12_tool", schema: schema)
        #expect(Self.cause(tool)?.contains("allOf") == true)
        #expect(Self.cause(tool, .topLevelCombinators) == nil)
    }
}
