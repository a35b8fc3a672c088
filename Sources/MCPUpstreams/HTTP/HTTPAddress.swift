import AsyncHTTPClient
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// Where the requests of one link go, and what they all have.
final class HTTPAddress: Sendable {
    /// A request, and the secrets in it.
    struct Prepared {
        var request: HTTPClient.Request
        var session: String?
        var token: String?
    }

    let client: RemoteClient
    /// Everything of the link happens there, and its connections are made there: nothing hops between threads.
    let loop: any EventLoop
    private let host: SessionHost
    private let target: Mutex<HTTPTarget>

    init(
        _ client: RemoteClient, _ target: HTTPTarget, _ host: SessionHost,
        on loop: any EventLoop = HTTPConnections.loops.any()
    ) {
        self.client = client
        self.loop = loop
        self.host = host
        self.target = Mutex(target)
    }

    func get(version: ProtocolVersion? = nil, session: String? = nil, after lastEventID: String? = nil)
        throws(LinkFailure) -> Prepared
    {
        var prepared = try prepare(.get, "text/event-stream", version, session)
        if let lastEventID { prepared.request.headers.add(name: "Last-Event-ID", value: lastEventID) }
        return prepared
    }

    func post(_ message: [UInt8], version: ProtocolVersion? = nil, session: String? = nil) throws(LinkFailure)
        -> Prepared
    {
        var prepared = try prepare(.post, "application/json, text/event-stream", version, session)
        prepared.request.headers.add(name: "Content-Type", value: "application/json")
        prepared.request.body = .byteBuffer(ByteBuffer(bytes: message))
        return prepared
    }

    func delete(version: ProtocolVersion, session: String) throws(LinkFailure) -> Prepared {
        try prepare(.delete, "application/json, text/event-stream", version, session)
    }

    private func prepare(
        _ verb: HTTPTarget.Verb, _ accept: String, _ version: ProtocolVersion?, _ session: String?
    ) throws(LinkFailure) -> Prepared {
        var (fields, token) = try client.headers()
        fields.reserveCapacity(fields.count + 8)
        fields.add(name: "Accept", value: accept)
        if let version { fields.add(name: "MCP-Protocol-Version", value: version.rawValue) }
        if let session { fields.add(name: "Mcp-Session-Id", value: session) }
        var request = target.withLock { $0.request(verb) }
        request.headers = fields
        return Prepared(request: request, session: session, token: token)
    }

    /// Goes where a redirect leads, from now on. False when it must not, or when there is none.
    func follow(_ head: HTTPResponseHead) -> Bool {
        guard let next = target.withLock({ $0 }).redirected(by: head) else { return false }
        target.withLock { $0 = next }
        return true
    }

    /// Looks for another token, and says on the loop whether there is one.
    func renewCredentials(
        after used: String, _ then: @escaping @Sendable (Bool) -> Void
    ) {
        let (client, loop) = (client, loop)
        // Reading a file may take its time.
        let isTaken = host.start { _ in
            let isNew = client.renewCredentials(after: used)
            loop.execute { then(isNew) }
        }
        if !isTaken { loop.execute { then(false) } }
    }
}

/// How often one request was sent again because the server wants it sent otherwise.
struct Amends {
    private var redirects = 0
    private var hasNewToken = false

    enum Advice {
        case follow
        case renew(String)
        case none
    }

    /// What can be done about that response to a request with that token.
    mutating func advice(on head: HTTPResponseHead, token: String?) -> Advice {
        if head.status == .temporaryRedirect || head.status == .permanentRedirect, redirects < 3 {
            redirects += 1
            return .follow
        }
        if head.status == .unauthorized, !hasNewToken, let token {
            hasNewToken = true
            return .renew(token)
        }
        return .none
    }
}
