package import FoundationEssentials
import Synchronization

/// The sealing keys that this process uses: the current one, made and replaced when it is time, and the older ones for
/// as long as anything sealed with them may come back.
package final class SealingKeyRing: Sendable {
    private struct State {
        /// Newest first.
        var keys: [SealingKey] = []
        var read = Date.distantPast
    }

    private let state = Mutex(State())
    private let store: any SealingKeyStore
    private let rotation: Duration
    private let lifetime: Duration

    /// For how long the store is not asked whether another process has made a newer key.
    package static let freshness: Duration = .seconds(60)

    /// - Parameters:
    ///   - rotation: How old the current key may be.
    ///   - lifetime: For how long something that was sealed may be opened.
    package init(store: any SealingKeyStore, rotation: Duration = .seconds(30 * 86_400), lifetime: Duration) {
        self.store = store
        self.rotation = rotation
        self.lifetime = lifetime
    }

    /// The key to seal with.
    /// - Throws: ``StoreError`` when the store fails.
    package func current(at date: Date) async throws -> SealingKey {
        let oldest = date - rotation.seconds
        let (cached, read) = state.withLock { ($0.keys.first, $0.read) }
        if let cached, cached.created > oldest, abs(date.timeIntervalSince(read)) < Self.freshness.seconds {
            return cached
        }
        if let newest = try await keep(store.sealingKeys(), at: date).first, newest.created > oldest { return newest }
        // Whoever has read the store before the rotation may seal with the old key until that is no longer fresh.
        let superseded = date - lifetime.seconds - 2 * Self.freshness.seconds
        let minted = SealingKey.mint(at: date)
        let kept = try await store.rotate(to: minted, unlessNewerThan: oldest, forgetting: superseded)
        return keep(kept, at: date).first ?? minted
    }

    /// The key of that id, if it is still kept. An id that is not known here costs one read of the store: another
    /// process may have made the key just now.
    package func key(_ id: [UInt8], at date: Date) async throws -> SealingKey? {
        if let known = state.withLock({ $0.keys.first { $0.id == id } }) { return known }
        return try await keep(store.sealingKeys(), at: date).first { $0.id == id }
    }

    private func keep(_ keys: [SealingKey], at date: Date) -> [SealingKey] {
        state.withLock { state in
            state.keys = keys
            state.read = date
        }
        return keys
    }
}
