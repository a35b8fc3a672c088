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
        fileprivate var connection: Connection
        fileprivate var number: Int
    }

    fileprivate final class Connection: Sendable {
        struct Watcher {
            var number: Int
            var action: @Sendable (Event) -> Void
        }

        struct State {
            var last: Event?
            var nextNumber = 0
            /// Nearly always one at most, so that its place is used again and again.
            var watchers: [Watcher] = []
        }

        let state: Mutex<State>

        init(last: Event? = nil) { state = Mutex(State(last: last)) }
    }

    private let open = Mutex<[ObjectIdentifier: Connection]>([:])

    func opened(_ connection: ObjectIdentifier) {
        open.withLock { $0[connection] = Connection() }
    }

    /// True when the connection was not known yet.
    func adopt(_ connection: ObjectIdentifier) -> Bool {
        open.withLock { open in
            guard open[connection] == nil else { return false }
            open[connection] = Connection()
            return true
        }
    }

    func happened(_ event: Event, to connection: ObjectIdentifier) {
        let known = open.withLock { event == .closed ? $0.removeValue(forKey: connection) : $0[connection] }
        let watchers = known?.state.withLock { state in
            state.last = event
            return state.watchers
        }
        for watcher in watchers ?? [] { watcher.action(event) }
    }

    /// Calls `action` for everything that happens to the channel until ``unwatch(_:)``, beginning with what already has.
    func watch(_ channel: any Channel, _ action: @escaping @Sendable (Event) -> Void) -> Watch {
        let connection = open.withLock { $0[ObjectIdentifier(channel)] } ?? Connection(last: .closed)
        let (number, event) = connection.state.withLock { state in
            state.nextNumber += 1
            state.watchers.append(Connection.Watcher(number: state.nextNumber, action: action))
            return (state.nextNumber, state.last)
        }
        if let event { action(event) }
        return Watch(connection: connection, number: number)
    }

    func unwatch(_ watch: Watch) {
        // What the action holds is released outside the lock: it may have a say in its own end.
        let watcher = watch.connection.state.withLock { state in
            state.watchers.firstIndex { $0.number == watch.number }.map { state.watchers.remove(at: $0) }
        }
        _ = watcher
    }
}
