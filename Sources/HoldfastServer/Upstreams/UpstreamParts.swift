import Crypto
import FoundationEssentials
import Logging
import MCPEngine
import MCPProtocol
import MCPStorage
import MCPUpstreams
import ServiceLifecycle

/// The servers behind this one, made of their settings.
struct UpstreamParts {
    private let bridged: [BridgedUpstream]
    /// As the gateway sees them: chosen tools, under their prefixes.
    let upstreams: [any Upstream]
    /// What runs them. It must outlive the drain.
    let services: [any Service]
    /// How long they may take to stop: a child's input ends, then it gets SIGTERM, then SIGKILL.
    let ending: Duration
    private let patience: Duration

    /// - Throws: ``StartFailure`` for one that could never be reached.
    init(_ settings: Settings, store: SQLiteStore, logger: Logger) throws {
        let identity = Implementation(name: settings.serverName, version: HoldfastVersion.current)
        bridged = try settings.upstreams.map { upstream in
            BridgedUpstream(
                Self.policy(upstream, settings), over: try Self.transport(upstream),
                fingerprint: Self.fingerprint(upstream.target), identity: identity, store: store, logger: logger)
        }
        upstreams = zip(settings.upstreams, bridged).map { upstream, bridged in
            NamedUpstream(
                bridged, prefix: upstream.prefix,
                filter: UpstreamFilter(allow: upstream.traits.allow, deny: upstream.traits.deny), logger: logger)
        }
        services = bridged.map { UpstreamService(upstream: $0) }
        ending = (settings.upstreams.map(\.traits.endTime).max() ?? .zero) * 3
        patience = settings.upstreams.map(\.traits.listTime).max() ?? .zero
    }

    /// Takes up what they offered before a restart.
    func loadKeptOffers() async {
        for upstream in bridged { await upstream.loadKeptOffer() }
    }

    /// `front`, held back until it is known what there is to offer: a client that finds no tools does not ask again. One
    /// server that takes too long does not keep the others.
    func opening(_ front: any Service) -> any Service {
        bridged.isEmpty ? front : OpeningService(front: front, upstreams: bridged, patience: patience)
    }

    private static func policy(_ upstream: UpstreamSettings, _ settings: Settings) -> UpstreamPolicy {
        let traits = upstream.traits
        var limits = UpstreamLimits()
        limits.openTime = traits.startTime
        limits.listTime = traits.listTime
        limits.idleTime = traits.idleTime
        limits.leastBackoff = traits.retryDelay
        limits.mostBackoff = traits.retryDelayLimit
        limits.conversations = traits.maxSessions
        limits.heldCalls = settings.maxHeldCallsPerPrincipal
        limits.heldTime = settings.heldCallLifetime
        let lifetime: UpstreamPolicy.Lifetime =
            switch traits.lifetime {
            case .shared: .shared
            case .perPrincipal: .perPrincipal
            case .perSession: .perSession
            }
        let era: Era? =
            switch traits.era {
            case .auto: nil
            case .session: .handshake
            case .perRequest: .perRequest
            }
        return UpstreamPolicy(name: upstream.name, lifetime: lifetime, era: era, limits: limits)
    }

    private static func transport(_ upstream: UpstreamSettings) throws -> any UpstreamTransport {
        let traits = upstream.traits
        switch upstream.target {
        case .child(let child):
            var configuration = StdioTransport.Configuration(
                name: upstream.name, command: child.command, arguments: child.arguments)
            let ours = ProcessInfo.processInfo.environment
            for name in traits.passEnvironment { configuration.environment[name] = ours[name] }
            for (name, value) in child.environment { configuration.environment[name] = value.value }
            configuration.directory = child.directory
            configuration.longestLine = traits.maxMessage
            configuration.inputGrace = traits.endTime
            configuration.terminationGrace = traits.endTime
            return StdioTransport(configuration)
        case .remote(let remote):
            var limits = RemoteLimits()
            limits.message = traits.maxMessage
            do {
                let server = try RemoteServer(
                    url: remote.url, headers: remote.headers.map { ($0.name, $0.value.value) },
                    credentials: credentials(of: remote), limits: limits)
                return HTTPTransport(server)
            } catch {
                throw StartFailure("upstreams.\(upstream.name).url \(error)")
            }
        }
    }

    private static func credentials(of remote: UpstreamSettings.Remote) -> UpstreamCredentials? {
        if let file = remote.bearerFile { return UpstreamCredentials(.file(file)) }
        return remote.bearer.map { UpstreamCredentials(.token($0.value)) }
    }

    /// What is offered is another server's when this changes. Holds no secret.
    private static func fingerprint(_ target: UpstreamSettings.Target) -> String {
        let text =
            switch target {
            case .child(let child): ([child.command] + child.arguments).joined(separator: "\u{0}")
            case .remote(let remote): remote.url
            }
        return SHA256.hash(data: Data(text.utf8)).hexadecimal
    }
}

private struct UpstreamService: Service {
    let upstream: BridgedUpstream
    func run() async { await upstream.run() }
}

private struct OpeningService: Service {
    let front: any Service
    let upstreams: [BridgedUpstream]
    let patience: Duration

    func run() async throws {
        await either {
            for upstream in upstreams { await upstream.waitForOffer() }
        } or: {
            try? await Task.sleep(for: patience)
        }
        try await front.run()
    }
}
