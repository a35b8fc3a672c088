import Logging
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

@Suite(.timeLimit(.minutes(1))) struct ConversationPoolTests {
    /// A server behind that takes its time and is then away.
    private struct SlowTransport: UpstreamTransport {
        let gate: Gate
        var hasStreamPerRequest: Bool { true }
        var probeTime: Duration { .seconds(1) }

        func open(
            on host: SessionHost, _ receiver: LinkReceiver, logger: Logger
        ) async throws(LinkFailure) -> any UpstreamLink {
            await gate.pass()
            throw LinkFailure(.unreachable, mayHaveBegun: false, "it is away")
        }
    }

    private func pool(_ limits: UpstreamLimits, _ host: SessionHost, _ gate: Gate) -> ConversationPool {
        let time = ManualTime()
        let opener = ConversationOpener(
            transport: SlowTransport(gate: gate), policy: UpstreamPolicy(name: "behind", limits: limits),
            identity: Implementation(name: "test", version: "1"), host: host, deadlines: Deadlines(time: time),
            logger: Logger(label: "test"))
        return ConversationPool(
            opener: opener, time: time, random: SystemRandom(), metrics: UpstreamMetrics(upstream: "behind"),
            events: ConversationPool.Events(
                listsChanged: { _ in }, resourceUpdated: { _, _ in }, opened: { _, _ in }, closed: { _ in }))
    }

    @Test func conversationsThatAreBeingOpenedCountTowardTheBound() async {
        var limits = UpstreamLimits()
        limits.conversations = 2
        let (host, gate) = (SessionHost(), Gate())
        let pool = pool(limits, host, gate)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            for caller in ["a", "b"] {
                group.addTask { _ = try? await pool.conversation(.principal(caller), capabilities: [:]) }
            }
            await gate.arrivals(2)
            let late = await #expect(throws: LinkFailure.self) {
                _ = try await pool.conversation(.principal("c"), capabilities: [:])
            }
            #expect(late?.message == "all 2 conversations with it are in use")
            gate.open()
            host.stop()
        }
    }
}
