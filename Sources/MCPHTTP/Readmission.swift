import HTTPTypes

/// Whether who listens would still be let in, asked again from time to time: what was revoked ends, however much there is
/// to say.
struct Readmission: Sendable {
    private let guardian: BearerGuard
    private let headers: HTTPFields
    private let interval: Duration
    private var asked = ContinuousClock.now

    init(_ visit: Visit, _ configuration: HTTPConfiguration) {
        guardian = BearerGuard(access: configuration.access)
        headers = visit.headers
        interval = configuration.keepAlive
    }

    /// True when it is not time to ask yet.
    mutating func stands() async -> Bool {
        guard asked.duration(to: .now) >= interval else { return true }
        asked = .now
        return await guardian.stillAdmits(headers)
    }
}
