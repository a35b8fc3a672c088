public import MCPProtocol

/// What a function that serves a request knows of its caller, and the way back to them while it runs.
public struct CallContext: Sendable {
    package let exchange: any ExchangePort

    package init(_ exchange: any ExchangePort) {
        self.exchange = exchange
    }

    /// Who is calling.
    public var principal: Principal { exchange.principal }

    /// What the client can do. Ask only for what it can: see ``ask(_:)``.
    public var client: ClientCapabilities { exchange.capabilities }

    /// The version of the protocol that the client speaks.
    public var version: ProtocolVersion { exchange.envelope.version }

    /// Tells the client how far the call is. Does nothing unless the client asked with a progress token.
    /// - Parameters:
    ///   - progress: Must grow from call to call (2025-11-25, basic/utilities/progress); a value that does not is dropped.
    ///   - total: The value at which the work is done, if known.
    public func progress(_ progress: Double, total: Double? = nil, message: String? = nil) {
        exchange.progress(progress, total: total, message: message)
    }

    /// Sends `notifications/message` when the client's level admits it.
    public func log(_ level: LogLevel, _ data: JSON, logger: String? = nil) {
        exchange.log(level, data, logger: logger)
    }

    /// Ends the stream of this call for now, so that a long wait holds no connection: the client comes back for the
    /// answer with `Last-Event-ID` (2025-11-25, basic/transports, "Sending Messages to the Server"). Does nothing where
    /// it could not: over stdio, without a session, and for clients of another version.
    /// - Parameter pause: For how long the client should stay away.
    public func closeStream(for pause: Duration = .seconds(1)) {
        exchange.closeStream(for: pause)
    }
}

/// The part of an exchange that a function may touch.
package protocol ExchangePort: Sendable {
    var principal: Principal { get }
    var capabilities: ClientCapabilities { get }
    var envelope: ResultEnvelope { get }
    /// Whose request it is, if it came in a session.
    var session: SessionKey? { get }
    /// Log messages from this level on; nil for none.
    var logLevel: LogLevel? { get }
    /// Whether there is a way to put a question to the client.
    var canAsk: Bool { get }
    /// Whether ``ask(_:)`` returns with the answers; where it does not, the run ends with the question, and another one
    /// begins with the answers.
    var waitsForAnswers: Bool { get }
    /// Whether the answer may be a task, to be asked about later.
    var takesTasks: Bool { get }
    /// What the client brought back; nil for a request that begins.
    var carried: CarriedInput? { get }
    func progress(_ progress: Double, total: Double?, message: String?)
    func log(_ level: LogLevel, _ data: JSON, logger: String?)
    func ask(_ questions: [Question]) async throws -> [JSON]
    func closeStream(for pause: Duration)
}

extension ExchangePort {
    package var session: SessionKey? { nil }
    package var logLevel: LogLevel? { nil }
    package var canAsk: Bool { false }
    package var waitsForAnswers: Bool { envelope.version.era == .handshake }
    package var takesTasks: Bool { false }
    package var carried: CarriedInput? { nil }
    package func closeStream(for pause: Duration) {}
}
