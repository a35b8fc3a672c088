import Logging
import MCPEngine
import MCPProtocol
import Testing

@Suite struct WaitingForOfferTests {
    /// Whoever was waiting lets clients in: they must not find the lists of before.
    @Test func theCatalogKnowsAnOfferBeforeAnybodyIsToldThatItIsThere() async throws {
        let identity = Implementation(name: "holdfast", version: "1")
        let store = InMemoryStore()
        let lists: JSON = ["tools": [["name": "echo", "inputSchema": ["type": "object"]]]]
        store.keepOffer(KeptOffer(fingerprint: "here", era: .handshake, lists: lists), of: "child")
        let upstream = BridgedUpstream(
            UpstreamPolicy(name: "child"), over: Unreachable(), fingerprint: "here",
            identity: identity, store: store, logger: Logger(label: "test"))
        let catalog = CatalogService(
            [upstream], policy: CatalogPolicy(identity: identity), onChange: { _ in }, onUpdate: { _ in })
        let isShown = await withTaskGroup(of: Bool.self) { group in
            group.addTask(executorPreference: AtOnce()) {
                await upstream.waitForOffer()
                return catalog.current.tool("echo") != nil
            }
            await upstream.loadKeptOffer()
            return await group.next()
        }
        #expect(isShown == true)
    }
}

/// Runs a task on the thread that resumes it, before that goes on.
private final class AtOnce: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedTaskExecutor()) }
}

private struct Unreachable: UpstreamTransport {
    var hasStreamPerRequest: Bool { false }
    var probeTime: Duration { .zero }

    func open(on host: SessionHost, _ receiver: LinkReceiver, logger: Logger) async throws(LinkFailure)
        -> any UpstreamLink
    { throw LinkFailure(.unreachable, mayHaveBegun: false, "nobody is there") }
}
