import MCPEngine
import MCPTesting
import Testing

@Suite struct ResourceIdentifierTests {
    @Test(
        .requirement("A-06"), .requirement("O-8"),
        arguments: [
            ("https://mcp.example.com/mcp", true), ("HTTPS://MCP.Example.COM/mcp", true),
            ("https://mcp.example.com/mcp/", true),
            ("https://mcp.example.com:443/mcp", true), ("https://mcp.example.com/MCP", false),
            ("https://mcp.example.com/mcp//", false), ("https://mcp.example.com/mcp/x", false),
            ("https://mcp.example.com", false), ("https://mcp.example.com.evil.example/mcp", false),
            ("https://mcp.example.com@evil.example/mcp", false), ("http://mcp.example.com/mcp", false),
            ("https://mcp.example.com:8443/mcp", false), ("https://mcp.example.com/mcp?x", false),
            ("https://mcp.example.com/mcp#x", false), ("mcp.example.com/mcp", false), ("", false),
        ])
    func otherSpellingsOfTheSameURLNameIt(other: String, isSame: Bool) throws {
        let resource = try #require(ResourceIdentifier("https://mcp.example.com/mcp"))
        #expect(resource.isNamed(by: other) == isSame)
    }

    @Test(
        .requirement("A-05"),
        arguments: [
            ("https://a.example/mcp", "https://a.example/.well-known/oauth-protected-resource/mcp"),
            ("https://a.example", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://a.example/", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://A.Example:8443/x/mcp/", "https://a.example:8443/.well-known/oauth-protected-resource/x/mcp"),
            ("http://[::1]:8080/mcp", "http://[::1]:8080/.well-known/oauth-protected-resource/mcp"),
        ])
    func itsMetadataStandsBetweenHostAndPath(url: String, metadata: String) {
        #expect(ResourceIdentifier(url)?.metadataURL == metadata)
    }

    @Test func itKeepsTheSpellingThatItWasGiven() throws {
        let resource = try #require(ResourceIdentifier("https://MCP.example.com/mcp/"))
        #expect(resource.text == "https://MCP.example.com/mcp/")
        #expect(resource.host == "mcp.example.com" && resource.isHTTPS)
        #expect(ResourceIdentifier("http://[::1]:8080/mcp")?.host == "::1")
    }

    @Test(arguments: [
        "ftp://a.example", "https://", "https:///x", "https://a b", "https://ä.example", "//a.example/x", "", "mcp",
        "/mcp", "urn:x",
        "https://u:p@a.example",
    ])
    func whatIsNoSuchURLIsNone(text: String) {
        #expect(ResourceIdentifier(text) == nil)
    }

    @Test(.requirement("S-10")) func thePrincipalIsIssuerAndSubjectAndNothingElse() {
        let alice = Principal.oauth(issuer: "https://a.example", subject: "alice")
        #expect(alice == .oauth(issuer: "https://a.example", subject: "alice"))
        #expect(alice.id != Principal.oauth(issuer: "https://b.example", subject: "alice").id)
        #expect(alice.id != Principal.oauth(issuer: "https://a.example", subject: "bob").id)
        #expect(
            Principal.oauth(issuer: "https://a", subject: "b").id
                != Principal.oauth(issuer: "https://ab", subject: "").id)
        #expect(alice.id.hasPrefix("oauth:") && !alice.id.contains("alice") && alice.name == "alice")
    }
}
