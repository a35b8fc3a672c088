import MCPEngine
import Synchronization

/// The channels whose stream is open, by the id that their POSTs name.
final class OpenChannels: Sendable {
    private struct Entry {
        var duplex: Duplex
        var owner: String
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// Returns an id that nobody can guess.
    func add(_ duplex: Duplex, of principal: Principal) -> String {
        let id = RandomText.lowercase(25)
        entries.withLock { $0[id] = Entry(duplex: duplex, owner: principal.id) }
        return id
    }

    /// Another principal's does not exist (H-24).
    func find(_ id: String, for principal: Principal) -> Duplex? {
        guard let entry = entries.withLock({ $0[id] }), entry.owner == principal.id else { return nil }
        return entry.duplex
    }

    func remove(_ id: String) {
        let removed = entries.withLock { $0.removeValue(forKey: id) }
        _ = removed
    }
}
