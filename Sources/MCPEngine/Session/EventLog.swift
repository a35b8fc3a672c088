import Synchronization

/// A reader of one log. Numbers grow, so of two readers the newer is known without asking a clock.
package struct ReaderID: Hashable, Comparable, Sendable {
    package var value: Int
    package init(_ value: Int) { self.value = value }
    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    /// The POST that a log was made for.
    package static let first = ReaderID(0)
}

/// One stream's messages, in order, bounded. Live delivery, replay and resume are the same read: what comes after this
/// position?
///
/// A log made for requests owes an answer to each and finishes itself with the last; a listening log owes none and
/// finishes when it is told to. It has one reader at a time: admitting a newer one dismisses the older.
package final class EventLog: Sendable {
    package struct Limits: Sendable {
        package var events: Int
        package var bytes: Int
        package init(events: Int = 1024, bytes: Int = 1 << 20) {
            self.events = events
            self.bytes = bytes
        }
    }

    package struct Event: Equatable, Sendable {
        /// From 1, without holes.
        package var position: Int
        /// One JSON-RPC message.
        package var payload: [UInt8]
        package var isAnswer: Bool
        /// The HTTP status that says the same, for an answer that comes first.
        package var status = 200
    }

    package enum Read: Equatable, Sendable {
        case event(Event)
        /// Everything was read and nothing will follow.
        case end
        /// Nothing came within the time given.
        case quiet
        /// Events after the position were dropped at the bound; the oldest one left.
        case gap(oldest: Int)
        /// A newer reader took over, or this one was told to leave.
        case dismissed
    }

    private struct Waiter {
        var reader: ReaderID
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var events: [Event] = []
        var first = 0
        var bytes = 0
        var last = 0
        var read = 0
        var owed: Int
        var finished = false
        var current: ReaderID? = .first
        var waiter: Waiter?
        /// The reader is asked to leave and to come back after this.
        var pause: Duration?

        var live: ArraySlice<Event> { events[first...] }

        mutating func append(_ payload: [UInt8], isAnswer: Bool, status: Int = 200, limits: Limits) {
            last += 1
            events.append(Event(position: last, payload: payload, isAnswer: isAnswer, status: status))
            bytes += payload.count
            while events.count - first > 1, events.count - first > limits.events || bytes > limits.bytes {
                bytes -= events[first].payload.count
                events[first].payload = []
                first += 1
            }
            if first > 64, first * 2 > events.count {
                events.removeFirst(first)
                first = 0
            }
        }

        mutating func takeWaiter() -> CheckedContinuation<Bool, Never>? {
            defer { waiter = nil }
            return waiter?.continuation
        }
    }

    private let state: Mutex<State>
    private let limits: Limits

    /// - Parameter owed: How many requests it answers; 0 for a listening log.
    package init(owed: Int, limits: Limits = Limits()) {
        self.limits = limits
        state = Mutex(State(owed: owed))
    }

    // MARK: Writing

    /// Adds a message that is not an answer. Dropped when the log has finished.
    package func append(_ payload: [UInt8]) {
        write { state, limits in
            guard !state.finished else { return }
            state.append(payload, isAnswer: false, limits: limits)
        }
    }

    /// Adds `payload` unless the next reader will find it anyway: however slow a reader is, what waits for it grows only
    /// with the kinds of things there are to announce.
    package func announce(_ payload: [UInt8]) {
        write { state, limits in
            guard !state.finished else { return }
            let unread = state.live.suffix(state.last - state.read)
            if unread.contains(where: { $0.payload == payload }) { return }
            state.append(payload, isAnswer: false, limits: limits)
        }
    }

    /// Adds the answer to one of the requests owed; the last one finishes the log.
    package func answer(_ payload: [UInt8], status: Int = 200) {
        write { state, limits in
            guard !state.finished else { return }
            state.append(payload, isAnswer: true, status: status, limits: limits)
            state.owed -= 1
            if state.owed <= 0 { state.finished = true }
        }
    }

    package func finish() {
        write { state, _ in state.finished = true }
    }

    /// Asks the reader to leave once it has read what is there, and to come back after `pause`. Only readers that can
    /// come back heed it.
    package func suspend(for pause: Duration) {
        write { state, _ in
            if !state.finished { state.pause = pause }
        }
    }

    private func write(_ change: (inout State, Limits) -> Void) {
        state.withLock { state in
            change(&state, limits)
            return state.takeWaiter()
        }?.resume(returning: true)
    }

    // MARK: Reading

    /// Makes `reader` the reader, unless a newer one already is.
    package func admit(_ reader: ReaderID) {
        state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if let current = state.current, current > reader { return nil }
            state.current = reader
            return state.takeWaiter()
        }?.resume(returning: true)
    }

    /// Ends `reader`'s reading; the log and its writers do not notice.
    package func dismiss(_ reader: ReaderID) {
        state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.current == reader else { return nil }
            state.current = nil
            return state.takeWaiter()
        }?.resume(returning: true)
    }

    /// The position up to which messages have been handed to some reader.
    package var readPosition: Int { state.withLock { $0.read } }
    /// The newest message's position; 0 before the first.
    package var lastPosition: Int { state.withLock { $0.last } }
    package var isFinished: Bool { state.withLock { $0.finished } }
    package var byteCount: Int { state.withLock { $0.bytes } }
    /// For how long the reader is asked to stay away; nil when it is not.
    package var pause: Duration? { state.withLock { $0.pause } }

    /// The same, and asks no longer.
    package func takePause() -> Duration? {
        state.withLock { state in
            defer { state.pause = nil }
            return state.pause
        }
    }

    /// What comes after `position`, waiting for it at most `limit`. A cancelled task reads as dismissed, and so does
    /// one that `canPause` when it is asked to leave.
    package func next(
        for reader: ReaderID, after position: Int, within limit: Duration? = nil, deadlines: Deadlines? = nil,
        canPause: Bool = false
    ) async -> Read {
        while true {
            if let read = step(reader, position) { return read }
            if Task.isCancelled || canPause && pause != nil { return .dismissed }
            guard await wait(reader, position, limit, deadlines, canPause) else {
                return step(reader, position) ?? .quiet
            }
        }
    }

    private func step(_ reader: ReaderID, _ position: Int) -> Read? {
        state.withLock { state in
            guard state.current == reader else { return .dismissed }
            if let oldest = state.live.first {
                if oldest.position > position + 1 { return .gap(oldest: oldest.position) }
                if position < state.last {
                    state.read = max(state.read, position + 1)
                    return .event(state.events[state.first + position + 1 - oldest.position])
                }
            }
            return state.finished ? .end : nil
        }
    }

    /// True when something changed, false when the time ran out.
    private func wait(
        _ reader: ReaderID, _ position: Int, _ limit: Duration?, _ deadlines: Deadlines?, _ canPause: Bool
    ) async -> Bool {
        var token: Deadlines.Token?
        if let limit, let deadlines {
            token = deadlines.schedule(after: limit) { [self] in wake(reader, changed: false) }
        }
        defer { if let token { deadlines?.cancel(token) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.last > position || state.finished || state.current != reader || Task.isCancelled
                        || canPause && state.pause != nil
                    {
                        return true
                    }
                    state.waiter = Waiter(reader: reader, continuation: continuation)
                    return false
                }
                if ready { continuation.resume(returning: true) }
            }
        } onCancel: {
            wake(reader, changed: true)
        }
    }

    private func wake(_ reader: ReaderID, changed: Bool) {
        state.withLock { $0.waiter?.reader == reader ? $0.takeWaiter() : nil }?.resume(returning: changed)
    }
}
