import Foundation
import Logging
import MCPEngine
import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@Suite struct ClientDirectoryTests {
    private let time = ManualTime()
    private let store = InMemoryStore()
    private let source = ScriptedSource()
    private let url = "https://app.example/client.json"

    private func directory(_ hosts: DocumentHosts = DocumentHosts()) -> ClientDirectory {
        ClientDirectory(
            store: store, documents: source, hosts: hosts, limits: AuthorizationLimits(), time: time,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test(.requirement("A-42")) func aDocumentIsGoodForAsLongAsItsHostSaysWithinBounds() async throws {
        let directory = directory()
        for (said, good) in [(nil, 300), (0, 300), (900, 900), (10_000_000, 86_400)] as [(Int?, Int)] {
            source.maxAge = said.map { .seconds($0) }
            _ = try await directory.client(url)
            let asked = source.asked
            time.advance(by: .seconds(good - 1))
            _ = try await directory.client(url)
            #expect(source.asked == asked, "max-age \(said ?? -1)")
            time.advance(by: .seconds(1))
            _ = try await directory.client(url)
            #expect(source.asked == asked + 1, "max-age \(said ?? -1)")
            time.advance(by: .seconds(100_000))
        }
    }

    @Test(.requirement("A-42")) func theLastGoodCopyGoesOnAndIsTriedAgainInAMinute() async throws {
        let directory = directory()
        let good = try await directory.client(url)
        time.advance(by: .seconds(400))
        source.fault = "its host answered 503"
        #expect(try await directory.client(url).redirectURIs == good.redirectURIs)
        #expect(try await directory.client(url).redirectURIs == good.redirectURIs)
        #expect(source.asked == 2)
        time.advance(by: .seconds(61))
        source.fault = nil
        source.redirect = "https://app.example/other"
        #expect(try await directory.client(url).redirectURIs == ["https://app.example/other"])
        #expect(source.asked == 3)
    }

    @Test(.requirement("A-42")) func aFailureIsNotRemembered() async throws {
        let directory = directory()
        source.fault = "its host answered 404"
        await #expect(throws: ClientFault.document("its host answered 404")) { try await directory.client(url) }
        #expect(await store.client(url) == nil)
        source.fault = nil
        _ = try await directory.client(url)
    }

    @Test(.requirement("A-43")) func hostsAreAdmittedByNameOrByWhatTheyAreUnder() async throws {
        let directory = directory(DocumentHosts(allowed: ["claude.ai", "*.example"]))
        _ = try await directory.client(url)
        for other in [
            "https://example/c.json", "https://notexample/c.json", "https://x.claude.ai/c.json",
            "https://app.example.evil/c",
        ] {
            await #expect(throws: ClientFault.hostNotAllowed) { try await directory.client(other) }
        }
        #expect(source.asked == 1)
    }

    @Test func tokensNeedNoFetch() async throws {
        let directory = directory()
        _ = try await directory.client(url)
        time.advance(by: .seconds(80 * 86_400))
        source.fault = "gone"
        _ = try await directory.knownClient(url)
        #expect(source.asked == 1)
        await #expect(throws: ClientFault.unknown) { try await directory.knownClient("nobody") }
    }

    @Test func aRegistrationIsForgottenInItsTime() async throws {
        let client = OAuthClient(
            id: "hf-1", kind: .registered, name: nil, redirectURIs: ["https://a.example/"], created: time.date,
            expires: time.date + 100)
        #expect(try store.insert(client, keep: 9))
        let directory = directory()
        _ = try await directory.client("hf-1")
        time.advance(by: .seconds(100))
        await #expect(throws: ClientFault.unknown) { try await directory.client("hf-1") }
    }
}

/// A host of documents that a test commands.
private final class ScriptedSource: ClientDocumentSource {
    private struct State {
        var asked = 0
        var maxAge: Duration?
        var fault: String?
        var redirect = "https://app.example/cb"
    }

    private let state = Mutex(State())

    var asked: Int { state.withLock { $0.asked } }
    var maxAge: Duration? {
        get { state.withLock { $0.maxAge } }
        set { state.withLock { $0.maxAge = newValue } }
    }
    var fault: String? {
        get { state.withLock { $0.fault } }
        set { state.withLock { $0.fault = newValue } }
    }
    var redirect: String {
        get { state.withLock { $0.redirect } }
        set { state.withLock { $0.redirect = newValue } }
    }

    func fetch(_ url: String) async throws(ClientDocumentFault) -> ClientDocument {
        let state = state.withLock { state in
            state.asked += 1
            return state
        }
        if let fault = state.fault { throw ClientDocumentFault(fault) }
        let body: JSON = ["client_id": JSON(url), "redirect_uris": [JSON(state.redirect)]]
        return ClientDocument(body: Array(body.bytes), maxAge: state.maxAge)
    }
}
