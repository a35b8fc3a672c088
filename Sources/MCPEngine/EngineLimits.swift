/// Every bound and interval the engine keeps. The program's settings fill it in; `Docs/Settings.md` lists them.
package struct EngineLimits: Sendable {
    package var inFlightPerSession = 64
    package var inFlightPerPrincipal = 256
    package var sessions = 20_000
    package var sessionsPerPrincipal = 10_000
    package var storedSessions = 100_000
    /// Requests of the server to one client that wait for an answer at once.
    package var questionsPerSession = 32
    package var subscriptionsPerSession = 1_000
    /// For one `subscriptions/listen`.
    package var subscriptionsPerListener = 1_000
    package var tasks = TaskLimits()
    package var requestState = RequestStateSealer.Limits()
    package var stream = EventLog.Limits()
    /// Finished streams kept for a resume, in all.
    package var keptStreamBytes = 64 << 20
    package var keptStreamAge: Duration = .seconds(300)
    package var jsonDepth = 128
    package var toolTime: Duration = .seconds(300)
    /// Streams by GET at once, for one principal.
    package var streamsPerPrincipal = 256
    package var drainGrace: Duration = .seconds(10)
    package var shutdownGrace: Duration = .seconds(25)
    /// How long replies may take to be written once a shutdown has ended all work.
    package var shutdownWriting: Duration = .seconds(5)
    package var idleExpiry: Duration = .seconds(24 * 3600)
    package var tombstone: Duration = .seconds(3600)

    package init() {}
}
