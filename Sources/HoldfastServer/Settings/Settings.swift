import FoundationEssentials
package import Logging
package import MCPAuthorization
package import MCPEngine
package import MCPProtocol

/// The settings of one run, each of its type and within its bounds. A field is named as its row in ``Setting/all``.
package struct Settings: Sendable {
    package enum LogFormat: String, Sendable { case auto, json, text }

    // Server
    /// Without the brackets of an IPv6 literal.
    package var host: String
    /// 0: any free port.
    package var port: Int
    package var path: String
    package var legacySSE: Bool
    package var legacySSEPath: String
    /// Differs from both other paths when the transport is served.
    package var legacyMessagesPath: String
    /// Absolute.
    package var dataDir: String
    /// The YAML file that was read, if any.
    package var config: String?
    package var publicURL: String?
    package var serverName: String
    package var instructions: String?
    package var memory: Bool
    package var strict: Bool
    package var logFormat: LogFormat
    package var logLevel: Logger.Level

    // Access
    package var apiKey: Secret?
    package var allowAnonymous: Bool
    /// As given; `*` admits every origin.
    package var allowedOrigins: [String]
    /// In lower case; `*` admits every host. Empty: see the help of the setting.
    package var allowedHosts: [String]

    // OAuth; sizes in bytes
    package var oauth: Bool
    package var oauthAccessLifetime: Duration
    package var oauthRefreshLifetime: Duration
    package var oauthRefreshGrace: Duration
    package var oauthCodeLifetime: Duration
    package var oauthSignInLifetime: Duration
    package var oauthSignInAttempts: Int
    package var oauthRegistration: Bool
    package var oauthRegistrationLifetime: Duration
    package var oauthMaxRegisteredClients: Int
    package var oauthClientDocuments: Bool
    /// In lower case. Empty: all.
    package var oauthClientDocumentHosts: [String]
    package var oauthMaxClientDocument: Int
    package var oauthMaxClientDocuments: Int
    package var oauthClientDocumentTimeout: Duration
    package var oauthInsecureClientDocuments: Bool
    package var oauthMaxConnectionsPerUser: Int
    package var oauthMaxTokenRequests: Int
    package var oauthMaxPasswordsWaiting: Int
    package var oauthMaxSignInsPerUser: Int
    package var oauthMaxClientDocumentFetches: Int
    package var oauthMaxForm: Int

    // OAuth, of an outside issuer
    package var oauthIssuer: String?
    package var oauthAudience: String?
    package var oauthScopes: [String]
    package var oauthToolScopes: [String]
    package var oauthVisitors: AccessPolicy.Visitors
    package var oauthScopeClaims: [String]
    package var oauthScopeMap: [String]
    package var oauthGrantedScopes: [String]
    package var oauthClockSkew: Duration
    package var oauthIntrospection: OutsideTokens.Asking
    package var oauthIntrospectionClient: String?
    package var oauthIntrospectionSecret: Secret?
    package var oauthIntrospectionSecretFile: String?
    package var oauthVerdictTime: Duration
    package var oauthMaxVerdicts: Int
    package var oauthMaxAsking: Int
    package var oauthFetchTime: Duration
    package var oauthMaxDocument: Int
    package var oauthKeysAge: Duration
    package var oauthKeysPause: Duration
    package var oauthKeysLimit: Duration

    // Upstreams
    /// In the order in which what they offer is shown.
    package var upstreams: [UpstreamSettings]
    package var maxHeldCallsPerPrincipal: Int
    package var heldCallLifetime: Duration

    // Sessions
    package var sessions: Bool
    package var sessionIdleExpiry: Duration
    package var sessionTombstone: Duration
    package var drainGrace: Duration
    package var shutdownGrace: Duration
    package var shutdownWriting: Duration
    package var maxSessions: Int
    package var maxSessionsPerPrincipal: Int
    package var maxStoredSessions: Int

    // Lists; what clients of 2026-07-28 or later may keep
    package var listPageSize: Int
    package var toolsCacheTTL: Duration
    package var toolsCacheScope: CacheHint.Scope
    package var promptsCacheTTL: Duration
    package var promptsCacheScope: CacheHint.Scope
    package var resourcesCacheTTL: Duration
    package var resourcesCacheScope: CacheHint.Scope
    package var templatesCacheTTL: Duration
    package var templatesCacheScope: CacheHint.Scope
    package var discoverCacheTTL: Duration
    package var discoverCacheScope: CacheHint.Scope

    // Limits; sizes in bytes
    package var maxBody: Int
    package var maxHeaderBytes: Int
    package var maxJSONDepth: Int
    package var maxInFlightPerSession: Int
    package var maxInFlightPerPrincipal: Int
    package var maxStreamsPerPrincipal: Int
    package var maxConnections: Int
    package var streamBufferEvents: Int
    package var streamBufferBytes: Int
    package var keptStreamBytes: Int
    package var keptStreamAge: Duration
    package var toolTimeLimit: Duration
    package var maxQuestionsPerSession: Int
    package var maxSubscriptionsPerSession: Int
    package var maxSubscriptionsPerListener: Int
    package var maxRequestState: Int
    package var requestStateLifetime: Duration
    package var requestStateKeyAge: Duration

    // Tasks; sizes in bytes
    package var maxTasks: Int
    package var maxTasksPerPrincipal: Int
    package var taskTTL: Duration
    package var taskPollInterval: Duration
    package var maxTaskResult: Int
    package var maxTaskQuestions: Int
    package var maxTaskQuestionBytes: Int
    package var maxTaskAnswerBytes: Int
    package var taskFollowInterval: Duration
    package var taskSweepInterval: Duration

    // Timing
    package var jsonWait: Duration
    package var keepAlive: Duration
    package var writeTimeout: Duration
    package var idleConnectionTimeout: Duration

    /// - Throws: ``SettingsError`` for the first value that is not what its row asks for.
    /// - Parameter command: A server to stand in front of, with its arguments; or nothing.
    package init(from sources: SettingSources, command: [String] = []) throws {
        let values = SettingValues(sources: sources)
        host = try values.text(.host).trimming { $0 == "[" || $0 == "]" }
        port = try values.int(.port)
        path = try values.text(.path)
        legacySSE = try values.flag(.legacySSE)
        legacySSEPath = try values.text(.legacySSEPath)
        legacyMessagesPath = try values.text(.legacyMessagesPath)
        if legacySSE, [path, legacySSEPath].contains(legacyMessagesPath) {
            throw SettingsError(
                "legacy-messages-path: \(legacyMessagesPath) is taken by path or legacy-sse-path; give another path")
        }
        dataDir = try Self.dataDirectory(values)
        config = try values.optionalText(.config)
        publicURL = try values.optionalText(.publicURL)
        serverName = try values.text(.serverName)
        instructions = try values.optionalText(.instructions)
        upstreams = try UpstreamList.load(command: command, sources)
        memory = try values.optionalFlag(.memory) ?? upstreams.isEmpty
        if memory { try UpstreamList.makeRoomForMemory(upstreams) }
        strict = try values.flag(.strict)
        logFormat = try values.choice(.logFormat)
        logLevel = try values.choice(.logLevel)

        apiKey = try values.optionalText(.apiKey).map(Secret.init)
        allowAnonymous = try values.flag(.allowAnonymous)
        allowedOrigins = try values.list(.allowedOrigins)
        allowedHosts = try values.list(.allowedHosts).map { $0.lowercased() }

        oauth = try values.flag(.oauth)
        oauthAccessLifetime = try values.duration(.oauthAccessLifetime)
        oauthRefreshLifetime = try values.duration(.oauthRefreshLifetime)
        oauthRefreshGrace = try values.duration(.oauthRefreshGrace)
        oauthCodeLifetime = try values.duration(.oauthCodeLifetime)
        oauthSignInLifetime = try values.duration(.oauthSignInLifetime)
        oauthSignInAttempts = try values.int(.oauthSignInAttempts)
        oauthRegistration = try values.flag(.oauthRegistration)
        oauthRegistrationLifetime = try values.duration(.oauthRegistrationLifetime)
        oauthMaxRegisteredClients = try values.int(.oauthMaxRegisteredClients)
        oauthClientDocuments = try values.flag(.oauthClientDocuments)
        oauthClientDocumentHosts = try values.list(.oauthClientDocumentHosts).map { $0.lowercased() }
        oauthMaxClientDocument = try values.bytes(.oauthMaxClientDocument)
        oauthMaxClientDocuments = try values.int(.oauthMaxClientDocuments)
        oauthClientDocumentTimeout = try values.duration(.oauthClientDocumentTimeout)
        oauthInsecureClientDocuments = try values.flag(.oauthInsecureClientDocuments)
        oauthMaxConnectionsPerUser = try values.int(.oauthMaxConnectionsPerUser)
        oauthMaxTokenRequests = try values.int(.oauthMaxTokenRequests)
        oauthMaxPasswordsWaiting = try values.int(.oauthMaxPasswordsWaiting)
        oauthMaxSignInsPerUser = try values.int(.oauthMaxSignInsPerUser)
        oauthMaxClientDocumentFetches = try values.int(.oauthMaxClientDocumentFetches)
        oauthMaxForm = try values.bytes(.oauthMaxForm)
        if oauth { try OAuthAddress.check(publicURL: publicURL, path: path) }

        oauthIssuer = try values.optionalText(.oauthIssuer)
        oauthAudience = try values.optionalText(.oauthAudience)
        oauthScopes = try values.list(.oauthScopes)
        oauthToolScopes = try values.list(.oauthToolScopes)
        oauthVisitors = try values.choice(.oauthVisitors)
        oauthScopeClaims = try values.list(.oauthScopeClaims)
        oauthScopeMap = try values.list(.oauthScopeMap)
        oauthGrantedScopes = try values.list(.oauthGrantedScopes)
        oauthClockSkew = try values.duration(.oauthClockSkew)
        oauthIntrospection = try values.choice(.oauthIntrospection)
        oauthIntrospectionClient = try values.optionalText(.oauthIntrospectionClient)
        oauthIntrospectionSecret = try values.optionalText(.oauthIntrospectionSecret).map(Secret.init)
        oauthIntrospectionSecretFile = try values.optionalText(.oauthIntrospectionSecretFile)
        oauthVerdictTime = try values.duration(.oauthVerdictTime)
        oauthMaxVerdicts = try values.int(.oauthMaxVerdicts)
        oauthMaxAsking = try values.int(.oauthMaxAsking)
        oauthFetchTime = try values.duration(.oauthFetchTime)
        oauthMaxDocument = try values.bytes(.oauthMaxDocument)
        oauthKeysAge = try values.duration(.oauthKeysAge)
        oauthKeysPause = try values.duration(.oauthKeysPause)
        oauthKeysLimit = try values.duration(.oauthKeysLimit)

        maxHeldCallsPerPrincipal = try values.int(.maxHeldCallsPerPrincipal)
        heldCallLifetime = try values.duration(.heldCallLifetime)

        sessions = try values.flag(.sessions)
        sessionIdleExpiry = try values.duration(.sessionIdleExpiry)
        sessionTombstone = try values.duration(.sessionTombstone)
        drainGrace = try values.duration(.drainGrace)
        shutdownGrace = try values.duration(.shutdownGrace)
        shutdownWriting = try values.duration(.shutdownWriting)
        maxSessions = try values.int(.maxSessions)
        maxSessionsPerPrincipal = try values.int(.maxSessionsPerPrincipal)
        maxStoredSessions = try values.int(.maxStoredSessions)

        listPageSize = try values.int(.listPageSize)
        toolsCacheTTL = try values.duration(.toolsCacheTTL)
        toolsCacheScope = try values.choice(.toolsCacheScope)
        promptsCacheTTL = try values.duration(.promptsCacheTTL)
        promptsCacheScope = try values.choice(.promptsCacheScope)
        resourcesCacheTTL = try values.duration(.resourcesCacheTTL)
        resourcesCacheScope = try values.choice(.resourcesCacheScope)
        templatesCacheTTL = try values.duration(.templatesCacheTTL)
        templatesCacheScope = try values.choice(.templatesCacheScope)
        discoverCacheTTL = try values.duration(.discoverCacheTTL)
        discoverCacheScope = try values.choice(.discoverCacheScope)

        maxBody = try values.bytes(.maxBody)
        maxHeaderBytes = try values.bytes(.maxHeaderBytes)
        maxJSONDepth = try values.int(.maxJSONDepth)
        maxInFlightPerSession = try values.int(.maxInFlightPerSession)
        maxInFlightPerPrincipal = try values.int(.maxInFlightPerPrincipal)
        maxStreamsPerPrincipal = try values.int(.maxStreamsPerPrincipal)
        maxConnections = try values.int(.maxConnections)
        streamBufferEvents = try values.int(.streamBufferEvents)
        streamBufferBytes = try values.bytes(.streamBufferBytes)
        keptStreamBytes = try values.bytes(.keptStreamBytes)
        keptStreamAge = try values.duration(.keptStreamAge)
        toolTimeLimit = try values.duration(.toolTimeLimit)
        maxQuestionsPerSession = try values.int(.maxQuestionsPerSession)
        maxSubscriptionsPerSession = try values.int(.maxSubscriptionsPerSession)
        maxSubscriptionsPerListener = try values.int(.maxSubscriptionsPerListener)
        maxRequestState = try values.bytes(.maxRequestState)
        requestStateLifetime = try values.duration(.requestStateLifetime)
        requestStateKeyAge = try values.duration(.requestStateKeyAge)

        maxTasks = try values.int(.maxTasks)
        maxTasksPerPrincipal = try values.int(.maxTasksPerPrincipal)
        taskTTL = try values.duration(.taskTTL)
        taskPollInterval = try values.duration(.taskPollInterval)
        maxTaskResult = try values.bytes(.maxTaskResult)
        maxTaskQuestions = try values.int(.maxTaskQuestions)
        maxTaskQuestionBytes = try values.bytes(.maxTaskQuestionBytes)
        maxTaskAnswerBytes = try values.bytes(.maxTaskAnswerBytes)
        taskFollowInterval = try values.duration(.taskFollowInterval)
        taskSweepInterval = try values.duration(.taskSweepInterval)

        jsonWait = try values.duration(.jsonWait)
        keepAlive = try values.duration(.keepAlive)
        writeTimeout = try values.duration(.writeTimeout)
        idleConnectionTimeout = try values.duration(.idleConnectionTimeout)
    }

    /// Reads all sources. With nothing given, every setting has its default.
    package static func load(
        flags: [String: String] = [:], command: [String] = [], environment: [String: String]
    ) async throws -> Settings {
        try Settings(from: try SettingSources(flags: flags, environment: environment), command: command)
    }

    /// The setting, or the place where the platform keeps a program's data.
    private static func dataDirectory(_ values: SettingValues) throws -> String {
        let environment = values.sources.environment
        let given = try values.text(.dataDir)
        #if !os(macOS)
            if given == Setting.dataDir.defaultText, let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") {
                return base + "/holdfast"
            }
        #endif
        let path = expandingTilde(given, environment)
        if path.hasPrefix("~") {
            throw SettingsError("data-dir: \(SettingsError.path(given)) needs the variable HOME, which is not set")
        }
        return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
