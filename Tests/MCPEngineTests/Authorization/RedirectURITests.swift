import MCPEngine
import MCPTesting
import Testing

@Suite struct RedirectURITests {
    @Test(
        .requirement("A-27", "O-16"),
        arguments: [
            "https://claude.ai/api/mcp/auth_callback", "https://a.example:8443/cb?x=1", "http://localhost/cb",
            "http://127.0.0.1:33418", "http://[::1]:6274/oauth/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "com.example.app:/cb",
        ])
    func whatClientsUseIsTaken(text: String) {
        #expect(RedirectURI(text)?.text == text)
    }

    @Test(
        .requirement("A-27"),
        arguments: [
            "", "/cb", "a.example/cb", "http://a.example/cb", "http://localhost.evil.example/cb",
            "http://127.0.0.1.evil.example/",
            "https:///cb", "https://u@a.example/cb", "https://u:p@a.example/cb", "https://a.example/cb#",
            "https://a.example/#x",
            "https://*.a.example/cb", "javascript:alert(1)", "JavaScript:/x", "javascript:/%0aalert(1)",
            "data:text/html,x",
            "data:/x", "file:///etc/passwd", "vbscript:/x", "blob:/x", "mailto:a@b", "myapp:cb",
            "https://a.example/\u{0}",
            "https://a.example/ x", "https://a.example/\"x", "https://a.example\\@b.example/",
        ])
    func whatWouldBeDangerousIsNot(text: String) {
        #expect(RedirectURI(text) == nil)
    }

    @Test func parametersAreAddedToWhatIsThere() throws {
        let plain = try #require(RedirectURI("https://a.example/cb"))
        #expect(
            plain.adding([("code", "a b"), ("state", nil), ("iss", "https://x/é")])
                == "https://a.example/cb?code=a%20b&iss=https%3A%2F%2Fx%2F%C3%A9")
        let more = try #require(RedirectURI("https://a.example/cb?x=1"))
        #expect(more.adding([("code", "c")]) == "https://a.example/cb?x=1&code=c")
    }
}
