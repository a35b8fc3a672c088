package import FoundationEssentials

/// A key that what clients carry for the server is sealed with.
package struct SealingKey: Equatable, Sendable {
    /// Public, 8 random bytes: found in what was sealed with the key.
    package var id: [UInt8]
    /// 32 random bytes.
    package var secret: [UInt8]
    package var created: Date

    package init(id: [UInt8], secret: [UInt8], created: Date) {
        self.id = id
        self.secret = secret
        self.created = created
    }

    /// A new one, from the system's cryptographic source.
    package static func mint(at date: Date) -> SealingKey {
        var generator = SystemRandomNumberGenerator()
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255, using: &generator) } }
        return SealingKey(id: bytes(8), secret: bytes(32), created: date.wholeMilliseconds)
    }
}

extension SealingKey: CustomStringConvertible, CustomReflectable {
    /// Without the secret, so that it cannot end up in a log by accident.
    package var description: String { "a sealing key of \(created)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Sealing keys that every process on the same data shares. No call assumes that it is the only writer.
package protocol SealingKeyStore: Sendable {
    /// All that are kept, newest first.
    func sealingKeys() async throws -> [SealingKey]
    /// Adds `key`, unless one that was created after `current` is there: so of several that rotate at once, one does.
    /// Then forgets every key that had its successor by `superseded` already. Returns what is kept, newest first.
    func rotate(to key: SealingKey, unlessNewerThan current: Date, forgetting superseded: Date) async throws
        -> [SealingKey]
}
