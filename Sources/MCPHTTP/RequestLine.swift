import Logging
import MCPEngine

/// What there is to say about one HTTP request when it is over.
package struct RequestLine: Sendable {
    package var correlationID: String
    package var verb: String
    package var method: String
    package var status: Int
    package var outcome: String
    package var mode: String
    package var duration: Duration
    package var principal: String?
    /// The session's mark, which opens no door.
    package var session: String?
}

extension RequestLine {
    func write(to logger: Logger) {
        guard logger.logLevel <= .info else { return }
        var metadata = Logger.Metadata(minimumCapacity: 9)
        metadata["correlation"] = .string(correlationID)
        metadata["verb"] = .string(verb)
        metadata["method"] = .string(method)
        metadata["status"] = .stringConvertible(status)
        metadata["outcome"] = .string(outcome)
        metadata["mode"] = .string(mode)
        metadata["ms"] = .stringConvertible(Double((duration.seconds * 1e5).rounded()) / 100)
        if let principal { metadata["principal"] = .string(principal) }
        if let session { metadata["session"] = .string(session) }
        logger.info("request", metadata: metadata)
    }
}
