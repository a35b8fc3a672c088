import MCPAuthorization
import MCPEngine
import MCPProtocol
import Testing

@Suite struct ScopeClaimsTests {
    private func scopes(_ claims: JSON, _ change: (inout ScopeClaims) -> Void = { _ in }) -> String {
        var rules = ScopeClaims()
        change(&rules)
        return rules.scopes(in: claims).text
    }

    @Test func aScopeIsTextWithSpacesOrAnArray() {
        #expect(scopes(["scope": "mcp:read openid"]) == "mcp:read openid")
        #expect(scopes(["scp": ["mcp:call", "x"]]) == "mcp:call x")
        #expect(scopes(["scope": 3, "scp": ["a", 7, ["b"]]]) == "a")
        #expect(scopes([:]) == "")
    }

    @Test func rolesAreFoundInsideOtherClaimsAndStandForScopes() {
        let claims: JSON = ["realm_access": ["roles": ["tools", "reader"]], "scope": "email"]
        let text = scopes(claims) { rules in
            rules.claims = ["realm_access.roles"]
            rules.meanings = ["tools": ScopeSet(["mcp:call"]), "reader": ScopeSet(["mcp:read", "files:read"])]
        }
        #expect(text == "files:read mcp:call mcp:read")
    }

    @Test func aClaimWhoseNameHasPointsGoesFirst() {
        let claims: JSON = ["https://a.example/roles": ["x"], "a.b": "one", "a": ["b": "two"]]
        #expect(scopes(claims) { $0.claims = ["https://a.example/roles", "a.b"] } == "one x")
    }

    @Test func whatCannotBeAScopeIsLeftOutUnlessItStandsForOne() {
        let claims: JSON = ["roles": ["Tool Users", "ä"]]
        #expect(scopes(claims) { $0.claims = ["roles"] } == "")
        let text = scopes(claims) { rules in
            rules.claims = ["roles"]
            rules.meanings = ["Tool Users": ScopeSet(["mcp:call"])]
        }
        #expect(text == "mcp:call")
    }

    @Test func whatIsGrantedToAllIsGranted() {
        #expect(scopes(["scope": "a"]) { $0.granted = ScopeSet(["mcp:read"]) } == "a mcp:read")
    }
}
