import ArgumentParser

/// Access tokens of somebody else's authorization server, and what they open.
struct IssuerOptions: ParsableArguments {
    @OptionGroup var asking: IssuerAskingOptions

    @Option(name: .setting(.oauthIssuer), help: Setting.oauthIssuer.argumentHelp)
    var oauthIssuer: String?

    @Option(name: .setting(.oauthAudience), help: Setting.oauthAudience.argumentHelp)
    var oauthAudience: String?

    @Option(name: .setting(.oauthScopes), help: Setting.oauthScopes.argumentHelp)
    var oauthScopes: String?

    @Option(name: .setting(.oauthToolScopes), help: Setting.oauthToolScopes.argumentHelp)
    var oauthToolScopes: String?

    @Option(name: .setting(.oauthVisitors), help: Setting.oauthVisitors.argumentHelp)
    var oauthVisitors: String?

    @Option(name: .setting(.oauthScopeClaims), help: Setting.oauthScopeClaims.argumentHelp)
    var oauthScopeClaims: String?

    @Option(name: .setting(.oauthScopeMap), help: Setting.oauthScopeMap.argumentHelp)
    var oauthScopeMap: String?

    @Option(name: .setting(.oauthGrantedScopes), help: Setting.oauthGrantedScopes.argumentHelp)
    var oauthGrantedScopes: String?

    @Option(name: .setting(.oauthClockSkew), help: Setting.oauthClockSkew.argumentHelp)
    var oauthClockSkew: String?

    var given: [(Setting, String?)] {
        [
            (.oauthIssuer, oauthIssuer),
            (.oauthAudience, oauthAudience),
            (.oauthScopes, oauthScopes),
            (.oauthToolScopes, oauthToolScopes),
            (.oauthVisitors, oauthVisitors),
            (.oauthScopeClaims, oauthScopeClaims),
            (.oauthScopeMap, oauthScopeMap),
            (.oauthGrantedScopes, oauthGrantedScopes),
            (.oauthClockSkew, oauthClockSkew),
        ] + asking.given
    }
}

/// How the issuer is asked.
struct IssuerAskingOptions: ParsableArguments {
    @Option(name: .setting(.oauthIntrospection), help: Setting.oauthIntrospection.argumentHelp)
    var oauthIntrospection: String?

    @Option(name: .setting(.oauthIntrospectionClient), help: Setting.oauthIntrospectionClient.argumentHelp)
    var oauthIntrospectionClient: String?

    @Option(name: .setting(.oauthIntrospectionSecret), help: Setting.oauthIntrospectionSecret.argumentHelp)
    var oauthIntrospectionSecret: String?

    @Option(name: .setting(.oauthIntrospectionSecretFile), help: Setting.oauthIntrospectionSecretFile.argumentHelp)
    var oauthIntrospectionSecretFile: String?

    @Option(name: .setting(.oauthVerdictTime), help: Setting.oauthVerdictTime.argumentHelp)
    var oauthVerdictTime: String?

    @Option(name: .setting(.oauthMaxVerdicts), help: Setting.oauthMaxVerdicts.argumentHelp)
    var oauthMaxVerdicts: String?

    @Option(name: .setting(.oauthMaxAsking), help: Setting.oauthMaxAsking.argumentHelp)
    var oauthMaxAsking: String?

    @Option(name: .setting(.oauthFetchTime), help: Setting.oauthFetchTime.argumentHelp)
    var oauthFetchTime: String?

    @Option(name: .setting(.oauthMaxDocument), help: Setting.oauthMaxDocument.argumentHelp)
    var oauthMaxDocument: String?

    @Option(name: .setting(.oauthKeysAge), help: Setting.oauthKeysAge.argumentHelp)
    var oauthKeysAge: String?

    @Option(name: .setting(.oauthKeysPause), help: Setting.oauthKeysPause.argumentHelp)
    var oauthKeysPause: String?

    @Option(name: .setting(.oauthKeysLimit), help: Setting.oauthKeysLimit.argumentHelp)
    var oauthKeysLimit: String?

    var given: [(Setting, String?)] {
        [
            (.oauthIntrospection, oauthIntrospection),
            (.oauthIntrospectionClient, oauthIntrospectionClient),
            (.oauthIntrospectionSecret, oauthIntrospectionSecret),
            (.oauthIntrospectionSecretFile, oauthIntrospectionSecretFile),
            (.oauthVerdictTime, oauthVerdictTime),
            (.oauthMaxVerdicts, oauthMaxVerdicts),
            (.oauthMaxAsking, oauthMaxAsking),
            (.oauthFetchTime, oauthFetchTime),
            (.oauthMaxDocument, oauthMaxDocument),
            (.oauthKeysAge, oauthKeysAge),
            (.oauthKeysPause, oauthKeysPause),
            (.oauthKeysLimit, oauthKeysLimit),
        ]
    }
}
