import NIOCore
import Synchronization

/// Tells whoever waits for something else that a connection is going away.
final class Connections: Sendable {
    enum Event: Sendable {
        /// The client will send nothing more; it may still read.
        case inputClosed
        case closed
    }

    struct Watch: Sendable {
        fileprivate var connection: ObjectIdentifier
        fileprivate var number: Int
    }

    private struct Entry {
        var last: Event?
        var nextNumber = 0
        var watchers: [Int: @Sendable (Event) -> Void] = [:]
    }

    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])

    func opened(_ connection: ObjectIdentifier) {
        entries.withLock { $0[connection] = Entry() }
    }

    /// True when the connection was not known yet.
    func adopt(_ connection: ObjectIdentifier) -> Bool {
        entries.withLock { entries in
            guard entries[connection] == nil else { return false }
            entries[connection] = Entry()
            return true
        }
    }

    func happened(_ event: Event, to connection: ObjectIdentifier) {
        let watchers = entries.withLock { entries in
            entries[connection]?.last = event
            defer { if event == .closed { entries[connection] = nil } }
            return entries[connection]?.watchers.values.map { $0 } ?? []
        }
        for watcher in watchers { watcher(event) }
    }

    /// Calls `action` for everything that happens to the channel until ``unwatch(_:)``, beginning with what already has.
    func watch(_ channel: any Channel, _ action: @escaping @Sendable (Event) -> Void) -> Watch {
        let connection = ObjectIdentifier(channel)
        let (watch, event) = entries.withLock { entries -> (Watch, Event?) in
            guard var entry = entries[connection] else {
                return (Watch(connection: connection, number: -1), .closed)
            }
            entry.nextNumber += 1
            entry.watchers[entry.nextNumber] = action
            entries[connection] = entry
            return (Watch(connection: connection, number: entry.nextNumber), entry.last)
        }
        if let event { action(event) }
        return watch
    }

    func unwatch(_ watch: Watch) {
        let action = entries.withLock { $0[watch.connection]?.watchers.removeValue(forKey: watch.number) }
        _ = action
    }
}
