import HTTPTypes
import MCPEngine
import NIOCore
import Testing

@testable import MCPHTTP

@Suite struct GuardTests {
    @Test(arguments: [
        ("127.0.0.1:8080", true), ("localhost", true), ("LOCALHOST:1", true), ("[::1]:8080", true), ("[::1]", true),
        ("evil.example", false), ("127.0.0.1.evil.example", false), ("", false), ("localhost.", false),
    ])
    func onlyOurOwnNamesAreAnsweredTo(authority: String, admitted: Bool) {
        let guardian = HostGuard(allowed: ["localhost", "127.0.0.1", "::1"])
        #expect(guardian.admits(authority) == admitted)
    }

    @Test func aMissingHostIsRefusedWhereHostsAreChecked() {
        #expect(!HostGuard(allowed: ["localhost"]).admits(nil))
        #expect(HostGuard.any.admits(nil))
    }

    @Test(arguments: [
        ("https://claude.ai", true), ("HTTPS://CLAUDE.AI", true), ("http://claude.ai", false),
        ("https://claude.ai:8443", false), ("https://claude.ai.evil.example", false), ("null", false),
    ])
    func anOriginIsComparedWhole(origin: String, admitted: Bool) {
        let guardian = OriginGuard(allowed: ["https://claude.ai"])
        #expect(guardian.admits(origin, host: "127.0.0.1:1", hostWasChecked: true) == admitted)
    }

    @Test func aPageOfOurOwnMayCallOnlyWhereTheHostWasChecked() {
        let guardian = OriginGuard(allowed: [])
        #expect(guardian.admits("http://127.0.0.1:1", host: "127.0.0.1:1", hostWasChecked: true))
        #expect(!guardian.admits("http://rebound.example", host: "rebound.example", hostWasChecked: false))
        #expect(guardian.admits(nil, host: nil, hostWasChecked: false))
    }

    @Test func aPreflightReflectsOnlyParameterHeaders() {
        let fields = OriginGuard.preflight(
            for: "https://claude.ai", requestedHeaders: "mcp-param-region, X-Evil, Mcp-Param-A\u{7f}")
        let allowed = fields[.accessControlAllowHeaders] ?? ""
        #expect(allowed.contains("mcp-param-region"))
        #expect(!allowed.contains("X-Evil") && !allowed.contains("\u{7f}"))
        #expect(fields[.accessControlAllowOrigin] == "https://claude.ai")
    }

    @Test(
        arguments: [
            ("Bearer abc", .token("abc")), ("bearer  abc", .token("abc")), ("BEARER abc ", .token("abc")),
            ("Basic abc", .none), ("Bearer", .none), ("Bearer ", .none), ("Bearerabc", .none), ("", .none),
            ("Bearer a b", .malformed), ("Bearer a\u{7f}", .malformed), ("Bearer ä", .malformed),
            ("Bearer " + String(repeating: "a", count: 16_385), .tooLong),
            ("Bearer " + String(repeating: "a", count: 16_384), .token(String(repeating: "a", count: 16_384))),
        ] as [(String, BearerGuard.Credentials)])
    func theTokenIsWhatFollowsTheScheme(header: String, credentials: BearerGuard.Credentials) {
        #expect(BearerGuard.credentials(in: header) == credentials)
    }

    @Test func issuersAreAskedOnlyAboutWhatIsNoKey() async {
        var access = Access.bearer { $0 == "key" ? Principal(id: "key:1", name: "k") : nil }
        let unknown = TokenRefusal(.unknown, "no key of this server is like that")
        #expect(BearerGuard(access: access).check([.authorization: "Bearer token"]) == .refused(.badToken(unknown)))

        access.tokens = TokenVerifiers([OneToken(token: "token")])
        let guardian = BearerGuard(access: access)
        #expect(
            guardian.check([.authorization: "Bearer key"]) == .admitted(Admission(Principal(id: "key:1", name: "k"))))
        #expect(guardian.check([.authorization: "Bearer token"]) == .undecided(token: "token"))
        #expect(await guardian.ask(about: "token") == .admitted(OneToken.admission))
        guard case .refused(.badToken) = await guardian.ask(about: "other") else {
            Issue.record("another token was not refused")
            return
        }
    }

    @Test func whoPresentsNothingIsAVisitorOnlyWhereVisitorsAreAdmitted() {
        var access = Access.bearer { _ in nil }
        #expect(BearerGuard(access: access).check([:]) == .refused(.nothing))
        access.admitsVisitors = true
        #expect(BearerGuard(access: access).check([:]) == .admitted(.visitor))
        #expect(BearerGuard(access: access).check([.authorization: "Basic abc"]) == .refused(.nothing))
    }
}

private struct OneToken: TokenVerifier {
    static let admission = Admission(Principal(id: "a", name: "a"), scopes: ScopeSet(["mcp:read"]))
    let token: String

    func verify(_ token: String) async -> TokenVerdict {
        token == self.token ? .admitted(Self.admission) : .refused(TokenRefusal(.unknown, "another"))
    }
}

@Suite struct CorrelationIDTests {
    @Test func aWellFormedNameIsKept() {
        var fields = HTTPFields()
        fields[.correlationID] = "order-66.a_B"
        #expect(CorrelationID.of(fields) == "order-66.a_B")
    }

    @Test(arguments: ["", "has space", "new\u{1}line", String(repeating: "a", count: 129), "ünïcode"])
    func anotherIsReplaced(given: String) {
        var fields = HTTPFields()
        fields[.correlationID] = given
        #expect(CorrelationID.of(fields) != given)
        #expect(!CorrelationID.of(fields).isEmpty)
    }

    @Test func theTraceIsUsedWhenItIsWellFormed() {
        var fields = HTTPFields()
        fields[.traceParent] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(CorrelationID.of(fields) == "4bf92f3577b34da6a3ce929d0e0e4736")
        fields[.traceParent] = "00-00000000000000000000000000000000-00f067aa0ba902b7-01"
        #expect(CorrelationID.of(fields).count <= 16)
    }
}

@Suite struct AcceptsTests {
    @Test(arguments: [
        (nil, false, true), ("*/*", false, true), ("application/json", false, true), ("text/event-stream", true, false),
        ("application/json, text/event-stream", true, true),
        ("text/event-stream;q=0.9, application/json;q=1", true, true),
        ("text/html", false, false), ("TEXT/EVENT-STREAM", true, false), ("", false, false), (",;,", false, false),
    ])
    func whatAClientSaysItCanReadIsRead(header: String?, sse: Bool, json: Bool) {
        let accepts = Accepts(header)
        #expect(accepts.sse == sse)
        #expect(accepts.json == json)
    }
}

@Suite struct SSEEncoderTests {
    @Test func aMessageIsOneEventOnOneDataLine() {
        let id = EventID(epoch: 255, stream: StreamID(3), position: 7)
        let event = SSEEncoder.event(Array("{\"a\":\n1}".utf8), id: id)
        #expect(String(buffer: event) == "id: ff-3-7\nevent: message\ndata: {\"a\": 1}\n\n")
    }
}
