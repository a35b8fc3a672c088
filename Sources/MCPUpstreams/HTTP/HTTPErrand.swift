import AsyncHTTPClient
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// A request of which only the status matters: a message whose answer does not come here, or the end of a session.
final class HTTPErrand: RoundTripOwner {
    private struct State {
        var done: (@Sendable (LinkFailure?) -> Void)?
        var trip: HTTPRoundTrip?
        var token: String?
        var amends = Amends()
    }

    private let address: HTTPAddress
    private let prepare: @Sendable () throws(LinkFailure) -> HTTPAddress.Prepared
    private let state = Mutex(State())

    init(
        _ address: HTTPAddress, _ prepare: @escaping @Sendable () throws(LinkFailure) -> HTTPAddress.Prepared
    ) {
        self.address = address
        self.prepare = prepare
    }

    /// Returns when the server has accepted it.
    /// - Parameter limit: After which it is given up.
    func run(within limit: Duration? = nil) async throws(LinkFailure) {
        let failure = await withCheckedContinuation { continuation in
            start { continuation.resume(returning: $0) }
            guard let limit else { return }
            _ = address.loop.scheduleTask(in: TimeAmount(limit)) {
                self.state.withLock { $0.trip }?.stop()
                self.finish(.closed)
            }
        }
        if let failure { throw failure }
    }

    /// - Parameter done: Called on the loop, or before this returns, with nil when the server has accepted it.
    func start(_ done: @escaping @Sendable (LinkFailure?) -> Void) {
        state.withLock { $0.done = done }
        send()
    }

    private func send() {
        do throws(LinkFailure) {
            let prepared = try prepare()
            let trip = HTTPRoundTrip(address, for: self)
            state.withLock { state in
                state.trip = trip
                state.token = prepared.token
            }
            trip.start(prepared.request)
        } catch {
            finish(error)
        }
    }

    private func finish(_ failure: LinkFailure?) {
        let done = state.withLock { state in
            defer { state.done = nil }
            return state.done
        }
        done?(failure)
    }

    func trip(_ trip: HTTPRoundTrip, began head: HTTPResponseHead) {
        // The rest says nothing more.
        trip.drain()
        if head.isSuccess {
            finish(nil)
            return
        }
        let refusal = LinkFailure.status(head, from: address.client.origin)
        switch state.withLock({ $0.amends.advice(on: head, token: $0.token) }) {
        case .follow where address.follow(head): send()
        case .renew(let token):
            address.renewCredentials(after: token) { $0 ? self.send() : self.finish(refusal) }
        case .follow, .none: finish(refusal)
        }
    }

    func trip(_ trip: HTTPRoundTrip, brought event: SSEEvent) {}

    func trip(_ trip: HTTPRoundTrip, ended end: RoundTripEnd) {
        if case .failed(let failure) = end { finish(failure) }
    }
}
