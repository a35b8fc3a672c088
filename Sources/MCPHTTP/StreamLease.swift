import Synchronization

/// A stream that a response will read. It is given back exactly once: when it was read, or, when the connection broke
/// before the first byte and nobody ever will, with the last reference.
final class StreamLease: Sendable {
    private let onEnd: @Sendable (_ outcome: String) -> Void
    private let ended = Atomic(false)

    init(onEnd: @escaping @Sendable (_ outcome: String) -> Void) {
        self.onEnd = onEnd
    }

    deinit { end(outcome: "hangup") }

    func end(outcome: String) {
        if ended.exchange(true, ordering: .acquiringAndReleasing) { return }
        onEnd(outcome)
    }
}
