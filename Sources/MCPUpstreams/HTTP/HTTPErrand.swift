import AsyncHTTPClient
import Logging
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// A request of which only the status matters: a message that nobody answers, or the end of a session.
final class HTTPErrand: RoundTripOwner {
    enum Kind {
        case post([UInt8], ProtocolVersion)
        case delete(ProtocolVersion)
    }

    private struct State {
        var waiter: CheckedContinuation<LinkFailure?, Never>?
        var trip: HTTPRoundTrip?
        var session: String?
        var token: String?
        var redirects = 0
        var hasNewToken = false
    }

    private let link: HTTPLink
    private let kind: Kind
    private let limit: Duration?
    private let loop = HTTPConnections.loops.any()
    private let state = Mutex(State())

    /// - Parameter limit: After which it is given up.
    init(_ link: HTTPLink, _ kind: Kind, within limit: Duration?) {
        self.link = link
        self.kind = kind
        self.limit = limit
    }

    /// Returns when the server has accepted it.
    func run() async throws(LinkFailure) {
        let failure = await withCheckedContinuation { continuation in
            state.withLock { $0.waiter = continuation }
            if let limit {
                _ = loop.scheduleTask(in: TimeAmount(limit)) {
                    self.state.withLock { $0.trip }?.stop()
                    self.finish(.closed)
                }
            }
            start()
        }
        if let failure { throw failure }
    }

    private func start() {
        do throws(LinkFailure) {
            var prepared: HTTPLink.Prepared
            switch kind {
            case .post(let message, let version):
                let accept = "application/json, text/event-stream"
                prepared = try link.prepare(.post, version: version, accept: accept)
                prepared.request.headers.add(name: "Content-Type", value: "application/json")
                prepared.request.body = .byteBuffer(ByteBuffer(bytes: message))
            case .delete(let version):
                prepared = try link.prepare(.delete, version: version, accept: "application/json, text/event-stream")
            }
            let trip = HTTPRoundTrip(link.client, on: loop, for: self)
            state.withLock { state in
                state.trip = trip
                (state.session, state.token) = (prepared.session, prepared.token)
            }
            trip.start(prepared.request)
        } catch {
            finish(error)
        }
    }

    private func finish(_ failure: LinkFailure?) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: failure)
    }

    func trip(_ trip: HTTPRoundTrip, began head: HTTPResponseHead) {
        let (session, token, mayFollow, mayRenew) = state.withLock { state in
            defer { if head.status.code / 100 == 3 { state.redirects += 1 } }
            return (state.session, state.token, state.redirects < 3, !state.hasNewToken)
        }
        // The rest says nothing more.
        trip.drain()
        if head.isSuccess {
            finish(nil)
        } else if mayFollow, link.follow(head) {
            start()
        } else if head.status == .unauthorized, mayRenew, let token {
            state.withLock { $0.hasNewToken = true }
            let refusal = LinkFailure.status(head, from: link.client.origin)
            link.renewCredentials(after: token, on: loop) { $0 ? self.start() : self.finish(refusal) }
        } else if head.status == .notFound, session != nil {
            link.sessionIsGone()
            finish(.sessionGone(mayHaveBegun: false))
        } else {
            finish(.status(head, from: link.client.origin))
        }
    }

    func trip(_ trip: HTTPRoundTrip, brought event: SSEEvent) {}

    func trip(_ trip: HTTPRoundTrip, ended end: RoundTripEnd) {
        if case .failed(let failure) = end { finish(failure) }
    }
}
