import Logging
import MCPProtocol
import Synchronization

/// The conversations with one server behind us: opened when first needed, by one task for all who wait; opened again, after
/// a pause, when they have ended; closed when nobody needs them.
final class ConversationPool: Sendable {
    enum Key: Hashable, Sendable {
        /// The one that the server's lists are read in, and that calls share unless they have their own.
        case shared
        case principal(String)
        case session(SessionKey)
    }

    /// What a conversation says, and whose it is.
    struct Events: Sendable {
        var listsChanged: @Sendable (Key) -> Void
        var resourceUpdated: @Sendable (Key, _ uri: String) -> Void
        var opened: @Sendable (Key, UpstreamConversation) -> Void
        var closed: @Sendable (Key) -> Void
    }

    private typealias Outcome = Result<UpstreamConversation, any Error>

    private struct Slot {
        var conversation: UpstreamConversation?
        /// Those who wait for it to be opened; nil while nobody opens it.
        var waiters: [UInt64: CheckedContinuation<Outcome, Never>]?
        var failures = 0
        var lastFailure: LinkFailure?
        /// Not opened again before.
        var pauseEnds: Duration = .zero
        var openedAt: Duration = .zero
        var lastUsed: Duration = .zero

        /// Open, or about to be.
        var isTaken: Bool { conversation != nil || waiters != nil }
    }

    private struct State {
        var slots: [Key: Slot] = [:]
        var nextWaiter: UInt64 = 0
        var era: Era?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let opener: ConversationOpener
    private let host: SessionHost
    private let limits: UpstreamLimits
    private let time: any TimeSource
    private let random: any RandomSource
    private let metrics: UpstreamMetrics
    private let logger: Logger
    private let events: Events

    /// - Parameter era: In which it was opened the last time, in an earlier process perhaps.
    init(
        opener: ConversationOpener, time: any TimeSource, random: any RandomSource, metrics: UpstreamMetrics,
        events: Events
    ) {
        self.opener = opener
        self.host = opener.host
        self.limits = opener.policy.limits
        self.time = time
        self.random = random
        self.metrics = metrics
        self.logger = opener.logger
        self.events = events
    }

    /// The era in which it was opened the last time.
    var era: Era? {
        get { state.withLock { $0.era } }
        set { state.withLock { $0.era = newValue } }
    }

    /// The open conversation of that key. Waits for one that is being opened, unless that has failed before; does not wait
    /// out a pause.
    /// - Parameters:
    ///   - capabilities: Of the client, for a server that is told them once (handshake era).
    ///   - keeps: Whether the caller tries again until it is open. Nobody else tries the shared one after a failure:
    ///     calls are answered at once while the server is away.
    /// - Throws: ``LinkFailure`` or `CancellationError`.
    func conversation(_ key: Key, capabilities: JSON, keeps: Bool = false) async throws -> UpstreamConversation {
        let now = time.now
        let (open, waiter) = state.withLock { state -> (UpstreamConversation?, UInt64) in
            if let conversation = state.slots[key]?.conversation, !conversation.isOver {
                state.slots[key]?.lastUsed = now
                return (conversation, 0)
            }
            state.nextWaiter += 1
            return (nil, state.nextWaiter)
        }
        if let open { return open }
        return try await withTaskCancellationHandler {
            try await withCheckedContinuation { continuation in
                join(key, as: waiter, continuation, capabilities, keeps: keeps)
            }.get()
        } onCancel: {
            state.withLock { $0.slots[key]?.waiters?.removeValue(forKey: waiter) }?
                .resume(returning: .failure(CancellationError()))
        }
    }

    /// The conversation of that key if it is open now.
    func open(_ key: Key) -> UpstreamConversation? {
        state.withLock { $0.slots[key]?.conversation }.flatMap { $0.isOver ? nil : $0 }
    }

    private enum Entry {
        case ready(Outcome)
        case open
        case wait
    }

    private func join(
        _ key: Key, as waiter: UInt64, _ continuation: CheckedContinuation<Outcome, Never>, _ capabilities: JSON,
        keeps: Bool
    ) {
        let now = time.now
        var evicted: UpstreamConversation?
        let entry = state.withLock { state -> Entry in
            if state.isStopped { return .ready(.failure(Self.stopped)) }
            if Task.isCancelled { return .ready(.failure(CancellationError())) }
            var slot = state.slots[key] ?? Slot()
            defer { state.slots[key] = slot }
            slot.lastUsed = now
            if let conversation = slot.conversation, !conversation.isOver { return .ready(.success(conversation)) }
            let isTried = slot.waiters != nil || now < slot.pauseEnds || key == .shared && !keeps
            if let failure = slot.lastFailure, slot.failures > 0, isTried, !(keeps && slot.waiters != nil) {
                return .ready(.failure(LinkFailure(failure.kind, mayHaveBegun: false, failure.message)))
            }
            if slot.waiters != nil {
                slot.waiters?[waiter] = continuation
                return .wait
            }
            if key != .shared, state.slots.values.count(where: \.isTaken) >= limits.conversations {
                guard let idle = Self.leastRecentlyUsedIdle(state.slots) else {
                    let message = "all \(limits.conversations) conversations with it are in use"
                    return .ready(.failure(LinkFailure(.unreachable, mayHaveBegun: false, message)))
                }
                evicted = state.slots.removeValue(forKey: idle)?.conversation
            }
            slot.waiters = [waiter: continuation]
            return .open
        }
        if let evicted { close(evicted) }
        switch entry {
        case .ready(let outcome): continuation.resume(returning: outcome)
        case .wait: break
        case .open:
            if !host.start({ [self] _ in await open(key, capabilities) }) { finish(key, .failure(Self.stopped)) }
        }
    }

    private static var stopped: LinkFailure {
        LinkFailure(.closed, mayHaveBegun: false, "the server is stopping")
    }

    private static func leastRecentlyUsedIdle(_ slots: [Key: Slot]) -> Key? {
        slots.filter { $0.key != .shared && $0.value.conversation?.isIdle == true }
            .min { $0.value.lastUsed < $1.value.lastUsed }?.key
    }

    // MARK: Opening

    private func open(_ key: Key, _ capabilities: JSON) async {
        let known = era
        do throws(LinkFailure) {
            let conversation = try await opener.open(
                known: known, capabilities: capabilities,
                events: UpstreamConversation.Events(
                    listsChanged: { [weak self] in self?.events.listsChanged(key) },
                    resourceUpdated: { [weak self] uri in self?.events.resourceUpdated(key, uri) },
                    closed: { [weak self] _ in self?.sweep(key) }))
            era = conversation.version.era
            logger.info(
                "upstream.open",
                metadata: ["version": "\(conversation.version.rawValue)", "conversation": "\(Self.label(key))"])
            // Nobody waits for it any more.
            if !finish(key, .success(conversation)) { await conversation.close() }
        } catch {
            // What was known may be what is wrong (E-45).
            if known != nil { era = nil }
            logger.warning(
                "upstream.not_open",
                metadata: ["error": "\(error.message)", "conversation": "\(Self.label(key))"])
            finish(key, .failure(error))
        }
    }

    private static func label(_ key: Key) -> String {
        switch key {
        case .shared: "shared"
        case .principal: "principal"
        case .session: "session"
        }
    }

    /// False when there is no place for a conversation any more.
    @discardableResult
    private func finish(_ key: Key, _ outcome: Result<UpstreamConversation, LinkFailure>) -> Bool {
        let now = time.now
        let (waiters, isAbandoned) = state.withLock { state -> ([CheckedContinuation<Outcome, Never>], Bool) in
            guard var slot = state.slots[key] else { return ([], true) }
            let waiters = Array((slot.waiters ?? [:]).values)
            slot.waiters = nil
            switch outcome {
            case .success(let conversation):
                if state.isStopped { break }
                slot.conversation = conversation
                slot.openedAt = now
                slot.lastFailure = nil
            case .failure(let failure):
                slot.failures += 1
                slot.lastFailure = failure
                slot.pauseEnds = now + pause(after: slot.failures)
            }
            state.slots[key] = slot
            return (waiters, state.isStopped)
        }
        for waiter in waiters { waiter.resume(returning: outcome.mapError { $0 }) }
        switch outcome {
        case .failure: metrics.failed()
        case .success where isAbandoned: return false
        case .success(let conversation):
            metrics.opened()
            events.opened(key, conversation)
            // It may have ended before it was known here.
            if conversation.isOver { sweep(key) }
        }
        return true
    }

    private func pause(after failures: Int) -> Duration {
        let doubled = limits.leastBackoff * Double(1 << min(failures - 1, 20))
        var chance = Chance(random)
        return min(doubled, limits.mostBackoff) * Double.random(in: 0.75...1, using: &chance)
    }

    // MARK: Closing

    /// Takes notice of a conversation that has ended. One that was open for long may begin again at once.
    private func sweep(_ key: Key) {
        let now = time.now
        let hasEnded = state.withLock { state -> Bool in
            guard var slot = state.slots[key], let conversation = slot.conversation, conversation.isOver else {
                return false
            }
            slot.conversation = nil
            if now - slot.openedAt >= limits.leastBackoff * 4 {
                slot.failures = 0
                slot.pauseEnds = .zero
            } else {
                slot.failures += 1
                slot.pauseEnds = now + pause(after: slot.failures)
                slot.lastFailure = LinkFailure(.lost, mayHaveBegun: false, "it ended right after it had been opened")
            }
            state.slots[key] = slot
            return true
        }
        guard hasEnded else { return }
        logger.notice("upstream.closed", metadata: ["conversation": "\(Self.label(key))"])
        metrics.closed()
        events.closed(key)
    }

    /// The server knows the conversation no more, as after 404 to its session: the next call opens another. What is still
    /// under way in this one may be answered yet, and its link ends after that by itself.
    func drop(_ conversation: UpstreamConversation, of key: Key) {
        let isCurrent = state.withLock { state in
            guard state.slots[key]?.conversation === conversation else { return false }
            state.slots[key]?.conversation = nil
            return true
        }
        guard isCurrent else { return }
        metrics.closed()
        events.closed(key)
    }

    /// Nobody will use that key again.
    func end(_ key: Key) {
        let slot = state.withLock { $0.slots.removeValue(forKey: key) }
        for waiter in (slot?.waiters ?? [:]).values { waiter.resume(returning: .failure(Self.stopped)) }
        if let conversation = slot?.conversation {
            metrics.closed()
            close(conversation)
        }
    }

    func closeIdle() {
        let now = time.now
        let keys = state.withLock { state in
            state.slots.filter { key, slot in
                key != .shared && slot.waiters == nil && slot.conversation?.isIdle != false
                    && now - slot.lastUsed >= limits.idleTime
            }.map(\.key)
        }
        for key in keys { end(key) }
    }

    private func close(_ conversation: UpstreamConversation) {
        _ = host.start { _ in await conversation.close() }
    }

    /// Ends all of them, in good order, and opens none any more.
    func stop() async {
        let slots = state.withLock { state in
            state.isStopped = true
            defer { state.slots = [:] }
            return Array(state.slots.values)
        }
        for waiter in slots.flatMap({ ($0.waiters ?? [:]).values }) { waiter.resume(returning: .failure(Self.stopped)) }
        await withDiscardingTaskGroup { group in
            for conversation in slots.compactMap(\.conversation) { group.addTask { await conversation.close() } }
        }
    }
}
