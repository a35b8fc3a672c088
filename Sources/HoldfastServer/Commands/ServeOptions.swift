import ArgumentParser

/// The options of `serve`: one for each row of ``Setting/all``, optional and without a default, so that the sources
/// behind the command line can speak.
package struct ServeOptions: ParsableArguments {
    package init() {}

    @OptionGroup(title: "Data") var store: StoreOptions
    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "Access") var access: AccessOptions
    @OptionGroup(title: "Sessions") var sessions: SessionsOptions
    @OptionGroup(title: "Limits") var limits: LimitsOptions
    @OptionGroup(title: "Timing") var timing: TimingOptions

    /// What was given, by the name of the setting.
    package var given: [String: String] {
        let options =
            store.given + server.given + access.given + sessions.given + limits.given + timing.given
        var given: [String: String] = [:]
        for case (let setting, let value?) in options { given[setting.name] = value }
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

    @Option(name: .setting(.publicURL), help: Setting.publicURL.argumentHelp)
    var publicURL: String?

    @Option(name: .setting(.serverName), help: Setting.serverName.argumentHelp)
    var serverName: String?

    @Option(name: .setting(.instructions), help: Setting.instructions.argumentHelp)
    var instructions: String?

    @Flag(inversion: .prefixedNo, help: Setting.memory.argumentHelp)
    var memory: Bool?

    @Flag(inversion: .prefixedNo, help: Setting.strict.argumentHelp)
    var strict: Bool?

    @Option(name: .setting(.logFormat), help: Setting.logFormat.argumentHelp)
    var logFormat: String?

    @Option(name: .setting(.logLevel), help: Setting.logLevel.argumentHelp)
    var logLevel: String?

    var given: [(Setting, String?)] {
        [
            (.host, host),
            (.port, port),
            (.path, path),
            (.publicURL, publicURL),
            (.serverName, serverName),
            (.instructions, instructions),
            (.memory, memory.map(String.init)),
            (.strict, strict.map(String.init)),
            (.logFormat, logFormat),
            (.logLevel, logLevel),
        ]
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
    @Flag(inversion: .prefixedNo, help: Setting.sessions.argumentHelp)
    var sessions: Bool?

    @Option(name: .setting(.sessionIdleExpiry), help: Setting.sessionIdleExpiry.argumentHelp)
    var sessionIdleExpiry: String?

    @Option(name: .setting(.sessionTombstone), help: Setting.sessionTombstone.argumentHelp)
    var sessionTombstone: String?

    @Option(name: .setting(.drainGrace), help: Setting.drainGrace.argumentHelp)
    var drainGrace: String?

    @Option(name: .setting(.shutdownGrace), help: Setting.shutdownGrace.argumentHelp)
    var shutdownGrace: String?

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
            (.drainGrace, drainGrace),
            (.shutdownGrace, shutdownGrace),
            (.maxSessions, maxSessions),
            (.maxSessionsPerPrincipal, maxSessionsPerPrincipal),
            (.maxStoredSessions, maxStoredSessions),
        ]
    }
}

struct LimitsOptions: ParsableArguments {
    @Option(name: .setting(.maxBody), help: Setting.maxBody.argumentHelp)
    var maxBody: String?

    @Option(name: .setting(.maxHeaderBytes), help: Setting.maxHeaderBytes.argumentHelp)
    var maxHeaderBytes: String?

    @Option(name: .setting(.maxJSONDepth), help: Setting.maxJSONDepth.argumentHelp)
    var maxJSONDepth: String?

    @Option(name: .setting(.maxInFlightPerSession), help: Setting.maxInFlightPerSession.argumentHelp)
    var maxInFlightPerSession: String?

    @Option(name: .setting(.maxInFlightPerPrincipal), help: Setting.maxInFlightPerPrincipal.argumentHelp)
    var maxInFlightPerPrincipal: String?

    @Option(name: .setting(.maxStreamsPerPrincipal), help: Setting.maxStreamsPerPrincipal.argumentHelp)
    var maxStreamsPerPrincipal: String?

    @Option(name: .setting(.maxConnections), help: Setting.maxConnections.argumentHelp)
    var maxConnections: String?

    @Option(name: .setting(.streamBufferEvents), help: Setting.streamBufferEvents.argumentHelp)
    var streamBufferEvents: String?

    @Option(name: .setting(.streamBufferBytes), help: Setting.streamBufferBytes.argumentHelp)
    var streamBufferBytes: String?

    @Option(name: .setting(.keptStreamBytes), help: Setting.keptStreamBytes.argumentHelp)
    var keptStreamBytes: String?

    @Option(name: .setting(.keptStreamAge), help: Setting.keptStreamAge.argumentHelp)
    var keptStreamAge: String?

    @Option(name: .setting(.toolTimeLimit), help: Setting.toolTimeLimit.argumentHelp)
    var toolTimeLimit: String?

    var given: [(Setting, String?)] {
        [
            (.maxBody, maxBody),
            (.maxHeaderBytes, maxHeaderBytes),
            (.maxJSONDepth, maxJSONDepth),
            (.maxInFlightPerSession, maxInFlightPerSession),
            (.maxInFlightPerPrincipal, maxInFlightPerPrincipal),
            (.maxStreamsPerPrincipal, maxStreamsPerPrincipal),
            (.maxConnections, maxConnections),
            (.streamBufferEvents, streamBufferEvents),
            (.streamBufferBytes, streamBufferBytes),
            (.keptStreamBytes, keptStreamBytes),
            (.keptStreamAge, keptStreamAge),
            (.toolTimeLimit, toolTimeLimit),
        ]
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
