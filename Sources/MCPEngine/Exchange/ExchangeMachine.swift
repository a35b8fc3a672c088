/// One request's way to its one answer. Whatever happens first settles it; everything later is too late.
package struct ExchangeMachine: Sendable {
    package enum Phase: Equatable, Sendable {
        /// Its work runs; nothing was answered. → settled
        case running
        /// Answered. Terminal: no message of this exchange may follow.
        case settled
    }

    package private(set) var phase: Phase = .running
    private var lastProgress: Double?

    package init() {}

    /// Whether the caller's answer is the one to be written.
    package mutating func settle() -> Bool {
        guard phase == .running else { return false }
        phase = .settled
        return true
    }

    /// Whether `value` may be sent: progress must grow, and stops with the answer (2025-11-25, utilities/progress).
    package mutating func progress(_ value: Double) -> Bool {
        guard phase == .running, value.isFinite else { return false }
        if let lastProgress, value <= lastProgress { return false }
        lastProgress = value
        return true
    }
}
