import FoundationEssentials
import Logging
import MCPAuthorization
import MCPEngine

/// The verifier of somebody else's access tokens, made of the settings.
struct OutsideIssuerPart {
    let issuer: Issuer
    let tokens: OutsideTokens

    /// - Throws: ``SettingsError`` for half a client, ``StartFailure`` for a secret that cannot be read.
    init(_ url: String, _ settings: Settings, resource: ResourceIdentifier, logger: Logger) throws {
        var documents = IssuerDocument.Limits()
        documents.size = settings.oauthMaxDocument
        documents.time = settings.oauthFetchTime
        var limits = IssuerMachine.Limits()
        limits.age = settings.oauthKeysAge
        limits.pause = settings.oauthKeysPause
        limits.longest = settings.oauthKeysLimit

        let introspection = try Self.introspection(settings, documents)
        if settings.oauthIntrospection == .all, introspection == nil {
            throw SettingsError(
                "oauth-introspection-client: oauth-introspection is all, which takes a client and its secret")
        }
        issuer = Issuer(
            url, documents: documents, limits: limits, needsKeys: settings.oauthIntrospection == .opaque, logger: logger
        )
        tokens = OutsideTokens(
            issuer, rules: Self.rules(url, settings, resource), introspection: introspection,
            asking: settings.oauthIntrospection)
    }

    private static func rules(_ url: String, _ settings: Settings, _ resource: ResourceIdentifier) -> AccessTokenRules {
        var rules = AccessTokenRules(issuer: url, resource: resource)
        rules.audience = settings.oauthAudience
        rules.skew = settings.oauthClockSkew
        rules.scopes.claims = settings.oauthScopeClaims
        rules.scopes.granted = ScopeSet(settings.oauthGrantedScopes)
        for meaning in settings.oauthScopeMap.compactMap({ ScopeMeaning($0) }) {
            rules.scopes.meanings[meaning.name, default: .none] =
                rules.scopes.meanings[meaning.name, default: .none].union(meaning.scopes)
        }
        return rules
    }

    private static func introspection(
        _ settings: Settings, _ documents: IssuerDocument.Limits
    ) throws -> Introspection? {
        let (secret, file) = (settings.oauthIntrospectionSecret, settings.oauthIntrospectionSecretFile)
        guard let client = settings.oauthIntrospectionClient else {
            if secret == nil, file == nil { return nil }
            throw SettingsError("oauth-introspection-client: there is a secret for it, but no client; give its id")
        }
        if let file {
            guard secret == nil else {
                throw SettingsError(
                    "oauth-introspection-secret: it is given twice; leave out it or oauth-introspection-secret-file")
            }
            _ = try read(file)
            return Introspection(client: client, documents: documents) { try read(file) }
        }
        guard let secret else {
            throw SettingsError(
                "oauth-introspection-secret: oauth-introspection-client takes it; give it, or "
                    + "oauth-introspection-secret-file")
        }
        return Introspection(client: client, documents: documents) { secret.value }
    }

    private static func read(_ file: String) throws -> String {
        let place = "oauth-introspection-secret-file: \(SettingsError.path(file))"
        guard let data = try? Data(contentsOf: URL(filePath: file)), data.count <= 65_536 else {
            throw StartFailure("\(place) cannot be read, or is larger than 64KiB")
        }
        let text = String(decoding: data, as: UTF8.self).trimming(while: \.isWhitespace)
        if let remedy = SettingRule.bearer(text) { throw StartFailure("\(place) holds no secret; \(remedy)") }
        return text
    }
}
