/// Access tokens of somebody else's authorization server, and what they open.
extension Setting {
    static let issuerRows: [Setting] = [
        oauthIssuer, oauthAudience, oauthScopes, oauthToolScopes,
        oauthVisitors, oauthScopeClaims, oauthScopeMap, oauthGrantedScopes,
        oauthClockSkew, oauthIntrospection, oauthIntrospectionClient, oauthIntrospectionSecret,
        oauthIntrospectionSecretFile, oauthVerdictTime, oauthMaxVerdicts, oauthMaxAsking,
        oauthFetchTime, oauthMaxDocument, oauthKeysAge, oauthKeysPause,
        oauthKeysLimit,
    ]

    static let oauthIssuer = Setting(
        "oauth-issuer", .oauth, .text(placeholder: "the https URL of an issuer", rule: SettingRule.issuer),
        "The authorization server whose access tokens are accepted, as it names itself. Takes public-url.")
    static let oauthAudience = Setting(
        "oauth-audience", .oauth,
        .text(placeholder: "1 to 1024 printable ASCII characters without spaces", rule: SettingRule.audience),
        "What that issuer puts into aud for this server, when it is not public-url.")
    static let oauthScopes = Setting(
        "oauth-scopes", .oauth, .list(placeholder: "scopes", rule: SettingRule.scope), default: "mcp:read,mcp:call",
        "The scopes that clients are told to ask for first.")
    static let oauthToolScopes = Setting(
        "oauth-tool-scopes", .oauth,
        .list(
            placeholder: "TOOL=SCOPES, * for any part of the name, spaces between scopes",
            rule: SettingRule.scopeMeaning), default: "",
        "Which tools take other scopes than mcp:call; the first that matches counts.")
    static let oauthVisitors = Setting(
        "oauth-visitors", .oauth, .choice(["refused", "lists", "invited"]), default: "refused",
        "What somebody without a token gets: nothing, discovery and lists, or these and a result that asks to "
            + "sign in for a call of a tool.")
    static let oauthScopeClaims = Setting(
        "oauth-scope-claims", .oauth,
        .list(placeholder: "names of claims, such as realm_access.roles", rule: SettingRule.audience),
        default: "scope,scp",
        "Where tokens of the issuer have their scopes or roles.")
    static let oauthScopeMap = Setting(
        "oauth-scope-map", .oauth,
        .list(placeholder: "VALUE=SCOPES, spaces between scopes", rule: SettingRule.scopeMeaning), default: "",
        "What scopes and roles of the issuer stand for here; others stand for themselves.")
    static let oauthGrantedScopes = Setting(
        "oauth-granted-scopes", .oauth, .list(placeholder: "scopes", rule: SettingRule.scope), default: "",
        "The scopes that every token of the issuer has, for issuers that know none of ours.")
    static let oauthClockSkew = Setting(
        "oauth-clock-skew", .oauth, .duration(.zero...days(1)), default: "30s",
        "By how much the clock of the issuer may differ.")
    static let oauthIntrospection = Setting(
        "oauth-introspection", .oauth, .choice(["opaque", "all"]), default: "opaque",
        "Which tokens the issuer is asked about, where it knows this server as a client: those that cannot be "
            + "verified here, or all, so that what it revokes ends at once.")
    static let oauthIntrospectionClient = Setting(
        "oauth-introspection-client", .oauth,
        .text(placeholder: "1 to 1024 printable ASCII characters without spaces", rule: SettingRule.audience),
        "The client id that the issuer knows this server by, to ask about tokens that cannot be verified here.")
    static let oauthIntrospectionSecret = Setting(
        "oauth-introspection-secret", .oauth,
        .text(placeholder: "1 to 8192 printable ASCII characters without spaces", rule: SettingRule.bearer),
        secret: true,
        "The secret of that client. Best given in the environment, or in a file.")
    static let oauthIntrospectionSecretFile = Setting(
        "oauth-introspection-secret-file", .oauth, .text(placeholder: "a file", rule: SettingRule.filled),
        "A file that holds that secret; it is read again when the issuer refuses the one that it held.")
    static let oauthVerdictTime = Setting(
        "oauth-verdict-time", .oauth, .duration(.zero...days(1)), default: "2s",
        "How long it is remembered whether a token is good; what is revoked ends within this time.")
    static let oauthMaxVerdicts = Setting(
        "oauth-max-verdicts", .oauth, .int(1...10_000_000), default: "10000",
        "The most tokens of which that is remembered.")
    static let oauthMaxAsking = Setting(
        "oauth-max-asking", .oauth, .int(1...100_000), default: "64",
        "The most tokens that are verified at once; requests with more get 503.")
    static let oauthFetchTime = Setting(
        "oauth-fetch-time", .oauth, .duration(.milliseconds(10)...days(1)), default: "5s",
        "How long the issuer may take to say what its keys are, or whether a token is good.")
    static let oauthMaxDocument = Setting(
        "oauth-max-document", .oauth, .bytes(1_024...67_108_864), default: "256KiB",
        "The largest document that is taken from the issuer.")
    static let oauthKeysAge = Setting(
        "oauth-keys-age", .oauth, .duration(.milliseconds(10)...days(30)), default: "10m",
        "How often the keys of the issuer are fetched anew.")
    static let oauthKeysPause = Setting(
        "oauth-keys-pause", .oauth, .duration(.milliseconds(10)...days(1)), default: "10s",
        "The least time between two fetches, also when tokens name keys that are not known.")
    static let oauthKeysLimit = Setting(
        "oauth-keys-limit", .oauth, .duration(.milliseconds(10)...days(365)), default: "24h",
        "How long keys are used while the issuer cannot be reached.")
}
