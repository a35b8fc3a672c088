import Logging
import MCPEngine
import MCPProtocol
import Testing

@testable import HoldfastServer

/// What is said in settings must arrive in the engine.
struct GatewayPartsTests {
    private func configuration(_ flags: [String: String] = [:]) async throws -> Gateway.Configuration {
        let settings = try await Settings.load(flags: flags, environment: ["HOME": "/home/someone"])
        return GatewayParts(settings: settings, upstreams: [], logger: Logger(label: "test")).configuration
    }

    @Test func withNothingGivenTheEngineKeepsItsOwnBounds() async throws {
        let configuration = try await configuration()
        #expect("\(configuration.limits)" == "\(EngineLimits())")
        let policy = CatalogPolicy(identity: configuration.catalog.identity)
        #expect(configuration.catalog.pageSize == policy.pageSize)
        #expect(configuration.catalog.lists == policy.lists)
        #expect(configuration.catalog.discover == policy.discover)
    }

    @Test func listsAreCutAndKeptAsTheSettingsSay() async throws {
        let catalog = try await configuration([
            "list-page-size": "7", "tools-cache-ttl": "1s", "tools-cache-scope": "private", "prompts-cache-ttl": "2s",
            "resources-cache-ttl": "3s", "resources-cache-scope": "private", "templates-cache-ttl": "4s",
            "discover-cache-ttl": "0", "discover-cache-scope": "private",
        ]).catalog
        #expect(catalog.pageSize == 7)
        #expect(catalog.lists[.tools] == CacheHint(ttl: .seconds(1), scope: .private))
        #expect(catalog.lists[.prompts] == CacheHint(ttl: .seconds(2), scope: .public))
        #expect(catalog.lists[.resources] == CacheHint(ttl: .seconds(3), scope: .private))
        #expect(catalog.lists[.templates] == CacheHint(ttl: .seconds(4), scope: .public))
        #expect(catalog.discover == CacheHint(ttl: .zero, scope: .private))
        let others = try await configuration(["prompts-cache-scope": "private", "templates-cache-scope": "private"])
        #expect(others.catalog.lists[.prompts]?.scope == .private)
        #expect(others.catalog.lists[.templates]?.scope == .private)
    }

    @Test func questionsSubscriptionsAndCarriedStateAreBoundedAsTheSettingsSay() async throws {
        let limits = try await configuration([
            "max-questions-per-session": "3", "max-subscriptions-per-session": "4",
            "max-subscriptions-per-listener": "5", "max-request-state": "6KiB", "request-state-lifetime": "7s",
            "request-state-key-age": "8d",
        ]).limits
        #expect(limits.questionsPerSession == 3 && limits.subscriptionsPerSession == 4)
        #expect(limits.subscriptionsPerListener == 5 && limits.requestState.bytes == 6_144)
        #expect(limits.requestState.lifetime == .seconds(7))
        #expect(limits.requestState.keyRotation == .seconds(8 * 86_400))
    }

    @Test func endsTakeAsLongAsTheSettingsSay() async throws {
        let limits = try await configuration([
            "drain-grace": "3s", "shutdown-grace": "4s", "shutdown-writing": "6s",
        ]).limits
        #expect(limits.drainGrace == .seconds(3) && limits.shutdownGrace == .seconds(4))
        #expect(limits.shutdownWriting == .seconds(6))
    }

    @Test func tasksAreBoundedAsTheSettingsSay() async throws {
        let tasks = try await configuration([
            "max-tasks": "2", "max-tasks-per-principal": "1", "task-ttl": "3s", "task-poll-interval": "4s",
            "max-task-result": "5KiB", "max-task-questions": "6", "max-task-question-bytes": "7KiB",
            "max-task-answer-bytes": "8KiB", "task-follow-interval": "9s", "task-sweep-interval": "10s",
        ]).limits.tasks
        #expect(tasks.inAll == 2 && tasks.perOwner == 1 && tasks.questions == 6)
        #expect(tasks.ttl == .seconds(3) && tasks.pollInterval == .seconds(4))
        #expect(tasks.result == 5_120 && tasks.questionBytes == 7_168 && tasks.answerBytes == 8_192)
        #expect(tasks.reconciliation == .seconds(9) && tasks.sweep == .seconds(10))
    }
}
