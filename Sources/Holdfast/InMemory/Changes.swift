import MCPEngine
import MCPProtocol

/// What a server announced of its own accord.
public enum Change: Sendable, Hashable {
    /// The list of tools, of prompts, or of resources and their templates.
    case tools, prompts, resources
    /// What the resource of that URI holds.
    case resource(String)
}

extension InMemoryClient {
    /// Listens from now on: for changes of every list, and of the resources of `uris`.
    ///
    /// Announcements that nobody has read yet, and that say the same as the last, come once.
    public func changes(of uris: [String] = []) async throws -> Changes {
        guard let session else {
            return try await listen([
                "toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": true,
                "resourceSubscriptions": JSON(uris.map { JSON($0) }),
            ])
        }
        for uri in uris { _ = try await request(Method.resourcesSubscribe, ["uri": JSON(uri)]) }
        var headers = RequestHeaders()
        headers.sessionID = session
        return try changes(in: await gateway.handle(Call(verb: .get, principal: setup.principal, headers: headers)))
    }

    /// Listens as clients from 2026-07-28 on do.
    func listen(_ wanted: JSON) async throws -> Changes {
        let params: JSON = ["notifications": wanted, "_meta": meta(nil)]
        return try changes(in: await post(Wire.request(Method.subscriptionsListen, params: params, id: makeID())))
    }

    private func changes(in reply: Reply) throws -> Changes {
        guard case .stream(let stream) = reply.content else {
            throw RPCError.internalError("The server does not let this client listen")
        }
        return Changes(stream, gateway)
    }
}

/// What a server announces, until nobody looks at this any more. For one reader at a time.
public final class Changes: AsyncSequence, Sendable {
    private let stream: ReplyStream
    private let gateway: Gateway

    init(_ stream: ReplyStream, _ gateway: Gateway) {
        self.stream = gateway.streamBegan(stream)
        self.gateway = gateway
    }

    deinit { gateway.streamEnded(stream) }

    public func makeAsyncIterator() -> Iterator { Iterator(changes: self, position: stream.after) }

    /// Reads on from where it began.
    public struct Iterator: AsyncIteratorProtocol {
        let changes: Changes
        var position: Int

        /// The next change; nil when the server stops, or the task is cancelled.
        public mutating func next() async throws -> Change? {
            while let message = try await message() {
                if let change = Change(message) { return change }
            }
            return nil
        }

        /// The next message of any kind.
        mutating func message() async throws -> JSON? {
            let stream = changes.stream
            while true {
                switch await stream.log.next(for: stream.reader, after: position) {
                case .event(let event):
                    position = event.position
                    return try JSON(parsing: event.payload)
                case .gap(let oldest): position = oldest - 1
                case .quiet: continue
                case .end, .dismissed: return nil
                }
            }
        }
    }
}

extension Change {
    fileprivate init?(_ message: JSON) {
        switch message["method"]?.string {
        case Method.toolsListChanged: self = .tools
        case Method.promptsListChanged: self = .prompts
        case Method.resourcesListChanged: self = .resources
        case Method.resourcesUpdated: self = .resource(message["params"]?["uri"]?.string ?? "")
        default: return nil
        }
    }
}
