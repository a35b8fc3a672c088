package import MCPProtocol

/// One stream of a session: 0 is the listening stream, any other is named after the exchange that began it.
package struct StreamID: Hashable, Sendable {
    package var value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static let listening = StreamID(0)
}

/// What one session owes, and to whom. No I/O, no clock, no continuations: events in, effects out.
package struct SessionMachine: Sendable {
    package enum Phase: Equatable, Sendable {
        /// Admits requests. → draining
        case active
        /// Admits nothing; waits for what is in flight. → closed
        case draining
        /// Owes nothing. Terminal.
        case closed
    }

    package private(set) var phase: Phase = .active
    private var inFlight: [ExchangeKey: RequestID] = [:]
    private var readers: [StreamID: ReaderID] = [:]
    private var nextReader = 1
    private var lastActive: Duration
    private let limit: Int

    /// - Parameters:
    ///   - limit: Requests in flight at once.
    ///   - now: Monotonic time, as in every method that takes one.
    package init(limit: Int, now: Duration) {
        self.limit = limit
        lastActive = now
    }

    package var owed: Set<ExchangeKey> { Set(inFlight.keys) }
    package var attached: [StreamID: ReaderID] { readers }

    package enum Refusal: Equatable, Sendable { case tooManyInFlight, ending, gone }

    private var refusal: Refusal? {
        switch phase {
        case .active: nil
        case .draining: .ending
        case .closed: .gone
        }
    }

    // MARK: Requests

    package enum Admission: Equatable, Sendable {
        case run
        case refuse(Refusal)
    }

    package mutating func begin(_ key: ExchangeKey, id: RequestID, now: Duration) -> Admission {
        if let refusal { return .refuse(refusal) }
        guard inFlight.count < limit else { return .refuse(.tooManyInFlight) }
        inFlight[key] = id
        lastActive = now
        return .run
    }

    /// A message that needs no exchange (a notification, a list answered from memory).
    package mutating func note(now: Duration) -> Admission {
        if let refusal { return .refuse(refusal) }
        lastActive = now
        return .run
    }

    package struct Settlement: Equatable, Sendable {
        /// Readers to dismiss.
        package var release: [ReaderOfStream] = []
        /// The session owes nothing any more and is over.
        package var close = false
    }

    package struct ReaderOfStream: Equatable, Sendable {
        package var stream: StreamID
        package var reader: ReaderID
        package init(stream: StreamID, reader: ReaderID) {
            self.stream = stream
            self.reader = reader
        }
    }

    /// The work behind `key` is over and its answer is in the log. Only the first call for a key has an effect.
    package mutating func end(_ key: ExchangeKey, now: Duration) -> Settlement {
        guard inFlight.removeValue(forKey: key) != nil else { return Settlement() }
        lastActive = now
        return settle(Settlement())
    }

    /// The exchange that `notifications/cancelled` for `id` means: none when no request, or more than one, has that id.
    package func cancellable(_ id: RequestID) -> ExchangeKey? {
        let matches = inFlight.filter { $0.value == id }
        return matches.count == 1 ? matches.first?.key : nil
    }

    // MARK: Readers (a POST that became a stream, a GET, a resume: all the same thing)

    package enum Attachment: Equatable, Sendable {
        case read(as: ReaderID, displacing: ReaderID?)
        case refuse(Refusal)
    }

    package mutating func attach(to stream: StreamID, now: Duration) -> Attachment {
        switch phase {
        case .active: break
        case .draining: guard stream != .listening else { return .refuse(.ending) }
        case .closed: return .refuse(.gone)
        }
        let reader = ReaderID(nextReader)
        nextReader += 1
        lastActive = now
        return .read(as: reader, displacing: readers.updateValue(reader, forKey: stream))
    }

    package mutating func detach(_ reader: ReaderID, from stream: StreamID, now: Duration) {
        guard readers[stream] == reader else { return }
        readers[stream] = nil
        lastActive = now
    }

    // MARK: Ending

    /// How long nothing has been in flight, read or sent; nil while something is.
    package func idle(now: Duration) -> Duration? {
        guard phase == .active, inFlight.isEmpty, readers.isEmpty else { return nil }
        return now - lastActive
    }

    /// Admits nothing new. The listening stream ends; streams that are still owed an answer go on.
    package mutating func drain() -> Settlement {
        guard phase == .active else { return Settlement() }
        phase = .draining
        var out = Settlement()
        if let reader = readers.removeValue(forKey: .listening) {
            out.release = [ReaderOfStream(stream: .listening, reader: reader)]
        }
        return settle(out)
    }

    package struct Expiry: Equatable, Sendable {
        /// Exchanges to answer with an error, oldest first.
        package var fail: [ExchangeKey] = []
        package var settlement = Settlement()
    }

    /// The grace is over: what is still owed gets an error.
    package mutating func expire() -> Expiry {
        guard phase == .draining else { return Expiry() }
        let fail = inFlight.keys.sorted { $0.value < $1.value }
        inFlight = [:]
        return Expiry(fail: fail, settlement: settle(Settlement()))
    }

    /// The one place a session closes.
    private mutating func settle(_ settlement: Settlement) -> Settlement {
        var settlement = settlement
        if phase == .draining, inFlight.isEmpty {
            phase = .closed
            settlement.close = true
        }
        return settlement
    }
}
