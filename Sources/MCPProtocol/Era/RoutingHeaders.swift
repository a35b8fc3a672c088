/// Headers that repeat what the body says, for those who route by them: they must agree with it (H-73, H-74).
package enum RoutingHeaders {
    static func mismatch(_ headers: RequestHeaders, with request: Request) -> RPCError? {
        guard let method = headers.method else { return .headerMismatch("The Mcp-Method header is missing") }
        guard HeaderValue.trimmed(method[...]).utf8.elementsEqual(request.method.utf8) else {
            return .headerMismatch("The Mcp-Method header differs from the body's method")
        }
        guard let member = nameMember(of: request.method) else { return nil }
        // What the body lacks is a fault of its parameters, found later.
        let name = request.params?[member].flatMap { $0.string }
        if headers.name.isEmpty {
            return name == nil ? nil : .headerMismatch("The Mcp-Name header is missing")
        }
        guard headers.name.count == 1, let header = HeaderValue.decode(headers.name[0]) else {
            return .headerMismatch("The Mcp-Name header cannot be read")
        }
        guard let name, header.utf8.elementsEqual(name.utf8) else {
            return .headerMismatch("The Mcp-Name header differs from the body's \(member)")
        }
        return nil
    }

    /// What a client sends beside `Mcp-Method` with a request of the per-request era.
    package static func headers(for method: String, params: JSON?) -> [(name: String, value: String)] {
        guard let name = nameMember(of: method).flatMap({ params?[$0]?.string }) else { return [] }
        return [("Mcp-Name", HeaderValue.encode(name))]
    }

    /// The parameter that `Mcp-Name` repeats.
    private static func nameMember(of method: String) -> String? {
        switch method {
        case Method.toolsCall, Method.promptsGet: "name"
        case Method.resourcesRead: "uri"
        case Method.tasksGet, Method.tasksUpdate, Method.tasksCancel: "taskId"
        default: nil
        }
    }
}
