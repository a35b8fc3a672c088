import Crypto
package import MCPEngine
package import MCPProtocol

/// Reads what clients sign, with the keys that they publish.
package struct SignedAssertions: ClientAssertionReader {
    package init() {}

    package var algorithms: [String] { PublicKeys.algorithms.sorted() }

    package func subject(of assertion: String) -> String? {
        guard assertion.utf8.count <= Self.longest else { return nil }
        return CompactJWT(assertion)?.claims["sub"]?.string
    }

    package func read(_ assertion: String, keys: JSON) async -> ClientAssertion? {
        guard assertion.utf8.count <= Self.longest, let jwt = CompactJWT(assertion),
            // What it says must be understood is nothing that is understood here (RFC 7515, 4.1.11).
            jwt.header["crit"] == nil, let algorithm = jwt.header["alg"]?.string,
            let set = try? await PublicKeys(keys),
            set.verify(jwt.signature, of: jwt.signed, key: jwt.header["kid"]?.string, algorithm)
        else { return nil }
        let audience = jwt.claims["aud"]
        return ClientAssertion(
            issuer: jwt.claims["iss"]?.string, subject: jwt.claims["sub"]?.string,
            audience: audience?.string.map { [$0] } ?? audience?.elements?.compactMap(\.string) ?? [],
            expires: Self.seconds(jwt.claims["exp"]),
            notBefore: Self.seconds(jwt.claims["nbf"]),
            mark: Array(SHA256.hash(data: jwt.signed)))
    }

    private static let longest = 16 << 10

    /// Since 1970; some write fractions (RFC 7519, 2).
    private static func seconds(_ claim: JSON?) -> Int64? {
        guard let number = claim?.number, abs(number) < 1e12 else { return nil }
        return Int64(number)
    }
}
