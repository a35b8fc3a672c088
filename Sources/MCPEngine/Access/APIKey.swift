import Crypto
package import FoundationEssentials

/// A key as its holder knows it: `hf_<id>_<secret>`, lower-case letters and digits only.
package struct APIKey: Sendable, Equatable {
    /// Public: it finds the record, and names the principal.
    package var id: String
    /// 258 random bits when it was made by ``mint()``.
    package var secret: String

    private static let mark = "hf"
    /// Keys are not longer than this, in UTF-8 bytes.
    package static let longest = 160

    package static func mint() -> APIKey {
        APIKey(id: RandomText.lowercase(10), secret: RandomText.lowercase(50))
    }

    private init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }

    /// Nil when the text does not have the form of a key.
    package init?(parsing text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.mark, parts[1].utf8.count >= 8, parts[2].utf8.count >= 40,
            parts.dropFirst().allSatisfy({ $0.utf8.allSatisfy(Self.isPlain) })
        else { return nil }
        self.init(id: String(parts[1]), secret: String(parts[2]))
    }

    /// The whole key: shown once, when it is made.
    package var text: String { "\(Self.mark)_\(id)_\(secret)" }

    /// What is kept of the secret: its SHA-256. A hash made to be slow would add nothing to so many random bits.
    package var hash: [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }

    /// As it is kept in the store.
    package func record(name: String, created: Date) -> APIKeyRecord {
        APIKeyRecord(id: id, name: name, hash: hash, created: created)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
