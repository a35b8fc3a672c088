/// Every setting, in the order of the documentation.
extension Setting {
    package static let all: [Setting] =
        server + access + oauthRows + issuerRows + upstreamRows + sessionRows + lists + limits + tasks + timing

    static let server: [Setting] = [
        host, port, path, legacySSE, legacySSEPath, legacyMessagesPath, dataDir, config, publicURL, serverName,
        instructions, memory, strict, logFormat, logLevel,
    ]
    static let access: [Setting] = [apiKey, allowAnonymous, allowedOrigins, allowedHosts]
    static let sessionRows: [Setting] = [
        sessions, sessionIdleExpiry, sessionTombstone, drainGrace, shutdownGrace, shutdownWriting, maxSessions,
        maxSessionsPerPrincipal, maxStoredSessions,
    ]
    static let lists: [Setting] = [
        listPageSize, toolsCacheTTL, toolsCacheScope, promptsCacheTTL, promptsCacheScope, resourcesCacheTTL,
        resourcesCacheScope, templatesCacheTTL, templatesCacheScope, discoverCacheTTL, discoverCacheScope,
    ]
    static let limits: [Setting] = [
        maxBody, maxHeaderBytes, maxJSONDepth, maxInFlightPerSession, maxInFlightPerPrincipal, maxStreamsPerPrincipal,
        maxConnections, streamBufferEvents, streamBufferBytes, keptStreamBytes, keptStreamAge, toolTimeLimit,
        maxQuestionsPerSession, maxSubscriptionsPerSession, maxSubscriptionsPerListener, maxRequestState,
        requestStateLifetime, requestStateKeyAge,
    ]
    static let tasks: [Setting] = [
        maxTasks, maxTasksPerPrincipal, taskTTL, taskPollInterval, maxTaskResult, maxTaskQuestions,
        maxTaskQuestionBytes, maxTaskAnswerBytes, taskFollowInterval, taskSweepInterval,
    ]
    static let timing: [Setting] = [jsonWait, keepAlive, writeTimeout, idleConnectionTimeout]

    // MARK: Server

    static let host = Setting(
        "host", .server, .text(placeholder: "an address or host name", rule: SettingRule.host), default: "127.0.0.1",
        "The address to listen on. Anything but a loopback address needs a key, or allow-anonymous.")
    static let port = Setting(
        "port", .server, .int(0...65_535), default: "8080",
        "The port to listen on; 0 takes any free one. The variable PORT counts too, after HOLDFAST_PORT.")
    static let path = Setting(
        "path", .server, .text(placeholder: "a path such as /mcp", rule: SettingRule.path), default: "/mcp",
        "The path of the MCP endpoint.")
    static let legacySSE = Setting(
        "legacy-sse", .server, .flag, default: "false",
        "Also serve the HTTP+SSE transport of 2024-11-05, for clients that know no other.")
    static let legacySSEPath = Setting(
        "legacy-sse-path", .server, .text(placeholder: "a path such as /sse", rule: SettingRule.path), default: "/sse",
        "The path of that transport's stream. It may be that of the MCP endpoint.")
    static let legacyMessagesPath = Setting(
        "legacy-messages-path", .server, .text(placeholder: "a path such as /messages", rule: SettingRule.path),
        default: "/messages", "The path that clients of that transport send their messages to.")
    static let dataDir = Setting(
        "data-dir", .server, .text(placeholder: "a directory", rule: SettingRule.filled), default: defaultDataDirectory,
        "Where sessions, keys, memories and tasks are kept.")
    static let config = Setting(
        "config", .server, .text(placeholder: "a YAML file", rule: SettingRule.filled), inFile: false,
        "A YAML file with settings under these names.")
    static let publicURL = Setting(
        "public-url", .server, .text(placeholder: "an http or https URL without a query", rule: SettingRule.url),
        "The URL under which clients reach the endpoint, when it is not the address it listens on.")
    static let serverName = Setting(
        "server-name", .server, .text(placeholder: "1 to 128 characters", rule: SettingRule.serverName),
        default: "holdfast", "The name that clients show for this server.")
    static let instructions = Setting(
        "instructions", .server, .text(placeholder: "a text of at most 64KiB", rule: SettingRule.instructions),
        "What initialize and server/discover tell the model about using this server.")
    static let memory = Setting(
        "memory", .server, .flag, "Offer the memory tools. By default they are offered when there is no upstream.")
    static let strict = Setting(
        "strict", .server, .flag, default: "false",
        "Follow the specification to the letter: make no allowance for known faults of clients.")
    static let logFormat = Setting(
        "log-format", .server, .choice(["auto", "json", "text"]), default: "auto",
        "How log lines look; auto is text on a terminal and JSON elsewhere.")
    static let logLevel = Setting(
        "log-level", .server, .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        default: "info", "The least severe level that is logged.")

    // MARK: Access

    static let apiKey = Setting(
        "api-key", .access,
        .text(placeholder: "1 to 512 printable ASCII characters without spaces", rule: SettingRule.key),
        secret: true,
        "A key that callers must present, beside those made with 'holdfast keys create'. Best given in the environment."
    )
    static let allowAnonymous = Setting(
        "allow-anonymous", .access, .flag, default: "false",
        "Admit everyone, as one principal, on a host that is not loopback and has no key.")
    static let allowedOrigins = Setting(
        "allowed-origins", .access,
        .list(placeholder: "origins such as https://example.com, or *", rule: SettingRule.origin),
        default: "https://claude.ai,https://claude.com,https://chatgpt.com,http://localhost:6274,http://127.0.0.1:6274",
        "The web origins that may call from a browser.")
    static let allowedHosts = Setting(
        "allowed-hosts", .access,
        .list(placeholder: "host names, with or without a port, or *", rule: SettingRule.allowedHost), default: "",
        "The Host headers that are served, beside loopback names, host and public-url's. Empty: on any other than a "
            + "loopback host all.")

    // MARK: Sessions

    static let sessions = Setting(
        "sessions", .sessions, .flag, default: "true", "Give every client that initializes a session.")
    static let sessionIdleExpiry = Setting(
        "session-idle-expiry", .sessions, .duration(.milliseconds(10)...days(365)), default: "24h",
        "How long a session may be idle before it ends.")
    static let sessionTombstone = Setting(
        "session-tombstone", .sessions, .duration(.zero...days(30)), default: "1h",
        "How long the server remembers that a session was ended.")
    static let drainGrace = Setting(
        "drain-grace", .sessions, .duration(.zero...days(1)), default: "10s",
        "How long running requests may go on after their session was deleted or has expired, or standard input has ended."
    )
    static let shutdownGrace = Setting(
        "shutdown-grace", .sessions, .duration(.zero...days(1)), default: "25s",
        "How long running requests may go on after SIGTERM or SIGINT.")
    static let shutdownWriting = Setting(
        "shutdown-writing", .sessions, .duration(.zero...days(1)), default: "5s",
        "How long the last answers may take to be written after that, before the process ends.")
    static let maxSessions = Setting(
        "max-sessions", .sessions, .int(1...1_000_000), default: "20000", "The most sessions held in memory.")
    static let maxSessionsPerPrincipal = Setting(
        "max-sessions-per-principal", .sessions, .int(1...1_000_000), default: "10000",
        "The most sessions held in memory for one caller.")
    static let maxStoredSessions = Setting(
        "max-stored-sessions", .sessions, .int(1...10_000_000), default: "100000",
        "The most sessions kept in the data directory.")

    // MARK: Lists

    static let listPageSize = Setting(
        "list-page-size", .lists, .int(1...100_000), default: "1000", "The most items on one page of a list.")
    static let toolsCacheTTL = Setting(
        "tools-cache-ttl", .lists, .duration(.zero...days(365)), default: "60s",
        "How long a client of 2026-07-28 or later may keep the list of tools.")
    static let toolsCacheScope = Setting(
        "tools-cache-scope", .lists, .choice(cacheScopes), default: "public",
        "Whether caches may share the list of tools between callers.")
    static let promptsCacheTTL = Setting(
        "prompts-cache-ttl", .lists, .duration(.zero...days(365)), default: "60s",
        "How long a client of 2026-07-28 or later may keep the list of prompts.")
    static let promptsCacheScope = Setting(
        "prompts-cache-scope", .lists, .choice(cacheScopes), default: "public",
        "Whether caches may share the list of prompts between callers.")
    static let resourcesCacheTTL = Setting(
        "resources-cache-ttl", .lists, .duration(.zero...days(365)), default: "60s",
        "How long a client of 2026-07-28 or later may keep the list of resources.")
    static let resourcesCacheScope = Setting(
        "resources-cache-scope", .lists, .choice(cacheScopes), default: "public",
        "Whether caches may share the list of resources between callers.")
    static let templatesCacheTTL = Setting(
        "templates-cache-ttl", .lists, .duration(.zero...days(365)), default: "60s",
        "How long a client of 2026-07-28 or later may keep the list of resource templates.")
    static let templatesCacheScope = Setting(
        "templates-cache-scope", .lists, .choice(cacheScopes), default: "public",
        "Whether caches may share the list of resource templates between callers.")
    static let discoverCacheTTL = Setting(
        "discover-cache-ttl", .lists, .duration(.zero...days(365)), default: "60s",
        "How long a client of 2026-07-28 or later may keep what server/discover says.")
    static let discoverCacheScope = Setting(
        "discover-cache-scope", .lists, .choice(cacheScopes), default: "public",
        "Whether caches may share what server/discover says between callers.")
    private static let cacheScopes = ["public", "private"]

    // MARK: Limits

    static let maxBody = Setting(
        "max-body", .limits, .bytes(1_024...1_073_741_824), default: "4MiB",
        "The largest request body, and the longest line on standard input.")
    static let maxHeaderBytes = Setting(
        "max-header-bytes", .limits, .bytes(1_024...1_048_576), default: "64KiB",
        "The most bytes in the headers of one request.")
    static let maxJSONDepth = Setting(
        "max-json-depth", .limits, .int(8...512), default: "128", "How deep the JSON of a request may be nested.")
    static let maxInFlightPerSession = Setting(
        "max-in-flight-per-session", .limits, .int(1...100_000), default: "64",
        "The most requests that may run at once in one session.")
    static let maxInFlightPerPrincipal = Setting(
        "max-in-flight-per-principal", .limits, .int(1...100_000), default: "256",
        "The most requests that may run at once for one caller.")
    static let maxStreamsPerPrincipal = Setting(
        "max-streams-per-principal", .limits, .int(1...100_000), default: "256",
        "The most streams, by GET and by subscriptions/listen, that one caller may have open.")
    static let maxConnections = Setting(
        "max-connections", .limits, .int(1...1_000_000), default: "8192", "The most connections open at once.")
    static let streamBufferEvents = Setting(
        "stream-buffer-events", .limits, .int(8...1_000_000), default: "1024",
        "The most events kept for a stream that is read slowly or resumed.")
    static let streamBufferBytes = Setting(
        "stream-buffer-bytes", .limits, .bytes(4_096...1_073_741_824), default: "1MiB",
        "The most bytes kept for a stream that is read slowly or resumed.")
    static let keptStreamBytes = Setting(
        "kept-stream-bytes", .limits, .bytes(0...68_719_476_736), default: "64MiB",
        "The most bytes kept, in all, of finished streams that can still be resumed.")
    static let keptStreamAge = Setting(
        "kept-stream-age", .limits, .duration(.zero...days(1)), default: "5m",
        "How long a finished stream can still be resumed.")
    static let toolTimeLimit = Setting(
        "tool-time-limit", .limits, .duration(.milliseconds(10)...days(1)), default: "5m",
        "How long one call of a tool, prompt, resource or completion may run.")
    static let maxQuestionsPerSession = Setting(
        "max-questions-per-session", .limits, .int(1...100_000), default: "32",
        "The most questions that wait for an answer of one session's client at once.")
    static let maxSubscriptionsPerSession = Setting(
        "max-subscriptions-per-session", .limits, .int(1...1_000_000), default: "1000",
        "The most resources that one session may subscribe to.")
    static let maxSubscriptionsPerListener = Setting(
        "max-subscriptions-per-listener", .limits, .int(1...1_000_000), default: "1000",
        "The most resources, and the most tasks, that one subscriptions/listen may name.")
    static let maxRequestState = Setting(
        "max-request-state", .limits, .bytes(1_024...67_108_864), default: "64KiB",
        "The largest requestState, which holds the answers that a client of 2026-07-28 or later gave so far.")
    static let requestStateLifetime = Setting(
        "request-state-lifetime", .limits, .duration(.seconds(1)...days(30)), default: "1h",
        "How long a client may take to send a request again with its requestState.")
    static let requestStateKeyAge = Setting(
        "request-state-key-age", .limits, .duration(.seconds(60)...days(3_650)), default: "30d",
        "How old the key that seals requestState may become before a new one takes its place.")

    // MARK: Tasks

    static let maxTasks = Setting(
        "max-tasks", .tasks, .int(1...10_000_000), default: "2000",
        "The most tasks kept in the data directory, those that have ended among them.")
    static let maxTasksPerPrincipal = Setting(
        "max-tasks-per-principal", .tasks, .int(1...1_000_000), default: "100",
        "The most tasks kept for one caller, those that have ended among them.")
    static let taskTTL = Setting(
        "task-ttl", .tasks, .duration(.seconds(1)...days(365)), default: "24h",
        "How long a task exists, from its creation on; one that still runs then is stopped.")
    static let taskPollInterval = Setting(
        "task-poll-interval", .tasks, .duration(.milliseconds(10)...days(1)), default: "1s",
        "How often clients are told to ask about a task.")
    static let maxTaskResult = Setting(
        "max-task-result", .tasks, .bytes(1_024...1_073_741_824), default: "2MiB",
        "The largest result that a task may end with.")
    static let maxTaskQuestions = Setting(
        "max-task-questions", .tasks, .int(1...100_000), default: "64",
        "The most questions that a task may ask its client over its life.")
    static let maxTaskQuestionBytes = Setting(
        "max-task-question-bytes", .tasks, .bytes(1_024...1_073_741_824), default: "256KiB",
        "The most bytes in all questions of a task.")
    static let maxTaskAnswerBytes = Setting(
        "max-task-answer-bytes", .tasks, .bytes(1_024...1_073_741_824), default: "1MiB",
        "The most bytes in all answers to a task.")
    static let taskFollowInterval = Setting(
        "task-follow-interval", .tasks, .duration(.milliseconds(10)...days(1)), default: "2s",
        "How often this process looks for what others on the same data directory did to its tasks.")
    static let taskSweepInterval = Setting(
        "task-sweep-interval", .tasks, .duration(.milliseconds(10)...days(1)), default: "16s",
        "How often tasks that have expired, or whose process has died, are looked for.")

    // MARK: Timing

    static let jsonWait = Setting(
        "json-wait", .timing, .duration(.zero...days(1)), default: "1s",
        "How long a reply may take and still be plain JSON; after that it becomes a stream.")
    static let keepAlive = Setting(
        "keep-alive", .timing, .duration(.milliseconds(10)...days(1)), default: "15s",
        "How often a silent stream carries a comment that keeps it open.")
    static let writeTimeout = Setting(
        "write-timeout", .timing, .duration(.milliseconds(10)...days(1)), default: "60s",
        "How long a client may leave written bytes unread before its connection is closed.")
    static let idleConnectionTimeout = Setting(
        "idle-connection-timeout", .timing, .duration(.milliseconds(10)...days(1)), default: "2m",
        "How long a connection without a request stays open.")

    static func days(_ count: Int) -> Duration { .seconds(86_400 * count) }

    #if os(macOS)
        private static let defaultDataDirectory = "~/Library/Application Support/holdfast"
    #else
        private static let defaultDataDirectory = "~/.local/share/holdfast"
    #endif
}
