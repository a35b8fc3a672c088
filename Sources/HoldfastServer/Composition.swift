import FoundationEssentials
import Holdfast
package import Logging
package import MCPEngine
import MCPHTTP
import MCPStorage
import ServiceLifecycle

/// The whole server of one run over HTTP, put together from its settings. Tests and the program compose it the same way.
package struct Composition: Sendable {
    private let settings: Settings
    private let upstreams: [any Upstream]
    private let registry: PrometheusRegistry
    private let requests: RequestLog?
    private let logger: Logger

    /// - Parameters:
    ///   - upstreams: Tools beside the built-in ones.
    ///   - registry: Where this process's metrics are kept; it must be the one swift-metrics was bootstrapped with.
    ///   - requests: Where requests are logged; nil for nowhere.
    package init(
        settings: Settings, upstreams: [any Upstream] = [], registry: PrometheusRegistry, requests: RequestLog?,
        logger: Logger
    ) {
        self.settings = settings
        self.upstreams = upstreams
        self.registry = registry
        self.requests = requests
        self.logger = logger
    }

    /// Serves until a signal ends it. Throws what kept it from starting, as ``StartFailure`` where a person can mend it.
    package func run() async throws {
        let store = try StartFailure.explaining("data-dir") { try SQLiteStore(directory: settings.dataDir) }
        let keys = APIKeyDirectory(store: store, settingsKey: settings.apiKey?.value)
        try await keys.refresh()
        let oauth = OAuthParts(settings, store: store, logger: logger)
        let tokens = try TokenAccess(settings, server: oauth, logger: logger)
        let rule = AccessRule(
            host: settings.host, hasKeys: !keys.isEmpty, hasIssuer: tokens != nil,
            allowAnonymous: settings.allowAnonymous)
        let decision = try rule.decide()
        let hasUsers = try await !store.users().isEmpty

        let behind = try UpstreamParts(settings, store: store, logger: logger)
        await behind.loadKeptOffers()
        var parts = GatewayParts(settings: settings, upstreams: upstreams + behind.upstreams, logger: logger)
        tokens?.add(to: &parts.access)
        let gateway = parts.gateway(store: store)
        let routes: [any PublicRoutes] =
            (tokens.map { [$0.routes] } ?? []) + (oauth.map { [$0.routes(path: settings.path, logger: logger)] } ?? [])
        let application = HTTPApplication.make(
            configuration: httpConfiguration(access: access(decision, keys, tokens), routes), gateway: gateway,
            metricsText: { [registry] in registry.text() }, logger: logger,
            onRunning: { [settings] port in
                StartBanner(settings: settings, port: port, access: decision, hasUsers: hasUsers).print()
            })
        let lifespan = Lifespan(
            gateway: gateway, front: behind.opening(application),
            others: behind.services + [KeyRefresh(keys: keys, logger: logger)] + (oauth.map { [$0.sweep] } ?? [])
                + (tokens?.services ?? []),
            ending: behind.ending, logger: logger)
        try await StartFailure.explaining(host: settings.host, port: settings.port) { try await lifespan.run() }
    }

    // MARK: Access

    private func access(_ decision: AccessDecision, _ keys: APIKeyDirectory, _ tokens: TokenAccess?) -> Access {
        switch decision {
        case .keyRequired: return .bearer { keys.principal(for: $0) }
        case .signInRequired:
            var access = Access.bearer { keys.principal(for: $0) }
            tokens?.add(to: &access)
            return access
        case .open(let principal) where settings.allowAnonymous: return .open(principal)
        case .open(let principal):
            return Access(
                open: { keys.requiresKey ? nil : principal }, verify: { keys.principal(for: $0) })
        }
    }

    // MARK: Settings to configurations

    private func httpConfiguration(access: Access, _ routes: [any PublicRoutes]) -> HTTPConfiguration {
        var configuration = HTTPConfiguration()
        configuration.host = settings.host
        configuration.port = settings.port
        configuration.path = settings.path
        if settings.legacySSE {
            configuration.twoEndpoints = TwoEndpoints(
                stream: settings.legacySSEPath, messages: settings.legacyMessagesPath, prefix: publicPrefix)
        }
        configuration.origins = OriginGuard(allowed: settings.allowedOrigins)
        configuration.hosts = hosts
        configuration.access = access
        configuration.publicRoutes = routes
        configuration.maxBody = settings.maxBody
        configuration.maxHeaderBytes = settings.maxHeaderBytes
        configuration.maxConnections = settings.maxConnections
        configuration.jsonWait = settings.jsonWait
        configuration.keepAlive = settings.keepAlive
        configuration.writeTimeout = settings.writeTimeout
        configuration.idleConnectionTimeout = settings.idleConnectionTimeout
        if let requests { configuration.onRequest = { requests.write($0) } }
        return configuration
    }

    /// Names on a loopback address are checked always, others only when the operator lists them.
    private var hosts: HostGuard {
        let own = ["localhost", "127.0.0.1", "::1", settings.host] + publicHost
        if settings.allowedHosts.contains("*") { return .any }
        if !settings.allowedHosts.isEmpty { return HostGuard(allowed: settings.allowedHosts + own) }
        return AccessRule.isLoopback(settings.host) ? HostGuard(allowed: own) : .any
    }

    /// What a proxy has put before our paths, if it has.
    private var publicPrefix: String {
        guard let path = settings.publicURL.flatMap({ URL(string: $0)?.path() }), path.hasSuffix(settings.path)
        else { return "" }
        return String(path.dropLast(settings.path.count))
    }

    /// A proxy that passes the name on by which clients know us speaks for us.
    private var publicHost: [String] {
        settings.publicURL.flatMap { URL(string: $0)?.host() }.map { [$0] } ?? []
    }
}

/// Makes a new key work, and a revoked one stop, within a second of `keys create` and `keys revoke`.
struct KeyRefresh: Service {
    let keys: APIKeyDirectory
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failing = false
            while true {
                do {
                    try await Task.sleep(for: .seconds(1))
                    try await keys.refresh()
                    failing = false
                } catch is CancellationError {
                    return
                } catch {
                    if !failing { logger.error("keys.not_refreshed", metadata: ["error": "\(error)"]) }
                    failing = true
                }
            }
        }
    }
}
