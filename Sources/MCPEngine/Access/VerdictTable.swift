package import Crypto
import DequeModule
package import FoundationEssentials

/// What was found out about tokens, by their hashes: bounded in number and in time. Pure.
package struct VerdictTable: Sendable {
    package struct Limits: Sendable {
        /// Of good tokens, and of others.
        package var entries = 10_000
        /// How long a verdict holds; within this time a revocation takes effect.
        package var lifetime: Duration = .seconds(2)
        /// How many tokens may be asked about at once.
        package var asking = 64

        package init() {}
    }

    package enum Step: Equatable {
        case known(Admission)
        case refused(TokenRefusal)
        /// Ask, and say what came of it.
        case ask
        /// Somebody is asking; wait for them.
        case wait
        /// Too many are asked about.
        case full
    }

    private struct Kept<Verdict: Sendable>: Sendable {
        var verdicts: [SHA256Digest: (verdict: Verdict, until: Duration)] = [:]
        var order: Deque<SHA256Digest> = []

        mutating func keep(_ verdict: Verdict, for key: SHA256Digest, until: Duration, limit: Int) {
            if verdicts.updateValue((verdict, until), forKey: key) == nil { order.append(key) }
            while verdicts.count > limit, let oldest = order.popFirst() { verdicts[oldest] = nil }
        }

        func verdict(for key: SHA256Digest, at now: Duration) -> Verdict? {
            verdicts[key].flatMap { $0.until > now ? $0.verdict : nil }
        }
    }

    private let limits: Limits
    // Apart, so that guesses push no good token out.
    private var admitted = Kept<Admission>()
    private var refused = Kept<TokenRefusal>()
    private var asking: Set<SHA256Digest> = []

    package init(limits: Limits) { self.limits = limits }

    package var count: Int { admitted.verdicts.count + refused.verdicts.count }

    package mutating func begin(_ key: SHA256Digest, at now: Duration, _ date: @autoclosure () -> Date) -> Step {
        // The clock on the wall may have been set.
        if let admission = admitted.verdict(for: key, at: now),
            admission.expires.map({ $0 > date() }) ?? true
        {
            return .known(admission)
        }
        if let refusal = refused.verdict(for: key, at: now) { return .refused(refusal) }
        if asking.contains(key) { return .wait }
        guard asking.count < limits.asking else { return .full }
        asking.insert(key)
        return .ask
    }

    /// Still being asked about, so that there is something to wait for.
    package func isAsking(_ key: SHA256Digest) -> Bool { asking.contains(key) }

    /// - Parameter verdict: Nil when the question was given up.
    package mutating func end(_ key: SHA256Digest, _ verdict: TokenVerdict?, at now: Duration) {
        asking.remove(key)
        let until = now + limits.lifetime
        switch verdict {
        case .admitted(let admission): admitted.keep(admission, for: key, until: until, limit: limits.entries)
        case .refused(let refusal): refused.keep(refusal, for: key, until: until, limit: limits.entries)
        case .unavailable, nil: break
        }
    }

    /// Nothing that was found out counts any longer.
    package mutating func forgetAll() {
        admitted = Kept()
        refused = Kept()
    }
}
