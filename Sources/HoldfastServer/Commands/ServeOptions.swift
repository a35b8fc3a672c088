import ArgumentParser

/// The options of `serve`: one for each row of ``Setting/all``, optional and without a default, so that the sources
/// behind the command line can speak.
package struct ServeOptions: ParsableArguments {
    package init() {}

    @OptionGroup(title: "Data") var store: StoreOptions
    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "Access") var access: AccessOptions
    @OptionGroup(title: "OAuth") var oauth: OAuthOptions
    @OptionGroup(title: "OAuth") var issuer: IssuerOptions
    @OptionGroup(title: "Upstreams") var upstreams: UpstreamOptions
    @OptionGroup(title: "Sessions") var sessions: SessionsOptions
    @OptionGroup(title: "Lists") var lists: ListOptions
    @OptionGroup(title: "Limits") var limits: LimitsOptions
    @OptionGroup(title: "Tasks") var tasks: TaskOptions
    @OptionGroup(title: "Timing") var timing: TimingOptions

    /// What was given, by the name of the setting.
    package var given: [String: String] {
        [
            store.given, server.given, access.given, oauth.given, issuer.given, upstreams.given, sessions.given,
            lists.given, limits.given, tasks.given, timing.given,
        ].byName
    }
}

extension [[(Setting, String?)]] {
    /// What was given, by the name of the setting.
    var byName: [String: String] {
        var given: [String: String] = [:]
        for case (let setting, let value?) in joined() { given[setting.name] = value }
        return given
    }
}

struct ServerOptions: ParsableArguments {
    @Option(name: .setting(.host), help: Setting.host.argumentHelp)
    var host: String?

    @Option(name: .setting(.port), help: Setting.port.argumentHelp)
    var port: String?

    @Option(name: .setting(.path), help: Setting.path.argumentHelp)
    var path: String?

    @Flag(inversion: .prefixedNo, help: Setting.legacySSE.argumentHelp)
    var legacySse: Bool?

    @Option(name: .setting(.legacySSEPath), help: Setting.legacySSEPath.argumentHelp)
    var legacySSEPath: String?

    @Option(name: .setting(.legacyMessagesPath), help: Setting.legacyMessagesPath.argumentHelp)
    var legacyMessagesPath: String?

    @Option(name: .setting(.publicURL), help: Setting.publicURL.argumentHelp)
    var publicURL: String?

    @OptionGroup var offer: OfferOptions

    var given: [(Setting, String?)] {
        [
            (.host, host),
            (.port, port),
            (.path, path),
            (.legacySSE, legacySse.map(String.init)),
            (.legacySSEPath, legacySSEPath),
            (.legacyMessagesPath, legacyMessagesPath),
            (.publicURL, publicURL),
        ] + offer.given
    }
}

struct AccessOptions: ParsableArguments {
    @Option(name: .setting(.apiKey), help: Setting.apiKey.argumentHelp)
    var apiKey: String?

    @Flag(inversion: .prefixedNo, help: Setting.allowAnonymous.argumentHelp)
    var allowAnonymous: Bool?

    @Option(name: .setting(.allowedOrigins), help: Setting.allowedOrigins.argumentHelp)
    var allowedOrigins: String?

    @Option(name: .setting(.allowedHosts), help: Setting.allowedHosts.argumentHelp)
    var allowedHosts: String?

    var given: [(Setting, String?)] {
        [
            (.apiKey, apiKey),
            (.allowAnonymous, allowAnonymous.map(String.init)),
            (.allowedOrigins, allowedOrigins),
            (.allowedHosts, allowedHosts),
        ]
    }
}

struct SessionsOptions: ParsableArguments {
    @OptionGroup var graces: GraceOptions

    @Flag(inversion: .prefixedNo, help: Setting.sessions.argumentHelp)
    var sessions: Bool?

    @Option(name: .setting(.sessionIdleExpiry), help: Setting.sessionIdleExpiry.argumentHelp)
    var sessionIdleExpiry: String?

    @Option(name: .setting(.sessionTombstone), help: Setting.sessionTombstone.argumentHelp)
    var sessionTombstone: String?

    @Option(name: .setting(.maxSessions), help: Setting.maxSessions.argumentHelp)
    var maxSessions: String?

    @Option(name: .setting(.maxSessionsPerPrincipal), help: Setting.maxSessionsPerPrincipal.argumentHelp)
    var maxSessionsPerPrincipal: String?

    @Option(name: .setting(.maxStoredSessions), help: Setting.maxStoredSessions.argumentHelp)
    var maxStoredSessions: String?

    var given: [(Setting, String?)] {
        [
            (.sessions, sessions.map(String.init)),
            (.sessionIdleExpiry, sessionIdleExpiry),
            (.sessionTombstone, sessionTombstone),
            (.maxSessions, maxSessions),
            (.maxSessionsPerPrincipal, maxSessionsPerPrincipal),
            (.maxStoredSessions, maxStoredSessions),
        ] + graces.given
    }
}

struct LimitsOptions: ParsableArguments {
    @OptionGroup var work: WorkOptions

    @Option(name: .setting(.maxHeaderBytes), help: Setting.maxHeaderBytes.argumentHelp)
    var maxHeaderBytes: String?

    @Option(name: .setting(.maxStreamsPerPrincipal), help: Setting.maxStreamsPerPrincipal.argumentHelp)
    var maxStreamsPerPrincipal: String?

    @Option(name: .setting(.maxConnections), help: Setting.maxConnections.argumentHelp)
    var maxConnections: String?

    @Option(name: .setting(.keptStreamBytes), help: Setting.keptStreamBytes.argumentHelp)
    var keptStreamBytes: String?

    @Option(name: .setting(.keptStreamAge), help: Setting.keptStreamAge.argumentHelp)
    var keptStreamAge: String?

    var given: [(Setting, String?)] {
        [
            (.maxHeaderBytes, maxHeaderBytes),
            (.maxStreamsPerPrincipal, maxStreamsPerPrincipal),
            (.maxConnections, maxConnections),
            (.keptStreamBytes, keptStreamBytes),
            (.keptStreamAge, keptStreamAge),
        ] + work.given
    }
}

struct TimingOptions: ParsableArguments {
    @Option(name: .setting(.jsonWait), help: Setting.jsonWait.argumentHelp)
    var jsonWait: String?

    @Option(name: .setting(.keepAlive), help: Setting.keepAlive.argumentHelp)
    var keepAlive: String?

    @Option(name: .setting(.writeTimeout), help: Setting.writeTimeout.argumentHelp)
    var writeTimeout: String?

    @Option(name: .setting(.idleConnectionTimeout), help: Setting.idleConnectionTimeout.argumentHelp)
    var idleConnectionTimeout: String?

    var given: [(Setting, String?)] {
        [
            (.jsonWait, jsonWait),
            (.keepAlive, keepAlive),
            (.writeTimeout, writeTimeout),
            (.idleConnectionTimeout, idleConnectionTimeout),
        ]
    }
}
