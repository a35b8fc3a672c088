import FoundationEssentials
import Logging
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// A conversation over HTTP+SSE of 2024-11-05. It lives as long as its stream (H-22). Everything about it happens on one
/// event loop.
final class TwoEndpointLink: UpstreamLink, RoundTripOwner {
    private struct State {
        /// Waits for the server to say where to send.
        var opener: CheckedContinuation<LinkFailure?, Never>?
        var endpoint: HTTPAddress?
        var waiting: [RequestID: @Sendable (LinkEvent) -> Void] = [:]
        var trip: HTTPRoundTrip?
        var token: String?
        var amends = Amends()
        var end: LinkFailure?
    }

    private let client: RemoteClient
    private let address: HTTPAddress
    private let host: SessionHost
    private let receiver: LinkReceiver
    private let logger: Logger
    private var loop: any EventLoop { address.loop }
    private let state = Mutex(State())

    init(
        _ client: RemoteClient, _ target: HTTPTarget, _ host: SessionHost, _ receiver: LinkReceiver, _ logger: Logger
    ) {
        self.client = client
        self.host = host
        self.receiver = receiver
        self.logger = logger
        address = HTTPAddress(client, target, host)
    }

    func open() async throws(LinkFailure) {
        let failure = await withCheckedContinuation { continuation in
            state.withLock { $0.opener = continuation }
            listen()
            let limit = client.server.limits.probe
            _ = loop.scheduleTask(in: TimeAmount(limit)) {
                let words = "\(self.client.origin) did not say within \(limit) where to send messages"
                if self.state.withLock({ $0.endpoint == nil }) {
                    self.end(LinkFailure(.malformed, mayHaveBegun: false, words))
                }
            }
        }
        if let failure { throw failure }
    }

    private func listen() {
        do throws(LinkFailure) {
            let prepared = try address.get()
            // A server may have nothing to say for any time.
            let trip = HTTPRoundTrip(address, for: self, isEndless: true)
            state.withLock { state in
                state.trip = trip
                state.token = prepared.token
            }
            trip.start(prepared.request)
        } catch {
            end(error)
        }
    }

    // MARK: Messages

    func send(_ request: LinkRequest, _ event: @escaping @Sendable (LinkEvent) -> Void) {
        let limit = client.server.limits.connections
        let (endpoint, refusal) = state.withLock { state -> (HTTPAddress?, LinkFailure?) in
            guard state.end == nil, let endpoint = state.endpoint else {
                return (nil, LinkFailure(.closed, mayHaveBegun: false, "the conversation has ended"))
            }
            guard state.waiting[request.id] == nil else {
                return (
                    nil, LinkFailure(.malformed, mayHaveBegun: false, "a request with that id is under way already")
                )
            }
            guard state.waiting.count < limit else {
                let words = "\(limit) requests to \(client.origin) are under way already"
                return (nil, LinkFailure(.unreachable, mayHaveBegun: false, words))
            }
            state.waiting[request.id] = event
            return (endpoint, nil)
        }
        if let refusal { event(.failed(refusal)) }
        guard let endpoint else { return }
        let message = request.message
        let errand = HTTPErrand(endpoint) { () throws(LinkFailure) in try endpoint.post(message) }
        errand.start { failure in
            // The answer may have been faster.
            if let failure { self.take(request.id)?(.failed(failure)) }
        }
    }

    func send(oneWay message: [UInt8], as version: ProtocolVersion) async throws(LinkFailure) {
        guard let endpoint = state.withLock({ $0.end == nil ? $0.endpoint : nil }) else {
            throw LinkFailure(.closed, mayHaveBegun: false, "the conversation has ended")
        }
        try await HTTPErrand(endpoint) { () throws(LinkFailure) in try endpoint.post(message) }.run()
    }

    func abandon(_ id: RequestID) { _ = take(id) }

    private func take(_ id: RequestID) -> (@Sendable (LinkEvent) -> Void)? {
        state.withLock { $0.waiting.removeValue(forKey: id) }
    }

    func opened(as version: ProtocolVersion) {}

    func close() async {
        try? await loop.submit { self.end(.closed) }.get()
    }

    /// Nothing comes any more.
    private func end(_ failure: LinkFailure) {
        let ended = state.withLock { state -> State? in
            guard state.end == nil else { return nil }
            let ended = state
            state = State(end: failure)
            return ended
        }
        guard let ended else { return }
        ended.trip?.stop()
        for event in ended.waiting.values { event(.failed(failure)) }
        // Who could not be given it is not told of its end.
        if let opener = ended.opener { opener.resume(returning: failure) } else { receiver.closed(failure) }
    }

    // MARK: What comes

    func trip(_ trip: HTTPRoundTrip, began head: HTTPResponseHead) {}

    func trip(_ trip: HTTPRoundTrip, brought event: SSEEvent) {
        if event.name == "endpoint" {
            begin(String(decoding: event.data, as: UTF8.self))
            return
        }
        guard event.name == "message", !event.data.isEmpty else { return }
        do throws(LinkFailure) {
            for message in try Message.all(in: event.data) where state.withLock({ $0.end == nil }) {
                guard case .response(let response) = message else {
                    receiver.message(message)
                    continue
                }
                if let event = response.id.flatMap({ take($0) }) {
                    event(.answer(response))
                } else {
                    let id = response.id.map { "\($0)" } ?? "null"
                    logger.debug("upstream-answer-unknown", metadata: ["id": "\(id)"])
                }
            }
        } catch {
            logger.debug("upstream-message-unreadable", metadata: ["reason": "\(error.message)"])
        }
    }

    private func begin(_ text: String) {
        if state.withLock({ $0.endpoint != nil }) { return }
        let base = client.server.url
        // What is said there has our token: it stays with who was given it (H-24).
        guard let url = URL(string: text, relativeTo: base)?.absoluteURL, let origin = Origin(url),
            origin == Origin(base), let target = try? HTTPTarget(url)
        else {
            let words = "\(client.origin) named a place for messages that is not its own"
            end(LinkFailure(.malformed, mayHaveBegun: false, words))
            return
        }
        let opener = state.withLock { state in
            state.endpoint = HTTPAddress(client, target, host, on: loop)
            defer { state.opener = nil }
            return state.opener
        }
        opener?.resume(returning: nil)
    }

    func trip(_ trip: HTTPRoundTrip, ended: RoundTripEnd) {
        switch ended {
        case .stream(let failure):
            end(failure ?? LinkFailure(.lost, mayHaveBegun: true, "\(client.origin) ended its stream"))
        case .failed(let failure): end(failure)
        case .response(let head, _) where head.isSuccess:
            let words = "\(client.origin) did not answer with a stream of events"
            end(LinkFailure(.malformed, mayHaveBegun: false, words))
        case .response(let head, _):
            let refusal = LinkFailure.status(head, from: client.origin)
            switch state.withLock({ $0.amends.advice(on: head, token: $0.token) }) {
            case .follow where address.follow(head): listen()
            case .renew(let token):
                address.renewCredentials(after: token) { $0 ? self.listen() : self.end(refusal) }
            case .follow, .none: end(refusal)
            }
        }
    }
}
