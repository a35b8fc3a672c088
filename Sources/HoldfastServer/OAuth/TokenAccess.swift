import Logging
import MCPAuthorization
import MCPEngine
import MCPHTTP
import ServiceLifecycle

/// Who gives out access tokens for this server, what they open, and what is published about it.
struct TokenAccess {
    /// The endpoint as clients know it.
    private let resource: ResourceIdentifier
    private let settings: Settings
    /// In the order in which they are asked, and clients are told of them.
    private let issuers: [String]
    private let verifiers: [any TokenVerifier]
    /// What keeps them up to date.
    let services: [any Service]

    /// Nil when nobody does.
    /// - Parameter server: The authorization server in this process. Clients are told of it first.
    /// - Throws: ``SettingsError`` when what is set does not go together.
    init?(_ settings: Settings, server: OAuthParts?, logger: Logger) throws {
        guard server != nil || settings.oauthIssuer != nil else { return nil }
        self.settings = settings
        resource = try Self.resource(settings)
        var issuers = server.map { [$0.server.identity.issuer] } ?? []
        var verifiers: [any TokenVerifier] = server.map { [$0.verifier] } ?? []
        var services: [any Service] = []
        if let outside = settings.oauthIssuer {
            let part = try OutsideIssuerPart(outside, settings, resource: resource, logger: logger)
            issuers.append(outside)
            verifiers.append(VerdictCache(part.tokens, limits: Self.verdicts(settings)))
            services.append(part.issuer)
        }
        (self.issuers, self.verifiers, self.services) = (issuers, verifiers, services)
    }

    /// - Throws: ``SettingsError`` when clients could not know what to ask a token for.
    private static func resource(_ settings: Settings) throws -> ResourceIdentifier {
        guard let text = settings.publicURL else {
            throw SettingsError(
                "public-url: OAuth takes it, because tokens are made for one URL; give the one that clients use, such as "
                    + "https://mcp.example.com/mcp")
        }
        guard let resource = ResourceIdentifier(text), resource.isHTTPS || AccessRule.isLoopback(resource.host) else {
            throw SettingsError(
                "public-url: \(SettingsError.quoted(text)) cannot be used with OAuth; give an https URL, or http on a "
                    + "loopback address while you develop")
        }
        return resource
    }

    // MARK: What it adds

    func add(to access: inout Access) {
        access.tokens = TokenVerifiers(verifiers)
        access.challenge = challenge
        access.admitsVisitors = settings.oauthVisitors != .refused
    }

    func add(to policy: inout AccessPolicy) {
        policy.challenge = challenge
        policy.tools = settings.oauthToolScopes.compactMap { ScopeMeaning($0) }
            .map { AccessPolicy.ToolRule($0.name, $0.scopes) }
        policy.visitors = settings.oauthVisitors
    }

    var routes: ResourceMetadataRoutes {
        ResourceMetadataRoutes(
            resource, issuers: issuers, scopes: scopes, name: settings.serverName, path: settings.path)
    }

    private var scopes: ScopeSet { ScopeSet(settings.oauthScopes) }

    private var challenge: BearerChallenge {
        BearerChallenge(resourceMetadata: resource.metadataURL, initialScopes: scopes)
    }

    private static func verdicts(_ settings: Settings) -> VerdictTable.Limits {
        var limits = VerdictTable.Limits()
        limits.lifetime = settings.oauthVerdictTime
        limits.entries = settings.oauthMaxVerdicts
        limits.asking = settings.oauthMaxAsking
        return limits
    }
}
