import Foundation
import MCPEngine
import MCPProtocol
import MCPTesting
import MCPUpstreams

/// A gateway in front of a real child process.
enum Bridge {
    /// What the build made beside these tests.
    static func product(_ name: String) -> String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name).path
    }

    static func upstream(
        _ command: String, _ arguments: [String], era: Era?, lifetime: UpstreamPolicy.Lifetime = .shared,
        store: InMemoryStore = InMemoryStore(), log: LogRecorder = LogRecorder(),
        limits: UpstreamLimits = UpstreamLimits()
    ) -> BridgedUpstream {
        let transport = StdioTransport(
            StdioTransport.Configuration(name: "child", command: command, arguments: arguments))
        return BridgedUpstream(
            UpstreamPolicy(name: "child", lifetime: lifetime, era: era, limits: limits), over: transport,
            fingerprint: "\(command) \(arguments)", identity: Implementation(name: "holdfast", version: "1"),
            store: store, logger: log.logger)
    }

    /// Talks to `everything` through a gateway.
    static func toEverything(
        era: Era?, lifetime: UpstreamPolicy.Lifetime = .shared, limits: UpstreamLimits = UpstreamLimits(),
        _ body: @escaping @Sendable (Conversation) async throws -> Void
    ) async throws {
        let upstream = upstream(
            product("everything"), ["--stdio"], era: era, lifetime: lifetime, limits: limits)
        try await run(upstream, body)
    }

    static func run(
        _ upstream: BridgedUpstream, _ body: @escaping @Sendable (Conversation) async throws -> Void
    ) async throws {
        let conversation = Conversation(LocalUpstream(name: "test"), others: [upstream])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await upstream.run() }
            await upstream.waitForOffer()
            try await conversation.run(body)
            await upstream.stop()
            group.cancelAll()
        }
    }
}
