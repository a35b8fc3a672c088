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
        var amends = Amends()
        var token: String?
        var isStopped = false
    }

    private let link: HTTPLink
    private let version: ProtocolVersion
    private var loop: any EventLoop { link.address.loop }
    private let state = Mutex(State())

    init(_ link: HTTPLink, _ version: ProtocolVersion) {
        self.link = link
        self.version = version
    }

    func open() {
        do throws(LinkFailure) {
            let prepared = try link.get(version: version, after: state.withLock { $0.lastEventID })
            let trip = HTTPRoundTrip(link.address, for: self)
            let isStopped = state.withLock { state in
                state.trip = trip
                state.token = prepared.token
                return state.isStopped
            }
            if !isStopped { trip.start(prepared.request) }
        } catch {
            again()
        }
    }

    /// - Parameter then: Called when no message of it is on its way any more.
    func stop(then: @escaping @Sendable () -> Void) {
        let trip = state.withLock { state in
            state.isStopped = true
            return state.trip
        }
        trip?.stop()
        loop.execute(then)
    }

    // MARK: What comes

    func trip(_ trip: HTTPRoundTrip, began head: HTTPResponseHead) {
        guard head.isSuccess, head.isEventStream else { return }
        state.withLock { state in
            state.hasBeenOpen = true
            state.amends = Amends()
            state.failed = 0
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
        case .response(let head, let body): refused(head, body)
        }
    }

    private func refused(_ head: HTTPResponseHead, _ body: [UInt8]) {
        let (hasBeenOpen, hadID, advice) = state.withLock { state in
            // An id that is refused is not tried twice.
            defer { if head.status == .badRequest { state.lastEventID = nil } }
            let advice = state.amends.advice(on: head, token: state.token)
            return (state.hasBeenOpen, state.lastEventID != nil, advice)
        }
        switch advice {
        case .follow where link.address.follow(head):
            open()
            return
        case .renew(let token):
            link.address.renewCredentials(after: token) { if $0 { self.open() } }
            return
        case .follow, .none: break
        }
        if hasBeenOpen, head.refusesSession(body, []) {
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
