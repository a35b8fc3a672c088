import ArgumentParser

/// The server behind this one, and the bounds of all such.
struct UpstreamOptions: ParsableArguments {
    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "After --: a program that serves MCP on its standard input and output, and its arguments. Holdfast starts it "
                + "and stands in front of it.",
            valueName: "command"))
    var command: [String] = []

    @Option(name: .setting(.upstream), help: Setting.upstream.argumentHelp)
    var upstream: String?

    @Option(name: .setting(.upstreamBearer), help: Setting.upstreamBearer.argumentHelp)
    var upstreamBearer: String?

    @Option(name: .setting(.upstreamEra), help: Setting.upstreamEra.argumentHelp)
    var upstreamEra: String?

    @Option(name: .setting(.upstreamLifetime), help: Setting.upstreamLifetime.argumentHelp)
    var upstreamLifetime: String?

    @Option(name: .setting(.upstreamPassEnvironment), help: Setting.upstreamPassEnvironment.argumentHelp)
    var upstreamPassEnvironment: String?

    @Option(name: .setting(.upstreamAllow), help: Setting.upstreamAllow.argumentHelp)
    var upstreamAllow: String?

    @Option(name: .setting(.upstreamDeny), help: Setting.upstreamDeny.argumentHelp)
    var upstreamDeny: String?

    @Option(name: .setting(.upstreamStartTime), help: Setting.upstreamStartTime.argumentHelp)
    var upstreamStartTime: String?

    @Option(name: .setting(.upstreamListTime), help: Setting.upstreamListTime.argumentHelp)
    var upstreamListTime: String?

    @Option(name: .setting(.upstreamIdleTime), help: Setting.upstreamIdleTime.argumentHelp)
    var upstreamIdleTime: String?

    @Option(name: .setting(.upstreamEndTime), help: Setting.upstreamEndTime.argumentHelp)
    var upstreamEndTime: String?

    @Option(name: .setting(.upstreamRetryDelay), help: Setting.upstreamRetryDelay.argumentHelp)
    var upstreamRetryDelay: String?

    @Option(name: .setting(.upstreamRetryDelayLimit), help: Setting.upstreamRetryDelayLimit.argumentHelp)
    var upstreamRetryDelayLimit: String?

    @Option(name: .setting(.upstreamMaxSessions), help: Setting.upstreamMaxSessions.argumentHelp)
    var upstreamMaxSessions: String?

    @Option(name: .setting(.upstreamMaxMessage), help: Setting.upstreamMaxMessage.argumentHelp)
    var upstreamMaxMessage: String?

    @Option(name: .setting(.maxHeldCallsPerPrincipal), help: Setting.maxHeldCallsPerPrincipal.argumentHelp)
    var maxHeldCallsPerPrincipal: String?

    @Option(name: .setting(.heldCallLifetime), help: Setting.heldCallLifetime.argumentHelp)
    var heldCallLifetime: String?

    var given: [(Setting, String?)] {
        [
            (.upstream, upstream),
            (.upstreamBearer, upstreamBearer),
            (.upstreamEra, upstreamEra),
            (.upstreamLifetime, upstreamLifetime),
            (.upstreamPassEnvironment, upstreamPassEnvironment),
            (.upstreamAllow, upstreamAllow),
            (.upstreamDeny, upstreamDeny),
            (.upstreamStartTime, upstreamStartTime),
            (.upstreamListTime, upstreamListTime),
            (.upstreamIdleTime, upstreamIdleTime),
            (.upstreamEndTime, upstreamEndTime),
            (.upstreamRetryDelay, upstreamRetryDelay),
            (.upstreamRetryDelayLimit, upstreamRetryDelayLimit),
            (.upstreamMaxSessions, upstreamMaxSessions),
            (.upstreamMaxMessage, upstreamMaxMessage),
            (.maxHeldCallsPerPrincipal, maxHeldCallsPerPrincipal),
            (.heldCallLifetime, heldCallLifetime),
        ]
    }
}
