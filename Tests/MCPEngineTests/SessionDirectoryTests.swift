import FoundationEssentials
import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPEngine

@Suite struct SessionDirectoryTests {
    /// A store that is slow for one reader: the first to look a session up has read it, and hears of it at the gate.
    private final class SlowStore: SessionStore {
        let inner: InMemoryStore
        let gate: Gate
        let isFirst = Atomic(true)
        /// Whether every insertion waits too.
        let insertsSlowly: Bool

        init(inner: InMemoryStore = InMemoryStore(), gate: Gate, insertsSlowly: Bool = false) {
            self.inner = inner
            self.gate = gate
            self.insertsSlowly = insertsSlowly
        }

        func find(_ key: SessionKey) async throws -> SessionRecord? {
            let record = inner.find(key)
            if isFirst.exchange(false, ordering: .relaxed) { await gate.pass() }
            return record
        }

        func insert(_ record: SessionRecord) async throws {
            if insertsSlowly { await gate.pass() }
            try inner.insert(record)
        }
        func end(_ key: SessionKey, at date: Date) async throws { inner.end(key, at: date) }
        func touch(_ seen: [SessionKey: Date]) async throws { inner.touch(seen) }
        func setLogLevel(_ level: LogLevel, of key: SessionKey) async throws { inner.setLogLevel(level, of: key) }
        func setSubscriptions(_ uris: [String], of key: SessionKey) async throws {
            inner.setSubscriptions(uris, of: key)
        }
        func sweep(idleSince: Date, endedBefore: Date, keep: Int) async throws -> Int {
            inner.sweep(idleSince: idleSince, endedBefore: endedBefore, keep: keep)
        }
    }

    private func directory(
        _ store: any SessionStore, time: ManualTime = ManualTime(), limits: EngineLimits = EngineLimits()
    ) -> SessionDirectory {
        SessionDirectory(
            store: store, time: time, limits: limits, metrics: EngineMetrics(),
            events: SessionEvents(restored: { _ in }, draining: { _, _ in }, closed: { _, _ in }))
    }

    private func open(in directory: SessionDirectory) async throws -> String {
        let opened = await directory.open(owner: .local, version: .v2025_11_25, clientInfo: nil, capabilities: nil)
        return try #require(opened).session.id
    }

    @Test func aSessionThatEndsWhileItIsBeingRestoredStaysEnded() async throws {
        let store = InMemoryStore()
        let id = try await open(in: directory(store))
        let gate = Gate()
        let restarted = directory(SlowStore(inner: store, gate: gate))
        async let late = restarted.find(id, for: .local)
        await gate.arrivals()
        guard case .live(let session) = try await restarted.find(id, for: .local) else {
            Issue.record("the session was not restored")
            return gate.open()
        }
        #expect(session.drain(.delete) != nil)
        gate.open()
        guard case .ended = try await late else {
            Issue.record("a lookup from before the end brought the session back")
            return
        }
        #expect(restarted.count == 0)
    }

    @Test func aSessionThatIsBroughtBackIsSeenAtThatMoment() async throws {
        let (store, time) = (InMemoryStore(), ManualTime())
        let id = try await open(in: directory(store, time: time))
        time.advance(by: .seconds(3_600))
        let restarted = directory(store, time: time)
        guard case .live(let session) = try await restarted.find(id, for: .local) else {
            Issue.record("the session was not restored")
            return
        }
        #expect(session.takeUnsavedSeen(date: time.date) == time.date)
        #expect(session.takeUnsavedSeen(date: time.date) == nil)
    }

    @Test func thoseWhoComeAtOnceDoNotAllGetTheLastPlace() async throws {
        var limits = EngineLimits()
        limits.sessions = 2
        let gate = Gate()
        let directory = directory(SlowStore(gate: gate, insertsSlowly: true), limits: limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { _ = try await open(in: directory) } }
            await gate.arrivals(2)
            let third = await directory.open(owner: .local, version: .v2025_11_25, clientInfo: nil, capabilities: nil)
            #expect(third == nil)
            gate.open()
            try await group.waitForAll()
        }
        #expect(directory.count == 2)
        // The places are free again when their sessions have gone.
        for session in directory.live { _ = session.drain(.delete) }
        for _ in 0..<2 { _ = try await open(in: directory) }
        #expect(directory.count == 2)
    }

    @Test func anotherProcessRestoresASessionForItsOwnerOnly() async throws {
        let store = InMemoryStore()
        let id = try await open(in: directory(store))
        let restarted = directory(store)
        let stranger = try await restarted.find(id, for: Principal(id: "key:other", name: "other"))
        guard case .unknown = stranger, case .live = try await restarted.find(id, for: .local) else {
            Issue.record("a stranger found the session, or its owner did not")
            return
        }
    }

    @Test func aSessionIdleForTooLongIsNotRestored() async throws {
        let store = InMemoryStore()
        let time = ManualTime()
        let id = try await open(in: directory(store, time: time))
        time.advance(by: EngineLimits().idleExpiry)
        let restarted = directory(store, time: time)
        guard case .unknown = try await restarted.find(id, for: .local) else {
            Issue.record("a session came back after its idle expiry")
            return
        }
    }
}
