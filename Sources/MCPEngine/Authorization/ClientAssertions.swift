import FoundationEssentials
import MCPProtocol
import Synchronization

/// Checks what clients sign to show who they are (private_key_jwt; RFC 7523, 2.2).
package struct ClientAssertions: Sendable {
    private let reader: any ClientAssertionReader
    /// Where key sets come from that are at an address.
    private let source: any ClientDocumentSource
    private let store: any ClientStore
    private let time: any TimeSource
    private let sets = KeySets()
    private let fetches: SharedRate

    /// An assertion may be good for so long, and is remembered for so long.
    static let longest: Duration = .seconds(600)
    /// Between the client's clock and ours.
    static let skew: Duration = .seconds(60)
    /// So many assertions are remembered, of all clients.
    static let remembered = 100_000
    /// For how long a key set that was fetched is used.
    static let freshness: Duration = .seconds(300)

    package init(
        reader: any ClientAssertionReader, source: any ClientDocumentSource, store: any ClientStore,
        time: any TimeSource
    ) {
        self.reader = reader
        self.source = source
        self.store = store
        self.time = time
        fetches = SharedRate(RateMachine(burst: 6, per: .seconds(60)), time: time)
    }

    package var algorithms: [String] { reader.algorithms }

    func subject(of assertion: String) -> String? { reader.subject(of: assertion) }

    /// - Parameter audiences: What the assertion may be for.
    /// - Throws: ``OAuthError``, ``StoreError``.
    func check(_ assertion: String, of client: OAuthClient, audiences: [String]) async throws {
        guard let keys = client.keys else { throw Self.wrong("This client has no keys") }
        var read = await self.read(assertion, keys, of: client, again: false)
        // The client may have a new key since its set was fetched.
        if read == nil, case .at = keys, fetches.attempt(client.id) == nil {
            read = await self.read(assertion, keys, of: client, again: true)
        }
        guard let read else { throw Self.wrong("No key of the client has signed client_assertion") }
        guard read.issuer == client.id, read.subject == client.id else {
            throw Self.wrong("iss and sub of client_assertion must be the client_id")
        }
        guard read.audience.contains(where: audiences.contains) else {
            throw Self.wrong("aud of client_assertion must be the issuer or the token endpoint")
        }
        let date = time.date
        let now = date.timeIntervalSince1970
        guard let expires = read.expires.map(Double.init), now - Self.skew.seconds < expires,
            expires < now + (Self.longest + Self.skew).seconds
        else { throw Self.wrong("exp of client_assertion must be at most ten minutes from now") }
        if let start = read.notBefore, Double(start) > now + Self.skew.seconds {
            throw Self.wrong("nbf of client_assertion is not yet")
        }
        let end = Date(timeIntervalSince1970: expires + Self.skew.seconds)
        guard try await store.spend(read.mark, until: end, at: date, keep: Self.remembered) else {
            throw Self.wrong("client_assertion was used before; sign another")
        }
    }

    private func read(
        _ assertion: String, _ keys: ClientKeys, of client: OAuthClient, again: Bool
    ) async -> ClientAssertion? {
        switch keys {
        case .held(let set): return await reader.read(assertion, keys: set)
        case .at(let url):
            if !again, let set = sets.set(at: url, now: time.now) { return await reader.read(assertion, keys: set) }
            guard let document = try? await source.fetch(url),
                let set = try? JSON(parsing: document.body, limits: JSON.Limits(depth: 16))
            else { return nil }
            sets.keep(set, at: url, now: time.now)
            return await reader.read(assertion, keys: set)
        }
    }

    private static func wrong(_ description: String) -> OAuthError { OAuthError(.invalidClient, description) }
}

/// Key sets that were fetched just now.
private final class KeySets: Sendable {
    private let kept = Mutex<[String: (set: JSON, read: Duration)]>([:])
    private static let most = 256

    func set(at url: String, now: Duration) -> JSON? {
        kept.withLock { kept in kept[url].flatMap { now - $0.read < ClientAssertions.freshness ? $0.set : nil } }
    }

    func keep(_ set: JSON, at url: String, now: Duration) {
        kept.withLock { kept in
            if kept.count >= Self.most { kept = kept.filter { now - $0.value.read < ClientAssertions.freshness } }
            if kept.count < Self.most { kept[url] = (set.detached(), now) }
        }
    }
}
