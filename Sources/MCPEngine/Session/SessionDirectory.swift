import Crypto
import FoundationEssentials
package import MCPProtocol
import Synchronization

/// Every session this process knows, live or ended, and the way to those it does not know yet.
package final class SessionDirectory: Sendable {
    package enum Lookup: Sendable {
        case live(Session)
        /// It was this principal's, and has ended.
        case ended
        /// Nobody's, or somebody else's: the answer is the same.
        case unknown
        /// It is this principal's, but there is no room for it now.
        case noRoom
    }

    private struct State {
        var live: [String: Session] = [:]
        /// Places that are taken, by sessions that live and by those that are about to.
        var places = 0
        var placesOfOwner: [String: Int] = [:]
        var ended: [SessionKey: Tombstone] = [:]
        var endedOrder: [SessionKey] = []

        mutating func leavePlace(of owner: String) {
            places -= 1
            let left = placesOfOwner[owner, default: 1] - 1
            placesOfOwner[owner] = left > 0 ? left : nil
        }
    }

    private struct Tombstone {
        var owner: String
        var until: Date
    }

    private let state = Mutex(State())
    private let store: any SessionStore
    private let time: any TimeSource
    private let random: any RandomSource
    private let limits: EngineLimits
    private let metrics: EngineMetrics
    private let events: SessionEvents

    package init(
        store: any SessionStore, time: any TimeSource, random: any RandomSource = SystemRandom(), limits: EngineLimits,
        metrics: EngineMetrics, events: SessionEvents
    ) {
        self.store = store
        self.time = time
        self.random = random
        self.limits = limits
        self.metrics = metrics
        self.events = events
    }

    package static func key(of id: String) -> SessionKey {
        SessionKey(hex: SHA256.hash(data: Array(id.utf8)).hexadecimal)
    }

    // MARK: Opening

    /// A new session, remembered in the store before it is used; nil when the directory is full and nobody is idle.
    ///
    /// A store that fails costs the session its life after a restart, not its life now.
    package func open(
        owner: Principal, version: ProtocolVersion, clientInfo: JSON?, capabilities: JSON?
    ) async -> (session: Session, stored: Bool)? {
        guard takePlace(for: owner.id) else { return nil }
        let id = random.next().paddedHex + random.next().paddedHex
        let now = time.date
        let record = SessionRecord(
            key: Self.key(of: id), owner: owner.id, version: version, clientInfo: clientInfo,
            capabilities: capabilities, created: now, lastSeen: now)
        var stored = true
        do { try await metrics.timingStore("session_insert") { try await store.insert(record) } } catch {
            stored = false
        }
        return (adopt(record, id: id)?.session ?? makeSession(record, id: id), stored)
    }

    private func makeSession(_ record: SessionRecord, id: String) -> Session {
        var events = events
        events.closed = { [weak self] session, account in self?.closed(session, account) }
        let epoch = UInt32(truncatingIfNeeded: random.next())
        return Session(id: id, record: record, epoch: epoch, time: time, limits: limits, events: events)
    }

    /// Puts the session among the living, in the place that was taken for it, unless it has ended meanwhile. The one that
    /// is there already wins.
    private func adopt(_ record: SessionRecord, id: String) -> (session: Session, isNew: Bool)? {
        let session = makeSession(record, id: id)
        return state.withLock { state in
            let present = state.live[id]
            if present != nil || state.ended[record.key] != nil {
                state.leavePlace(of: record.owner)
                return present.map { ($0, false) }
            }
            state.live[id] = session
            return (session, true)
        }
    }

    // MARK: Finding

    /// What `id` means for `principal` if it is in memory, which it nearly always is.
    package func known(_ id: String, for principal: Principal) -> Lookup? {
        guard let session = state.withLock({ $0.live[id] }) else { return nil }
        return session.owner == principal.id ? .live(session) : .unknown
    }

    /// The session `id` means for `principal`, restored from the store when this process has never seen it.
    package func find(_ id: String, for principal: Principal) async throws -> Lookup {
        if let known = known(id, for: principal) { return known }
        // Ids are made here: anything of another form need not trouble the store.
        guard id.utf8.count == 32, id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return .unknown }
        let key = Self.key(of: id)
        let now = time.date
        if let tombstone = state.withLock({ $0.ended[key] }) {
            return tombstone.owner == principal.id && tombstone.until > now ? .ended : .unknown
        }
        guard let record = try await metrics.timingStore("session_find", { try await store.find(key) }),
            record.owner == principal.id
        else { return .unknown }
        if let ended = record.ended {
            return now.timeIntervalSince(ended) < limits.tombstone.seconds ? .ended : .unknown
        }
        guard now.timeIntervalSince(record.lastSeen) < limits.idleExpiry.seconds else { return .unknown }
        // Brought back by another request meanwhile, it needs no place.
        if let known = known(id, for: principal) { return known }
        guard takePlace(for: record.owner) else { return .noRoom }
        guard let (session, isNew) = adopt(record, id: id) else { return .ended }
        if isNew { events.restored(session) }
        return .live(session)
    }

    package var live: [Session] { state.withLock { Array($0.live.values) } }
    package var count: Int { state.withLock { $0.live.count } }
    /// Places that are taken, by sessions that live and by those that are about to.
    package var places: Int { state.withLock { $0.places } }

    // MARK: Making room

    /// Takes a place before it is needed, so that those who come at once do not all find the last one free. At a cap,
    /// idle sessions leave memory, least recently used first. They stay in the store and come back when their client
    /// does. False when nobody can leave.
    private func takePlace(for owner: String) -> Bool {
        while true {
            let crowd = state.withLock { state -> [Session]? in
                if state.placesOfOwner[owner, default: 0] >= limits.sessionsPerPrincipal {
                    return state.live.values.filter { $0.owner == owner }
                }
                if state.places >= limits.sessions { return Array(state.live.values) }
                state.places += 1
                state.placesOfOwner[owner, default: 0] += 1
                return nil
            }
            guard let crowd else { return true }
            guard suspendIdle(of: crowd) else { return false }
        }
    }

    /// False when none of them is idle.
    private func suspendIdle(of crowd: [Session]) -> Bool {
        let idle = crowd.compactMap { session in session.idle.map { (session, $0) } }.sorted { $0.1 > $1.1 }
        // A batch, so that a full directory is not searched for every newcomer.
        let leaving = idle.prefix(max(1, crowd.count / 100)).filter { session, _ in
            session.drain(.eviction, ifIdleFor: .zero) != nil
        }
        for _ in leaving { metrics.evicted() }
        return !leaving.isEmpty
    }

    // MARK: Ending

    private func closed(_ session: Session, _ account: DrainAccount) {
        let until = time.date.addingTimeInterval(limits.tombstone.seconds)
        state.withLock { state in
            if state.live.removeValue(forKey: session.id) != nil { state.leavePlace(of: session.owner) }
            if account.cause.endsSession { Self.bury(session, until: until, in: &state) }
        }
        events.closed(session, account)
    }

    /// Tombstones in memory only bridge the moment until the store knows; older ones are found there.
    private static func bury(_ session: Session, until: Date, in state: inout State) {
        state.ended[session.key] = Tombstone(owner: session.owner, until: until)
        state.endedOrder.append(session.key)
        if state.endedOrder.count > 10_000 {
            for key in state.endedOrder.prefix(1_000) { state.ended[key] = nil }
            state.endedOrder.removeFirst(1_000)
        }
    }
}

extension Digest {
    package var hexadecimal: String {
        var hex = ""
        hex.reserveCapacity(2 * Self.byteCount)
        for byte in self { hex += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16) }
        return hex
    }
}

extension UInt64 {
    fileprivate var paddedHex: String {
        let hex = String(self, radix: 16)
        return String(repeating: "0", count: 16 - hex.count) + hex
    }
}
