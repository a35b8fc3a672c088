import AsyncHTTPClient
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// Who a round trip is made for. It is told everything on the trip's event loop, in order, and must return at once.
protocol RoundTripOwner: AnyObject, Sendable {
    func trip(_ trip: HTTPRoundTrip, began head: HTTPResponseHead)
    func trip(_ trip: HTTPRoundTrip, brought event: SSEEvent)
    /// The last that it is told.
    func trip(_ trip: HTTPRoundTrip, ended end: RoundTripEnd)
}

enum RoundTripEnd {
    /// A whole response that is not a stream of events.
    case response(HTTPResponseHead, body: [UInt8])
    /// A stream of events; nil when it ended in good order.
    case stream(LinkFailure?)
    case failed(LinkFailure)
}

/// One HTTP request and its response, within the bounds of its server.
final class HTTPRoundTrip: HTTPClientResponseDelegate {
    typealias Response = Void

    private struct State {
        var task: HTTPClient.Task<Void>?
        var wasSent = false
        var head: HTTPResponseHead?
        var body = ByteBuffer()
        var parser: SSEParser?
        /// When something happened last.
        var heard = NIODeadline.now()
        /// Its owner wants to hear no more; the response is read to its end, so that the connection can be used again.
        var isDraining = false
        /// Its owner was told the end, or does not want to be.
        var isOver = false
    }

    private let loop: any EventLoop
    private let client: RemoteClient
    private let isEndless: Bool
    private let owner: any RoundTripOwner
    private let state = Mutex(State())

    /// - Parameter isEndless: A response that has begun may be silent for any time.
    init(
        _ address: HTTPAddress, for owner: any RoundTripOwner, isEndless: Bool = false
    ) {
        self.isEndless = isEndless
        client = address.client
        loop = address.loop
        self.owner = owner
    }

    /// What `Last-Event-ID` may say, and when, after a stream has ended.
    var resumption: (lastEventID: String?, retry: Duration?) {
        state.withLock { ($0.parser?.lastEventID, $0.parser?.retry) }
    }

    func start(_ request: HTTPClient.Request) {
        client.add(self)
        let task = HTTPConnections.client.execute(
            // Connections that are bound to a loop are not kept; those that prefer it are.
            request: request, delegate: self, eventLoop: .delegate(on: loop), logger: nil)
        let isOver = state.withLock { state in
            state.task = task
            return state.isOver
        }
        if isOver { task.cancel() }
        // There are failures of which a delegate is told nothing.
        task.futureResult.whenFailure { self.fail(with: $0) }
    }

    /// Breaks it off. Its owner hears no more of it.
    func stop() {
        let task = state.withLock { state in
            state.isOver = true
            return state.task
        }
        task?.cancel()
    }

    /// Lets the response run out, for a short time.
    func drain() {
        state.withLock { state in
            state.isDraining = true
            state.heard = .now()
        }
    }

    // MARK: What the client tells

    func didSendRequestHead(task: HTTPClient.Task<Void>, _ head: HTTPRequestHead) {
        state.withLock { state in
            state.wasSent = true
            state.heard = .now()
        }
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let limit = client.server.limits.message
        let isTooLarge = head.contentLength.map { $0 > limit } ?? false
        let isWanted = state.withLock { state in
            state.head = head
            state.heard = .now()
            if head.isSuccess, head.isEventStream { state.parser = SSEParser(limit: limit) }
            return !state.isOver && !state.isDraining
        }
        if isWanted {
            owner.trip(self, began: head)
            if isTooLarge { end(.failed(.tooLarge(limit))) }
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let limit = client.server.limits.message
        var events: [SSEEvent] = []
        let isFine = state.withLock { state in
            if state.isOver || state.isDraining { return true }
            state.heard = .now()
            if state.parser != nil {
                return state.parser?.add(part.readableBytesView) { events.append($0) } ?? true
            }
            if state.body.readableBytes == 0 {
                state.body = part
            } else {
                state.body.writeImmutableBuffer(part)
            }
            return state.body.readableBytes <= limit
        }
        for event in events { owner.trip(self, brought: event) }
        if !isFine { end(.failed(.tooLarge(limit))) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) { fail(with: error) }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        let (head, body) = state.withLock { state in
            defer { state.body = ByteBuffer() }
            return (state.parser == nil ? state.head : nil, state.body)
        }
        client.remove(self)
        finish(head.map { .response($0, body: Array(body.readableBytesView)) } ?? .stream(nil))
    }

    // MARK: Ends

    private func fail(with error: any Error) {
        client.remove(self)
        let (wasSent, isStream) = state.withLock { ($0.wasSent, $0.parser != nil) }
        let failure =
            wasSent
            ? LinkFailure(.lost, mayHaveBegun: true, "the connection to \(client.origin) broke: \(describe(error))")
            : LinkFailure(
                error as? HTTPClientError == .remoteConnectionClosed ? .lost : .unreachable, mayHaveBegun: false,
                "\(client.origin) cannot be reached: \(describe(error))")
        finish(isStream ? .stream(failure) : .failed(failure))
    }

    /// Ends what is still under way.
    private func end(_ end: RoundTripEnd) {
        let task = state.withLock { $0.task }
        finish(end)
        task?.cancel()
    }

    private func finish(_ end: RoundTripEnd) {
        let isWanted = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver && !state.isDraining
        }
        if isWanted { owner.trip(self, ended: end) }
    }

    /// Ends it when it has taken too long.
    func check(_ now: NIODeadline) {
        let limits = client.server.limits
        let overdue = state.withLock { state -> RoundTripEnd? in
            let waited = now - state.heard
            func exceeds(_ limit: Duration) -> Bool { waited > TimeAmount(limit) }
            if state.isOver || state.isDraining {
                return exceeds(.seconds(2)) ? .stream(nil) : nil
            } else if !state.wasSent {
                guard exceeds(limits.connect) else { return nil }
                let words = "\(client.origin) cannot be reached: no connection within \(limits.connect)"
                return .failed(LinkFailure(.unreachable, mayHaveBegun: false, words))
            } else if state.head == nil {
                guard exceeds(limits.firstByte) else { return nil }
                let words = "\(client.origin) did not answer within \(limits.firstByte)"
                return .failed(LinkFailure(.lost, mayHaveBegun: true, words))
            }
            guard exceeds(limits.idle), !isEndless else { return nil }
            let words = "\(client.origin) was silent for \(limits.idle) in the middle of an answer"
            let failure = LinkFailure(.lost, mayHaveBegun: true, words)
            return state.parser == nil ? .failed(failure) : .stream(failure)
        }
        if let overdue { loop.execute { self.end(overdue) } }
    }
}

private func describe(_ error: any Error) -> String { (error as? HTTPClientError)?.shortDescription ?? "\(error)" }

extension LinkFailure {
    static func tooLarge(_ limit: Int) -> LinkFailure {
        LinkFailure(.tooLarge, mayHaveBegun: true, "a message is larger than \(limit) bytes")
    }

    static let closed = LinkFailure(.closed, mayHaveBegun: true, "the conversation was ended")
}

extension HTTPResponseHead {
    var isSuccess: Bool { (200..<300).contains(status.code) }
    var isEventStream: Bool { mediaType == "text/event-stream" }
    var isJSON: Bool { mediaType == "application/json" || mediaType?.hasSuffix("+json") == true }
    fileprivate var contentLength: Int? { headers.first(name: "content-length").flatMap { Int($0) } }

    /// In lower case, without parameters.
    var mediaType: String? {
        guard let text = headers.first(name: "content-type") else { return nil }
        // As nearly all spell it.
        if text == "application/json" || text == "text/event-stream" { return text }
        return text.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
    }
}
