package import MCPEngine

/// When an issuer's documents are fetched, and what is known in between. Pure: one fetch at a time, a pause between two,
/// and the last good copy stays in use while the issuer is away.
package struct IssuerMachine: Sendable {
    package struct Limits: Sendable {
        /// After which documents are fetched again.
        package var age: Duration = .seconds(600)
        /// Between two fetches at least, whatever tokens ask for.
        package var pause: Duration = .seconds(10)
        /// For how long the last good copy is used when there is no newer one.
        package var longest: Duration = .seconds(86_400)

        package init() {}
    }

    /// What is known of the issuer.
    package struct Known: Sendable {
        package var metadata: IssuerMetadata
        package var keys: PublicKeys
        package var fetched: Duration
    }

    /// What to do about a token.
    package enum Advice: Sendable {
        case use(Known)
        /// Its key is not among those that the issuer published just now.
        case unknownKey
        /// Documents are being fetched: ask again when that is over.
        case wait
        case unavailable(TokenOutage)
    }

    package enum Phase: Sendable, Equatable { case idle, fetching, stopped }

    private let limits: Limits
    private(set) package var phase = Phase.idle
    private var known: Known?
    /// When the last fetch began.
    private var asked: Duration?
    private var failure: String?
    private var isWanted = true

    package init(limits: Limits) { self.limits = limits }

    /// - Parameters:
    ///   - key: What the token is signed with; nil when that does not matter.
    ///   - arrival: When the token came. That its key does not exist can only be said by a fetch that began later.
    package mutating func consult(
        for key: (id: String?, algorithm: String)?, since arrival: Duration, at now: Duration
    ) -> Advice {
        let current = known.flatMap { now - $0.fetched < limits.longest ? $0 : nil }
        if let current, key.map({ current.keys.has($0.id, $0.algorithm) }) ?? true { return .use(current) }
        switch phase {
        case .fetching: return .wait
        case .stopped: return .unavailable(TokenOutage("the server is stopping"))
        case .idle:
            guard let asked, now - asked < limits.pause else {
                isWanted = true
                return .wait
            }
            let seconds = Int(((asked + limits.pause - now) / .seconds(1)).rounded(.up))
            if let failure { return .unavailable(TokenOutage(retryAfter: seconds, failure)) }
            if asked >= arrival { return .unknownKey }
            isWanted = true
            return .unavailable(
                TokenOutage(
                    retryAfter: seconds,
                    "its key is not known; the issuer's keys are fetched again in \(seconds) s (oauth-keys-pause)"))
        }
    }

    /// How long to wait before the next fetch, if nobody wants one sooner; zero for one that is due.
    package func nextFetch(at now: Duration) -> Duration {
        guard let asked else { return .zero }
        let due = asked + (isWanted || failure != nil || known == nil ? limits.pause : limits.age)
        return max(.zero, due - now)
    }

    /// True when a fetch is to begin.
    package mutating func begin(at now: Duration) -> Bool {
        guard phase == .idle, nextFetch(at: now) == .zero else { return false }
        phase = .fetching
        asked = now
        isWanted = false
        return true
    }

    package mutating func succeeded(_ metadata: IssuerMetadata, _ keys: PublicKeys, at now: Duration) {
        known = Known(metadata: metadata, keys: keys, fetched: now)
        failure = nil
        if phase == .fetching { phase = .idle }
    }

    /// - Returns: Whether this is news.
    package mutating func failed(_ reason: String) -> Bool {
        defer { failure = reason }
        if phase == .fetching { phase = .idle }
        return failure != reason
    }

    package mutating func stop() { phase = .stopped }
}
