package import FoundationEssentials
package import MCPProtocol
import Synchronization

/// Sessions, keys, memories, tasks and grants for as long as the process lives: for tests, and for a server without a data directory.
package final class InMemoryStore: SessionStore, CredentialStore {
    private struct State {
        var sessions: [SessionKey: SessionRecord] = [:]
        var keys: [APIKeyRecord] = []
        var memories = InMemoryMemories()
        /// Newest first.
        var sealingKeys: [SealingKey] = []
        var offers: [String: KeptOffer] = [:]
        var tasks: [String: TaskRecord] = [:]
        var authorization = InMemoryAuthorization()
    }

    private let state = Mutex(State())

    package init() {}

    func withMemories<T>(_ body: (inout InMemoryMemories) throws -> T) rethrows -> T {
        try state.withLock { try body(&$0.memories) }
    }

    func withOffers<T>(_ body: (inout [String: KeptOffer]) -> T) -> T {
        state.withLock { body(&$0.offers) }
    }

    func withSealingKeys<T>(_ body: (inout [SealingKey]) throws -> T) rethrows -> T {
        try state.withLock { try body(&$0.sealingKeys) }
    }

    func withTasks<T>(_ body: (inout [String: TaskRecord]) throws -> T) rethrows -> T {
        try state.withLock { try body(&$0.tasks) }
    }

    func withAuthorization<T>(_ body: (inout InMemoryAuthorization) throws -> T) rethrows -> T {
        try state.withLock { try body(&$0.authorization) }
    }

    // MARK: Sessions

    package func insert(_ record: SessionRecord) throws {
        try state.withLock { state in
            guard state.sessions[record.key] == nil else {
                throw StoreError(.conflict, "a session is already kept under this key")
            }
            state.sessions[record.key] = record
        }
    }

    package func find(_ key: SessionKey) -> SessionRecord? {
        state.withLock { $0.sessions[key] }
    }

    package func end(_ key: SessionKey, at date: Date) {
        state.withLock { state in
            if state.sessions[key]?.ended == nil { state.sessions[key]?.ended = date }
        }
    }

    package func touch(_ seen: [SessionKey: Date]) {
        state.withLock { state in
            for (key, date) in seen {
                guard let last = state.sessions[key]?.lastSeen, last < date else { continue }
                state.sessions[key]?.lastSeen = date
            }
        }
    }

    package func setLogLevel(_ level: LogLevel, of key: SessionKey) {
        state.withLock { $0.sessions[key]?.logLevel = level }
    }

    package func setSubscriptions(_ uris: [String], of key: SessionKey) {
        state.withLock { $0.sessions[key]?.subscriptions = uris }
    }

    package func sweep(idleSince: Date, endedBefore: Date, keep: Int) -> Int {
        state.withLock { state in
            let before = state.sessions.count
            state.sessions = state.sessions.filter { _, record in
                record.ended.map { $0 >= endedBefore } ?? (record.lastSeen >= idleSince)
            }
            let surplus = state.sessions.count - max(0, keep)
            if surplus > 0 {
                for record in state.sessions.values.sorted(by: { $0.lastSeen < $1.lastSeen }).prefix(surplus) {
                    state.sessions[record.key] = nil
                }
            }
            return before - state.sessions.count
        }
    }

    // MARK: Credentials

    package func insert(_ key: APIKeyRecord) throws {
        try state.withLock { state in
            let taken = state.keys.contains { $0.id == key.id || ($0.name == key.name && $0.revoked == nil) }
            if taken { throw StoreError(.conflict, "a key of this name or id exists already") }
            let place = state.keys.firstIndex { $0.created > key.created } ?? state.keys.endIndex
            state.keys.insert(key, at: place)
        }
    }

    package func keys() -> [APIKeyRecord] {
        state.withLock { $0.keys }
    }

    package func revoke(name: String, at date: Date) -> Bool {
        state.withLock { state in
            guard let index = state.keys.firstIndex(where: { $0.name == name && $0.revoked == nil }) else {
                return false
            }
            state.keys[index].revoked = date
            return true
        }
    }
}
