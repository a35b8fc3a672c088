import MCPTesting
import NIOHTTP1
import Testing

@testable import MCPProbe

@Suite struct ProbeTargetTests {
    @Test func aURLIsTakenApart() throws {
        let target = try #require(ProbeTarget("https://MCP.example.com/a/mcp?v=2#x"))
        #expect(target.url == "https://MCP.example.com/a/mcp?v=2")
        #expect(target.origin == "https://mcp.example.com")
        #expect((target.port, target.path) == (443, "/a/mcp"))
        #expect(target.canonical == "https://mcp.example.com/a/mcp?v=2")
        #expect(ProbeTarget("http://[::1]:8080/mcp")?.origin == "http://[::1]:8080")
        #expect(ProbeTarget("http://localhost")?.path == "/")
    }

    @Test(arguments: [
        "", "mcp.example.com", "ftp://a/b", "https://", "https://me:secret@a/b", "http://a:0/", "http://a b/",
    ])
    func whatIsNoURLIsRefused(text: String) {
        #expect(ProbeTarget(text) == nil)
    }

    @Test(arguments: ["localhost", "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "box.local"])
    func addressesThatTheOutsideCannotReachAreKnown(host: String) {
        #expect(ProbeTarget("http://\(host)/mcp")?.isPrivate == true)
    }

    @Test(arguments: ["mcp.example.com", "172.32.0.1", "8.8.8.8", "fdic.example.com"])
    func othersAreNot(host: String) {
        #expect(ProbeTarget("http://\(host)/mcp")?.isPrivate == false)
    }

    @Test(arguments: [
        ("http://a.example/mcp?x=1", "https://a.example/mcp?x=1"), ("https://a.example/", "http://a.example/"),
        ("https://localhost:8080/mcp", "http://localhost:8080/mcp"), ("http://[::1]:443/", "https://[::1]:443/"),
    ])
    func theOtherSchemeIsOnThePortThatGoesWithIt(url: String, other: String) {
        #expect(ProbeTarget(url)?.withOtherScheme == ProbeTarget(other))
    }

    @Test(arguments: [
        ("localhost:8080/mcp", "http://localhost:8080/mcp"), ("mcp.example.com", "https://mcp.example.com"),
        ("ftp://mcp.example.com/", "ftp://mcp.example.com/"), ("https://me:secret@mcp.example.com/", "--bearer"),
        ("me:secret@mcp.example.com/mcp", "--bearer"), ("https://me:secret@[/", "--bearer"),
        ("http://a b/", "http://a b/"), ("a.example/@me", "https://a.example/@me"), ("", "http://"),
    ])
    func whatIsNoURLIsToldWhatWouldBeRight(text: String, naming: String) throws {
        let words = try #require(ProbeTarget.objection(to: text))
        #expect(words.contains(naming) && !words.contains("secret"))
    }

    @Test func aChallengeIsRead() {
        var reply = HTTPReply(sent: .zero)
        reply.status = 401
        reply.headers.add(
            name: "WWW-Authenticate",
            value: #"Bearer error="invalid_token", resource_metadata="https://a/.well-known/x", scope="a b""#)
        let challenge = Challenge(reply)
        #expect(challenge.schemes == ["bearer"])
        #expect(challenge.resourceMetadata == "https://a/.well-known/x")
        #expect(challenge.scope == "a b")
    }

    @Test func whatIsShownHasNoControlCharacters() {
        #expect(Excerpt.of("a\u{1B}[31mb\nc\u{202E}d\u{0}") == "a [31mb c d ")
        #expect(Excerpt.of(String(repeating: "x", count: 20), limit: 5) == "xxxxx…")
    }

    @Test func theInventedSessionDependsOnTheSeedOnly() {
        #expect(SessionInquiry.invented(1) == SessionInquiry.invented(1))
        #expect(SessionInquiry.invented(1) != SessionInquiry.invented(2))
        #expect(SessionInquiry.invented(3).utf8.count == 32)
    }
}
