import MCPProtocol
import Testing

/// What one request should be taken for, under the id of the row that says so (§2.2).
struct ClassifierCase: Sendable, CustomTestStringConvertible {
    enum Expected: Sendable, Equatable {
        case handshake(ProtocolVersion?)
        case perRequest
        case refused(Int, Int)
    }

    var row: String
    var body: String
    var headers: RequestHeaders
    var tolerance: Tolerance = []
    var expected: Expected

    var testDescription: String { "\(row): \(body.prefix(120)) \(headers.protocolVersion)" }

    init(
        _ row: String, _ method: String, claim: String? = nil, capabilities: String? = "{}", header: [String] = [],
        mcpMethod: String? = nil, tolerance: Tolerance = [], _ expected: Expected
    ) {
        var meta: [String] = []
        if let claim { meta.append(#""io.modelcontextprotocol/protocolVersion":\#(claim)"#) }
        if let claim, !claim.isEmpty, let capabilities {
            meta.append(#""io.modelcontextprotocol/clientCapabilities":\#(capabilities)"#)
        }
        self.row = row
        body = #"{"jsonrpc":"2.0","id":"q","method":"\#(method)","params":{"_meta":{\#(meta.joined(separator: ","))}}}"#
        headers = RequestHeaders(protocolVersion: header, method: mcpMethod)
        self.tolerance = tolerance
        self.expected = expected
    }

    init(
        _ row: String, body: String, headers: RequestHeaders = RequestHeaders(), tolerance: Tolerance = [],
        _ expected: Expected
    ) {
        self.row = row
        self.body = body
        self.headers = headers
        self.tolerance = tolerance
        self.expected = expected
    }

    var outcome: Inbound { Classifier.classify(Array(body.utf8), headers: headers, tolerance: tolerance) }

    func check(_ sourceLocation: SourceLocation = #_sourceLocation) {
        let actual: Expected
        switch outcome {
        case .handshake(let inbound): actual = .handshake(inbound.headerVersion)
        case .perRequest: actual = .perRequest
        case .rejected(let rejection): actual = .refused(rejection.status, rejection.error.code)
        }
        #expect(actual == expected, sourceLocation: sourceLocation)
    }
}

@Suite struct ClassifierTests {
    static let modern = "2026-07-28"
    static let claim = "\"2026-07-28\""

    static let requests: [ClassifierCase] = [
        .init("E-13.1", "initialize", .handshake(nil)),
        .init("E-13.1", "initialize", header: ["2025-06-18"], .handshake(.v2025_06_18)),
        .init("E-13.1", "initialize", claim: "\"2025-11-25\"", header: ["2025-11-25"], .handshake(.v2025_11_25)),
        .init("E-13.1", "initialize", claim: claim, capabilities: nil, .handshake(nil)),
        .init("E-13.1", "initialize", claim: "7", .handshake(nil)),
        .init("E-13.1", "initialize", claim: "\"v999\"", .handshake(nil)),
        .init("H-45", "initialize", header: ["foo"], .handshake(nil)),
        .init("E-13.2", "initialize", header: [modern], .refused(400, -32020)),
        .init("E-13.2", "initialize", header: ["2027-01-01"], .refused(400, -32020)),
        .init("E-13.3", "initialize", claim: claim, header: [modern], .refused(404, -32601)),
        .init("E-13.3", "initialize", claim: claim, header: [modern], mcpMethod: "initialize", .refused(404, -32601)),
        .init("E-13.4", "tools/list", claim: "7", header: [modern], .refused(400, -32602)),
        .init("E-13.4", "tools/list", claim: "null", .refused(400, -32602)),
        .init("E-13.4", "tools/list", claim: claim, capabilities: nil, header: [modern], .refused(400, -32602)),
        .init("E-13.4", "tools/list", claim: claim, capabilities: "[]", .refused(400, -32602)),
        .init(
            "E-13.4", "tools/list", claim: "\"2025-11-25\"", capabilities: "1", header: ["2025-11-25"],
            .refused(400, -32602)),
        .init("E-13.4", "initialize", claim: claim, capabilities: nil, header: [modern], .refused(400, -32602)),
        .init("E-13.5", "tools/list", claim: "\"2025-11-25\"", .refused(400, -32022)),
        .init("E-13.5", "tools/list", claim: "\"2025-11-25\"", header: ["2025-11-25"], .refused(400, -32022)),
        .init("E-13.5", "server/discover", claim: "\"2024-11-05\"", header: [modern], .refused(400, -32022)),
        .init("E-13.6", "tools/list", claim: "\"1900-01-01\"", header: ["1900-01-01"], .refused(400, -32022)),
        .init("E-13.6", "tools/list", claim: "\"v999\"", header: ["v999"], .refused(400, -32022)),
        .init("E-13.7", "tools/list", claim: claim, mcpMethod: "tools/list", .refused(400, -32020)),
        .init("E-13.7", "initialize", claim: claim, mcpMethod: "initialize", .refused(400, -32020)),
        .init(
            "E-13.8", "tools/list", claim: claim, header: ["2025-11-25"], mcpMethod: "tools/list", .refused(400, -32020)
        ),
        .init(
            "E-13.8", "tools/list", claim: claim, header: ["2027-01-01"], mcpMethod: "tools/list", .refused(400, -32020)
        ),
        .init("E-13.8", "tools/list", claim: claim, header: ["foo"], .refused(400, -32020)),
        .init("E-13.8", "tools/list", claim: "\"v999\"", header: [modern], .refused(400, -32020)),
        .init("E-13.9", "tools/list", claim: claim, header: [modern], mcpMethod: "tools/list", .perRequest),
        .init(
            "E-13.9", "server/discover", claim: claim, header: [" 2026-07-28 "], mcpMethod: "server/discover",
            .perRequest),
        .init("E-13.10", "tools/list", header: [modern], .refused(400, -32602)),
        .init("E-13.10", "tools/list", header: ["2027-01-01"], mcpMethod: "tools/list", .refused(400, -32602)),
        .init("E-13.11", "tools/list", .handshake(nil)),
        .init("E-13.11", "tools/list", header: ["2025-03-26"], .handshake(.v2025_03_26)),
        .init("E-13.11", "tools/list", header: [""], .handshake(nil)),
        .init("E-13.12", "tools/list", header: ["foo"], .refused(400, -32022)),
        .init("E-13.12", "tools/list", header: ["2025-01-01"], .refused(400, -32022)),
        .init("E-16", "server/discover", .handshake(nil)),
        .init("E-16", "server/discover", header: ["2025-11-25"], .handshake(.v2025_11_25)),
        .init("E-18", "tools/list", claim: "\"2027-01-01\"", header: ["2027-01-01"], .refused(400, -32022)),
        .init("E-18", "initialize", claim: "\"2027-01-01\"", header: ["2027-01-01"], .refused(400, -32022)),
        .init("E-18", "tools/list", header: ["2026-07-27"], .refused(400, -32022)),
    ]

    @Test(arguments: requests)
    func everyRequestIsOfOneEraOrRefused(row: ClassifierCase) {
        row.check()
        if case .rejected(let rejection) = row.outcome { #expect(rejection.id == .string("q")) }
    }

    static let doubled: [ClassifierCase] = [
        .init("E5", "tools/list", header: ["2025-11-25, 2025-11-25"], .handshake(.v2025_11_25)),
        .init("E5", "tools/list", header: ["2025-11-25", "2025-11-25"], .handshake(.v2025_11_25)),
        .init("E5", "tools/list", header: ["2025-11-25,2025-06-18"], .handshake(.v2025_11_25)),
        .init("E5", "tools/list", header: ["2025-06-18", "2026-07-28"], .handshake(.v2025_06_18)),
        .init("E5", "tools/list", claim: claim, header: [modern, modern], mcpMethod: "tools/list", .perRequest),
        .init("E5", "tools/list", claim: claim, header: ["\(modern),\(modern)"], mcpMethod: "tools/list", .perRequest),
        .init(
            "E5", "tools/list", claim: claim, header: ["\(modern), 2025-11-25"], mcpMethod: "tools/list",
            .refused(400, -32020)),
    ]

    @Test(arguments: doubled)
    func equalVersionHeadersAreOneAndOfUnequalOnesTheFirstCountsUnlessTheBodyClaims(row: ClassifierCase) {
        row.check()
    }

    static let tolerated: [ClassifierCase] = [
        .init("E3", "tools/list", header: [modern], tolerance: .contradictoryVersions, .handshake(nil)),
        .init("E3", "initialize", header: [modern], tolerance: .contradictoryVersions, .handshake(nil)),
        .init(
            "E4", "tools/list", claim: claim, header: ["2025-11-25"], mcpMethod: "tools/list",
            tolerance: .contradictoryVersions, .handshake(.v2025_11_25)),
        .init(
            "E4", "initialize", claim: claim, header: ["2025-11-25"], tolerance: .contradictoryVersions,
            .handshake(.v2025_11_25)),
        .init(
            "E4", body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            headers: .init(protocolVersion: [modern]), tolerance: .contradictoryVersions, .handshake(nil)),
    ]

    @Test(arguments: tolerated)
    func aKnownClientThatContradictsItselfIsServedAndThatIsNoted(row: ClassifierCase) {
        row.check()
        guard case .handshake(let inbound) = row.outcome else { return }
        #expect(inbound.toleranceUsed == .contradictoryVersions)
        var strict = row
        strict.tolerance = []
        if case .handshake = strict.outcome { Issue.record("no tolerance was needed") }
    }

    static let untouched: [ClassifierCase] = [
        .init(
            "E3", "tools/list", header: [modern], mcpMethod: "tools/list", tolerance: .contradictoryVersions,
            .refused(400, -32602)),
        .init(
            "E-13.8", "tools/list", claim: claim, header: ["foo"], tolerance: .contradictoryVersions,
            .refused(400, -32020)),
        .init("E-13.7", "tools/list", claim: claim, tolerance: .contradictoryVersions, .refused(400, -32020)),
        .init(
            "E-13.9", "tools/list", claim: claim, header: [modern], mcpMethod: "tools/list",
            tolerance: .contradictoryVersions, .perRequest),
        .init(
            "E-13.11", "tools/list", header: ["2025-11-25"], tolerance: .contradictoryVersions, .handshake(.v2025_11_25)
        ),
        .init(
            "E-13.1", "initialize", header: ["2025-11-25"], tolerance: .contradictoryVersions, .handshake(.v2025_11_25)),
    ]

    @Test(arguments: untouched)
    func toleranceChangesNothingElse(row: ClassifierCase) {
        row.check()
        if case .handshake(let inbound) = row.outcome { #expect(inbound.toleranceUsed.isEmpty) }
    }

    // MARK: Other bodies

    static let bodies: [ClassifierCase] = [
        .init("H-05", body: "", .refused(400, -32700)),
        .init("H-05", body: "{", .refused(400, -32700)),
        .init("H-05", body: #"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, .refused(400, -32700)),
        .init("H-05", body: String(repeating: "[", count: 10_000), .refused(400, -32700)),
        .init("H-05", body: "7", .refused(400, -32600)),
        .init("H-05", body: "{}", .refused(400, -32600)),
        .init("E-11", body: "[]", .refused(400, -32600)),
        .init("E-11", body: "[1]", .refused(400, -32600)),
        .init("E-11", body: #"[[{"jsonrpc":"2.0","id":1,"method":"ping"}]]"#, .refused(400, -32600)),
        .init(
            "E-11",
            body:
                #"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}]"#,
            .refused(400, -32600)),
        .init(
            "H-71", body: #"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, headers: .init(protocolVersion: [modern]),
            .refused(400, -32600)),
        .init(
            "H-30",
            body: #"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]"#,
            headers: .init(protocolVersion: ["2025-03-26"]), .handshake(.v2025_03_26)),
        .init("H-30", body: #"[{"jsonrpc":"2.0","id":1,"result":{}}]"#, .handshake(nil)),
        .init(
            "H-30", body: #"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, headers: .init(protocolVersion: ["foo"]),
            .refused(400, -32022)),
        .init("H-31", body: #"[{"jsonrpc":"2.0","id":1,"method":"initialize"}]"#, .handshake(nil)),
        .init(
            "H-31", body: #"[{"jsonrpc":"2.0","id":1,"method":"initialize"},{"jsonrpc":"2.0","id":2,"method":"ping"}]"#,
            .refused(400, -32600)),
        .init("E-12", body: #"{"jsonrpc":"2.0","id":1,"result":{}}"#, .handshake(nil)),
        .init(
            "E-12", body: #"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}"#,
            headers: .init(protocolVersion: [modern]), .refused(400, -32600)),
        .init("E-15", body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, .handshake(nil)),
        .init(
            "E-15", body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            headers: .init(protocolVersion: [modern]), .perRequest),
        .init(
            "E-15", body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            headers: .init(protocolVersion: ["2027-01-01"]), .refused(400, -32022)),
        .init(
            "E-15", body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            headers: .init(protocolVersion: ["foo"]), .refused(400, -32022)),
        .init(
            "E-15",
            body: #"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":1}}}"#,
            .refused(400, -32602)),
        .init(
            "E-15",
            body:
                #"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
            .perRequest),
        .init(
            "E-15",
            body:
                #"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
            headers: .init(protocolVersion: ["2025-11-25"]), .refused(400, -32020)),
        .init(
            "E-15",
            body:
                #"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
            .refused(400, -32022)),
        .init(
            "E-17",
            body:
                #"{"jsonrpc":"2.0","id":"q","method":"ping","params":{"_meta":{"progressToken":1,"traceparent":"x","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{}}}}"#,
            .handshake(nil)),
        .init(
            "E-17",
            body:
                #"{"jsonrpc":"2.0","id":"q","method":"ping","params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}}"#,
            headers: .init(protocolVersion: [modern]), .refused(400, -32602)),
        .init("E-17", body: #"{"jsonrpc":"2.0","id":"q","method":"ping","params":{"_meta":7}}"#, .handshake(nil)),
    ]

    @Test(arguments: bodies)
    func everyBodyIsOfOneEraOrRefused(row: ClassifierCase) {
        row.check()
    }

    @Test func aBatchKeepsItsMessagesAndIsMarked() {
        let body =
            #"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":1,"method":"ping"}]"#
        guard case .handshake(let inbound) = Classifier.classify(Array(body.utf8), headers: .init()) else {
            Issue.record("refused")
            return
        }
        #expect(inbound.isBatch)
        #expect(inbound.messages.count == 3)
        guard
            case .handshake(let single) = Classifier.classify(Array(body.utf8.dropFirst().prefix(40)), headers: .init())
        else {
            Issue.record("refused")
            return
        }
        #expect(!single.isBatch)
        #expect(single.messages.count == 1)
    }

    @Test func aRefusalTakesTheFormOfItsEraAndTheIDOfItsRequest() {
        func refusal(_ body: String, _ version: String?) -> Rejection? {
            let headers = RequestHeaders(protocolVersion: version.map { [$0] } ?? [])
            guard case .rejected(let rejection) = Classifier.classify(Array(body.utf8), headers: headers) else {
                return nil
            }
            return rejection
        }
        #expect(refusal("{", nil)?.era == .handshake)
        #expect(refusal("{", Self.modern)?.era == .perRequest)
        #expect(refusal("{", nil)?.id == nil)
        #expect(refusal(#"{"jsonrpc":"2.0","id":5,"method":1}"#, nil)?.id == .number(5))
        #expect(refusal(#"{"jsonrpc":"2.0","id":5,"method":"ping"}"#, "foo")?.id == .number(5))
        #expect(refusal(#"{"jsonrpc":"2.0","id":5,"method":"ping"}"#, "foo")?.era == .handshake)
    }

    @Test func anUnknownVersionIsAnsweredWithTheVersionsOfItsEra() {
        func data(_ row: ClassifierCase) -> String? {
            guard case .rejected(let rejection) = row.outcome else { return nil }
            return rejection.error.data?.description
        }
        #expect(
            data(.init("E-13.12", "ping", header: ["foo"], .perRequest))
                == #"{"supported":["2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"requested":"foo"}"#)
        #expect(
            data(.init("E-18", "ping", claim: "\"2027-01-01\"", header: ["2027-01-01"], .perRequest))
                == #"{"supported":["2026-07-28"],"requested":"2027-01-01"}"#)
    }

    @Test func missingKeysAreNamed() {
        func message(_ row: ClassifierCase) -> String {
            guard case .rejected(let rejection) = row.outcome else { return "" }
            return rejection.error.message
        }
        let both = message(.init("E-13.10", "ping", header: [Self.modern], .perRequest))
        #expect(both.contains("/protocolVersion") && both.contains("/clientCapabilities"))
        let one = message(.init("E-13.4", "ping", claim: Self.claim, capabilities: nil, .perRequest))
        #expect(!one.contains("/protocolVersion") && one.contains("/clientCapabilities"))
    }

    @Test func aSessionIDNextToAClaimIsIgnored() {
        var row = ClassifierCase(
            "E-14", "tools/list", claim: Self.claim, header: [Self.modern], mcpMethod: "tools/list", .perRequest)
        row.headers.sessionID = "abc"
        row.headers.lastEventID = "1"
        row.check()
    }

    @Test func whatWasClaimedIsHandedOn() {
        let body =
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"roots":{}},"io.modelcontextprotocol/clientInfo":{"name":"c"}}}}"#
        let headers = RequestHeaders(protocolVersion: [Self.modern], method: "tools/list")
        guard case .perRequest(let inbound) = Classifier.classify(Array(body.utf8), headers: headers) else {
            Issue.record("refused")
            return
        }
        #expect(inbound.version == .v2026_07_28)
        #expect(inbound.capabilities.description == #"{"roots":{}}"#)
        #expect(inbound.clientInfo?["name"]?.string == "c")
    }

    @Test func onlyTheHandshakeEraHasGetAndDelete() {
        func outcome(_ versions: [String], _ tolerance: Tolerance = []) -> ClassifierCase.Expected {
            switch Classifier.classifyBodiless(headers: .init(protocolVersion: versions), tolerance: tolerance) {
            case .handshake(let inbound): .handshake(inbound.headerVersion)
            case .perRequest: .perRequest
            case .rejected(let rejection): .refused(rejection.status, rejection.error.code)
            }
        }
        #expect(outcome([]) == .handshake(nil))
        #expect(outcome(["2025-11-25"]) == .handshake(.v2025_11_25))
        #expect(outcome(["foo"]) == .refused(400, -32022))
        #expect(outcome([Self.modern]) == .refused(405, -32600))
        #expect(outcome(["2027-01-01"]) == .refused(405, -32600))
        #expect(outcome([Self.modern], .contradictoryVersions) == .handshake(nil))
    }
}
