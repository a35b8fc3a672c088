import MCPProtocol
import Testing

/// The headers of the per-request era that repeat the body (H-73 to H-75).
@Suite struct RoutingHeaderTests {
    /// The code of the refusal, nil when it is served.
    static func code(_ method: String, _ params: String, mcpMethod: String?, name: [String]) -> Int? {
        let meta =
            #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#
        let body =
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(params.isEmpty ? "" : params + ",")\#(meta)}}"#
        let headers = RequestHeaders(protocolVersion: ["2026-07-28"], method: mcpMethod, name: name)
        switch Classifier.classify(Array(body.utf8), headers: headers) {
        case .perRequest: return nil
        case .handshake: return 0
        case .rejected(let rejection):
            #expect(rejection.status == 400)
            return rejection.error.code
        }
    }

    @Test(
        arguments: [
            ("tools/list", nil), (" tools/list\t", nil), ("tools/call", -32020), ("Tools/List", -32020), ("", -32020),
            ("tools/list, tools/list", -32020), (nil, -32020),
        ] as [(String?, Int?)])
    func theMethodHeaderMustSayTheMethod(header: String?, code: Int?) {
        #expect(Self.code("tools/list", "", mcpMethod: header, name: []) == code)
    }

    @Test(arguments: [
        ("tools/call", "name"), ("prompts/get", "name"), ("resources/read", "uri"),
    ])
    func theNameHeaderMustSayTheName(method: String, member: String) {
        func code(_ value: String, _ name: [String]) -> Int? {
            Self.code(method, #""\#(member)":"\#(value)""#, mcpMethod: method, name: name)
        }
        #expect(code("echo", ["echo"]) == nil)
        #expect(code("echo", [" echo "]) == nil)
        #expect(code("echo", ["=?base64?ZWNobw==?="]) == nil)
        #expect(code("世界", ["=?base64?5LiW55WM?="]) == nil)
        #expect(code("", [""]) == nil)
        #expect(code("=?BASE64?ZWNobw==?=", ["=?BASE64?ZWNobw==?="]) == nil)
        #expect(code("echo", []) == -32020)
        #expect(code("echo", [""]) == -32020)
        #expect(code("echo", ["Echo"]) == -32020)
        #expect(code("echo", ["echo", "echo"]) == -32020)
        #expect(code("echo", ["=?base64?ZWNobw?="]) == -32020)
        #expect(code("echo", ["=?BASE64?ZWNobw==?="]) == -32020)
        #expect(code("世界", ["世界"]) == -32020)
    }

    @Test func aNameThatTheBodyLacksIsNotTheHeadersFault() {
        #expect(Self.code("tools/call", "", mcpMethod: "tools/call", name: []) == nil)
        #expect(Self.code("tools/call", #""name":7"#, mcpMethod: "tools/call", name: []) == nil)
        #expect(Self.code("tools/call", "", mcpMethod: "tools/call", name: ["echo"]) == -32020)
    }

    @Test func otherMethodsNeedNoName() {
        #expect(Self.code("tools/list", "", mcpMethod: "tools/list", name: ["whatever"]) == nil)
    }
}
