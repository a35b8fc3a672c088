/// The settings of the authorization server.
extension Setting {
    static let oauthRows: [Setting] = [
        oauth, oauthAccessLifetime, oauthRefreshLifetime, oauthRefreshGrace, oauthCodeLifetime, oauthSignInLifetime,
        oauthSignInAttempts, oauthMaxPasswordsWaiting, oauthMaxSignInsPerUser, oauthRegistration,
        oauthRegistrationLifetime, oauthMaxRegisteredClients, oauthClientDocuments, oauthClientDocumentHosts,
        oauthMaxClientDocument, oauthMaxClientDocuments, oauthMaxClientDocumentFetches, oauthClientDocumentTimeout,
        oauthInsecureClientDocuments, oauthMaxConnectionsPerUser, oauthMaxTokenRequests, oauthMaxForm,
    ]

    static let oauth = Setting(
        "oauth", .oauth, .flag, default: "false",
        "Let people sign in here, and give their applications tokens. Needs public-url.")
    static let oauthAccessLifetime = Setting(
        "oauth-access-lifetime", .oauth, .duration(.seconds(1)...days(30)), default: "8h",
        "How long an access token is good.")
    static let oauthRefreshLifetime = Setting(
        "oauth-refresh-lifetime", .oauth, .duration(.seconds(1)...days(3_650)), default: "90d",
        "How long a connection lasts that is not renewed.")
    static let oauthRefreshGrace = Setting(
        "oauth-refresh-grace", .oauth, .duration(.zero...days(1)), default: "60s",
        "How long a refresh token that was used gets the same answer again, in case the first was lost.")
    static let oauthCodeLifetime = Setting(
        "oauth-code-lifetime", .oauth, .duration(.seconds(1)...minutes(10)), default: "2m",
        "How long an application may take to exchange the code that it was sent.")
    static let oauthSignInLifetime = Setting(
        "oauth-sign-in-lifetime", .oauth, .duration(.seconds(1)...days(365)), default: "12h",
        "How long a browser stays signed in.")
    static let oauthSignInAttempts = Setting(
        "oauth-sign-in-attempts", .oauth, .int(1...100_000), default: "10",
        "How many passwords may be tried for one account at once, and again over five minutes.")
    static let oauthMaxPasswordsWaiting = Setting(
        "oauth-max-passwords-waiting", .oauth, .int(1...1_000), default: "16",
        "How many passwords may wait to be checked, one after another; whoever comes then is asked to wait.")
    static let oauthMaxSignInsPerUser = Setting(
        "oauth-max-sign-ins-per-user", .oauth, .int(1...1_000), default: "20",
        "In how many browsers one user stays signed in; the oldest makes room.")
    static let oauthRegistration = Setting(
        "oauth-registration", .oauth, .flag, default: "true",
        "Let applications make themselves known (RFC 7591).")
    static let oauthRegistrationLifetime = Setting(
        "oauth-registration-lifetime", .oauth, .duration(.seconds(1)...days(3_650)), default: "24h",
        "How long an application that made itself known is kept when nobody connects with it.")
    static let oauthMaxRegisteredClients = Setting(
        "oauth-max-registered-clients", .oauth, .int(1...10_000_000), default: "10000",
        "The most applications kept that made themselves known. Unused ones make room for new ones.")
    static let oauthClientDocuments = Setting(
        "oauth-client-documents", .oauth, .flag, default: "true",
        "Take an https URL for a client_id, and fetch the document that describes the application there.")
    static let oauthClientDocumentHosts = Setting(
        "oauth-client-document-hosts", .oauth,
        .list(placeholder: "host names, or *.example.com", rule: SettingRule.documentHost), default: "",
        "The hosts whose documents are taken; *.example.com is every host under it. Empty: all on the public internet.")
    static let oauthMaxClientDocument = Setting(
        "oauth-max-client-document", .oauth, .bytes(1_024...1_048_576), default: "16KiB",
        "The largest document.")
    static let oauthMaxClientDocuments = Setting(
        "oauth-max-client-documents", .oauth, .int(1...1_000_000), default: "1000",
        "The most documents kept.")
    static let oauthMaxClientDocumentFetches = Setting(
        "oauth-max-client-document-fetches", .oauth, .int(1...1_000_000), default: "60",
        "How many documents of one host are fetched in a minute.")
    static let oauthClientDocumentTimeout = Setting(
        "oauth-client-document-timeout", .oauth, .duration(.milliseconds(10)...minutes(1)), default: "5s",
        "How long a document may take to arrive.")
    static let oauthInsecureClientDocuments = Setting(
        "oauth-insecure-client-documents", .oauth, .flag, default: "false",
        "Only for tests: also take documents from this machine, over http or with any certificate. Never on a server that others reach."
    )
    static let oauthMaxConnectionsPerUser = Setting(
        "oauth-max-connections-per-user", .oauth, .int(1...100_000), default: "100",
        "The most connections kept for one user; the one that was renewed least lately makes room.")
    static let oauthMaxTokenRequests = Setting(
        "oauth-max-token-requests", .oauth, .int(1...1_000_000), default: "60",
        "How many token requests one connection may make in a minute.")
    static let oauthMaxForm = Setting(
        "oauth-max-form", .oauth, .bytes(1_024...1_048_576), default: "64KiB",
        "The largest form, and the largest registration.")

    private static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
}
