/// How one upstream is treated, each field from the row of the table with `upstream-` before its name.
package struct UpstreamTraits: Sendable, Equatable {
    package enum Era: String, Sendable {
        case auto
        case session
        case perRequest = "per-request"
    }

    package enum Lifetime: String, Sendable {
        case shared
        case perPrincipal = "per-principal"
        case perSession = "per-session"
    }

    package var era: Era
    package var lifetime: Lifetime
    package var passEnvironment: [String]
    package var allow: [String]
    package var deny: [String]
    package var startTime: Duration
    package var listTime: Duration
    package var idleTime: Duration
    package var endTime: Duration
    package var retryDelay: Duration
    /// Not below ``retryDelay``.
    package var retryDelayLimit: Duration
    package var maxSessions: Int
    /// In bytes.
    package var maxMessage: Int

    /// - Throws: ``SettingsError`` for the first value that is not what its row asks for.
    init(_ values: SettingValues) throws {
        era = try values.choice(.upstreamEra)
        lifetime = try values.choice(.upstreamLifetime)
        passEnvironment = try values.list(.upstreamPassEnvironment)
        allow = try values.list(.upstreamAllow)
        deny = try values.list(.upstreamDeny)
        startTime = try values.duration(.upstreamStartTime)
        listTime = try values.duration(.upstreamListTime)
        idleTime = try values.duration(.upstreamIdleTime)
        endTime = try values.duration(.upstreamEndTime)
        retryDelay = try values.duration(.upstreamRetryDelay)
        retryDelayLimit = max(try values.duration(.upstreamRetryDelayLimit), retryDelay)
        maxSessions = try values.int(.upstreamMaxSessions)
        maxMessage = try values.bytes(.upstreamMaxMessage)
    }
}
