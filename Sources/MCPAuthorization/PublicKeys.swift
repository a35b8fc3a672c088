import FoundationEssentials
import JWTKit
package import MCPProtocol

/// The keys that an issuer publishes (RFC 7517), as far as they can verify a signature. Others are passed over: a set may
/// hold keys for other purposes, and kinds that nobody here knows.
package struct PublicKeys: Sendable {
    /// Ways to sign that need a secret on the issuer's side only. Neither `none` nor one with a shared secret is there.
    package static let algorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]
    /// No issuer has more in use at once.
    static let most = 64

    private struct Key: Sendable {
        var id: String?
        var algorithm: String
        var verifier: any JWTAlgorithm
    }

    private var keys: [Key] = []

    package init() {}

    /// - Throws: ``IssuerDocument/Failure`` when there is no usable key in it.
    package init(_ json: JSON) async throws(IssuerDocument.Failure) {
        guard let entries = json["keys"]?.elements else {
            throw IssuerDocument.Failure("the issuer's key set has no array of keys")
        }
        for entry in entries.prefix(Self.most) where entry["use"]?.string ?? "sig" == "sig" {
            for algorithm in Self.algorithms(of: entry) {
                guard let verifier = await Self.verifier(entry, algorithm) else { continue }
                keys.append(Key(id: entry["kid"]?.string, algorithm: algorithm, verifier: verifier))
            }
        }
        if keys.isEmpty { throw IssuerDocument.Failure("the issuer's key set has no key that can verify a signature") }
    }

    package var count: Int { keys.count }

    /// Whether there is one by that name; without a name, whether there is one of that kind.
    package func has(_ id: String?, _ algorithm: String) -> Bool { !candidates(id, algorithm).isEmpty }

    /// Whether `signature` was made over `text` with one of the keys by that name.
    package func verify(_ signature: [UInt8], of text: [UInt8], key id: String?, _ algorithm: String) -> Bool {
        candidates(id, algorithm).contains { (try? $0.verifier.verify(signature, signs: text)) == true }
    }

    private func candidates(_ id: String?, _ algorithm: String) -> [Key] {
        keys.filter { $0.algorithm == algorithm && (id == nil || $0.id == id) }
    }

    /// A key that names its algorithm is for that one alone (RFC 8725, 3.1).
    private static func algorithms(of key: JSON) -> [String] {
        if let named = key["alg"]?.string { return algorithms.contains(named) ? [named] : [] }
        switch (key["kty"]?.string, key["crv"]?.string) {
        case ("RSA", _): return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
        case ("EC", "P-256"): return ["ES256"]
        case ("EC", "P-384"): return ["ES384"]
        case ("EC", "P-521"): return ["ES512"]
        case ("OKP", "Ed25519"): return ["EdDSA"]
        default: return []
        }
    }

    private static func verifier(_ entry: JSON, _ algorithm: String) async -> (any JWTAlgorithm)? {
        guard var key = try? JWK(json: entry.description) else { return nil }
        // Never for signing, whatever the set gives away.
        key.privateExponent = nil
        key.algorithm = JWK.Algorithm(rawValue: algorithm)
        key.keyIdentifier = "key"
        return try? await JWTKeyCollection().add(jwk: key).getKey(for: "key")
    }
}
