import Crypto
import FoundationEssentials
import MCPProtocol

/// A key of an issuer, and tokens that are signed with it.
enum TestKey {
    private static let key = P256.Signing.PrivateKey()

    static func published(_ name: String, _ changes: [(String, JSON?)] = []) -> JSON {
        // 0x04, then x and y.
        let point = Array(key.publicKey.x963Representation)
        let members: [(String, JSON)] = [
            ("kty", "EC"), ("crv", "P-256"), ("kid", JSON(name)), ("use", "sig"),
            ("x", JSON(encoded(Array(point[1...32])))), ("y", JSON(encoded(Array(point[33...])))),
        ]
        let kept = members.filter { member in !changes.contains { $0.0 == member.0 } }
        return .object(kept + changes.compactMap { name, value in value.map { (name, $0) } })
    }

    static func token(_ header: JSON = ["alg": "ES256"], _ claims: JSON = ["sub": "alice"]) throws -> String {
        let signed = "\(encoded(Array(header.bytes))).\(encoded(Array(claims.bytes)))"
        return "\(signed).\(encoded(Array(try key.signature(for: Data(signed.utf8)).rawRepresentation)))"
    }

    static func encoded(_ bytes: [UInt8]) -> String {
        String(
            Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").prefix { $0 != "=" })
    }
}
