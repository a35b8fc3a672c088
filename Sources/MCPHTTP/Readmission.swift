import HTTPTypes

/// Whether who listens would still be let in, asked again from time to time: what was revoked ends, however much there is
/// to say.
struct Readmission: Sendable {
    private let guardian: BearerGuard
    private let headers: HTTPFields
    private let interval: Duration
    /// Nil when it has been refused.
    private var asked: ContinuousClock.Instant? = .now

    init(_ visit: Visit, _ configuration: HTTPConfiguration) {
        guardian = BearerGuard(access: configuration.access)
        headers = visit.headers
        interval = configuration.keepAlive
    }

    /// True once: when it is time to ask, and they would not be.
    mutating func falls() async -> Bool {
        guard let last = asked, last.duration(to: .now) >= interval else { return false }
        let stands = await guardian.stillAdmits(headers)
        asked = stands ? .now : nil
        return !stands
    }
}
