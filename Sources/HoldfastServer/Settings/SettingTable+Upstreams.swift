/// The servers behind this one: the one of the command line, and what holds for all unless the file says otherwise of
/// one of them.
extension Setting {
    static let upstreamRows: [Setting] =
        [upstream, upstreamBearer] + upstreamDefaults + [
            maxHeldCallsPerPrincipal, heldCallLifetime,
        ]

    /// What one upstream of the file may say for itself, under its name without ``upstreamPrefix``.
    package static let upstreamDefaults: [Setting] = [
        upstreamEra, upstreamLifetime, upstreamPassEnvironment, upstreamAllow, upstreamDeny, upstreamStartTime,
        upstreamListTime, upstreamIdleTime, upstreamEndTime, upstreamRetryDelay,
        upstreamRetryDelayLimit, upstreamMaxSessions, upstreamMaxMessage,
    ]
    static let upstreamPrefix = "upstream-"

    /// As a key of one upstream in the file: `upstream-start-time` → `start-time`.
    var upstreamKey: String { String(name.dropFirst(Self.upstreamPrefix.count)) }

    static let upstream = Setting(
        "upstream", .upstreams, .text(placeholder: "an http or https URL", rule: SettingRule.upstreamURL),
        "The URL of a server to stand in front of. A server on standard input and output is given as "
            + "'-- COMMAND ARGUMENTS'; several servers in the file, under upstreams.")
    static let upstreamBearer = Setting(
        "upstream-bearer", .upstreams,
        .text(placeholder: "1 to 8192 printable ASCII characters without spaces", rule: SettingRule.bearer),
        secret: true, "The token that upstream wants. Best given in the environment.")

    static let upstreamEra = Setting(
        "upstream-era", .upstreams, .choice(["auto", "session", "per-request"]), default: "auto",
        "What a server speaks: versions up to 2025-11-25 (session), from 2026-07-28 on (per-request), or what it is "
            + "found to speak.")
    static let upstreamLifetime = Setting(
        "upstream-lifetime", .upstreams, .choice(["shared", "per-principal", "per-session"]), default: "per-principal",
        "Who shares one child, or one session of a remote server: all, the sessions of one caller, or nobody.")
    static let upstreamPassEnvironment = Setting(
        "upstream-pass-environment", .upstreams,
        .list(placeholder: "names of variables", rule: SettingRule.variable), default: "",
        "The variables of this process that a child gets beside those every program needs.")
    static let upstreamAllow = Setting(
        "upstream-allow", .upstreams, .list(placeholder: "names of tools, * for any part", rule: SettingRule.pattern),
        default: "*", "The tools that are offered, by the names that their server gives them.")
    static let upstreamDeny = Setting(
        "upstream-deny", .upstreams, .list(placeholder: "names of tools, * for any part", rule: SettingRule.pattern),
        default: "", "The tools that are not offered though they are allowed.")
    static let upstreamStartTime = Setting(
        "upstream-start-time", .upstreams, .duration(.milliseconds(10)...days(1)), default: "30s",
        "How long a server may take to start and to answer its first request.")
    static let upstreamListTime = Setting(
        "upstream-list-time", .upstreams, .duration(.milliseconds(10)...days(1)), default: "10s",
        "How long a server may take for one page of its lists; at its first start it is also waited for that long.")
    static let upstreamIdleTime = Setting(
        "upstream-idle-time", .upstreams, .duration(.milliseconds(10)...days(365)), default: "15m",
        "How long a child, or a session of a remote server, that is not used is kept.")
    static let upstreamEndTime = Setting(
        "upstream-end-time", .upstreams, .duration(.milliseconds(10)...days(1)), default: "2s",
        "How long a child has to end after its input has, and again after SIGTERM, before it is killed.")
    static let upstreamRetryDelay = Setting(
        "upstream-retry-delay", .upstreams, .duration(.milliseconds(1)...days(1)), default: "250ms",
        "How long to wait before a server that failed is started, or asked, again; each failure doubles it.")
    static let upstreamRetryDelayLimit = Setting(
        "upstream-retry-delay-limit", .upstreams, .duration(.milliseconds(1)...days(1)), default: "30s",
        "The longest of these waits.")
    static let upstreamMaxSessions = Setting(
        "upstream-max-sessions", .upstreams, .int(1...100_000), default: "64",
        "The most children, or sessions of a remote server, kept at once for one upstream.")
    static let upstreamMaxMessage = Setting(
        "upstream-max-message", .upstreams, .bytes(1_024...1_073_741_824), default: "64MiB",
        "The largest message that a server may send: a line of a child, a body or an event of a remote server.")

    static let maxHeldCallsPerPrincipal = Setting(
        "max-held-calls-per-principal", .upstreams, .int(1...1_000_000), default: "32",
        "The most calls of one caller that are held open behind questions which its client, of 2026-07-28 or later, has "
            + "still to answer.")
    static let heldCallLifetime = Setting(
        "held-call-lifetime", .upstreams, .duration(.milliseconds(10)...days(30)), default: "10m",
        "How long such a call waits for its answer before the server behind is told that none comes.")
}
