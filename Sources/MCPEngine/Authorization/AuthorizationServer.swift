import FoundationEssentials
package import Logging

/// Gives out tokens for this server, to clients that people have agreed to (OAuth 2.1).
///
/// Nothing is held between two requests but what is in the store: each may reach another process, or the same one after
/// a restart.
package struct AuthorizationServer: Sendable {
    /// What is constant for as long as the server runs.
    package struct Identity: Sendable {
        /// An origin: a scheme and a host, with nothing behind. Clients compare it character by character.
        package var issuer: String
        /// The endpoints that tokens are for; the first is meant when a client does not say.
        package var resources: [String]
        /// What can be asked for, and what is given to who asks for nothing.
        package var scopes: [String]

        package init(issuer: String, resources: [String], scopes: [String]) {
            self.issuer = issuer
            self.resources = resources
            self.scopes = scopes
        }
    }

    package let identity: Identity
    package let limits: AuthorizationLimits
    package let clients: ClientDirectory
    package let signIns: SignIns
    /// Whether clients may register themselves.
    package let registers: Bool
    /// Nil where no client can sign.
    package let assertions: ClientAssertions?
    let store: any AuthorizationStore
    let time: any TimeSource
    let logger: Logger
    let requests: SharedRate

    /// Not an endpoint's: it asks for a refresh token, which every client gets that takes them (SEP-2207).
    package static let offline = "offline_access"

    package init(
        identity: Identity, store: any AuthorizationStore, documents: (any ClientDocumentSource)?,
        assertions: ClientAssertions? = nil,
        hosts: DocumentHosts = DocumentHosts(), registers: Bool = true,
        limits: AuthorizationLimits = AuthorizationLimits(),
        time: any TimeSource = SystemTime(), logger: Logger
    ) {
        self.identity = identity
        self.store = store
        self.limits = limits
        self.time = time
        self.logger = logger
        self.registers = registers
        self.assertions = assertions
        clients = ClientDirectory(
            store: store, documents: documents, hosts: hosts, limits: limits, time: time, logger: logger)
        signIns = SignIns(store: store, limits: limits, time: time)
        requests = SharedRate(RateMachine(burst: limits.tokenRequests, per: .seconds(60)), time: time)
    }

    /// Which of ours a client means; nil for one that is not.
    func resource(named names: [String]) throws(OAuthError) -> String {
        guard let first = names.first else { return identity.resources[0] }
        guard let meant = ResourceIdentifier(first), names.allSatisfy(meant.isNamed(by:)),
            let resource = identity.resources.first(where: meant.isNamed(by:))
        else {
            logger.notice("oauth.wrong_resource", metadata: ["asked": "\(first.prefix(200))"])
            throw OAuthError(.invalidTarget, "resource must be the URL of the endpoint, as its metadata says")
        }
        return resource
    }

    /// What of it we know; what we do not know is passed over.
    func scopes(named text: String?) throws(OAuthError) -> [String] {
        let wanted = (text ?? "").split(separator: " ").map(String.init)
        let asked = wanted.filter { $0 != Self.offline }
        let known = identity.scopes.filter(asked.contains)
        if known.isEmpty, !asked.isEmpty {
            throw OAuthError(.invalidScope, "No scope of these exists here; see scopes_supported")
        }
        return known.isEmpty ? identity.scopes : known
    }

    // MARK: What a person has connected

    /// - Throws: ``StoreError``.
    package func grants(of user: UserRecord) async throws -> [GrantRecord] {
        let now = time.date
        return try await store.grants(of: user.id).filter { now < $0.machine.expires && $0.machine.phase != .offered }
    }

    /// False when it is not that user's.
    /// - Throws: ``StoreError``.
    package func revoke(grant id: String, of user: UserRecord) async throws -> Bool {
        guard let standing = try await store.standing(of: id), standing.user.id == user.id else { return false }
        let (lifetimes, now) = (limits.grants, time.date)
        guard let change = try await store.change(id, { $0.revoke(lifetimes, at: now) }) else { return false }
        log("oauth.revoked", change.grant, ["by": "user"])
        return true
    }

    /// The store has failed; whoever asked has been told to come again.
    package func reportFailure(_ error: StoreError) {
        logger.error("oauth.store_failed", metadata: ["error": "\(error)"])
    }

    func log(_ event: String, _ grant: GrantRecord, _ more: Logger.Metadata = [:]) {
        var metadata: Logger.Metadata = [
            "grant": "\(grant.mark)", "client": "\(grant.machine.terms.client.prefix(200))",
        ]
        metadata.merge(more) { $1 }
        logger.info("\(event)", metadata: metadata)
    }
}
