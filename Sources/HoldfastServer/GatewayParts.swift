import Logging
import MCPEngine
import MCPProtocol
import MCPStorage

/// The engine as the settings want it, whichever way it is reached.
struct GatewayParts {
    let settings: Settings
    /// Tools beside the built-in ones.
    let upstreams: [any Upstream]
    let logger: Logger
    var hasSessions: Bool

    init(settings: Settings, upstreams: [any Upstream], logger: Logger) {
        self.settings = settings
        self.upstreams = upstreams
        self.logger = logger
        hasSessions = settings.sessions
    }

    func gateway(store: SQLiteStore) -> Gateway {
        Gateway(
            configuration: configuration, upstreams: memory(store) + upstreams, store: store, logger: logger)
    }

    private func memory(_ store: SQLiteStore) -> [any Upstream] {
        guard settings.memory else { return [] }
        let time = SystemTime()
        return [LocalUpstream(name: "memory", tools: MemoryTools.tools(store: store, now: { time.date }))]
    }

    private var configuration: Gateway.Configuration {
        let identity = Implementation(name: settings.serverName, version: HoldfastVersion.current)
        var configuration = Gateway.Configuration(identity: identity, instructions: settings.instructions)
        configuration.quirks = Quirks(strict: settings.strict)
        configuration.sessions = hasSessions
        configuration.limits.inFlightPerSession = settings.maxInFlightPerSession
        configuration.limits.inFlightPerPrincipal = settings.maxInFlightPerPrincipal
        configuration.limits.streamsPerPrincipal = settings.maxStreamsPerPrincipal
        configuration.limits.sessions = settings.maxSessions
        configuration.limits.sessionsPerPrincipal = settings.maxSessionsPerPrincipal
        configuration.limits.storedSessions = settings.maxStoredSessions
        configuration.limits.stream = EventLog.Limits(
            events: settings.streamBufferEvents, bytes: settings.streamBufferBytes)
        configuration.limits.keptStreamBytes = settings.keptStreamBytes
        configuration.limits.keptStreamAge = settings.keptStreamAge
        configuration.limits.jsonDepth = settings.maxJSONDepth
        configuration.limits.toolTime = settings.toolTimeLimit
        configuration.limits.drainGrace = settings.drainGrace
        configuration.limits.shutdownGrace = settings.shutdownGrace
        configuration.limits.idleExpiry = settings.sessionIdleExpiry
        configuration.limits.tombstone = settings.sessionTombstone
        return configuration
    }
}
