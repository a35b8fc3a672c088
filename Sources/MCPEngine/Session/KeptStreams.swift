import DequeModule
import Synchronization

/// Finished streams that a client may still resume: kept for a while, and within a bound for the whole process.
package final class KeptStreams: Sendable {
    private struct Name: Hashable {
        var session: SessionKey
        var stream: StreamID
    }

    private struct Entry {
        var session: Session
        var stream: StreamID
        var bytes: Int
        var timer: Deadlines.Token?
    }

    private struct State {
        var entries: [Name: Entry] = [:]
        /// Oldest first; the front is always kept, others may be gone.
        var order: Deque<Name> = []
        var bytes = 0

        mutating func remove(_ name: Name) -> Entry? {
            guard let entry = entries.removeValue(forKey: name) else { return nil }
            bytes -= entry.bytes
            while let oldest = order.first, entries[oldest] == nil { order.removeFirst() }
            return entry
        }
    }

    /// About what a stream costs beside its messages.
    private static let overhead = 1024

    private let state = Mutex(State())
    private let deadlines: Deadlines
    private let limits: EngineLimits

    package init(deadlines: Deadlines, limits: EngineLimits) {
        self.deadlines = deadlines
        self.limits = limits
    }

    /// Keeps `session`'s finished `stream`, at the price of the oldest kept when the bound is reached.
    package func add(_ session: Session, _ stream: StreamID, bytes: Int) {
        let name = Name(session: session.key, stream: stream)
        let (added, dropped) = state.withLock { state -> (Bool, [Entry]) in
            guard state.entries[name] == nil else { return (false, []) }
            let entry = Entry(session: session, stream: stream, bytes: bytes + Self.overhead)
            state.entries[name] = entry
            state.order.append(name)
            state.bytes += entry.bytes
            var dropped: [Entry] = []
            while state.bytes > limits.keptStreamBytes, let oldest = state.order.first {
                if let entry = state.remove(oldest) { dropped.append(entry) }
            }
            return (true, dropped)
        }
        for entry in dropped { release(entry) }
        guard added else { return }
        let timer = deadlines.schedule(after: limits.keptStreamAge) { [weak self] in
            guard let self, let entry = state.withLock({ $0.remove(name) }) else { return }
            entry.session.forget(entry.stream)
        }
        let stillKept = state.withLock { state in
            state.entries[name]?.timer = timer
            return state.entries[name] != nil
        }
        if !stillKept { deadlines.cancel(timer) }
    }

    private func release(_ entry: Entry) {
        if let timer = entry.timer { deadlines.cancel(timer) }
        entry.session.forget(entry.stream)
    }
}
