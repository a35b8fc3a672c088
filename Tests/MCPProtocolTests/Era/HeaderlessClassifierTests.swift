import MCPProtocol
import Testing

/// Classification on a transport without headers: the body alone decides (T-20, T-40).
@Suite struct HeaderlessClassifierTests {
    private static func body(_ method: String, version: String?) -> [UInt8] {
        let claim = version.map {
            #""io.modelcontextprotocol/protocolVersion":"\#($0)","io.modelcontextprotocol/clientCapabilities":{}"#
        }
        return Array(
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{"_meta":{\#(claim ?? "")},"name":"t"}}"#.utf8)
    }

    private static func refusal(_ method: String, version: String?) -> Int? {
        guard case .rejected(let rejection) = Classifier.classify(body(method, version: version), headers: nil) else {
            return nil
        }
        return rejection.error.code
    }

    @Test func aClaimIsEnough() {
        guard
            case .perRequest(let inbound) = Classifier.classify(
                Self.body("tools/call", version: "2026-07-28"), headers: nil)
        else {
            Issue.record("not of the per-request era")
            return
        }
        #expect(inbound.version == .v2026_07_28)
        guard
            case .rejected(let rejection) = Classifier.classify(
                Self.body("tools/call", version: "2026-07-28"), headers: RequestHeaders())
        else {
            Issue.record("headers are needed where there are some")
            return
        }
        #expect(rejection.error.code == -32020)
    }

    @Test func withoutAClaimItIsTheHandshakeEra() {
        for method in ["initialize", "tools/call", "server/discover"] {
            guard case .handshake(let inbound) = Classifier.classify(Self.body(method, version: nil), headers: nil)
            else {
                Issue.record("\(method)")
                continue
            }
            #expect(inbound.headerVersion == nil)
        }
    }

    @Test func versionsAreRefusedAsWithHeaders() {
        #expect(Self.refusal("tools/list", version: "2025-11-25") == -32022)
        #expect(Self.refusal("server/discover", version: "v999") == -32022)
        #expect(Self.refusal("server/discover", version: "2027-01-01") == -32022)
        #expect(Self.refusal("initialize", version: "2026-07-28") == -32601)
        #expect(Self.refusal("initialize", version: "2025-11-25") == nil)
    }

    @Test func noBodyIsRefusedForItsHeaders() {
        for example in ClassifierTests.requests + ClassifierTests.bodies {
            if case .rejected(let rejection) = Classifier.classify(Array(example.body.utf8), headers: nil) {
                #expect(rejection.error.code != -32020, "\(example)")
            }
        }
    }
}
