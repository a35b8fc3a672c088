package import FoundationEssentials
package import MCPProtocol
import Synchronization

/// Why a session drains. One road, four entrances.
package enum DrainCause: String, Sendable, CaseIterable {
    case delete, idle, shutdown, eviction

    /// The others only suspend it: it lives on in the store, and its next request finds it again.
    package var endsSession: Bool { self == .delete || self == .idle }
}

/// What a drain did, for the log line and the metrics.
package struct DrainAccount: Sendable {
    package var cause: DrainCause
    package var inFlight: Int
    package var delivered = 0
    package var failed = 0
    package var started: Duration
}

/// What happens to a session, told to whoever watches all of them.
package struct SessionEvents: Sendable {
    /// Found in the store by a process that had never seen it.
    package var restored: @Sendable (Session) -> Void
    package var draining: @Sendable (Session, DrainAccount) -> Void
    package var closed: @Sendable (Session, DrainAccount) -> Void

    package init(
        restored: @escaping @Sendable (Session) -> Void,
        draining: @escaping @Sendable (Session, DrainAccount) -> Void,
        closed: @escaping @Sendable (Session, DrainAccount) -> Void
    ) {
        self.restored = restored
        self.draining = draining
        self.closed = closed
    }
}

/// One handshake-era client, and what it is owed.
package final class Session: Sendable {
    package let id: String
    package let key: SessionKey
    /// A few digits that tell sessions apart in a log and open no door.
    package let mark: String
    /// The principal it was made for; it does not exist for any other.
    package let owner: String
    package let version: ProtocolVersion
    package let epoch: UInt32
    package let clientInfo: JSON?
    /// What its client can do.
    package let capabilities: ClientCapabilities
    package let questions: OpenQuestions

    private let state: Mutex<State>
    private let time: any TimeSource
    private let limits: EngineLimits
    private let events: SessionEvents

    private struct State {
        var machine: SessionMachine
        var exchanges: [ExchangeKey: Exchange] = [:]
        var streams: [StreamID: EventLog] = [:]
        /// URIs of resources whose updates it wants to hear of.
        var subscriptions: Set<String> = []
        var logLevel: LogLevel?
        var drain: DrainAccount?
        var savedActive: Duration
    }

    package init(
        id: String, record: SessionRecord, epoch: UInt32, time: any TimeSource, limits: EngineLimits,
        events: SessionEvents
    ) {
        self.id = id
        self.key = record.key
        self.mark = String(record.key.hex.prefix(8))
        self.owner = record.owner
        self.version = record.version
        self.clientInfo = record.clientInfo
        self.capabilities = ClientCapabilities(record.capabilities ?? [:])
        self.epoch = epoch
        self.time = time
        self.limits = limits
        self.events = events
        questions = OpenQuestions(epoch: epoch, limit: limits.questionsPerSession)
        let now = time.now
        let machine = SessionMachine(limit: limits.inFlightPerSession, now: now)
        // Being opened or restored is activity too, and the store was told of it before it ended, or not at all.
        let sinceSaved = max(0, time.date.timeIntervalSince(record.lastSeen))
        state = Mutex(
            State(
                machine: machine, subscriptions: Set(record.subscriptions), logLevel: record.logLevel,
                savedActive: now - .seconds(sinceSaved)))
    }

    // MARK: Requests

    package func begin(_ exchange: Exchange) -> SessionMachine.Admission {
        let now = time.now
        return state.withLock { state in
            let admission = state.machine.begin(exchange.key, id: exchange.id, now: now)
            if admission == .run { state.exchanges[exchange.key] = exchange }
            return admission
        }
    }

    package func end(_ exchange: Exchange) {
        let now = time.now
        let closed = state.withLock { state -> DrainAccount? in
            if state.exchanges.removeValue(forKey: exchange.key) != nil, state.drain != nil {
                state.drain?.delivered += 1
            }
            return state.machine.end(exchange.key, now: now).close ? state.drain : nil
        }
        if let closed { events.closed(self, closed) }
    }

    /// Counts as a sign of life; refused when the session is ending.
    package func note() -> SessionMachine.Admission {
        let now = time.now
        return state.withLock { $0.machine.note(now: now) }
    }

    package func cancellable(_ id: RequestID) -> Exchange? {
        state.withLock { state in state.machine.cancellable(id).flatMap { state.exchanges[$0] } }
    }

    package var logLevel: LogLevel? {
        get { state.withLock { $0.logLevel } }
        set { state.withLock { $0.logLevel = newValue } }
    }

    // MARK: Resource subscriptions

    package var subscriptions: Set<String> { state.withLock { $0.subscriptions } }

    package func isSubscribed(to uri: String) -> Bool { state.withLock { $0.subscriptions.contains(uri) } }

    /// What it is subscribed to after `change`; nil when that is the same.
    package func changeSubscriptions(_ change: (inout Set<String>) -> Void) -> Result<Set<String>?, RPCError> {
        state.withLock { state in
            var next = state.subscriptions
            change(&next)
            if next == state.subscriptions { return .success(nil) }
            guard next.count <= max(limits.subscriptionsPerSession, state.subscriptions.count) else {
                return .failure(
                    .invalidRequest("A session may subscribe to \(limits.subscriptionsPerSession) resources; drop one"))
            }
            state.subscriptions = next
            return .success(next)
        }
    }

    // MARK: Streams

    /// Makes a POST's log findable for a resume.
    package func keep(_ log: EventLog, as stream: StreamID) {
        state.withLock { state in
            guard state.machine.phase != .closed else { return }
            state.streams[stream] = log
        }
    }

    package func keeps(_ stream: StreamID) -> Bool { state.withLock { $0.streams[stream] != nil } }

    package func forget(_ stream: StreamID) {
        let log = state.withLock { $0.streams.removeValue(forKey: stream) }
        _ = log
    }

    package enum Attachment: Sendable {
        case read(EventLog, as: ReaderID)
        case unknownStream
        case refuse(SessionMachine.Refusal)
    }

    /// Makes the caller the one reader of `stream`.
    package func attach(to stream: StreamID) -> Attachment {
        let now = time.now
        let (attachment, displaced) = state.withLock { state -> (Attachment, ReaderID?) in
            guard stream == .listening || state.streams[stream] != nil else { return (.unknownStream, nil) }
            switch state.machine.attach(to: stream, now: now) {
            case .refuse(let refusal): return (.refuse(refusal), nil)
            case .read(let reader, let displaced):
                let log = state.streams[stream] ?? EventLog(owed: 0, limits: limits.stream)
                state.streams[stream] = log
                return (.read(log, as: reader), displaced)
            }
        }
        if case .read(let log, let reader) = attachment {
            if let displaced { log.dismiss(displaced) }
            log.admit(reader)
        }
        return attachment
    }

    package func detach(_ reader: ReaderID, from stream: StreamID) {
        let now = time.now
        state.withLock { $0.machine.detach(reader, from: stream, now: now) }
    }

    /// Puts a message that belongs to no request on the listening stream, read or not; the log bounds what waits.
    package func announce(_ payload: [UInt8]) {
        let log = state.withLock { state -> EventLog? in
            guard state.machine.phase == .active else { return nil }
            if let log = state.streams[.listening] { return log }
            let log = EventLog(owed: 0, limits: limits.stream)
            state.streams[.listening] = log
            return log
        }
        log?.announce(payload)
    }

    // MARK: Ending

    package var phase: SessionMachine.Phase { state.withLock { $0.machine.phase } }
    /// Why it drains, once it does.
    package var cause: DrainCause? { state.withLock { $0.drain?.cause } }
    package var idle: Duration? {
        let now = time.now
        return state.withLock { $0.machine.idle(now: now) }
    }

    /// Starts the drain; nil when one runs already, or when `minimum` is given and it has not been idle for as long.
    /// Closes at once when nothing is in flight.
    package func drain(_ cause: DrainCause, ifIdleFor minimum: Duration? = nil) -> DrainAccount? {
        let now = time.now
        let (account, closed, listening) = state.withLock { state -> (DrainAccount?, Bool, EventLog?) in
            guard state.machine.phase == .active else { return (nil, false, nil) }
            if let minimum {
                guard let idle = state.machine.idle(now: now), idle >= minimum else { return (nil, false, nil) }
            }
            let account = DrainAccount(cause: cause, inFlight: state.machine.owed.count, started: now)
            state.drain = account
            return (account, state.machine.drain().close, state.streams[.listening])
        }
        guard let account else { return nil }
        events.draining(self, account)
        if cause.endsSession { questions.closeAll() }
        listening?.finish()
        if closed { events.closed(self, account) }
        return account
    }

    /// The grace is over: whatever is still owed is answered with `error`, and its work is cancelled.
    package func expire(_ error: RPCError) {
        let (exchanges, close) = state.withLock { state -> ([Exchange], Bool) in
            let expiry = state.machine.expire()
            return (expiry.fail.compactMap { state.exchanges.removeValue(forKey: $0) }, expiry.settlement.close)
        }
        let failed = exchanges.filter { $0.fail(error, as: .expired) }.count
        guard close else { return }
        let account = state.withLock { state -> DrainAccount? in
            state.drain?.failed += failed
            state.drain?.delivered += exchanges.count - failed
            return state.drain
        }
        if let account { events.closed(self, account) }
    }

    // MARK: Last seen, written behind

    /// When it was last active, if the store does not know that yet.
    package func takeUnsavedSeen(date: Date) -> Date? {
        let now = time.now
        return state.withLock { state in
            let active = state.machine.idle(now: now).map { now - $0 } ?? now
            guard active > state.savedActive else { return nil }
            state.savedActive = active
            return date.addingTimeInterval((active - now).seconds)
        }
    }
}
