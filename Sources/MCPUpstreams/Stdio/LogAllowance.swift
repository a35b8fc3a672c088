/// How often something may be logged that others can cause as often as they like.
struct LogAllowance {
    private let burst: Double
    private let perSecond: Double
    private var left: Double
    private var last: ContinuousClock.Instant?
    private var suppressed = 0

    init(burst: Int, perSecond: Double) {
        self.burst = Double(burst)
        self.perSecond = perSecond
        left = Double(burst)
    }

    /// How many were left out since the last that was logged; nil when this one must be left out too.
    mutating func take(at now: ContinuousClock.Instant) -> Int? {
        if let last {
            let (seconds, attoseconds) = last.duration(to: now).components
            left = min(burst, left + (Double(seconds) + Double(attoseconds) / 1e18) * perSecond)
        }
        last = now
        guard left >= 1 else {
            suppressed += 1
            return nil
        }
        left -= 1
        defer { suppressed = 0 }
        return suppressed
    }
}
