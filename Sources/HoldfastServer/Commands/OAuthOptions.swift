import ArgumentParser

/// The options of the authorization server.
struct OAuthOptions: ParsableArguments {
    @OptionGroup var clients: OAuthClientOptions

    @Flag(name: .setting(.oauth), inversion: .prefixedNo, help: Setting.oauth.argumentHelp)
    var oauth: Bool?

    @Option(name: .setting(.oauthAccessLifetime), help: Setting.oauthAccessLifetime.argumentHelp)
    var oauthAccessLifetime: String?

    @Option(name: .setting(.oauthRefreshLifetime), help: Setting.oauthRefreshLifetime.argumentHelp)
    var oauthRefreshLifetime: String?

    @Option(name: .setting(.oauthRefreshGrace), help: Setting.oauthRefreshGrace.argumentHelp)
    var oauthRefreshGrace: String?

    @Option(name: .setting(.oauthCodeLifetime), help: Setting.oauthCodeLifetime.argumentHelp)
    var oauthCodeLifetime: String?

    @Option(name: .setting(.oauthSignInLifetime), help: Setting.oauthSignInLifetime.argumentHelp)
    var oauthSignInLifetime: String?

    @Option(name: .setting(.oauthSignInAttempts), help: Setting.oauthSignInAttempts.argumentHelp)
    var oauthSignInAttempts: String?

    @Option(name: .setting(.oauthMaxPasswordsWaiting), help: Setting.oauthMaxPasswordsWaiting.argumentHelp)
    var oauthMaxPasswordsWaiting: String?

    @Option(name: .setting(.oauthMaxSignInsPerUser), help: Setting.oauthMaxSignInsPerUser.argumentHelp)
    var oauthMaxSignInsPerUser: String?

    @Flag(inversion: .prefixedNo, help: Setting.oauthRegistration.argumentHelp)
    var oauthRegistration: Bool?

    var given: [(Setting, String?)] {
        [
            (.oauth, oauth.map(String.init)),
            (.oauthAccessLifetime, oauthAccessLifetime),
            (.oauthRefreshLifetime, oauthRefreshLifetime),
            (.oauthRefreshGrace, oauthRefreshGrace),
            (.oauthCodeLifetime, oauthCodeLifetime),
            (.oauthSignInLifetime, oauthSignInLifetime),
            (.oauthSignInAttempts, oauthSignInAttempts),
            (.oauthMaxPasswordsWaiting, oauthMaxPasswordsWaiting),
            (.oauthMaxSignInsPerUser, oauthMaxSignInsPerUser),
            (.oauthRegistration, oauthRegistration.map(String.init)),
        ] + clients.given
    }
}

struct OAuthClientOptions: ParsableArguments {
    @Option(name: .setting(.oauthRegistrationLifetime), help: Setting.oauthRegistrationLifetime.argumentHelp)
    var oauthRegistrationLifetime: String?

    @Option(name: .setting(.oauthMaxRegisteredClients), help: Setting.oauthMaxRegisteredClients.argumentHelp)
    var oauthMaxRegisteredClients: String?

    @Flag(inversion: .prefixedNo, help: Setting.oauthClientDocuments.argumentHelp)
    var oauthClientDocuments: Bool?

    @Option(name: .setting(.oauthClientDocumentHosts), help: Setting.oauthClientDocumentHosts.argumentHelp)
    var oauthClientDocumentHosts: String?

    @Option(name: .setting(.oauthMaxClientDocument), help: Setting.oauthMaxClientDocument.argumentHelp)
    var oauthMaxClientDocument: String?

    @Option(name: .setting(.oauthMaxClientDocuments), help: Setting.oauthMaxClientDocuments.argumentHelp)
    var oauthMaxClientDocuments: String?

    @Option(name: .setting(.oauthMaxClientDocumentFetches), help: Setting.oauthMaxClientDocumentFetches.argumentHelp)
    var oauthMaxClientDocumentFetches: String?

    @Option(name: .setting(.oauthClientDocumentTimeout), help: Setting.oauthClientDocumentTimeout.argumentHelp)
    var oauthClientDocumentTimeout: String?

    @Flag(inversion: .prefixedNo, help: Setting.oauthInsecureClientDocuments.argumentHelp)
    var oauthInsecureClientDocuments: Bool?

    @Option(name: .setting(.oauthMaxConnectionsPerUser), help: Setting.oauthMaxConnectionsPerUser.argumentHelp)
    var oauthMaxConnectionsPerUser: String?

    @Option(name: .setting(.oauthMaxTokenRequests), help: Setting.oauthMaxTokenRequests.argumentHelp)
    var oauthMaxTokenRequests: String?

    @Option(name: .setting(.oauthMaxForm), help: Setting.oauthMaxForm.argumentHelp)
    var oauthMaxForm: String?

    var given: [(Setting, String?)] {
        [
            (.oauthRegistrationLifetime, oauthRegistrationLifetime),
            (.oauthMaxRegisteredClients, oauthMaxRegisteredClients),
            (.oauthClientDocuments, oauthClientDocuments.map(String.init)),
            (.oauthClientDocumentHosts, oauthClientDocumentHosts),
            (.oauthMaxClientDocument, oauthMaxClientDocument),
            (.oauthMaxClientDocuments, oauthMaxClientDocuments),
            (.oauthMaxClientDocumentFetches, oauthMaxClientDocumentFetches),
            (.oauthClientDocumentTimeout, oauthClientDocumentTimeout),
            (.oauthInsecureClientDocuments, oauthInsecureClientDocuments.map(String.init)),
            (.oauthMaxConnectionsPerUser, oauthMaxConnectionsPerUser),
            (.oauthMaxTokenRequests, oauthMaxTokenRequests),
            (.oauthMaxForm, oauthMaxForm),
        ]
    }
}
