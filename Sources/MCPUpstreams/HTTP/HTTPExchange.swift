import AsyncHTTPClient
import Logging
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// A request of ours over Streamable HTTP, until its answer. Everything about it happens on one event loop.
final class HTTPExchange: RoundTripOwner {
    private struct State {
        /// Nil when nobody wants to hear any more.
        var event: (@Sendable (LinkEvent) -> Void)?
        var trip: HTTPRoundTrip?
        var session: String?
        var token: String?
        var amends = Amends()
        var resumption = Resumption()
        /// What came that cannot be read, and may have been the answer.
        var unreadable: String?
    }

    let request: LinkRequest
    private let link: HTTPLink
    private var loop: any EventLoop { link.address.loop }
    private let state: Mutex<State>

    init(_ request: LinkRequest, _ link: HTTPLink, _ event: @escaping @Sendable (LinkEvent) -> Void) {
        self.request = request
        self.link = link
        state = Mutex(State(event: event))
    }

    private var isInitialize: Bool { request.method == Method.initialize }

    func post() {
        do throws(LinkFailure) {
            var prepared = try link.post(request.message, version: isInitialize ? nil : request.version)
            if request.version.era == .perRequest, !isInitialize {
                prepared.request.headers.add(name: "Mcp-Method", value: request.method)
                for (name, value) in request.headers { prepared.request.headers.add(name: name, value: value) }
            }
            begin(prepared)
        } catch {
            fail(error)
        }
    }

    private func begin(_ prepared: HTTPAddress.Prepared) {
        let trip = HTTPRoundTrip(link.address, for: self)
        let isWanted = state.withLock { state in
            state.trip = trip
            (state.session, state.token) = (prepared.session, prepared.token)
            return state.event != nil
        }
        if isWanted { trip.start(prepared.request) }
    }

    // MARK: Ends

    func abandon() {
        let (event, trip) = state.withLock { state in
            defer { state.event = nil }
            return (state.event, state.trip)
        }
        trip?.stop()
        if event != nil { link.finished() }
    }

    func fail(_ failure: LinkFailure) {
        // From there, so that nothing comes after it.
        loop.execute {
            self.state.withLock { $0.trip }?.stop()
            self.finish(.failed(failure))
        }
    }

    private func finish(_ end: LinkEvent) {
        let event = state.withLock { state in
            defer { state.event = nil }
            return state.event
        }
        guard let event else { return }
        link.release(self)
        event(end)
        link.finished()
    }

    private func lose(_ failure: LinkFailure?) {
        if let words = state.withLock({ $0.unreadable }) {
            finish(.failed(LinkFailure(.malformed, mayHaveBegun: true, words)))
        } else {
            let words = "the stream of \(link.client.origin) ended without the answer"
            finish(.failed(failure ?? LinkFailure(.lost, mayHaveBegun: true, words)))
        }
    }

    // MARK: What comes

    func trip(_ trip: HTTPRoundTrip, began head: HTTPResponseHead) {
        if head.isSuccess, head.isEventStream { state.withLock { $0.resumption.began() } }
        guard isInitialize, head.isSuccess, let session = head.headers.first(name: "mcp-session-id") else { return }
        if HeaderText.isVisible(session) {
            link.begin(session: session)
        } else {
            let words = "the session id of \(link.client.origin) has characters that it may not have"
            trip.stop()
            finish(.failed(LinkFailure(.malformed, mayHaveBegun: true, words)))
        }
    }

    func trip(_ trip: HTTPRoundTrip, brought event: SSEEvent) {
        // One without data is there for its id (H-35).
        guard event.name == "message", !event.data.isEmpty else { return }
        do throws(LinkFailure) {
            for message in try Message.all(in: event.data) where deliver(message) {
                trip.drain()
                return
            }
        } catch {
            link.logger.debug("upstream-message-unreadable", metadata: ["reason": "\(error.message)"])
            state.withLock { $0.unreadable = error.message }
        }
    }

    /// Whether this was the answer.
    private func deliver(_ message: Message) -> Bool {
        guard case .response(let response) = message else {
            state.withLock { $0.event }?(.message(message))
            return false
        }
        // An error without an id is about what it answers: there is one request only.
        guard response.id == request.id || response.id == nil else {
            link.logger.debug("upstream-answer-unknown", metadata: ["id": "\(response.id.map { "\($0)" } ?? "null")"])
            return false
        }
        finish(.answer(response))
        return true
    }

    func trip(_ trip: HTTPRoundTrip, ended end: RoundTripEnd) {
        let isResuming = state.withLock { $0.resumption.isUnderWay }
        switch end {
        case .response(let head, _) where isResuming: resumeRefused(head)
        case .response(let head, let body): settle(head, body)
        case .failed(let failure) where isResuming: resumeFailed(failure)
        case .failed(let failure): finish(.failed(failure))
        case .stream(let failure) where failure?.kind == .tooLarge: lose(failure)
        case .stream(let failure):
            let (id, retry) = trip.resumption
            let delay = state.withLock { state in
                state.resumption.streamEnded(
                    lastEventID: id, retry: retry, in: request.version.era, limits: link.client.server.limits)
            }
            if let delay { resume(after: delay) } else { lose(failure) }
        }
    }

    /// A response that is no stream.
    private func settle(_ head: HTTPResponseHead, _ body: [UInt8]) {
        let origin = link.client.origin
        let refusal = LinkFailure.status(head, from: origin)
        let (session, advice) = state.withLock { ($0.session, $0.amends.advice(on: head, token: $0.token)) }
        switch advice {
        case .follow where link.address.follow(head):
            post()
            return
        case .renew(let token):
            link.address.renewCredentials(after: token) {
                $0 ? self.post() : self.finish(.failed(refusal))
            }
            return
        case .follow, .none: break
        }
        // These speak of us, and not to whoever asked (B-03).
        if head.status == .unauthorized || head.status == .forbidden {
            finish(.failed(refusal))
            return
        }
        var messages: [Message] = []
        var problem: LinkFailure?
        do throws(LinkFailure) {
            messages = try Message.all(in: body)
        } catch {
            problem = error
        }
        if let session, head.refusesSession(body, messages, of: request.id) {
            link.logger.debug("upstream-session-gone", metadata: ["session": "\(session.prefix(8))…"])
            link.sessionIsGone()
            finish(.failed(.sessionGone(mayHaveBegun: false)))
            return
        }
        if !head.isSuccess {
            let isAnswered = messages.contains { if case .response = $0 { deliver($0) } else { false } }
            if !isAnswered { finish(.failed(refusal)) }
            return
        }
        if body.isEmpty, head.status != .ok {
            finish(.failed(refusal))
            return
        }
        if !head.isJSON, let type = head.mediaType {
            let words = "\(origin) answered with \(type.prefix(80)), which is neither JSON nor a stream of events"
            finish(.failed(LinkFailure(.malformed, mayHaveBegun: true, words)))
            return
        }
        if messages.contains(where: deliver) { return }
        let words = "\(origin) answered without an answer to the request"
        finish(.failed(problem ?? LinkFailure(.malformed, mayHaveBegun: true, words)))
    }

    // MARK: Taking up a stream again (H-35, H-61)

    private func resume(after delay: Duration) {
        _ = loop.scheduleTask(in: TimeAmount(delay)) {
            guard let id = self.state.withLock({ $0.event == nil ? nil : $0.resumption.lastEventID }) else { return }
            do throws(LinkFailure) {
                self.begin(try self.link.get(version: self.request.version, after: id))
            } catch {
                self.lose(nil)
            }
        }
    }

    private func resumeRefused(_ head: HTTPResponseHead) {
        if head.status == .notFound {
            link.sessionIsGone()
            finish(.failed(.sessionGone(mayHaveBegun: true)))
        } else if head.status.code >= 500 || head.status == .tooManyRequests {
            resumeFailed(LinkFailure.status(head, from: link.client.origin))
        } else {
            lose(nil)
        }
    }

    private func resumeFailed(_ failure: LinkFailure) {
        if let delay = state.withLock({ $0.resumption.attemptFailed() }) {
            resume(after: delay)
        } else {
            lose(LinkFailure(.lost, mayHaveBegun: true, failure.message))
        }
    }
}
