import FoundationEssentials
import Logging
import MCPProtocol

/// What a caller may not do is said before anything is done, and before a stream begins.
extension Gateway {
    /// Nil when `call` may go on with `messages`.
    func forbidden(_ messages: [Message], _ version: ProtocolVersion, _ call: Call) -> Reply? {
        let admission = call.admission
        if admission.scopes.isEverything { return nil }
        let policy = configuration.access
        if admission.isVisitor {
            // Who has a session has signed in before, and must learn that this was without a token.
            if call.headers.sessionID == nil, policy.isOpenToVisitors(messages) { return nil }
            return invitation(messages, version, policy) ?? unauthorized(messages, version, policy)
        }
        let needed = policy.needed(for: messages)
        return admission.scopes.covers(needed) ? nil : insufficientScope(messages, version, admission, needed)
    }

    /// The same for a GET or DELETE.
    func forbidden(_ call: Call) -> Reply? { forbidden([], .assumed, call) }

    private func insufficientScope(
        _ messages: [Message], _ version: ProtocolVersion, _ admission: Admission, _ needed: ScopeSet
    ) -> Reply {
        logger.info(
            "scope.refused",
            metadata: [
                "principal": "\(admission.principal.name)", "granted": "\(admission.scopes.text)",
                "needed": "\(needed.text)",
            ])
        let message = "This takes the scope \(needed.text); ask for it and send the request again"
        var reply = refuse(messages, version, message, status: 403, reason: "insufficient_scope")
        // With what is granted already, so that no client gives one up for the other.
        reply.challenge = configuration.access.challenge.header(
            .insufficientScope, message, scopes: admission.scopes.union(needed))
        return reply
    }

    private func unauthorized(_ messages: [Message], _ version: ProtocolVersion, _ policy: AccessPolicy) -> Reply {
        var reply = refuse(messages, version, AccessPolicy.signIn, status: 401, reason: "unauthorized")
        reply.challenge = policy.challenge.header()
        return reply
    }

    /// One call of a tool by a visitor is answered with a result that makes the client offer to sign in (G4).
    private func invitation(_ messages: [Message], _ version: ProtocolVersion, _ policy: AccessPolicy) -> Reply? {
        guard policy.visitors == .invited, messages.count == 1, case .request(let request)? = messages.first,
            request.method == Method.toolsCall
        else { return nil }
        metrics.refused("unauthorized")
        let challenge = policy.challenge.header(.invalidToken, AccessPolicy.signIn)
        var result = ToolResult.failure(AccessPolicy.signIn)
        result.meta = .object([("mcp/www_authenticate", JSON([JSON(challenge)]))])
        let bytes = Wire.result(raw: result.encoded(in: envelope(for: version)), id: request.id)
        return Reply(.message(bytes, status: 200), method: request.method, outcome: "result", era: version.era)
    }

    private func refuse(
        _ messages: [Message], _ version: ProtocolVersion, _ message: String, status: Int, reason: String
    ) -> Reply {
        metrics.refused(reason)
        return refuse(
            .invalidRequest(message), status: status, messages.isEmpty ? nil : HandshakeInbound(messages: messages),
            era: version.era)
    }

    /// Calls `action` once what `admission` stands on has ended; never for what does not end.
    package func whenExpired(_ admission: Admission, _ action: @escaping @Sendable () -> Void) -> Deadlines.Token? {
        admission.expires.map { expires in
            deadlines.schedule(after: .seconds(max(0, expires.timeIntervalSince(time.date))), action)
        }
    }
}
