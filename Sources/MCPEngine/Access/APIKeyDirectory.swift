import Crypto
import Synchronization

/// Who a bearer is, answered from memory. ``refresh()`` brings in what other processes made or revoked.
package final class APIKeyDirectory: Sendable {
    private struct Entry {
        var hash: [UInt8]
        var principal: Principal
    }

    private let store: any CredentialStore
    private let settingsKey: Entry?
    private let stored = Mutex<[String: Entry]>([:])
    private let hasHadKey: Atomic<Bool>
    /// What an unknown id is compared with, so that it takes as long as a known one.
    private let nobody = Entry(hash: Array(repeating: 0, count: SHA256.byteCount), principal: .anonymous)

    /// The longest key that the settings may hold, in UTF-8 bytes; a longer bearer is nobody's.
    package static let longest = 1024

    /// - Parameter settingsKey: A key from the settings, any text. Its principal's id comes from its hash, so that it
    ///   stays the same across restarts. The store's keys are unknown until the first ``refresh()``.
    package init(store: any CredentialStore, settingsKey: String? = nil) {
        self.store = store
        hasHadKey = Atomic(settingsKey != nil)
        self.settingsKey = settingsKey.map { key in
            let hash = Self.hash(key)
            let hex = hash.prefix(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            return Entry(hash: hash, principal: Principal(id: "key:\(hex)", name: "settings"))
        }
    }

    /// Whether anyone could be let in by a key.
    package var isEmpty: Bool { settingsKey == nil && stored.withLock(\.isEmpty) }

    /// Whether there has been a key since the start. Revoking the last one opens nothing.
    package var requiresKey: Bool { hasHadKey.load(ordering: .relaxed) }

    /// Reads the store again. When that fails, what was known stays in force.
    package func refresh() async throws {
        let keys = try await store.keys().filter { $0.revoked == nil }
        let entries = keys.map { key in
            (key.id, Entry(hash: key.hash, principal: Principal(id: "key:\(key.id)", name: key.name)))
        }
        stored.withLock { $0 = Dictionary(entries, uniquingKeysWith: { first, _ in first }) }
        if !entries.isEmpty { hasHadKey.store(true, ordering: .relaxed) }
    }

    /// The principal that `bearer`, a token without its scheme, belongs to; nil when it is nobody's.
    package func principal(for bearer: String) -> Principal? {
        guard bearer.utf8.count <= Self.longest else { return nil }
        if let settingsKey, constantTimeEquals(Self.hash(bearer), settingsKey.hash) { return settingsKey.principal }
        guard let key = APIKey(parsing: bearer) else { return nil }
        let entry = stored.withLock { $0[key.id] }
        let matches = constantTimeEquals(key.hash, (entry ?? nobody).hash)
        return matches ? entry?.principal : nil
    }

    private static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
package func constantTimeEquals(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
