package import MCPProtocol

/// One HTTP request to the MCP endpoint, past the guards: who calls, and what was sent.
package struct Call: Sendable {
    package enum Verb: Sendable { case post, get, delete }

    package var verb: Verb
    package var admission: Admission
    package var headers: RequestHeaders
    /// False on a channel that has no headers by design: then only the session id counts, which the channel itself
    /// fills in, and the body alone says the rest (T-20).
    package var comesWithHeaders = true
    /// Whether the reply may be more than its answer. Where it may not, the client cannot be asked anything.
    package var takesEvents = true
    package var userAgent: String?
    package var body: [UInt8]

    package var principal: Principal { admission.principal }

    package init(
        verb: Verb, admission: Admission, headers: RequestHeaders, userAgent: String? = nil, body: [UInt8] = []
    ) {
        self.verb = verb
        self.admission = admission
        self.headers = headers
        self.userAgent = userAgent
        self.body = body
    }

    /// By somebody who may do everything.
    package init(
        verb: Verb, principal: Principal, headers: RequestHeaders, userAgent: String? = nil, body: [UInt8] = []
    ) {
        self.init(verb: verb, admission: Admission(principal), headers: headers, userAgent: userAgent, body: body)
    }
}

/// What to send back. It says what, not how: whether a stream becomes JSON or SSE is the writer's business.
package struct Reply: Sendable {
    package enum Content: Sendable {
        /// 202: accepted, nothing to say.
        case accepted
        /// 200 without a body: the session has ended.
        case ended
        /// One JSON-RPC message, known at once.
        case message([UInt8], status: Int)
        /// Read it from the log.
        case stream(ReplyStream)
        /// 405.
        case notAllowed(allow: String)
    }

    package var content: Content
    /// The session that the request belongs to, if any.
    package var session: Session?
    /// In seconds, for a refusal that will pass.
    package var retryAfter: Int?
    /// The `WWW-Authenticate` header of a 401 or 403.
    package var challenge: String?
    /// For the log line and the metrics; both from bounded sets.
    package var method: String
    package var outcome: String
    package var era: Era

    package init(
        _ content: Content, method: String, outcome: String, era: Era = .handshake, session: Session? = nil,
        retryAfter: Int? = nil
    ) {
        self.content = content
        self.method = method
        self.outcome = outcome
        self.era = era
        self.session = session
        self.retryAfter = retryAfter
    }
}

/// A log to read from, and how its events are named.
package struct ReplyStream: Sendable {
    package enum Kind: Sendable, Equatable {
        /// The answers to a POST; an array when it was a batch.
        case answers(batch: Bool)
        /// A GET: the session's listening stream, or a resumed POST.
        case listening
        /// A `subscriptions/listen`: a stream from its first byte on, whose answer comes when it ends.
        case subscription
    }

    package var log: EventLog
    package var kind: Kind
    package var version: ProtocolVersion
    /// Nil for a request without a session: its events have no ids and cannot be resumed.
    package var session: Session?
    package var stream: StreamID
    package var reader: ReaderID
    /// The position already seen.
    package var after: Int
    /// How the work behind it ended, once it has: for the log line and the metrics.
    package var outcome: @Sendable () -> String
    /// Told when nobody reads it any more; nil when what writes it does not care (H-37).
    package var whenClosed: (@Sendable () -> Void)?
    /// Ends a subscription with its answer.
    package var conclude: (@Sendable () -> Void)?

    /// Whether who reads it can leave and come back.
    package var canPause: Bool { session != nil && version.sendsPrimingEvent }

    package func eventID(at position: Int) -> EventID? {
        session.map { EventID(epoch: $0.epoch, stream: stream, position: position) }
    }
}
