import MCPProtocol
import MCPTesting
import Metrics
import Testing

@testable import MCPEngine

/// What an operator sees of listeners and tasks.
@Suite struct ObservationTests {
    private func call(_ method: String, _ params: String) -> Call {
        let meta =
            #""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}"#
        let body = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{"_meta":{\#(meta)}\#(params)}}"#
        var call = Call(verb: .post, principal: .local, headers: RequestHeaders(), body: Array(body.utf8))
        call.comesWithHeaders = false
        return call
    }

    @Test func anOpenListenerIsCountedUntilItsConnectionCloses() async throws {
        let registry = PrometheusRegistry()
        let conversation = withMetricsFactory(registry) { Conversation(tools: []) }
        func open() -> Bool {
            conversation.gateway.observe()
            return registry.text().contains("\nholdfast_listeners_open 1\n")
        }
        #expect(!open())
        let reply = await conversation.gateway.handle(call("subscriptions/listen", #","notifications":{}"#))
        guard case .stream(let stream) = reply.content else {
            Issue.record("not a stream")
            return
        }
        #expect(open())
        stream.whenClosed?()
        #expect(!open())
    }

    // MARK: Tasks

    private let result = Array(#"{"content":[]}"#.utf8)

    @Test func everyTaskIsToldOnceWhenItIsMadeAndOnceWhenItEnds() async throws {
        struct Rockslide: Error {}
        let (registry, lines, result) = (PrometheusRegistry(), LogRecorder(), result)
        let world = withMetricsFactory(registry) { TaskWorld(logger: lines.logger) }
        try await world.whileItRuns { world in
            let digger = Principal(id: "key:1", name: "digger")
            let (done, failed, stopped) = try await (
                world.service.start(owner: .local, tool: "dig") { _ in result },
                world.service.start(owner: .local, tool: "dig") { _ in throw Rockslide() },
                world.service.start(owner: digger, tool: "wait") { port in
                    _ = try await port.ask(["who": ["method": "roots/list"]])
                    return result
                }
            )
            _ = try await (world.ends(done.id), world.ends(failed.id))
            for _ in 0..<2 { try await world.service.cancel(stopped.id, owner: digger) }

            let ended = lines.entries(of: "task.ended").map { ($0["tool"] ?? "") + " " + ($0["status"] ?? "") }
            #expect(ended.sorted() == ["dig completed", "dig failed", "wait cancelled"])
            let mark = stopped.reference.mark
            let made = try #require(lines.entries(of: "task.created").first { $0["task"] == mark })
            #expect(made["principal"] == "digger" && made["tool"] == "wait")
            #expect(lines.entries(of: "task.failed").map { $0["error"] } == ["Rockslide"])
            #expect(!lines.text.contains(stopped.id) && mark.count == 8)
        }
        let text = registry.text().split(separator: "\n")
        #expect(text.contains("holdfast_tasks_created_total 3"))
        for status in ["completed", "failed", "cancelled"] {
            #expect(text.contains("holdfast_tasks_ended_total{status=\"\(status)\"} 1"))
        }
    }

    @Test func anEndThatCannotBeStoredIsAnEventWithTheTasksMark() async throws {
        let (lines, result) = (LogRecorder(), result)
        try await TaskWorld(logger: lines.logger) { FailingTaskStore($0, failures: 1) }.whileItRuns { world in
            let task = try await world.service.start(owner: .local, tool: "dig") { _ in result }
            await world.time.waitForSleeper()
            #expect(lines.entries(of: "task.not_stored").map { $0["task"] } == [task.reference.mark])
            world.time.advance(by: .seconds(2))
            _ = try await world.ends(task.id)
        }
    }
}
