/// The headers that say how a request is to be read.
package struct RequestHeaders: Sendable {
    /// `MCP-Protocol-Version`, one element for each header line.
    package var protocolVersion: [String]
    /// `Mcp-Session-Id`.
    package var sessionID: String?
    /// `Last-Event-ID`.
    package var lastEventID: String?
    /// `Mcp-Method`; several lines joined with commas.
    package var method: String?
    /// `Mcp-Name`, one element for each header line.
    package var name: [String]
    /// `Mcp-Param-<name>`, one element for each header line, by the name in lower case.
    package private(set) var parameters: [String: [String]] = [:]

    package init(
        protocolVersion: [String] = [], sessionID: String? = nil, lastEventID: String? = nil, method: String? = nil,
        name: [String] = []
    ) {
        self.protocolVersion = protocolVersion
        self.sessionID = sessionID
        self.lastEventID = lastEventID
        self.method = method
        self.name = name
    }

    /// Takes a header line up if it is a parameter's; to be called with every line, in their order.
    package mutating func addParameter(header: String, value: String) {
        let prefix = Self.parameterPrefix.utf8
        // Bit 5 makes a letter small and leaves a hyphen as it is.
        guard header.utf8.count > prefix.count, zip(header.utf8, prefix).allSatisfy({ $0 | 0x20 == $1 }) else { return }
        parameters[header.dropFirst(prefix.count).lowercased(), default: []].append(value)
    }

    /// What the names of such headers begin with, in lower case.
    package static let parameterPrefix = "mcp-param-"
}

/// What is overlooked for a client that is known to get it wrong.
package struct Tolerance: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// A request that is of one era by its version header and of the other by its body is served as a handshake one.
    package static let contradictoryVersions = Tolerance(rawValue: 1)
}

/// What came in: messages of one era, or something that is refused.
package enum Inbound: Sendable {
    case handshake(HandshakeInbound)
    case perRequest(PerRequestInbound)
    case rejected(Rejection)
}

package struct HandshakeInbound: Sendable {
    /// One, unless this is a batch; none for a GET or DELETE.
    package var messages: [Message]
    /// Sent as an array; only one version allows that, so whoever knows what was negotiated decides
    /// (``ProtocolVersion/allowsBatches``).
    package var isBatch: Bool
    /// What the version header says; nil when it is absent, or does not count.
    package var headerVersion: ProtocolVersion?
    /// What had to be overlooked.
    package var toleranceUsed: Tolerance

    package init(
        messages: [Message], isBatch: Bool = false, headerVersion: ProtocolVersion? = nil,
        toleranceUsed: Tolerance = []
    ) {
        self.messages = messages
        self.isBatch = isBatch
        self.headerVersion = headerVersion
        self.toleranceUsed = toleranceUsed
    }
}

package struct PerRequestInbound: Sendable {
    /// A request that passed the ladder as far as the headers (H-82), or a notification.
    package var message: Message
    package var version: ProtocolVersion
    /// An object; empty for a notification that states none.
    package var capabilities: JSON
    package var clientInfo: JSON?

    package init(message: Message, version: ProtocolVersion, capabilities: JSON, clientInfo: JSON? = nil) {
        self.message = message
        self.version = version
        self.capabilities = capabilities
        self.clientInfo = clientInfo
    }
}

package struct Rejection: Sendable {
    /// HTTP.
    package var status: Int
    package var error: RPCError
    /// Of the request that is refused, when it could be read.
    package var id: RequestID?
    /// Which era's form the answer takes.
    package var era: Era

    package init(status: Int, error: RPCError, id: RequestID?, era: Era) {
        self.status = status
        self.error = error
        self.id = id
        self.era = era
    }

    /// With the status that the table has for an error found before any handler ran.
    package init(_ error: RPCError, id: RequestID?, era: Era) {
        self.init(
            status: StatusTable.status(for: error.code, era: era, ladder: true), error: error, id: id, era: era)
    }
}
