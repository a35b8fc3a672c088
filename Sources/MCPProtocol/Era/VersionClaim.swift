/// Keys of `_meta` that belong to the protocol.
package enum MetaKey {
    package static let protocolVersion = "io.modelcontextprotocol/protocolVersion"
    package static let clientCapabilities = "io.modelcontextprotocol/clientCapabilities"
    package static let clientInfo = "io.modelcontextprotocol/clientInfo"
    /// The least grave log messages that a request wants; without it, none.
    package static let logLevel = "io.modelcontextprotocol/logLevel"
    /// In results.
    package static let serverInfo = "io.modelcontextprotocol/serverInfo"
    /// In what is sent to a listener: the id of its request.
    package static let subscriptionID = "io.modelcontextprotocol/subscriptionId"
    /// In 2025-11-25, in all that belongs to a task: its id.
    package static let relatedTask = "io.modelcontextprotocol/related-task"
}

/// What the body of a message says about its version: the key alone makes it a claim (§2.2, E-17).
enum VersionClaim {
    case none
    /// The keys that are missing or ill-typed.
    case malformed(keys: [String])
    case version(String, capabilities: JSON)

    init(meta: JSON?) {
        guard let version = meta?[MetaKey.protocolVersion] else {
            self = .none
            return
        }
        let capabilities = meta?[MetaKey.clientCapabilities]
        if let version = version.string, let capabilities, capabilities.kind == .object {
            self = .version(version, capabilities: capabilities)
            return
        }
        var keys: [String] = []
        if version.kind != .string { keys.append(MetaKey.protocolVersion) }
        if capabilities?.kind != .object { keys.append(MetaKey.clientCapabilities) }
        self = .malformed(keys: keys)
    }

    var isPresent: Bool {
        if case .none = self { false } else { true }
    }
}

/// What the version header says.
struct VersionHeader {
    enum Value {
        case absent
        case handshake(ProtocolVersion)
        /// A date from which on metadata is on every request, known to us or not (E-18).
        case perRequest(String)
        case unknown(String)
    }

    /// The first of several.
    let value: Value
    /// Several that are not all the same.
    let contradictsItself: Bool

    /// Lines that were sent twice may arrive joined with a comma.
    init(_ lines: [String]) {
        if lines.count == 1, let version = ProtocolVersion(rawValue: lines[0]) {
            value = version.era == .handshake ? .handshake(version) : .perRequest(lines[0])
            contradictsItself = false
            return
        }
        let values = lines.flatMap { $0.split(separator: ",").map(HeaderValue.trimmed) }.filter { !$0.isEmpty }
        value = values.first.map(Self.value) ?? .absent
        contradictsItself = values.dropFirst().contains { $0 != values.first }
    }

    private static func value(_ text: String) -> Value {
        if let version = ProtocolVersion(rawValue: text), version.era == .handshake { return .handshake(version) }
        return isPerRequest(text) ? .perRequest(text) : .unknown(text)
    }

    /// The text; nil when there is none.
    var text: String? {
        switch value {
        case .absent: nil
        case .handshake(let version): version.rawValue
        case .perRequest(let text), .unknown(let text): text
        }
    }

    var handshakeVersion: ProtocolVersion? {
        if case .handshake(let version) = value { version } else { nil }
    }

    var isPerRequest: Bool {
        if case .perRequest = value { true } else { false }
    }

    /// Whether `text` is a date on or after the first version of the per-request era.
    static func isPerRequest(_ text: String) -> Bool {
        let utf8 = Array(text.utf8)
        let isDate =
            utf8.count == 10
            && utf8.indices.allSatisfy { $0 == 4 || $0 == 7 ? utf8[$0] == UInt8(ascii: "-") : utf8[$0] &- 0x30 < 10 }
        guard isDate, let first = ProtocolVersion.perRequestVersions.last else { return false }
        return !utf8.lexicographicallyPrecedes(first.rawValue.utf8)
    }
}
