import FoundationEssentials
package import Logging
package import MCPProtocol
import Synchronization

/// What the engine keeps beyond the life of its process.
package typealias GatewayStore = SessionStore & SealingKeyStore & TaskStore

/// The one door: a call goes in, a reply comes out.
///
/// What a request needs to live after its connection (its exchange, its log) belongs to the session host, so nothing
/// that happens to one connection can take another's answer.
package final class Gateway: Sendable {
    package struct Configuration: Sendable {
        package var catalog: CatalogPolicy
        package var access = AccessPolicy()
        package var limits = EngineLimits()
        package var quirks = Quirks()
        /// Whether `initialize` makes sessions.
        package var sessions = true

        package init(identity: Implementation, instructions: String? = nil) {
            catalog = CatalogPolicy(identity: identity, instructions: instructions)
        }
    }

    package let configuration: Configuration
    package let metrics: EngineMetrics
    package let deadlines: Deadlines
    let catalog: CatalogService
    package let directory: SessionDirectory
    let ledger: Ledger
    package let host: SessionHost
    let kept: KeptStreams
    let listens: ListenHub
    let sealer: RequestStateSealer
    let tasks: TaskService
    private let envelopes: [ProtocolVersion: ResultEnvelope]
    let store: any SessionStore
    let time: any TimeSource
    let logger: Logger
    private let listeners = Mutex<[String: Int]>([:])

    package init(
        configuration: Configuration, upstreams: [any Upstream], store: any GatewayStore,
        time: any TimeSource = SystemTime(), random: any RandomSource = SystemRandom(), logger: Logger
    ) {
        let limits = configuration.limits
        let metrics = EngineMetrics()
        let relay = Relay()
        self.configuration = configuration
        self.metrics = metrics
        self.store = store
        self.time = time
        self.logger = logger
        deadlines = Deadlines(time: time)
        ledger = Ledger(limit: limits.inFlightPerPrincipal)
        host = SessionHost()
        kept = KeptStreams(deadlines: deadlines, limits: limits)
        directory = SessionDirectory(
            store: store, time: time, random: random, limits: limits, metrics: metrics,
            events: SessionEvents(
                restored: { relay.gateway?.sessionRestored($0) },
                draining: { relay.gateway?.sessionDraining($0, $1) },
                closed: { relay.gateway?.sessionClosed($0, $1) }))
        let identity = configuration.catalog.identity
        envelopes = Dictionary(
            uniqueKeysWithValues: ProtocolVersion.allCases.map {
                ($0, ResultEnvelope(version: $0, serverInfo: identity))
            })
        sealer = RequestStateSealer(store: store, limits: limits.requestState)
        tasks = TaskService(
            store: store, host: host, time: time, random: random, limits: limits.tasks, metrics: metrics,
            logger: logger)
        listens = ListenHub(identity: identity, limits: limits.stream)
        catalog = CatalogService(
            upstreams, policy: configuration.catalog, onChange: { relay.gateway?.listsChanged($0) },
            onUpdate: { relay.gateway?.resourceUpdated($0) })
        relay.gateway = self
    }

    /// Lets the parts call back without owning the gateway, or being made after it.
    private final class Relay: Sendable {
        private struct Box: Sendable { weak var gateway: Gateway? }
        private let box = Mutex(Box())
        var gateway: Gateway? {
            get { box.withLock { $0.gateway } }
            set { box.withLock { $0.gateway = newValue } }
        }
    }

    package func handle(_ call: Call) async -> Reply {
        switch call.verb {
        case .post: await post(call)
        case .get: if let refused = forbidden(call) { refused } else { await listen(call) }
        case .delete: if let refused = forbidden(call) { refused } else { await end(call) }
        }
    }

    // MARK: POST

    private func post(_ call: Call) async -> Reply {
        let tolerance = configuration.quirks.tolerance(userAgent: call.userAgent)
        let limits = JSON.Limits(depth: configuration.limits.jsonDepth)
        let headers = call.comesWithHeaders ? call.headers : nil
        switch Classifier.classify(call.body, headers: headers, limits: limits, tolerance: tolerance) {
        case .rejected(let rejection):
            metrics.refused("malformed")
            let bytes = Wire.error(rejection.error, id: rejection.id, era: rejection.era)
            return Reply(
                .message(bytes, status: rejection.status), method: "invalid", outcome: "rejected", era: rejection.era)
        case .perRequest(let inbound):
            if let refused = forbidden([inbound.message], inbound.version, call) { return refused }
            return await perRequest(inbound, call)
        case .handshake(let inbound):
            if !inbound.toleranceUsed.isEmpty {
                metrics.quirkUsed(Quirk.Allowance.contradictoryVersions.rawValue)
            }
            if let refused = forbidden(inbound.messages, inbound.headerVersion ?? .assumed, call) { return refused }
            return await handshake(inbound, call)
        }
    }

    /// How results are written for clients of `version`.
    func envelope(for version: ProtocolVersion) -> ResultEnvelope {
        envelopes[version] ?? ResultEnvelope(version: version, serverInfo: configuration.catalog.identity)
    }

    // MARK: Streams

    /// A POST's reply becomes a stream: from now on it can be resumed.
    package func streamBegan(_ reply: ReplyStream) -> ReplyStream {
        metrics.streamOpened()
        guard let session = reply.session, case .answers = reply.kind else { return reply }
        session.keep(reply.log, as: reply.stream)
        if reply.log.isFinished { kept.add(session, reply.stream, bytes: reply.log.byteCount) }
        guard case .read(_, let reader) = session.attach(to: reply.stream) else { return reply }
        var reply = reply
        reply.reader = reader
        return reply
    }

    /// The connection that read a stream is done with it, for whatever reason.
    package func streamEnded(_ reply: ReplyStream) {
        metrics.streamClosed()
        reply.whenClosed?()
        guard let session = reply.session else { return }
        session.detach(reply.reader, from: reply.stream)
        if reply.kind == .listening { unlisten(session.owner) }
    }

    package func unlisten(_ owner: String) {
        listeners.withLock { listeners in
            let left = listeners[owner, default: 1] - 1
            listeners[owner] = left > 0 ? left : nil
        }
    }

    /// Whether `principal` may hold one more stream by GET; if so it is counted until ``streamEnded(_:)`` or
    /// ``unlisten(_:)``.
    package func admitListener(_ principal: Principal) -> Bool {
        listeners.withLock { listeners in
            guard listeners[principal.id, default: 0] < configuration.limits.streamsPerPrincipal else { return false }
            listeners[principal.id, default: 0] += 1
            return true
        }
    }

    // MARK: Changes, told to whoever wants to know

    private func listsChanged(_ kinds: Set<ListKind>) {
        var methods: [(String, (ListenFilter) -> Bool)] = []
        if kinds.contains(.tools) { methods.append((Method.toolsListChanged, \.toolsListChanged)) }
        if kinds.contains(.prompts) { methods.append((Method.promptsListChanged, \.promptsListChanged)) }
        if !kinds.isDisjoint(with: [.resources, .templates]) {
            methods.append((Method.resourcesListChanged, \.resourcesListChanged))
        }
        for (method, admits) in methods {
            let payload = Wire.notification(method, params: nil as JSON?)
            for session in directory.live { session.announce(payload) }
            listens.announce(method, where: admits)
        }
    }

    private func resourceUpdated(_ uri: String) {
        let payload = Wire.notification(Method.resourcesUpdated, params: ["uri": JSON(uri)])
        for session in directory.live where session.isSubscribed(to: uri) { session.announce(payload) }
        listens.announce(Method.resourcesUpdated, ("uri", JSON(uri))) { $0.resourceSubscriptions.contains(uri) }
    }

    // MARK: State for people and probes

    /// False from the moment a shutdown begins.
    package var isReady: Bool { !ledger.isClosing }

    package var inFlight: Int { ledger.count }

    /// Brings the gauges up to date before they are read.
    package func observe() {
        let draining = directory.live.count { $0.phase == .draining }
        metrics.sessions(active: directory.count - draining, draining: draining)
        metrics.tasks(running: tasks.running)
        metrics.listeners(open: listens.count)
    }
}
