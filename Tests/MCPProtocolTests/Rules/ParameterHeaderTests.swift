import MCPProtocol
import MCPTesting
import Testing

@Suite struct ParameterHeaderTests {
    static let schema: JSON = [
        "type": "object",
        "properties": [
            "region": ["type": "string", "x-mcp-header": "Region"],
            "count": ["type": "integer", "x-mcp-header": "Count"],
            "dry": ["type": "boolean", "x-mcp-header": "Dry-Run"],
            "deep": ["type": "object", "properties": ["id": ["type": "string", "x-mcp-header": "Deep-Id"]]],
            // A parameter of that name, and data that looks like a mark.
            "x-mcp-header": ["type": "string", "default": ["x-mcp-header": "?"]],
        ],
    ]

    private static func code(_ headers: [(String, String)], _ arguments: String?) throws -> Int? {
        var sent = RequestHeaders()
        for (name, value) in headers { sent.addParameter(header: name, value: value) }
        let arguments = try arguments.map { try JSON(parsing: Array($0.utf8)) }
        return try ParameterHeaders(inputSchema: schema).mismatch(sent, with: arguments)?.code
    }

    @Test(
        arguments: [
            ([], #"{}"#),
            ([], nil),
            ([("Mcp-Param-Region", "eu")], #"{"region":"eu"}"#),
            ([("mcp-param-REGION", "  eu ")], #"{"region":"eu"}"#),
            ([("Mcp-Param-Region", "=?base64?SGVsbG8=?=")], #"{"region":"Hello"}"#),
            ([("Mcp-Param-Region", "=?base64?SGVsbG8=")], #"{"region":"=?base64?SGVsbG8="}"#),
            ([("Mcp-Param-Region", "SGVsbG8=?=")], #"{"region":"SGVsbG8=?="}"#),
            ([("Mcp-Param-Region", "=?BASE64?SGVsbG8=?=")], #"{"region":"=?BASE64?SGVsbG8=?="}"#),
            ([("Mcp-Param-Region", "")], #"{"region":""}"#),
            ([("Mcp-Param-Count", "42")], #"{"count":42}"#),
            ([("Mcp-Param-Count", "42")], #"{"count":42.0}"#),
            ([("Mcp-Param-Count", "4.2e1")], #"{"count":42}"#),
            ([("Mcp-Param-Dry-Run", "false")], #"{"dry":false}"#),
            ([("Mcp-Param-Deep-Id", "7")], #"{"deep":{"id":"7"}}"#),
            ([], #"{"region":null,"deep":null}"#),
            ([("Mcp-Param-Unknown", "x"), ("Mcp-Param-", "x"), ("X-Region", "y")], #"{}"#),
        ] as [([(String, String)], String?)])
    func headersThatSayWhatTheBodySaysAreTaken(headers: [(String, String)], arguments: String?) throws {
        #expect(try Self.code(headers, arguments) == nil)
    }

    @Test(
        arguments: [
            ([], #"{"region":"eu"}"#),
            ([("Mcp-Param-Region", "us")], #"{"region":"eu"}"#),
            ([("Mcp-Param-Region", "EU")], #"{"region":"eu"}"#),
            ([("Mcp-Param-Region", "eu"), ("mcp-param-region", "eu")], #"{"region":"eu"}"#),
            ([("Mcp-Param-Region", "=?base64?SGVsbG8?=")], #"{"region":"Hello"}"#),
            ([("Mcp-Param-Region", "=?base64?SGVs!!!bG8=?=")], #"{"region":"Hello"}"#),
            ([("Mcp-Param-Region", "caf\u{e9}")], #"{"region":"caf\u00e9"}"#),
            ([("Mcp-Param-Region", "eu")], #"{}"#),
            ([("Mcp-Param-Region", "null")], #"{"region":null}"#),
            ([("Mcp-Param-Region", "eu")], nil),
            ([("Mcp-Param-Count", "43")], #"{"count":42}"#),
            ([("Mcp-Param-Count", "forty")], #"{"count":42}"#),
            ([("Mcp-Param-Count", #""42""#)], #"{"count":42}"#),
            ([("Mcp-Param-Count", "9007199254740993")], #"{"count":9007199254740992}"#),
            ([("Mcp-Param-Dry-Run", "True")], #"{"dry":true}"#),
            ([("Mcp-Param-Dry-Run", "1")], #"{"dry":true}"#),
            ([("Mcp-Param-Region", "[]")], #"{"region":[]}"#),
            ([("Mcp-Param-Deep-Id", "7")], #"{"deep":"id"}"#),
        ] as [([(String, String)], String?)])
    func headersThatSayAnythingElseAreRefused(headers: [(String, String)], arguments: String?) throws {
        #expect(try Self.code(headers, arguments) == -32020)
    }

    @Test(
        .requirement("H-77"),
        arguments: [
            (#"{"properties":{"a":{"type":"string","x-mcp-header":""}}}"#, "properties/a", "header name"),
            (#"{"properties":{"a":{"type":"string","x-mcp-header":"A B"}}}"#, "properties/a", "header name"),
            (#"{"properties":{"a":{"type":"string","x-mcp-header":7}}}"#, "properties/a", "header name"),
            (#"{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}"#, "properties/a", "type"),
            (#"{"properties":{"a":{"type":["string","null"],"x-mcp-header":"A"}}}"#, "properties/a", "type"),
            (#"{"properties":{"a":{"x-mcp-header":"A"}}}"#, "properties/a", "type"),
            (#"{"x-mcp-header":"A"}"#, "the root", "properties"),
            (
                #"{"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}}"#,
                "properties/b", "another parameter"
            ),
            (
                #"{"properties":{"a":{"type":"integer","maximum":9007199254740993,"x-mcp-header":"A"}}}"#,
                "properties/a",
                "2^53"
            ),
            (
                #"{"properties":{"a":{"items":{"type":"string","x-mcp-header":"A"}}}}"#, "properties/a/items",
                "properties"
            ),
            (
                #"{"allOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]}"#, "allOf/0/properties/a",
                "properties"
            ),
            (#"{"if":{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}}"#, "if/properties/a", "properties"),
            (#"{"$defs":{"a":{"type":"string","x-mcp-header":"A"}}}"#, "$defs/a", "properties"),
            (
                #"{"properties":{"a":{"prefixItems":[{},{"type":"string","x-mcp-header":"A"}]}}}"#,
                "properties/a/prefixItems/1", "properties"
            ),
        ])
    func aMarkThatCannotBeKeptIsRefusedWhereItStands(schema: String, place: String, cause: String) throws {
        let schema = try JSON(parsing: Array(schema.utf8))
        let fault = #expect(throws: ParameterHeaders.Fault.self) { try ParameterHeaders(inputSchema: schema) }
        #expect(fault?.place == place)
        #expect(fault?.cause.contains(cause) == true)
    }

    @Test func aSchemaWithoutMarksAsksForNothing() throws {
        #expect(try ParameterHeaders(inputSchema: ["type": "object"]).isEmpty)
        #expect(try !ParameterHeaders(inputSchema: Self.schema).isEmpty)
    }

    @Test func taskRequestsAreNamedByTheirTask() {
        for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
            let body = Array(
                (#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{"taskId":"t1","_meta":{"#
                    + #""io.modelcontextprotocol/protocolVersion":"2026-07-28","#
                    + #""io.modelcontextprotocol/clientCapabilities":{}}}}"#).utf8)
            func code(_ name: [String]) -> Int? {
                let headers = RequestHeaders(protocolVersion: ["2026-07-28"], method: method, name: name)
                if case .rejected(let rejection) = Classifier.classify(body, headers: headers) {
                    return rejection.error.code
                }
                return nil
            }
            #expect(code(["t1"]) == nil)
            #expect(code(["t2"]) == -32020)
            #expect(code([]) == -32020)
        }
    }
}
