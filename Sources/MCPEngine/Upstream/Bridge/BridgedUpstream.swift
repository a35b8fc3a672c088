package import Logging
package import MCPProtocol
import ServiceLifecycle
import Synchronization

/// A server behind us, of either era, in a child process or far away, in front of clients of either era.
///
/// What it offers is kept, so that its lists are there before it is and stay when it goes. Calls run in conversations
/// with it that live on a host of its own: no client's coming or going ends them for others.
package final class BridgedUpstream: Upstream {
    package let name: String
    let policy: UpstreamPolicy
    let identity: Implementation
    let pool: ConversationPool
    let held: HeldCalls
    let metrics: UpstreamMetrics
    let logger: Logger
    let time: any TimeSource
    private let fingerprint: String
    private let store: any OfferStore
    let host: SessionHost
    private let deadlines: Deadlines
    private let state = Mutex(State())
    /// That something may have changed: taken up one at a time, and not counted.
    private let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private struct State {
        var offer = Offer()
        var tools: [String: KnownTool] = [:]
        var kept: KeptOffer?
        /// Nobody has ever seen its offer: who waits to.
        var isKnown = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
        var observers: [UpstreamObserver] = []
        var watches = ResourceWatches()
        /// The principal that called first.
        var first: String?
        var isAvailable = true
    }

    /// What has to be known of a tool to call it.
    struct KnownTool: Sendable {
        var headers: ParameterHeaders?
        /// Doing it twice does no harm, as far as the server's word goes.
        var isRepeatable: Bool
        /// The server runs it as a task only (B-81, B-84).
        var isTask: Bool
    }

    /// - Parameters:
    ///   - fingerprint: Changes when the server is reached in another way.
    ///   - identity: What the server is told it talks to.
    package init(
        _ policy: UpstreamPolicy, over transport: any UpstreamTransport, fingerprint: String,
        identity: Implementation, store: any OfferStore, time: any TimeSource = SystemTime(),
        random: any RandomSource = SystemRandom(), logger: Logger
    ) {
        name = policy.name
        self.policy = policy
        self.identity = identity
        self.fingerprint = fingerprint
        self.store = store
        self.time = time
        var logger = logger
        logger[metadataKey: "upstream"] = "\(policy.name)"
        self.logger = logger
        let relay = Relay()
        host = SessionHost()
        deadlines = Deadlines(time: time)
        metrics = UpstreamMetrics(upstream: policy.name)
        pool = ConversationPool(
            opener: ConversationOpener(
                transport: transport, policy: policy, identity: identity, host: host, deadlines: deadlines,
                logger: logger),
            time: time, random: random, metrics: metrics,
            events: ConversationPool.Events(
                listsChanged: { _ in relay.upstream?.somethingChanged() },
                resourceUpdated: { relay.upstream?.resourceUpdated($1) },
                opened: { relay.upstream?.opened($0, $1) },
                closed: { if $0 == .shared { relay.upstream?.somethingChanged() } }))
        held = HeldCalls(
            deadlines: deadlines, random: random, limits: policy.limits, metrics: metrics,
            expired: { relay.upstream?.expired($0) })
        relay.upstream = self
    }

    private final class Relay: Sendable {
        private struct Box: Sendable { weak var upstream: BridgedUpstream? }
        private let box = Mutex(Box())
        var upstream: BridgedUpstream? {
            get { box.withLock { $0.upstream } }
            set { box.withLock { $0.upstream = newValue } }
        }
    }

    // MARK: What it offers

    package var offer: Offer { state.withLock { $0.offer } }

    func tool(_ name: String) -> KnownTool? { state.withLock { $0.tools[name] } }

    /// The server has said so of a tool; its list does not.
    func becomesTask(_ work: Work) {
        guard case .tool(let name) = work.subject else { return }
        state.withLock { $0.tools[name]?.isTask = true }
    }

    package func observe(_ observer: UpstreamObserver) { state.withLock { $0.observers.append(observer) } }

    /// Takes up what was offered before a restart. Call it before there is a gateway.
    package func loadKeptOffer() async {
        do {
            guard let kept = try await store.keptOffer(of: name), kept.fingerprint == fingerprint else { return }
            pool.era = kept.era
            take(kept)
        } catch {
            logger.warning("upstream.offer_not_loaded", metadata: ["error": "\(error)"])
        }
    }

    /// Returns when its offer is known, from before or from the server itself, or it could not be asked; or when its task
    /// is cancelled.
    package func waitForOffer() async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isKnown || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }

    private func settleOffer() {
        let waiters = state.withLock { state in
            state.isKnown = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    private func take(_ kept: KeptOffer) {
        let offer = kept.offer(logger: logger)
        let tools = Dictionary(
            offer.tools.map { offered in
                let hints = offered.tool.annotations
                let known = KnownTool(
                    headers: kept.era == .perRequest
                        ? try? ParameterHeaders(inputSchema: offered.tool.inputSchema) : nil,
                    isRepeatable: hints?.readOnlyHint == true || hints?.idempotentHint == true,
                    isTask: offered.tasks != .none)
                return (offered.tool.name, known)
            }, uniquingKeysWith: { first, _ in first })
        let observers = state.withLock { state in
            (state.offer, state.tools, state.kept) = (offer, tools, kept)
            return state.observers
        }
        // First the catalog, then whoever waits to show it to clients.
        for observer in observers { observer.offerChanged() }
        settleOffer()
    }

    private func somethingChanged() { changes.continuation.yield() }

    private func resourceUpdated(_ uri: String) {
        for observer in state.withLock({ $0.observers }) { observer.resourceUpdated(uri) }
    }

    /// Reads the lists now and whenever they may have changed. What cannot be read leaves what was read before.
    private func keepOffer() async {
        var changes = changes.stream.makeAsyncIterator()
        var failures = 0
        while !Task.isCancelled {
            do {
                let conversation = try await pool.conversation(.shared, capabilities: Self.allCapabilities, keeps: true)
                try await readOffer(conversation)
                failures = 0
                await changes.next()
                // One change seldom comes alone.
                try await time.sleep(for: .milliseconds(50))
            } catch is CancellationError {
                return
            } catch {
                failures += 1
                settleOffer()
                let failure = (error as? LinkFailure)?.message ?? "\(type(of: error))"
                if failures == 1 { logger.warning("upstream.offer_not_read", metadata: ["error": "\(failure)"]) }
                let pause = policy.limits.leastBackoff * Double(1 << min(failures - 1, 20))
                guard (try? await time.sleep(for: min(pause, policy.limits.mostBackoff))) != nil else { return }
            }
        }
    }

    func readOffer(_ conversation: UpstreamConversation) async throws {
        let lists = try await OfferReader(conversation: conversation, limits: policy.limits, identity: identity).read()
        let kept = KeptOffer(fingerprint: fingerprint, era: conversation.version.era, lists: lists)
        guard state.withLock({ $0.kept != kept }) else { return settleOffer() }
        take(kept)
        do {
            try await store.keepOffer(kept, of: name)
        } catch {
            logger.warning("upstream.offer_not_kept", metadata: ["error": "\(error)"])
        }
    }

    /// Logs when calls begin to fail, and when they succeed again.
    func isAvailable(_ failure: LinkFailure?) {
        let hasChanged = state.withLock { state in
            defer { state.isAvailable = failure == nil }
            return state.isAvailable != (failure == nil)
        }
        guard hasChanged else { return }
        if let failure {
            logger.warning("upstream.unavailable", metadata: ["error": "\(failure.message)"])
        } else {
            logger.notice("upstream.available")
        }
    }

    // MARK: Whose conversation?

    func key(for owner: String, _ session: SessionKey?) -> ConversationPool.Key {
        switch (policy.lifetime, session) {
        case (.shared, _): .shared
        case (.perSession, let session?): .session(session)
        // Nobody has said anything yet in the one that the lists are read in: the first to call may have it.
        case (.perPrincipal, _), (.perSession, nil): isFirst(owner) ? .shared : .principal(owner)
        }
    }

    private func isFirst(_ owner: String) -> Bool {
        state.withLock { state in
            if state.first == nil { state.first = owner }
            return state.first == owner
        }
    }

    /// What a server that many clients share is told they can do; who cannot is not asked (B-27).
    static let allCapabilities: JSON = ["elicitation": ["form": [:], "url": [:]], "sampling": [:], "roots": [:]]

    package func sessionEnded(_ session: SessionKey) {
        let watched = state.withLock { $0.watches.removeAll(of: .session(session)) }
        for (key, uri) in watched { unsubscribe(uri, key) }
        if policy.lifetime == .perSession { pool.end(.session(session)) }
    }

    // MARK: Resources that somebody watches

    package var watchesResources: Bool { true }

    package func watch(
        _ uri: String, for watcher: ResourceWatcher, of owner: String
    ) async throws(RPCError) {
        let key = key(for: owner, watcher.session)
        guard state.withLock({ $0.watches.add(watcher, to: uri, in: key) }) else { return }
        do {
            let conversation = try await pool.conversation(key, capabilities: Self.allCapabilities)
            try await subscribe(uri, conversation)
        } catch {
            _ = state.withLock { $0.watches.remove(watcher, from: uri, in: key) }
            throw (error as? RPCError)
                ?? .internalError("The server \(name) cannot be asked to watch this resource now")
        }
    }

    package func unwatch(_ uri: String, for watcher: ResourceWatcher, of owner: String) {
        let key = key(for: owner, watcher.session)
        if state.withLock({ $0.watches.remove(watcher, from: uri, in: key) }) { unsubscribe(uri, key) }
    }

    private func subscribe(_ uri: String, _ conversation: UpstreamConversation) async throws {
        guard conversation.version.era == .handshake else { return listen(in: .shared) }
        guard conversation.opened?.offers("resources", "subscribe") == true else {
            throw RPCError.invalidRequest("The server \(name) does not tell when resources change")
        }
        let response = try await conversation.request(
            Method.resourcesSubscribe, within: policy.limits.listTime, params: ["uri": JSON(uri)])
        if let error = response.error {
            throw RPCError.invalidParams(
                "The server \(name) cannot watch this resource: \(error["message"]?.string?.prefix(200) ?? "")")
        }
    }

    private func unsubscribe(_ uri: String, _ key: ConversationPool.Key) {
        _ = host.start { [self] _ in
            guard let conversation = pool.open(key) else { return }
            guard conversation.version.era == .handshake else { return listen(in: .shared) }
            _ = try? await conversation.request(
                Method.resourcesUnsubscribe, within: policy.limits.listTime, params: ["uri": JSON(uri)])
        }
    }

    /// A new conversation knows nothing of what was watched in the one before, nor of what changed meanwhile (B-64).
    private func opened(_ key: ConversationPool.Key, _ conversation: UpstreamConversation) {
        if key == .shared { somethingChanged() }
        guard conversation.version.era == .handshake else { return listen(in: key) }
        let watched = state.withLock { $0.watches.uris(in: key) }
        guard !watched.isEmpty else { return }
        _ = host.start { [self] _ in
            for uri in watched { try? await subscribe(uri, conversation) }
            for uri in watched { resourceUpdated(uri) }
        }
    }

    /// Asks a server of the per-request era for its notifications: all about its lists, and about what is watched.
    private func listen(in key: ConversationPool.Key) {
        guard key == .shared, let conversation = pool.open(key), let opened = conversation.opened else { return }
        var filter: [(String, JSON)] = []
        for (capability, member) in [
            ("tools", "toolsListChanged"), ("prompts", "promptsListChanged"), ("resources", "resourcesListChanged"),
        ] where opened.offers(capability, "listChanged") { filter.append((member, true)) }
        let watched = state.withLock { $0.watches.uris }
        if !watched.isEmpty, opened.offers("resources", "subscribe") {
            filter.append(("resourceSubscriptions", JSON(watched.sorted().map { JSON($0) })))
        }
        let params: JSON = [
            "notifications": .object(filter),
            "_meta": ConversationOpener.meta(conversation.version, identity, capabilities: [:]),
        ]
        conversation.listen(params: filter.isEmpty ? nil : params) { [weak self] in
            guard let self else { return }
            // The stream ended: what changed since is not known (B-64).
            try? await time.sleep(for: policy.limits.leastBackoff * 4)
            somethingChanged()
            listen(in: key)
        }
    }

    // MARK: Life

    /// Runs what conversations need, until the server stops.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.host.run() }
            group.addTask { await self.deadlines.run() }
            group.addTask { await self.keepOffer() }
            group.addTask { await self.closeIdleRegularly() }
            try? await gracefulShutdown()
            await stop()
            group.cancelAll()
        }
    }

    /// Ends all conversations, in good order; there will be no other.
    package func stop() async {
        await pool.stop()
        host.stop()
    }

    private func closeIdleRegularly() async {
        while (try? await time.sleep(for: policy.limits.idleTime / 4)) != nil { pool.closeIdle() }
    }

    /// The client did not come back with an answer (B-23).
    private func expired(_ held: HeldCalls.Held) {
        _ = host.start { _ in
            for question in held.questions {
                await held.conversation.answer(question.id, question.refusal)
            }
            held.conversation.cancel(held.call)
        }
    }
}
