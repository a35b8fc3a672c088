import MCPProtocol
import NIOHTTP1

extension HTTPResponseHead {
    /// Whether this refuses a session that the server does not know. It should say 404; servers made with mcp up to 1.21
    /// and with many examples for TypeScript say 400, with the reason in words.
    /// - Parameter messages: What is in `body`, as far as it is JSON-RPC.
    func refusesSession(_ body: [UInt8], _ messages: [Message], of request: RequestID? = nil) -> Bool {
        let own = messages.lazy.compactMap { message -> MCPProtocol.Response? in
            guard case .response(let response) = message, response.id == request else { return nil }
            return response
        }
        switch status {
        case .notFound:
            // Some servers say 404 to a method that they do not know, though it speaks of the session (H-42).
            return request == nil
                || !own.contains { $0.error?["code"]?.integer == Int64(RPCError.Code.methodNotFound) }
        case .badRequest:
            // What answers the request by its id is about the request.
            guard request == nil || own.isEmpty, body.count <= 4_096 else { return false }
            return String(decoding: body, as: UTF8.self).lowercased().contains("session")
        default: return false
        }
    }
}
