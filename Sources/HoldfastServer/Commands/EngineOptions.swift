import ArgumentParser

/// What is offered, and how the program speaks of it.
struct OfferOptions: ParsableArguments {
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
            (.serverName, serverName),
            (.instructions, instructions),
            (.memory, memory.map(String.init)),
            (.strict, strict.map(String.init)),
            (.logFormat, logFormat),
            (.logLevel, logLevel),
        ]
    }
}

/// How long what runs may go on when its client, or the program, is told to end.
struct GraceOptions: ParsableArguments {
    @Option(name: .setting(.drainGrace), help: Setting.drainGrace.argumentHelp)
    var drainGrace: String?

    @Option(name: .setting(.shutdownGrace), help: Setting.shutdownGrace.argumentHelp)
    var shutdownGrace: String?

    @Option(name: .setting(.shutdownWriting), help: Setting.shutdownWriting.argumentHelp)
    var shutdownWriting: String?

    var given: [(Setting, String?)] {
        [
            (.drainGrace, drainGrace),
            (.shutdownGrace, shutdownGrace),
            (.shutdownWriting, shutdownWriting),
        ]
    }
}

/// The bounds of single requests and of what runs at once.
struct WorkOptions: ParsableArguments {
    @Option(name: .setting(.maxBody), help: Setting.maxBody.argumentHelp)
    var maxBody: String?

    @Option(name: .setting(.maxJSONDepth), help: Setting.maxJSONDepth.argumentHelp)
    var maxJSONDepth: String?

    @Option(name: .setting(.maxInFlightPerSession), help: Setting.maxInFlightPerSession.argumentHelp)
    var maxInFlightPerSession: String?

    @Option(name: .setting(.maxInFlightPerPrincipal), help: Setting.maxInFlightPerPrincipal.argumentHelp)
    var maxInFlightPerPrincipal: String?

    @Option(name: .setting(.streamBufferEvents), help: Setting.streamBufferEvents.argumentHelp)
    var streamBufferEvents: String?

    @Option(name: .setting(.streamBufferBytes), help: Setting.streamBufferBytes.argumentHelp)
    var streamBufferBytes: String?

    @Option(name: .setting(.toolTimeLimit), help: Setting.toolTimeLimit.argumentHelp)
    var toolTimeLimit: String?

    @Option(name: .setting(.maxQuestionsPerSession), help: Setting.maxQuestionsPerSession.argumentHelp)
    var maxQuestionsPerSession: String?

    @Option(name: .setting(.maxSubscriptionsPerSession), help: Setting.maxSubscriptionsPerSession.argumentHelp)
    var maxSubscriptionsPerSession: String?

    @Option(name: .setting(.maxSubscriptionsPerListener), help: Setting.maxSubscriptionsPerListener.argumentHelp)
    var maxSubscriptionsPerListener: String?

    @Option(name: .setting(.maxRequestState), help: Setting.maxRequestState.argumentHelp)
    var maxRequestState: String?

    @Option(name: .setting(.requestStateLifetime), help: Setting.requestStateLifetime.argumentHelp)
    var requestStateLifetime: String?

    @Option(name: .setting(.requestStateKeyAge), help: Setting.requestStateKeyAge.argumentHelp)
    var requestStateKeyAge: String?

    var given: [(Setting, String?)] {
        [
            (.maxBody, maxBody),
            (.maxJSONDepth, maxJSONDepth),
            (.maxInFlightPerSession, maxInFlightPerSession),
            (.maxInFlightPerPrincipal, maxInFlightPerPrincipal),
            (.streamBufferEvents, streamBufferEvents),
            (.streamBufferBytes, streamBufferBytes),
            (.toolTimeLimit, toolTimeLimit),
            (.maxQuestionsPerSession, maxQuestionsPerSession),
            (.maxSubscriptionsPerSession, maxSubscriptionsPerSession),
            (.maxSubscriptionsPerListener, maxSubscriptionsPerListener),
            (.maxRequestState, maxRequestState),
            (.requestStateLifetime, requestStateLifetime),
            (.requestStateKeyAge, requestStateKeyAge),
        ]
    }
}
