import Synchronization

/// What a visitor is known by.
enum Credential: Sendable {
    case none
    case key(String)
    case connection(Connection)

    var bearer: String? {
        switch self {
        case .none: nil
        case .key(let key): key
        case .connection(let connection): connection.access
        }
    }
}

/// Keys for two visitors at a time, who then have them for themselves.
final class KeyPool: Sendable {
    private let free: Mutex<[String]>

    init(_ keys: some Sequence<String>) {
        free = Mutex(Array(keys))
    }

    func takeTwo() -> (String, String)? {
        free.withLock { $0.count < 2 ? nil : ($0.removeFirst(), $0.removeFirst()) }
    }

    func put(_ keys: (String, String)) { free.withLock { $0 += [keys.0, keys.1] } }
}
