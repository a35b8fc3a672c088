import FoundationEssentials
package import Logging

/// Finds clients by their ids, wherever they come from.
package struct ClientDirectory: Sendable {
    private let store: any ClientStore
    /// Nil where documents are not taken.
    private let documents: (any ClientDocumentSource)?
    private let hosts: DocumentHosts
    private let limits: AuthorizationLimits
    private let time: any TimeSource
    private let logger: Logger
    private let fetches: SharedRate

    package init(
        store: any ClientStore, documents: (any ClientDocumentSource)?, hosts: DocumentHosts = DocumentHosts(),
        limits: AuthorizationLimits, time: any TimeSource, logger: Logger
    ) {
        self.store = store
        self.documents = documents
        self.hosts = hosts
        self.limits = limits
        self.time = time
        self.logger = logger
        fetches = SharedRate(RateMachine(burst: limits.documentFetches, per: .seconds(60)), time: time)
    }

    package var takesDocuments: Bool { documents != nil }

    /// The client of that id, with its document fetched when it is due.
    /// - Throws: ``ClientFault`` for one that cannot be had, ``StoreError``.
    package func client(_ id: String) async throws -> OAuthClient {
        guard ClientDocument.isURL(id, allowsLoopback: hosts.allowsLoopback) else {
            guard let client = try await known(id), client.kind != .document else { throw ClientFault.unknown }
            return client
        }
        let kept = try await known(id)
        // The operator may have made one known under a URL.
        if let kept, kept.kind != .document { return kept }
        guard let documents else { throw ClientFault.noDocuments }
        guard hosts.admit(id) else { throw ClientFault.hostNotAllowed }
        if let kept, let fresh = kept.freshUntil, time.date < fresh { return kept }
        guard fetches.attempt(DocumentHosts.host(of: id)) == nil else {
            if let kept { return kept }
            throw ClientFault.document("it was asked for too often just now")
        }
        do throws(ClientDocumentFault) {
            let document = try await documents.fetch(id)
            let metadata = try document.metadata(of: id)
            return try await keep(metadata, of: id, until: document.maxAge, in: kept)
        } catch {
            logger.warning(
                "oauth.document_failed",
                metadata: [
                    "host": "\(DocumentHosts.host(of: id))", "reason": "\(error.reason)", "kept": "\(kept != nil)",
                ])
            guard let kept else { throw ClientFault.document(error.reason) }
            // The last good copy, for as long as its host is given to recover.
            await retry(kept)
            return kept
        }
    }

    /// The client of that id, as it is known already if it is; for requests that come after a person's.
    /// - Throws: ``ClientFault``, ``StoreError``.
    package func knownClient(_ id: String) async throws -> OAuthClient {
        if let kept = try await known(id) {
            if kept.kind != .document { return kept }
            guard documents != nil else { throw ClientFault.noDocuments }
            guard hosts.admit(id) else { throw ClientFault.hostNotAllowed }
            return kept
        }
        return try await client(id)
    }

    private func known(_ id: String) async throws -> OAuthClient? {
        guard (1...1024).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        guard let client = try await store.client(id) else { return nil }
        if let expires = client.expires, expires <= time.date { return nil }
        return client
    }

    private func keep(
        _ metadata: ClientMetadata, of id: String, until age: Duration?, in kept: OAuthClient?
    ) async throws(ClientDocumentFault) -> OAuthClient {
        let now = time.date
        let age = min(
            max(age ?? limits.documentAge.lowerBound, limits.documentAge.lowerBound), limits.documentAge.upperBound)
        let client = OAuthClient(
            id: id, kind: .document, name: metadata.name, redirectURIs: metadata.redirectURIs,
            authentication: metadata.authentication, keys: metadata.keys, refreshes: metadata.refreshes,
            created: kept?.created ?? now,
            expires: max(kept?.expires ?? now, now + limits.grants.refresh.seconds), isUsed: kept?.isUsed ?? false,
            freshUntil: now + age.seconds)
        do {
            // Without room it works all the same: it is only fetched again.
            _ = try await store.insert(client, keep: limits.documents)
        } catch {
            logger.warning("oauth.document_not_kept", metadata: ["error": "\(error)"])
        }
        return client
    }

    private func retry(_ kept: OAuthClient) async {
        var kept = kept
        kept.freshUntil = time.date + 60
        _ = try? await store.insert(kept, keep: limits.documents)
    }
}

/// Why a client cannot be had.
package enum ClientFault: Error, Equatable, Sendable {
    /// Nobody of this id is known, or not any more.
    case unknown
    /// Its id is a URL, and documents are not taken.
    case noDocuments
    case hostNotAllowed
    case document(String)
}

/// Whose documents are taken.
package struct DocumentHosts: Sendable {
    /// Empty for everybody's. `*.example.com` is every host under it.
    package var allowed: [String] = []
    /// Only for tests: documents on this machine, over `http`.
    package var allowsLoopback = false

    package init(allowed: [String] = [], allowsLoopback: Bool = false) {
        self.allowed = allowed.map { $0.lowercased() }
        self.allowsLoopback = allowsLoopback
    }

    func admit(_ url: String) -> Bool {
        let host = Self.host(of: url)
        return allowed.isEmpty
            || allowed.contains { rule in rule.hasPrefix("*.") ? host.hasSuffix(rule.dropFirst()) : host == rule }
    }

    package static func host(of url: String) -> String { URLComponents(string: url)?.host?.lowercased() ?? "" }
}
