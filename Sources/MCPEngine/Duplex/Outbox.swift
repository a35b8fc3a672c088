import DequeModule
import Synchronization

/// Whether anybody still wants to hear of one request.
package final class Interest: Sendable {
    private let lost = Atomic(false)

    package init() {}

    package var isLost: Bool { lost.load(ordering: .acquiring) }
    package func lose() { lost.store(true, ordering: .releasing) }
}

/// What waits to be written to one client: many senders, one reader, bounded in bytes. Senders wait for room in the
/// order in which they came.
package final class Outbox: Sendable {
    package enum Read: Equatable, Sendable {
        case message([UInt8])
        /// Nothing came within the time given.
        case quiet
        /// Nothing is left and nothing will follow.
        case end
    }

    private struct Item {
        var payload: [UInt8]
        var interest: Interest?
    }

    private struct Sender {
        var number: Int
        /// Nil for one who only waits for room.
        var item: Item?
        var continuation: CheckedContinuation<Bool, Never>
    }

    private enum Phase { case open, finished, closed }

    private struct State {
        var phase = Phase.open
        var items: Deque<Item> = []
        var bytes = 0
        var senders: Deque<Sender> = []
        var nextNumber = 0
        var reader: CheckedContinuation<Bool, Never>?

        mutating func append(_ item: Item) {
            bytes += item.payload.count
            items.append(item)
        }

        mutating func takeReader() -> CheckedContinuation<Bool, Never>? {
            defer { reader = nil }
            return reader
        }

        mutating func takeSenders() -> [CheckedContinuation<Bool, Never>] {
            defer { senders = [] }
            return senders.map(\.continuation)
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: In bytes. A message is taken while less than this waits, so one of any size gets through.
    package init(limit: Int) {
        self.limit = limit
    }

    // MARK: Writing

    /// Adds a message without waiting, for those who asked for ``room()`` before. False when nobody will read it.
    @discardableResult
    package func post(_ payload: [UInt8], for interest: Interest? = nil) -> Bool {
        let (taken, reader) = state.withLock { state -> (Bool, CheckedContinuation<Bool, Never>?) in
            guard state.phase == .open else { return (false, nil) }
            state.append(Item(payload: payload, interest: interest))
            return (true, state.takeReader())
        }
        reader?.resume(returning: true)
        return taken
    }

    /// Adds a message as soon as there is room. False when nobody will read it.
    package func send(_ payload: [UInt8], for interest: Interest? = nil) async -> Bool {
        await enter(Item(payload: payload, interest: interest))
    }

    /// Waits until there is room. False when there never will be.
    package func room() async -> Bool {
        await enter(nil)
    }

    /// How many wait for room.
    package var waiting: Int { state.withLock { $0.senders.count } }

    private func enter(_ item: Item?) async -> Bool {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (entered, reader) = state.withLock { state -> (Bool?, CheckedContinuation<Bool, Never>?) in
                    guard state.phase == .open, !Task.isCancelled else { return (false, nil) }
                    guard state.bytes < limit, state.senders.isEmpty else {
                        state.senders.append(Sender(number: number, item: item, continuation: continuation))
                        return (nil, nil)
                    }
                    guard let item else { return (true, nil) }
                    state.append(item)
                    return (true, state.takeReader())
                }
                reader?.resume(returning: true)
                if let entered { continuation.resume(returning: entered) }
            }
        } onCancel: {
            state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.senders.firstIndex(where: { $0.number == number }) else { return nil }
                return state.senders.remove(at: index).continuation
            }?.resume(returning: false)
        }
    }

    /// Nothing more will be added; what waits is still read.
    package func finish() { end(as: .finished) }

    /// Nobody will read any more.
    package func close() { end(as: .closed) }

    private func end(as phase: Phase) {
        let (reader, senders) = state.withLock { state in
            if state.phase != .closed { state.phase = phase }
            if phase == .closed { (state.items, state.bytes) = ([], 0) }
            return (state.takeReader(), state.takeSenders())
        }
        reader?.resume(returning: true)
        for sender in senders { sender.resume(returning: false) }
    }

    // MARK: Reading

    /// The next message that is still wanted, waiting for it at most `limit`. A cancelled task reads the end.
    package func next(within limit: Duration? = nil, deadlines: Deadlines? = nil) async -> Read {
        while true {
            if let read = take() { return read }
            if Task.isCancelled { return .end }
            guard await wait(limit, deadlines) else { return take() ?? .quiet }
        }
    }

    private func take() -> Read? {
        let (read, entered) = state.withLock { state -> (Read?, [CheckedContinuation<Bool, Never>]) in
            var entered: [CheckedContinuation<Bool, Never>] = []
            while let item = state.items.popFirst() {
                state.bytes -= item.payload.count
                while state.bytes < limit, let sender = state.senders.popFirst() {
                    if let item = sender.item { state.append(item) }
                    entered.append(sender.continuation)
                }
                if item.interest?.isLost != true { return (.message(item.payload), entered) }
            }
            return (state.phase == .open ? nil : .end, entered)
        }
        for sender in entered { sender.resume(returning: true) }
        return read
    }

    /// True when something changed, false when the time ran out.
    private func wait(_ limit: Duration?, _ deadlines: Deadlines?) async -> Bool {
        var token: Deadlines.Token?
        if let limit, let deadlines {
            token = deadlines.schedule(after: limit) { [self] in wake(changed: false) }
        }
        defer { if let token { deadlines?.cancel(token) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if !state.items.isEmpty || state.phase != .open || Task.isCancelled { return true }
                    state.reader = continuation
                    return false
                }
                if ready { continuation.resume(returning: true) }
            }
        } onCancel: {
            wake(changed: true)
        }
    }

    private func wake(changed: Bool) {
        state.withLock { $0.takeReader() }?.resume(returning: changed)
    }
}
