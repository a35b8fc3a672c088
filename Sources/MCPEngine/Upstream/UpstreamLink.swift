package import Logging
package import MCPProtocol

/// How to reach one server behind us. Each link that it opens is a conversation of its own.
package protocol UpstreamTransport: Sendable {
    /// Whether a request has a stream of its own, on which everything comes that belongs to it (HTTP), or shares one
    /// with all others (a child's output).
    var hasStreamPerRequest: Bool { get }

    /// How long an answer to the first message may take before the server is thought to speak the other era.
    var probeTime: Duration { get }

    /// How to reach it when it turns out to be older than this transport: HTTP+SSE (E-41).
    var fallback: (any UpstreamTransport)? { get }

    /// Starts the child, or prepares to talk to the remote server. Nothing of the protocol has been said yet.
    /// - Parameter host: Runs whatever the link has to do on nobody's request, until it stops.
    func open(on host: SessionHost, _ receiver: LinkReceiver, logger: Logger) async throws(LinkFailure)
        -> any UpstreamLink
}

extension UpstreamTransport {
    package var fallback: (any UpstreamTransport)? { nil }
}

/// What a link says without having been asked for it. All of it is called from the link's own tasks, must return at once,
/// and is not called any more after `closed`.
package struct LinkReceiver: Sendable {
    /// A notification or a request of the server that belongs to no request of ours, as far as the transport can tell.
    package var message: @Sendable (Message) -> Void
    /// The link is of no use any more, and why; every request that it owed an answer has been told before. Called once,
    /// also after ``UpstreamLink/close()``.
    package var closed: @Sendable (LinkFailure) -> Void

    package init(
        message: @escaping @Sendable (Message) -> Void, closed: @escaping @Sendable (LinkFailure) -> Void
    ) {
        self.message = message
        self.closed = closed
    }
}

/// One conversation with a server behind us: a child process, a session of a remote server, or a remote server that
/// keeps none. It carries messages and knows what the transport says about them, and no more.
package protocol UpstreamLink: Sendable {
    /// Sends a request of ours. `event` gets what belongs to it, in order, ending with exactly one answer or failure; it
    /// is called from the link's tasks, or before this returns, and must return at once.
    func send(_ request: LinkRequest, _ event: @escaping @Sendable (LinkEvent) -> Void)

    /// Sends what nobody answers: a notification, or a response to a request of the server's.
    /// - Parameter version: What `MCP-Protocol-Version` says over HTTP.
    func send(oneWay message: [UInt8], as version: ProtocolVersion) async throws(LinkFailure)

    /// Nobody waits for that request any more: it gets no further events, and if it has a stream, that is closed. It does
    /// not tell the server, which takes a notification (B-74).
    func abandon(_ id: RequestID)

    /// The conversation has been opened as that version: now the server may be listened to (over HTTP, in the handshake
    /// era: the GET stream, B-16).
    func opened(as version: ProtocolVersion)

    /// Ends the conversation in good order: DELETE, or the end of the child's input, then signals. Returns when nothing
    /// is left of it. Requests in flight fail as ``LinkFailure/Kind/closed``.
    func close() async
}

/// A request as a link sends it.
package struct LinkRequest: Sendable {
    package var id: RequestID
    package var method: String
    /// The whole JSON-RPC message, without line breaks.
    package var message: [UInt8]
    package var version: ProtocolVersion
    /// Over HTTP in the per-request era: `Mcp-Name` and `Mcp-Param-…` with their encoded values (H-71…H-76).
    package var headers: [(name: String, value: String)]

    package init(
        id: RequestID, method: String, message: [UInt8], version: ProtocolVersion,
        headers: [(name: String, value: String)] = []
    ) {
        self.id = id
        self.method = method
        self.message = message
        self.version = version
        self.headers = headers
    }
}

package enum LinkEvent: Sendable {
    /// A notification or a request of the server, on the stream of our request.
    case message(Message)
    /// Its result or its JSON-RPC error, whatever the HTTP status.
    case answer(Response)
    /// There will be no answer.
    case failed(LinkFailure)
}

/// Why a link gave no answer.
package struct LinkFailure: Error, Sendable {
    package enum Kind: Equatable, Sendable {
        /// It could not be reached, or started: connecting was refused, no such host, no such program.
        case unreachable
        /// The connection broke, or the child ended, before the answer.
        case lost
        /// Over HTTP: a status without a JSON-RPC message in the body (E-41).
        case status(Int)
        /// Over HTTP: 404 to a request of a session (B-14).
        case sessionGone
        /// What came is not what the transport or JSON-RPC prescribe.
        case malformed
        /// A message exceeds the bound on its size.
        case tooLarge
        /// More waits for it already than may: it does not take what it is sent. The conversation goes on.
        case busy
        /// It was ended by us.
        case closed
    }

    package var kind: Kind
    /// Whether the server may have begun to work on the request. When it cannot have, the request may be sent again.
    package var mayHaveBegun: Bool
    /// For the log and for people: says what happened and names no secret.
    package var message: String

    package init(_ kind: Kind, mayHaveBegun: Bool, _ message: String) {
        self.kind = kind
        self.mayHaveBegun = mayHaveBegun
        self.message = message
    }
}
