import FoundationEssentials
import MCPAuthorization
import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@Suite struct AccessTokenRulesTests {
    private static let now = 1_800_000_000.0
    private static let issuer = "https://login.example.com/realms/a"
    private static let good: [(String, JSON)] = [
        ("iss", JSON(issuer)), ("aud", "https://mcp.example.com/mcp"), ("sub", "alice"), ("scope", "mcp:read"),
        ("exp", 1_800_000_060),
    ]
    private static let header: JSON = ["alg": "RS256", "typ": "at+jwt", "kid": "1"]

    private func judge(
        _ changes: [(String, JSON?)] = [], header: JSON? = header, change: (inout AccessTokenRules) -> Void = { _ in }
    ) throws -> Result<Admission, TokenRefusal> {
        let resource = try #require(ResourceIdentifier("https://mcp.example.com/mcp"))
        var rules = AccessTokenRules(issuer: Self.issuer, resource: resource)
        change(&rules)
        let kept = Self.good.filter { member in !changes.contains { $0.0 == member.0 } }
        let claims = JSON.object(kept + changes.compactMap { name, value in value.map { (name, $0) } })
        return rules.admission(claims, header: header, at: Date(timeIntervalSince1970: Self.now))
    }

    private func reason(_ changes: [(String, JSON?)], header: JSON? = header) throws -> TokenRefusal.Reason? {
        if case .failure(let refusal) = try judge(changes, header: header) { refusal.reason } else { nil }
    }

    @Test(.requirement("A-07")) func aGoodTokenAdmitsItsSubjectUntilTheMomentItIsRefused() throws {
        let admission = try judge().get()
        #expect(admission.principal == .oauth(issuer: Self.issuer, subject: "alice"))
        #expect(admission.scopes.text == "mcp:read")
        #expect(admission.expires == Date(timeIntervalSince1970: 1_800_000_090), "with the skew")
    }

    @Test(
        .requirement("A-07"),
        arguments: [
            (-30, .expired), (-29, nil), (0, nil), (3_600, nil),
        ] as [(Int, TokenRefusal.Reason?)])
    func theSkewIsAllowedForAndNotMore(seconds: Int, expected: TokenRefusal.Reason?) throws {
        #expect(try reason([("exp", JSON(Int(Self.now) + seconds))]) == expected)
    }

    @Test(arguments: [(30, nil), (31, .notYetValid)] as [(Int, TokenRefusal.Reason?)])
    func aTokenMayBeginALittleLater(seconds: Int, expected: TokenRefusal.Reason?) throws {
        #expect(try reason([("nbf", JSON(Int(Self.now) + seconds))]) == expected)
    }

    @Test(
        .requirement("A-07"),
        arguments: [
            ("HS256", .weakAlgorithm), ("none", .weakAlgorithm), ("NONE", .weakAlgorithm), ("RS1", .weakAlgorithm),
            ("dir", .weakAlgorithm), ("ES256", nil), ("PS512", nil), ("EdDSA", nil),
        ] as [(String, TokenRefusal.Reason?)])
    func onlyAsymmetricSignaturesCount(algorithm: String, expected: TokenRefusal.Reason?) throws {
        #expect(try reason([], header: ["alg": JSON(algorithm)]) == expected)
    }

    @Test(
        arguments: [
            ("JWT", nil), ("at+jwt", nil), ("AT+JWT", nil), ("application/at+jwt", nil), ("logout+jwt", .wrongType),
            ("oauth-id-jag+jwt", .wrongType), ("dpop+jwt", .wrongType), ("", .wrongType),
        ] as [(String, TokenRefusal.Reason?)])
    func onlyAccessTokensAreTaken(type: String, expected: TokenRefusal.Reason?) throws {
        #expect(try reason([], header: ["alg": "RS256", "typ": JSON(type)]) == expected)
    }

    @Test(
        .requirement("A-07"),
        arguments: [
            ("aud", "https://other.example/mcp", .wrongAudience), ("aud", [], .wrongAudience),
            ("aud", nil, .wrongAudience),
            ("aud", ["https://other.example", "https://MCP.example.com/mcp/"], nil),
            ("aud", [["https://mcp.example.com/mcp"]], .wrongAudience),
            ("iss", "https://login.example.com/realms/a/", .wrongIssuer), ("iss", nil, .wrongIssuer),
            ("iss", [], .wrongIssuer),
            ("sub", nil, .noSubject), ("sub", "", .noSubject), ("sub", 7, .noSubject),
            ("exp", nil, .malformed), ("exp", "never", .malformed), ("cnf", ["jkt": "x"], .wrongType),
            ("typ", "ID", .wrongType), ("typ", "Refresh", .wrongType), ("typ", "Bearer", nil),
        ] as [(String, JSON?, TokenRefusal.Reason?)])
    func everyClaimThatMattersIsLookedAt(name: String, value: JSON?, expected: TokenRefusal.Reason?) throws {
        #expect(try reason([(name, value)]) == expected)
    }

    @Test func aLongSubjectIsNone() throws {
        #expect(try reason([("sub", JSON(String(repeating: "x", count: 1_024)))]) == nil)
        #expect(try reason([("sub", JSON(String(repeating: "x", count: 1_025)))]) == .noSubject)
    }

    @Test func anIssuerThatWasAskedNeedNotNameItself() throws {
        #expect(try reason([("iss", nil)], header: nil) == nil)
        #expect(try reason([("iss", "https://other.example")], header: nil) == .wrongIssuer)
        #expect(try reason([("aud", nil)], header: nil) == .wrongAudience)
    }

    @Test func anAudienceOfTheOperatorsTakesThePlaceOfTheURL() throws {
        let given: [(String, JSON?)] = [("aud", "api://holdfast")]
        let admission = try judge(given) { $0.audience = "api://holdfast" }.get()
        #expect(admission.principal.name == "alice")
        let other = try judge(change: { $0.audience = "api://holdfast" })
        let refusal = #expect(throws: TokenRefusal.self) { try other.get() }
        #expect(refusal?.reason == .wrongAudience, "the URL does not count any more")
        #expect(refusal?.detail.contains("api://holdfast") == true)
    }

    @Test func whatIsCriticalAndUnknownIsRefused() throws {
        #expect(try reason([], header: ["alg": "RS256", "crit": ["b64"], "b64": false]) == .malformed)
    }
}

@Suite struct IssuerMetadataTests {
    @Test func metadataIsLookedForAtEveryPlaceThereIs() {
        #expect(
            IssuerMetadata.places(of: "https://a.example/realms/x") == [
                "https://a.example/.well-known/oauth-authorization-server/realms/x",
                "https://a.example/.well-known/openid-configuration/realms/x",
                "https://a.example/realms/x/.well-known/openid-configuration",
            ])
        #expect(
            IssuerMetadata.places(of: "https://a.example/") == [
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration",
            ])
    }

    @Test(
        arguments: [
            (["issuer": "https://b.example", "jwks_uri": "https://a.example/k"], "https://b.example"),
            (["jwks_uri": "https://a.example/k"], "no issuer"),
            (["issuer": "https://a.example/", "jwks_uri": "https://a.example/k"], "exactly"),
            (["issuer": "https://a.example", "jwks_uri": "http://a.example/k"], "not an https URL"),
            (["issuer": "https://a.example", "introspection_endpoint": "ftp://a.example"], "not an https URL"),
        ] as [(JSON, String)])
    func anotherIssuersMetadataIsNotTaken(json: JSON, words: String) {
        let failure = #expect(throws: IssuerDocument.Failure.self) { try IssuerMetadata(json, of: "https://a.example") }
        #expect(failure?.description.contains(words) == true)
    }

    @Test func theWayToShowASecretIsTheIssuers() throws {
        let base: [(String, JSON)] = [("issuer", "https://a.example"), ("jwks_uri", "https://keys.example/k")]
        let methods = "introspection_endpoint_auth_methods_supported"
        #expect(try !IssuerMetadata(.object(base), of: "https://a.example").takesSecretInForm)
        let post = base + [(methods, ["client_secret_post", "private_key_jwt"] as JSON)]
        #expect(try IssuerMetadata(.object(post), of: "https://a.example").takesSecretInForm)
        let both = base + [(methods, ["client_secret_post", "client_secret_basic"] as JSON)]
        #expect(try !IssuerMetadata(.object(both), of: "https://a.example").takesSecretInForm)
    }
}
