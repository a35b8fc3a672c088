import Logging
import MCPAuthorization
import MCPEngine
import MCPHTTP
import MCPStorage
import ServiceLifecycle

/// The authorization server as the settings want it.
struct OAuthParts {
    let server: AuthorizationServer
    let verifier: GrantVerifier
    let sweep: AuthorizationSweep
    private let configuration: OAuthConfiguration

    /// Nil when it is not wanted.
    init?(_ settings: Settings, store: SQLiteStore, logger: Logger) {
        guard settings.oauth, let publicURL = settings.publicURL else { return nil }
        let ofTools = settings.oauthToolScopes.compactMap { ScopeMeaning($0) }.flatMap(\.scopes.names)
        let scopes =
            [ScopeSet.read, ScopeSet.call]
            + Set(ofTools + settings.oauthScopes).subtracting([ScopeSet.read, ScopeSet.call]).sorted()
        let documents = Self.documents(settings)
        server = AuthorizationServer(
            identity: AuthorizationServer.Identity(
                issuer: OAuthAddress.issuer(of: publicURL), resources: [publicURL], scopes: scopes),
            store: store, documents: settings.oauthClientDocuments ? documents : nil,
            assertions: ClientAssertions(
                reader: SignedAssertions(), source: documents, store: store, time: SystemTime()),
            hosts: DocumentHosts(
                allowed: settings.oauthClientDocumentHosts, allowsLoopback: settings.oauthInsecureClientDocuments),
            registers: settings.oauthRegistration, limits: Self.limits(settings), logger: logger)
        verifier = GrantVerifier(store: store, resources: [publicURL])
        sweep = AuthorizationSweep(store: store, logger: logger)
        configuration = OAuthConfiguration(
            server: server, maxForm: settings.oauthMaxForm, site: OAuthAddress.site(of: publicURL))
        if settings.oauthInsecureClientDocuments {
            logger.warning("oauth.insecure_client_documents", metadata: ["remedy": "only for tests; switch it off"])
        }
    }

    func routes(path: String, logger: Logger) -> OAuthRoutes { OAuthRoutes(configuration, path: path, logger: logger) }

    private static func documents(_ settings: Settings) -> DocumentFetcher {
        var limits = DocumentFetcher.Limits()
        limits.bytes = settings.oauthMaxClientDocument
        limits.time = settings.oauthClientDocumentTimeout
        limits.allowsLoopback = settings.oauthInsecureClientDocuments
        return DocumentFetcher(limits: limits)
    }

    private static func limits(_ settings: Settings) -> AuthorizationLimits {
        var limits = AuthorizationLimits()
        limits.grants.access = settings.oauthAccessLifetime
        limits.grants.refresh = settings.oauthRefreshLifetime
        limits.grants.grace = settings.oauthRefreshGrace
        limits.code = settings.oauthCodeLifetime
        limits.signIn = settings.oauthSignInLifetime
        limits.signInAttempts = settings.oauthSignInAttempts
        limits.registration = settings.oauthRegistrationLifetime
        limits.registeredClients = settings.oauthMaxRegisteredClients
        limits.documents = settings.oauthMaxClientDocuments
        limits.grantsPerUser = settings.oauthMaxConnectionsPerUser
        limits.tokenRequests = settings.oauthMaxTokenRequests
        limits.passwordsWaiting = settings.oauthMaxPasswordsWaiting
        limits.signInsPerUser = settings.oauthMaxSignInsPerUser
        limits.documentFetches = settings.oauthMaxClientDocumentFetches
        return limits
    }
}

/// Forgets what has expired.
struct AuthorizationSweep: Service {
    let store: any GrantStore
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await Task.sleep(for: .seconds(60))
                    _ = try await store.sweepAuthorization(expiredBy: SystemTime().date)
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("oauth.not_swept", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
