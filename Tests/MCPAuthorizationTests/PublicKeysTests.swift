import MCPAuthorization
import MCPProtocol
import MCPTesting
import Testing

@Suite struct PublicKeysTests {
    private func verifies(_ token: String, _ keys: PublicKeys, key: String? = "1", _ algorithm: String = "ES256") throws
        -> Bool
    {
        let jwt = try #require(CompactJWT(token))
        return keys.verify(jwt.signature, of: jwt.signed, key: key, algorithm)
    }

    @Test(.requirement("A-07")) func aSignatureIsVerifiedWithTheKeyThatTheTokenNames() async throws {
        let keys = try await PublicKeys(["keys": [TestKey.published("1")]])
        let token = try TestKey.token()
        #expect(try verifies(token, keys))
        #expect(try !verifies(token, keys, key: "2"))
        #expect(try !verifies(token, keys, "ES384"))
        #expect(try verifies(token, keys, key: nil), "without a name, whichever fits")
        let other = try TestKey.token(["alg": "ES256"], ["sub": "mallory"])
        let parts = (token.split(separator: "."), other.split(separator: "."))
        #expect(try !verifies("\(parts.0[0]).\(parts.1[1]).\(parts.0[2])", keys))
        #expect(try !verifies("\(parts.0[0]).\(parts.0[1]).", keys))
    }

    @Test func whatCannotVerifyIsPassedOverAndTheRestIsUsed() async throws {
        let strange: [JSON] = [
            ["kty": "oct", "k": "c2VjcmV0", "kid": "shared", "alg": "HS256"], 7, ["kty": "RSA", "kid": "broken"],
            ["kty": "EC", "crv": "secp256k1", "kid": "bitcoin", "x": "AA", "y": "AA"],
            TestKey.published("for encryption", [("use", "enc")]), TestKey.published("other", [("alg", "RSA-OAEP")]),
        ]
        let keys = try await PublicKeys(["keys": JSON(strange + [TestKey.published("1")])])
        #expect(keys.count == 1)
        #expect(try verifies(TestKey.token(), keys))
        #expect(!keys.has("shared", "HS256") && !keys.has("for encryption", "ES256") && !keys.has("other", "ES256"))
    }

    @Test func aKeyThatNamesItsAlgorithmIsForThatOne() async throws {
        let keys = try await PublicKeys(["keys": [TestKey.published("1", [("alg", "ES256")])]])
        #expect(keys.has("1", "ES256") && keys.count == 1)
        await #expect(throws: IssuerDocument.Failure.self) {
            try await PublicKeys(["keys": [TestKey.published("1", [("alg", "ES384")])]])
        }
    }

    @Test func aSetWithoutAKeyOfUseIsAFault() async {
        for json in [["keys": []], ["keys": [7]], ["key": []], []] as [JSON] {
            await #expect(throws: IssuerDocument.Failure.self) { try await PublicKeys(json) }
        }
    }

    @Test func onlySoManyKeysAreRead() async throws {
        let keys = try await PublicKeys(["keys": JSON((0..<200).map { TestKey.published("\($0)") })])
        #expect(keys.count == 64)
    }
}

@Suite struct CompactJWTTests {
    @Test func aTokenIsItsThreeParts() throws {
        let jwt = try #require(CompactJWT(TestKey.token(["alg": "ES256", "kid": "k"], ["a": 1])))
        #expect(jwt.header["kid"]?.string == "k" && jwt.claims["a"]?.integer == 1 && jwt.signature.count == 64)
    }

    @Test(arguments: [
        "", ".", "..", "a.b", "a.b.c", "a.b.c.d", "e30.e30.e30", "eyJhbGciOjF9.e30.", "W10.e30.",
        "eyJhbGciOiJ4In0=.e30.",
        "eyJhbGciOiJ4In0.e30.!", "eyJhbGciOiJ4In0.e30.a+b/", "eyJhbGciOiJ4IiwiYWxnIjoieSJ9.e30.AA",
    ])
    func whatIsNoTokenIsOpaque(text: String) {
        #expect(CompactJWT(text) == nil)
    }

    @Test func anythingCanBeReadWithoutHarm() throws {
        var random = SplitMix64(seed: 66)
        let good = Array(try TestKey.token().utf8)
        for _ in 0..<10_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0x21...0x7E, using: &random)
            }
            _ = CompactJWT(
                String(decoding: bytes.prefix(Int.random(in: 0...bytes.count, using: &random)), as: UTF8.self))
        }
    }
}
