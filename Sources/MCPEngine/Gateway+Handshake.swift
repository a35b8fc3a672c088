import Logging
import MCPProtocol

/// Requests of the handshake era: `initialize`, sessions, and calls within or without one.
extension Gateway {
    /// What a request runs in: who asks, in which version, and in which session, if any.
    struct Scope: Sendable {
        var client: Client
        var session: Session?
        var questions: any Questions = NoQuestions.withoutSession
        var version: ProtocolVersion { client.envelope.version }
    }

    enum Resolution {
        case scope(Scope)
        case reply(Reply)
    }

    func handshake(_ inbound: HandshakeInbound, _ call: Call) async -> Reply {
        if inbound.messages.count == 1, case .request(let request) = inbound.messages[0] {
            if request.method == Method.initialize { return await initialize(request, call) }
            // A probe for the other era must not be mistaken for a call on a lost session (E-31).
            if request.method == Method.serverDiscover, call.headers.sessionID == nil {
                let error = Wire.error(.methodNotFound(request.method), id: request.id, era: .handshake)
                return Reply(.message(error, status: 404), method: request.method, outcome: "rejected")
            }
        }
        switch await resolve(call, inbound) {
        case .reply(let reply): return reply
        case .scope(let scope):
            if inbound.isBatch, !scope.version.allowsBatches {
                return refuse(
                    .invalidRequest("Batches are only part of protocol version 2025-03-26; send one message per POST"),
                    status: 400, inbound)
            }
            var reply = dispatch(inbound, scope, call)
            reply.session = scope.session
            return reply
        }
    }

    // MARK: Whose request is it?

    /// - Parameter inbound: What a refusal should answer; nil for a request without a body.
    func resolve(_ call: Call, _ inbound: HandshakeInbound?) async -> Resolution {
        func single() -> Scope { self.single(inbound?.headerVersion ?? .assumed, call) }
        guard configuration.sessions, let id = call.headers.sessionID else { return .scope(single()) }
        // Twice, because a session may be evicted between being found and being used; it is then restored.
        for _ in 0..<2 {
            let found: SessionDirectory.Lookup
            if let known = directory.known(id, for: call.principal) {
                found = known
            } else {
                found = await find(id, call)
            }
            switch found {
            case .live(let session):
                if session.note() == .run { return .scope(scope(session, call)) }
                switch session.cause {
                case .eviction: continue
                // Suspended: what is known is still answered, and what must be worked for is refused where it begins.
                case .shutdown: return .scope(scope(session, call))
                case .delete, .idle, nil: return onEnded(call, single(), inbound)
                }
            case .ended: return onEnded(call, single(), inbound)
            case .unknown:
                metrics.refused("unknown_session")
                return .reply(sessionNotFound(inbound))
            case .noRoom: return .reply(unavailable("no_room", inbound))
            }
        }
        return .reply(unavailable("no_room", inbound))
    }

    private func single(_ version: ProtocolVersion, _ call: Call) -> Scope {
        Scope(
            client: Client(
                principal: call.principal, capabilities: .none, envelope: envelope(for: version),
                logLevel: { .info }))
    }

    private func scope(_ session: Session, _ call: Call) -> Scope {
        Scope(
            client: Client(
                principal: call.principal, capabilities: session.capabilities,
                envelope: envelope(for: session.version), session: session.key, logLevel: { session.logLevel ?? .info }),
            session: session,
            questions: call.takesEvents ? SessionQuestions(session.questions) : NoQuestions.withoutEvents)
    }

    func find(_ id: String, _ call: Call) async -> SessionDirectory.Lookup {
        do {
            let lookup = try await directory.find(id, for: call.principal)
            return lookup
        } catch {
            // The client can always begin anew, and that works without the store.
            logger.error("session.lookup_failed", metadata: ["error": "\(error)"])
            return .unknown
        }
    }

    private func onEnded(_ call: Call, _ single: Scope, _ inbound: HandshakeInbound?) -> Resolution {
        if inbound != nil, configuration.quirks.allows(.callsOnDeletedID, userAgent: call.userAgent) {
            metrics.quirkUsed(Quirk.Allowance.callsOnDeletedID.rawValue)
            return .scope(single)
        }
        metrics.refused("ended_session")
        return .reply(sessionNotFound(inbound))
    }

    // MARK: initialize

    private func initialize(_ request: Request, _ call: Call) async -> Reply {
        let requested = request.params?["protocolVersion"]
        if let requested, requested.kind != .string {
            let error = RPCError.invalidParams("params.protocolVersion must be a string such as \"2025-11-25\"")
            return Reply(
                .message(Wire.error(error, id: request.id, era: .handshake), status: 200), method: request.method,
                outcome: "error")
        }
        guard !ledger.isClosing else { return unavailable("shutting_down", request) }
        let version = ProtocolVersion.negotiate(requested?.string)
        let result = catalog.current.opening(for: version)
        let answer = Reply(
            .message(Wire.result(raw: result, id: request.id), status: 200), method: request.method, outcome: "result")
        // A visitor gets none: it would not be theirs any more once they have signed in (O-17).
        guard configuration.sessions, !call.admission.isVisitor else { return answer }
        guard
            let opened = await directory.open(
                owner: call.principal, version: version, clientInfo: Self.kept(request.params?["clientInfo"]),
                capabilities: Self.kept(request.params?["capabilities"]))
        else {
            metrics.refused("too_many_sessions")
            return unavailable("too_many_sessions", request)
        }
        metrics.sessionOpened()
        var client = opened.session.clientInfo?["name"]?.string ?? "unknown"
        if client.count > 64 { client = String(client.prefix(64)) }
        logger.info(
            "session.opened",
            metadata: [
                "session": "\(opened.session.mark)", "principal": "\(call.principal.name)",
                "version": "\(version.rawValue)", "client": "\(client)",
            ])
        if !opened.stored {
            logger.error("session.not_stored", metadata: ["session": "\(opened.session.mark)"])
        }
        var reply = answer
        reply.session = opened.session
        return reply
    }

    /// A copy of its own, so that a session does not hold the whole request; nothing when it is unreasonably large.
    private static func kept(_ json: JSON?) -> JSON? {
        guard let json, json.bytes.count <= 16_384 else { return nil }
        return json.detached()
    }

    // MARK: Refusals

    func sessionNotFound(_ inbound: HandshakeInbound?) -> Reply {
        refuse(
            RPCError(
                code: RPCError.Code.sessionNotFound,
                message: "Session not found. Send initialize without Mcp-Session-Id to begin a new one"),
            status: 404, inbound)
    }

    func unavailable(_ reason: String, _ inbound: HandshakeInbound?) -> Reply {
        metrics.refused(reason)
        var reply = refuse(Self.unavailableError(reason), status: 503, inbound)
        reply.retryAfter = 1
        return reply
    }

    private func unavailable(_ reason: String, _ request: Request) -> Reply {
        unavailable(reason, HandshakeInbound(messages: [.request(request)]))
    }

    private static func unavailableError(_ reason: String) -> RPCError {
        .unavailable(
            reason == "shutting_down"
                ? "The server is restarting; try again in a second" : "The server is full; try again later",
            in: .handshake)
    }

    /// One error for the whole POST; it carries the request's id when there is exactly one request (H-11).
    func refuse(_ error: RPCError, status: Int, _ inbound: HandshakeInbound?, era: Era = .handshake) -> Reply {
        var id: RequestID?
        var method = "none"
        if let inbound, inbound.messages.count == 1 {
            switch inbound.messages[0] {
            case .request(let request):
                id = request.id
                method = Method.label(request.method)
            case .notification: method = "notification"
            case .response: method = "response"
            }
        } else if inbound != nil {
            method = "batch"
        }
        return Reply(
            .message(Wire.error(error, id: id, era: era), status: status), method: method, outcome: "rejected", era: era
        )
    }
}
