/// How often something may be done under one name: so many times at once, and again as time passes. Names that have
/// been quiet for long enough are forgotten, and the table has a bound.
package struct RateMachine: Sendable {
    private struct Bucket {
        /// What was left at `at`.
        var left: Double
        var at: Duration
    }

    private let burst: Double
    private let perSecond: Double
    private let most: Int
    private var buckets: [String: Bucket] = [:]

    /// - Parameters:
    ///   - burst: How many at once.
    ///   - interval: In which all of those come back.
    ///   - most: How many names are known at once.
    package init(burst: Int, per interval: Duration, most: Int = 10_000) {
        self.burst = Double(burst)
        perSecond = Double(burst) / max(interval.seconds, 0.001)
        self.most = most
    }

    /// Nil when it may be done, which counts; otherwise in how many seconds to come again.
    package mutating func attempt(_ name: String, at now: Duration) -> Int? {
        let left = left(of: name, at: now)
        guard left >= 1 else { return max(1, Int(((1 - left) / perSecond).rounded(.up))) }
        if buckets[name] == nil, buckets.count >= most { forget(at: now) }
        buckets[name] = Bucket(left: left - 1, at: now)
        return nil
    }

    /// It went well: what was counted is forgiven.
    package mutating func forgive(_ name: String) { buckets[name] = nil }

    private func left(of name: String, at now: Duration) -> Double {
        guard let bucket = buckets[name] else { return burst }
        return min(burst, bucket.left + (now - bucket.at).seconds * perSecond)
    }

    /// Those that are full again are as if unknown; if that is not enough, the fuller half goes.
    private mutating func forget(at now: Duration) {
        buckets = buckets.filter { left(of: $0.key, at: now) < burst }
        guard buckets.count >= most else { return }
        let order = buckets.keys.sorted { left(of: $0, at: now) < left(of: $1, at: now) }
        for name in order.dropFirst(most / 2) { buckets[name] = nil }
    }
}
