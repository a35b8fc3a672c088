import AsyncHTTPClient
import Logging
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// The stream on which a server of the handshake era says what belongs to no request (B-16). It is opened again whenever
/// it ends, where it ended. Everything about it happens on one event loop.
final class ListeningStream: RoundTripOwner {
    private struct State {
        var trip: HTTPRoundTrip?
        var lastEventID: String?
        var retry: Duration?
        /// Attempts in a row that led to no stream.
        var failed = 0
        var hasBeenOpen = false
        var redirects = 0
        var isStopped = false
        var token: String?
        var hasNewToken = false
    }

    private let link: HTTPLink
    private let version: ProtocolVersion
    private let loop = HTTPConnections.loops.any()
    private let state = Mutex(State())

    init(_ link: HTTPLink, _ version: ProtocolVersion) {
        self.link = link
        self.version = version
    }

    func open() {
        do throws(LinkFailure) {
            var prepared = try link.prepare(.get, version: version, accept: "text/event-stream")
            let trip = HTTPRoundTrip(link.client, on: loop, for: self)
            let (lastEventID, isStopped) = state.withLock { state in
                state.trip = trip
                state.token = prepared.token
                return (state.lastEventID, state.isStopped)
            }
            if isStopped { return }
            if let lastEventID { prepared.request.headers.add(name: "Last-Event-ID", value: lastEventID) }
            trip.start(prepared.request)
        } catch {
            again()
        }
    }

    func stop() {
        let trip = state.withLock { state in
            state.isStopped = true
            return state.trip
        }
        trip?.stop()
    }

    /// Stops it, and returns when no message of it is on its way any more.
    func stopped() async {
        stop()
        try? await loop.submit {}.get()
    }

    // MARK: What comes

    func trip(_ trip: HTTPRoundTrip, began head: HTTPResponseHead) {
        guard head.isSuccess, head.isEventStream else { return }
        state.withLock { state in
            state.hasBeenOpen = true
            state.hasNewToken = false
            (state.failed, state.redirects) = (0, 0)
        }
    }

    func trip(_ trip: HTTPRoundTrip, brought event: SSEEvent) {
        guard event.name == "message", !event.data.isEmpty else { return }
        do throws(LinkFailure) {
            for message in try Message.all(in: event.data) {
                // Answers come on the streams of their requests (H-52).
                if case .response = message { continue }
                if state.withLock({ $0.isStopped }) { return }
                link.receiver.message(message)
            }
        } catch {
            link.logger.debug("upstream-message-unreadable", metadata: ["reason": "\(error.message)"])
        }
    }

    func trip(_ trip: HTTPRoundTrip, ended end: RoundTripEnd) {
        switch end {
        case .stream:
            let (id, retry) = trip.resumption
            state.withLock { state in
                if let id { state.lastEventID = HeaderText.isVisible(id) ? id : nil }
                if let retry { state.retry = retry }
            }
            again()
        case .failed: again()
        case .response(let head, _): refused(head)
        }
    }

    private func refused(_ head: HTTPResponseHead) {
        let (hasBeenOpen, hadID, mayFollow, token) = state.withLock { state in
            defer { if head.status.code / 100 == 3 { state.redirects += 1 } }
            // An id that is refused is not tried twice.
            defer { state.lastEventID = nil }
            return (
                state.hasBeenOpen, state.lastEventID != nil, state.redirects < 3, state.hasNewToken ? nil : state.token
            )
        }
        if mayFollow, link.follow(head) {
            open()
        } else if head.status == .unauthorized, let token {
            state.withLock { $0.hasNewToken = true }
            link.renewCredentials(after: token, on: loop) { if $0 { self.open() } }
        } else if head.status == .notFound, hasBeenOpen {
            link.sessionIsGone()
        } else if hadID || head.status.code >= 500 || head.status == .tooManyRequests || head.status == .conflict {
            again()
        } else {
            link.logger.debug("upstream-does-not-notify", metadata: ["status": "\(head.status.code)"])
        }
    }

    private func again() {
        let limits = link.client.server.limits
        let delay = state.withLock { state -> Duration? in
            if state.isStopped { return nil }
            defer { state.failed += 1 }
            return max(state.retry ?? .zero, min(.seconds(30), limits.reopen * (1 << min(state.failed, 10))))
        }
        guard let delay else { return }
        _ = loop.scheduleTask(in: TimeAmount(delay)) { self.open() }
    }
}
