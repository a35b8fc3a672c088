import Logging
import MCPProtocol

/// Opens conversations: finds out which era a server speaks (E-40 to E-46, T-30 to T-33) and says hello in it.
struct ConversationOpener: Sendable {
    let transport: any UpstreamTransport
    let policy: UpstreamPolicy
    let identity: Implementation
    let host: SessionHost
    let deadlines: Deadlines
    let logger: Logger

    /// - Parameters:
    ///   - known: The era in which it was opened before; nil to find out.
    ///   - capabilities: What it is told that the client can do, in the handshake era.
    func open(
        known: Era?, capabilities: JSON, events: UpstreamConversation.Events
    ) async throws(LinkFailure) -> UpstreamConversation {
        switch policy.era ?? known {
        case .handshake: return try await initialize(transport, capabilities, events)
        case .perRequest, nil: return try await discover(capabilities, events)
        }
    }

    // MARK: The per-request era, or finding out

    private func discover(
        _ capabilities: JSON, _ events: UpstreamConversation.Events
    ) async throws(LinkFailure) -> UpstreamConversation {
        let conversation = try await connect(transport, events)
        let version = ProtocolVersion.v2026_07_28
        let finding: Finding
        do {
            let params: JSON = ["_meta": Self.meta(version, identity, capabilities: [:])]
            finding = Finding(
                try await conversation.request(
                    Method.serverDiscover, as: version, within: min(transport.probeTime, policy.limits.openTime),
                    params: params))
        } catch {
            finding = Finding(error, isPipe: !transport.hasStreamPerRequest)
        }
        switch finding {
        case .perRequest(let result):
            conversation.begin(UpstreamConversation.Opened(version: version, result: result))
            return conversation
        case .nothing(let failure):
            await conversation.close()
            throw failure
        case .handshake(let reason):
            guard policy.era == nil else {
                await conversation.close()
                throw LinkFailure(
                    .malformed, mayHaveBegun: false,
                    "it is set to the per-request era, which it does not speak: \(reason)")
            }
            // A child may have ended because of a first message that it does not know (T-31).
            if conversation.isOver || transport.hasStreamPerRequest {
                await conversation.close()
                return try await initialize(transport, capabilities, events)
            }
            return try await initialize(conversation, capabilities)
        }
    }

    /// What the answer to `server/discover` says about the server's era.
    private enum Finding {
        case perRequest(JSON)
        case handshake(String)
        /// Not about its era: try again later (E-42).
        case nothing(LinkFailure)

        init(_ response: Response) {
            guard let result = response.result else {
                self = .handshake("server/discover got error \(response.error?["code"]?.integer ?? 0)")
                return
            }
            let versions = result["supportedVersions"]?.elements?.compactMap(\.string) ?? []
            if versions.contains(ProtocolVersion.v2026_07_28.rawValue) {
                self = .perRequest(result.detached())
            } else {
                self = .handshake("server/discover offers no version known here")
            }
        }

        init(_ error: any Error, isPipe: Bool) {
            guard let failure = error as? LinkFailure else {
                self = .nothing(LinkFailure(.closed, mayHaveBegun: false, "opening it was given up"))
                return
            }
            switch failure.kind {
            case .status(400), .status(404), .status(405), .status(406), .status(415), .status(422), .sessionGone,
                .malformed:
                self = .handshake(failure.message)
            case .lost where isPipe: self = .handshake(failure.message)
            default: self = .nothing(failure)
            }
        }
    }

    // MARK: The handshake era

    private func initialize(
        _ transport: any UpstreamTransport, _ capabilities: JSON, _ events: UpstreamConversation.Events
    ) async throws(LinkFailure) -> UpstreamConversation {
        do throws(LinkFailure) {
            return try await initialize(try await connect(transport, events), capabilities)
        } catch {
            switch error.kind {
            case .status(400), .status(404), .status(405):
                // Perhaps it is older than Streamable HTTP (E-41).
                guard let fallback = transport.fallback else { throw error }
                return try await initialize(fallback, capabilities, events)
            default: throw error
            }
        }
    }

    private func initialize(
        _ conversation: UpstreamConversation, _ capabilities: JSON
    ) async throws(LinkFailure) -> UpstreamConversation {
        let latest = ProtocolVersion.latestHandshake
        let params: JSON = [
            "protocolVersion": JSON(latest.rawValue), "capabilities": capabilities,
            "clientInfo": identity.json(for: latest),
        ]
        do {
            let response = try await conversation.request(
                Method.initialize, as: latest, within: policy.limits.openTime, params: params)
            guard let result = response.result else {
                let message = response.error?["message"]?.string ?? ""
                throw LinkFailure(.malformed, mayHaveBegun: false, "initialize was refused: \(message.prefix(200))")
            }
            guard let name = result["protocolVersion"]?.string, let version = ProtocolVersion(rawValue: name),
                version.era == .handshake
            else {
                let name = result["protocolVersion"]?.string ?? "none"
                throw LinkFailure(
                    .malformed, mayHaveBegun: false,
                    "initialize was answered with protocol version \(name.prefix(32)), which is not known here")
            }
            conversation.begin(UpstreamConversation.Opened(version: version, result: result.detached()))
            await conversation.notify(Method.initialized)
            return conversation
        } catch {
            await conversation.close()
            throw error as? LinkFailure ?? LinkFailure(.closed, mayHaveBegun: false, "opening it was given up")
        }
    }

    private func connect(
        _ transport: any UpstreamTransport, _ events: UpstreamConversation.Events
    ) async throws(LinkFailure) -> UpstreamConversation {
        let conversation = UpstreamConversation(
            host: host, deadlines: deadlines, limits: policy.limits,
            hasStreamPerRequest: transport.hasStreamPerRequest, events: events, logger: logger)
        conversation.use(try await transport.open(on: host, conversation.receiver, logger: logger))
        return conversation
    }

    /// The `_meta` that makes a request one of the per-request era (H-70).
    static func meta(
        _ version: ProtocolVersion, _ identity: Implementation, capabilities: JSON, level: LogLevel? = nil
    ) -> JSON {
        var members: [(String, JSON)] = [
            (MetaKey.protocolVersion, JSON(version.rawValue)), (MetaKey.clientInfo, identity.json(for: version)),
            (MetaKey.clientCapabilities, capabilities),
        ]
        if let level { members.append((MetaKey.logLevel, JSON(level.rawValue))) }
        return .object(members)
    }
}
