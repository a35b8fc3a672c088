import MCPEngine
import Testing

@Suite struct OAuthParameterTests {
    @Test func formsAreReadAsBrowsersWriteThem() throws {
        let form = try OAuthParameters(parsing: "a=1+2&b=%C3%A9%26%3D&c=&d&=x&resource=u&resource=v&e==")
        #expect(form["a"] == "1 2" && form["b"] == "é&=" && form["c"] == nil && form["d"] == nil && form["e"] == "=")
        #expect(form.all("resource") == ["u", "v"])
        try form.requireSingle()
        #expect(throws: OAuthError.self) { try OAuthParameters(parsing: "a=1&a=1").requireSingle() }
        #expect(throws: OAuthError.missing("z")) { try form.required("z") }
    }

    @Test(arguments: [
        "a=%", "a=%4", "a=%zz", "a=%ff", "a=%00", Array(repeating: "a=1", count: 101).joined(separator: "&"),
    ])
    func whatIsNoFormIsRefused(text: String) {
        #expect(throws: OAuthError.self) { try OAuthParameters(parsing: text) }
        #expect(throws: OAuthError.self) { try OAuthParameters(parsing: [0x61, 0x3D, 0xFF]) }
    }

    @Test func challengesAndVerifiersAreOfTheRightForm() {
        // The example of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(PKCE.challenge(for: verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(PKCE.isVerifier(verifier) && PKCE.isChallenge(PKCE.challenge(for: verifier)))
        #expect(!PKCE.isVerifier("short") && !PKCE.isVerifier(verifier + "+") && !PKCE.isChallenge(verifier + "="))
    }

    @Test func secretsOfClientsComeInTwoWays() throws {
        let body = OAuthParameters(["client_id": "c", "client_secret": "s"])
        #expect(try ClientCredentials(body, basic: nil, subject: { _ in nil }).secret == "s")
        let basic = try ClientCredentials(
            OAuthParameters(["client_id": "a:b"]), basic: "YSUzQWI6cyUyQjE=", subject: { _ in nil })
        #expect(basic.id == "a:b" && basic.secret == "s+1")
        #expect(throws: OAuthError.self) { try ClientCredentials(body, basic: "YzpzCg==", subject: { _ in nil }) }
        #expect(throws: OAuthError.self) {
            try ClientCredentials(OAuthParameters(["client_id": "other"]), basic: "YzpzCg==", subject: { _ in nil })
        }
        for broken in ["", "!", "YWJj", "Og==", "YTpiJmM="] {
            #expect(throws: OAuthError.self) {
                try ClientCredentials(OAuthParameters(), basic: broken, subject: { _ in nil })
            }
        }
    }
}

@Suite struct RateMachineTests {
    @Test func soManyAtOnceAndThenAsTimePasses() {
        var machine = RateMachine(burst: 3, per: .seconds(30))
        for _ in 0..<3 { #expect(Self.try(&machine, "a", 0) == nil) }
        #expect(Self.try(&machine, "a", 0) == 10)
        #expect(Self.try(&machine, "b", 0) == nil, "others are not held up")
        #expect(Self.try(&machine, "a", 9) == 1)
        #expect(Self.try(&machine, "a", 10) == nil)
        #expect(Self.try(&machine, "a", 10) == 10)
        machine.forgive("a")
        #expect(Self.try(&machine, "a", 10) == nil)
    }

    @Test func theTableHasABoundAndKeepsThoseThatTriedMost() {
        var machine = RateMachine(burst: 2, per: .seconds(1000), most: 10)
        for _ in 0..<2 { _ = Self.try(&machine, "guessed", 0) }
        for number in 0..<1000 { _ = Self.try(&machine, "name \(number)", 0) }
        #expect(Self.try(&machine, "guessed", 0) != nil)
    }

    private static func `try`(_ machine: inout RateMachine, _ name: String, _ at: Int) -> Int? {
        machine.attempt(name, at: .seconds(at))
    }
}
