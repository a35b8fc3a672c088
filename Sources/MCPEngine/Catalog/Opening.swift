import MCPProtocol

/// What a client learns first: the result of `initialize` up to 2025-11-25, of `server/discover` from 2026-07-28 on.
enum Opening {
    static func make(
        _ version: ProtocolVersion, _ capabilities: ServerCapabilities, _ policy: CatalogPolicy, instructions: String?
    ) -> [UInt8] {
        let envelope = ResultEnvelope(version: version, serverInfo: policy.identity)
        return envelope.result(cache: policy.discover) { writer in
            switch version.era {
            case .handshake:
                writer.member("protocolVersion", version.rawValue)
                writer.member("capabilities", capabilities.json(for: version))
                writer.member("serverInfo", policy.identity.json(for: version))
            case .perRequest:
                writer.member("supportedVersions", JSON(ProtocolVersion.perRequestVersions.map { JSON($0.rawValue) }))
                writer.member("capabilities", capabilities.json(for: version))
            }
            if let instructions { writer.member("instructions", instructions) }
        }
    }
}
