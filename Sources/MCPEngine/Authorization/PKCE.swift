import Crypto

/// Proof keys for code exchange, the only method that is worth it: S256 (RFC 7636).
package enum PKCE {
    package static func challenge(for verifier: String) -> String {
        Base64URL.text(Array(SHA256.hash(data: Array(verifier.utf8))))
    }

    /// 43 to 128 characters out of letters, digits and `-._~` (RFC 7636, 4.1).
    package static func isVerifier(_ text: String) -> Bool {
        (43...128).contains(text.utf8.count) && text.utf8.allSatisfy { isUnreserved($0) }
    }

    /// What S256 makes: 43 characters of base64url.
    package static func isChallenge(_ text: String) -> Bool {
        text.utf8.count == 43 && Base64URL.bytes(text) != nil
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
