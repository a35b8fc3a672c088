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
    var access = AccessPolicy()

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

    var configuration: Gateway.Configuration {
        let identity = Implementation(name: settings.serverName, version: HoldfastVersion.current)
        var configuration = Gateway.Configuration(identity: identity, instructions: settings.instructions)
        configuration.catalog.pageSize = settings.listPageSize
        configuration.catalog.lists = [
            .tools: CacheHint(ttl: settings.toolsCacheTTL, scope: settings.toolsCacheScope),
            .prompts: CacheHint(ttl: settings.promptsCacheTTL, scope: settings.promptsCacheScope),
            .resources: CacheHint(ttl: settings.resourcesCacheTTL, scope: settings.resourcesCacheScope),
            .templates: CacheHint(ttl: settings.templatesCacheTTL, scope: settings.templatesCacheScope),
        ]
        configuration.catalog.discover = CacheHint(ttl: settings.discoverCacheTTL, scope: settings.discoverCacheScope)
        configuration.access = access
        configuration.quirks = Quirks(strict: settings.strict)
        configuration.sessions = hasSessions
        configuration.limits = limits
        return configuration
    }

    private var limits: EngineLimits {
        var limits = EngineLimits()
        limits.inFlightPerSession = settings.maxInFlightPerSession
        limits.inFlightPerPrincipal = settings.maxInFlightPerPrincipal
        limits.streamsPerPrincipal = settings.maxStreamsPerPrincipal
        limits.sessions = settings.maxSessions
        limits.sessionsPerPrincipal = settings.maxSessionsPerPrincipal
        limits.storedSessions = settings.maxStoredSessions
        limits.stream = EventLog.Limits(events: settings.streamBufferEvents, bytes: settings.streamBufferBytes)
        limits.keptStreamBytes = settings.keptStreamBytes
        limits.keptStreamAge = settings.keptStreamAge
        limits.jsonDepth = settings.maxJSONDepth
        limits.toolTime = settings.toolTimeLimit
        limits.questionsPerSession = settings.maxQuestionsPerSession
        limits.subscriptionsPerSession = settings.maxSubscriptionsPerSession
        limits.subscriptionsPerListener = settings.maxSubscriptionsPerListener
        limits.requestState.bytes = settings.maxRequestState
        limits.requestState.lifetime = settings.requestStateLifetime
        limits.requestState.keyRotation = settings.requestStateKeyAge
        limits.tasks = tasks
        limits.drainGrace = settings.drainGrace
        limits.shutdownGrace = settings.shutdownGrace
        limits.shutdownWriting = settings.shutdownWriting
        limits.idleExpiry = settings.sessionIdleExpiry
        limits.tombstone = settings.sessionTombstone
        return limits
    }

    private var tasks: TaskLimits {
        var tasks = TaskLimits()
        tasks.inAll = settings.maxTasks
        tasks.perOwner = settings.maxTasksPerPrincipal
        tasks.ttl = settings.taskTTL
        tasks.pollInterval = settings.taskPollInterval
        tasks.result = settings.maxTaskResult
        tasks.questions = settings.maxTaskQuestions
        tasks.questionBytes = settings.maxTaskQuestionBytes
        tasks.answerBytes = settings.maxTaskAnswerBytes
        tasks.reconciliation = settings.taskFollowInterval
        tasks.sweep = settings.taskSweepInterval
        return tasks
    }
}
