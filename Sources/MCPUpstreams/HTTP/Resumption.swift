import MCPEngine
import MCPProtocol

/// When a stream that ended without its answer is taken up again, and how often.
struct Resumption {
    private(set) var lastEventID: String?
    /// The request itself has been sent; what is sent now asks for its stream.
    private(set) var isUnderWay = false
    private var retry: Duration?
    /// Streams in a row that brought nothing new.
    private var empty = 0
    /// Attempts in a row that led to no stream.
    private var failed = 0

    mutating func began() { failed = 0 }

    /// - Returns: How long to wait; nil when it cannot be taken up.
    mutating func streamEnded(
        lastEventID id: String?, retry newRetry: Duration?, in era: Era, limits: RemoteLimits
    ) -> Duration? {
        let isFurther = id.map { $0 != lastEventID } ?? false
        if let id { lastEventID = HeaderText.isVisible(id) ? id : nil }
        if let newRetry { retry = newRetry }
        guard era == .handshake, lastEventID != nil else { return nil }
        empty = isUnderWay && !isFurther ? empty + 1 : 0
        guard empty < limits.resumes else { return nil }
        isUnderWay = true
        return retry ?? .milliseconds(100) * (1 << min(empty, 6))
    }

    /// - Returns: How long to wait; nil when it was tried often enough. Together less than a second: a server that cannot
    ///   be reached that long is gone, and somebody waits.
    mutating func attemptFailed() -> Duration? {
        failed += 1
        return failed > 3 ? nil : .milliseconds(50) * (1 << failed)
    }
}
