import MCPEngine
import MCPTesting
import Testing

@Suite struct ScopeTests {
    @Test(
        .requirement("A-03"),
        arguments: [
            ("mcp:call", "mcp:read", true), ("mcp:call", "mcp:call", true), ("mcp:read", "mcp:call", false),
            ("mcp:read files:write", "mcp:read files:write", true), ("files:write", "mcp:read", false),
            ("", "mcp:read", false),
            ("mcp:call", "mcp:read files:write", false), ("mcp:reader", "mcp:read", false), ("mcp:read", "", true),
        ])
    func aBroaderScopeHoldsTheNarrower(given: String, needed: String, covers: Bool) throws {
        let (given, needed) = (try #require(ScopeSet(parsing: given)), try #require(ScopeSet(parsing: needed)))
        #expect(given.covers(needed) == covers)
        #expect(ScopeSet.all.covers(needed))
        #expect(!given.covers(.all))
    }

    @Test func scopesAreReadWithSpacesTooMany() {
        #expect(ScopeSet(parsing: "  b a  ")?.text == "a b")
        #expect(ScopeSet(parsing: "")?.text == "")
        #expect(ScopeSet(parsing: "a\"b") == nil)
        #expect(ScopeSet(parsing: "a\\b") == nil)
        #expect(ScopeSet(parsing: "a\tb") == nil)
        #expect(ScopeSet(parsing: "ä") == nil)
    }

    @Test func everythingAndMoreIsEverything() {
        #expect(ScopeSet(["a"]).union(.all).isEverything)
        #expect(ScopeSet(["a"]).union(ScopeSet(["b"])).text == "a b")
    }
}

@Suite struct BearerChallengeTests {
    @Test(.requirement("A-02")) func withoutAnIssuerItNamesNoMetadataAndNoScope() {
        let challenge = BearerChallenge(initialScopes: ScopeSet(["mcp:read"]))
        #expect(challenge.header() == #"Bearer realm="holdfast""#)
        #expect(challenge.header(.invalidToken) == #"Bearer realm="holdfast", error="invalid_token""#)
    }

    @Test(.requirement("A-02")) func withAnIssuerItSaysWhereToBeginAndWhatToAskFor() {
        let challenge = BearerChallenge(
            resourceMetadata: "https://a.example/.well-known/oauth-protected-resource/mcp",
            initialScopes: ScopeSet(["mcp:read", "mcp:call"]))
        #expect(
            challenge.header(.invalidToken, "It has expired")
                == #"Bearer realm="holdfast", error="invalid_token", error_description="It has expired", "#
                + #"scope="mcp:call mcp:read", "#
                + #"resource_metadata="https://a.example/.well-known/oauth-protected-resource/mcp""#)
        #expect(challenge.header(scopes: ScopeSet(["x"])).contains(#"scope="x""#))
    }

    @Test func nothingInItEndsAQuote() {
        #expect(BearerChallenge().header(.invalidToken, "a\"b\\c\r\nd").hasSuffix(#"error_description="a'b'c''d""#))
    }
}
