public import Logging
import MCPProtocol

extension MCPServer {
    /// What a server is like, apart from what it offers. Everything has a default that is right for most.
    public struct Options: Sendable {
        /// Kinds of things that come later: their capability is declared before there is one. What is there when a
        /// client opens need not be named.
        public var declares: Set<Feature> = []
        /// For how long clients may keep what they were told. For clients from 2026-07-28 on.
        public var cache = CacheHints()
        /// Items on a page of a list.
        public var pageSize = 1000
        /// Bounds on what clients may cost.
        public var limits = Limits()
        /// Where sessions are kept, so that they survive a restart; made if it is missing. Nil: in memory, for as long
        /// as the process lives.
        public var dataDirectory: String?
        /// Where the server logs; from `notice` on unless this says otherwise.
        public var logger: Logger

        public init() {
            logger = Logger(label: "holdfast")
            logger.logLevel = .notice
        }
    }

    /// A kind of thing that a server can offer.
    public enum Feature: Sendable, CaseIterable {
        /// Prompts, resources, or completion of the arguments of either.
        case prompts, resources, completions
    }

    /// One hint for each kind of answer that clients may keep (MCP 2026-07-28, server/utilities/caching).
    public struct CacheHints: Sendable {
        /// Of `tools/list`.
        public var tools = CacheHint(ttl: .seconds(60), scope: .public)
        /// Of `prompts/list`.
        public var prompts = CacheHint(ttl: .seconds(60), scope: .public)
        /// Of `resources/list`.
        public var resources = CacheHint(ttl: .seconds(60), scope: .public)
        /// Of `resources/templates/list`.
        public var templates = CacheHint(ttl: .seconds(60), scope: .public)
        /// Of `server/discover`.
        public var discover = CacheHint(ttl: .seconds(60), scope: .public)

        public init() {}
    }

    /// Bounds. At each the server says so (413, 429, 503 or a JSON-RPC error), and everyone else carries on.
    public struct Limits: Sendable {
        /// For one call of a tool, prompt or resource; then it is cancelled and answered with an error.
        public var callTime: Duration = .seconds(300)
        /// More are refused with 429.
        public var callsAtOncePerSession = 64
        /// Over all sessions, and without one. More are refused with 429.
        public var callsAtOncePerPrincipal = 256
        /// In memory. At the bound the idle one that was used least recently makes room.
        public var sessions = 20_000
        /// Likewise, for one caller.
        public var sessionsPerPrincipal = 10_000
        /// How long running calls may go on after their session was deleted.
        public var drainGrace: Duration = .seconds(10)
        /// How long running calls may go on after the server was told to stop.
        public var shutdownGrace: Duration = .seconds(25)
        /// How long the last answers may take to be written after that.
        public var shutdownWriting: Duration = .seconds(5)
        /// After how much silence a session ends.
        public var idleExpiry: Duration = .seconds(24 * 3600)
        /// In bytes.
        public var requestBody = 4 << 20

        public init() {}
    }
}

extension MCPServer.Options {
    func configuration(_ identity: Implementation, _ instructions: String?) -> Gateway.Configuration {
        var configuration = Gateway.Configuration(identity: identity, instructions: instructions)
        configuration.catalog.pageSize = pageSize
        configuration.catalog.lists = [
            .tools: cache.tools, .prompts: cache.prompts, .resources: cache.resources, .templates: cache.templates,
        ]
        configuration.catalog.discover = cache.discover
        if declares.contains(.prompts) { configuration.catalog.declared.insert(.prompts) }
        if declares.contains(.resources) { configuration.catalog.declared.insert(.resources) }
        configuration.catalog.declaresCompletions = declares.contains(.completions)
        configuration.limits.toolTime = limits.callTime
        configuration.limits.inFlightPerSession = limits.callsAtOncePerSession
        configuration.limits.inFlightPerPrincipal = limits.callsAtOncePerPrincipal
        configuration.limits.sessions = limits.sessions
        configuration.limits.sessionsPerPrincipal = limits.sessionsPerPrincipal
        configuration.limits.drainGrace = limits.drainGrace
        configuration.limits.shutdownGrace = limits.shutdownGrace
        configuration.limits.shutdownWriting = limits.shutdownWriting
        configuration.limits.idleExpiry = limits.idleExpiry
        return configuration
    }
}
