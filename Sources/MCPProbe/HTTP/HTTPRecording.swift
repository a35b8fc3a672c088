import AsyncHTTPClient
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// A reply while it comes. The one that reads writes it, the one that watches the time looks at it.
final class HTTPRecording: Sendable {
    /// What is wanted of a body.
    enum Interest: Sendable {
        case whole
        /// The JSON-RPC answer with that id. A stream may go on after it for a moment.
        case answer(JSON)
        /// A stream, for so long after its head.
        case opening(Duration)
    }

    private struct State {
        var reply: HTTPReply
        var parser: SSEParser?
        var wantedUntil: Duration
        var isOver = false
    }

    /// How long a stream may stay open after its answer.
    private static let lingering = Duration.milliseconds(400)
    private static let bodyLimit = 16 << 20
    /// Events and comments.
    private static let eventLimit = 20_000
    private static let arrivalLimit = 1000

    private let interest: Interest
    private let begun: Signal?
    private let state: Mutex<State>

    init(sent: Duration, until: Duration, for interest: Interest, begun: Signal?) {
        (self.interest, self.begun) = (interest, begun)
        state = Mutex(State(reply: HTTPReply(sent: sent), wantedUntil: until))
    }

    var wantedUntil: Duration { state.withLock { $0.wantedUntil } }

    func began(_ status: Int, _ headers: HTTPHeaders, at now: Duration) {
        state.withLock { state in
            (state.reply.status, state.reply.headers, state.reply.headAt) = (status, headers, now)
            if state.reply.isEventStream { state.parser = SSEParser(limit: Self.bodyLimit) }
            if case .opening(let time) = interest { state.wantedUntil = min(state.wantedUntil, now + time) }
        }
        begun?.fire()
    }

    /// - Returns: Whether more is wanted.
    func add(_ bytes: ByteBufferView, at now: Duration) -> Bool {
        state.withLock { state in
            state.reply.firstByteAt = state.reply.firstByteAt ?? now
            state.reply.body.append(contentsOf: bytes)
            var events: [SSEEvent] = []
            let isFine = state.parser?.add(bytes) { events.append($0) } ?? true
            state.reply.events += events
            let pieces = state.reply.events.count + (state.parser?.comments ?? 0)
            while state.reply.arrivals.count < min(pieces, Self.arrivalLimit) { state.reply.arrivals.append(now) }
            guard isFine, state.reply.body.count <= Self.bodyLimit, pieces <= Self.eventLimit else {
                state.reply.end = .tooLarge
                return false
            }
            if case .answer(let id) = interest, events.contains(where: { $0.answers(id) }) {
                state.wantedUntil = min(state.wantedUntil, now + Self.lingering)
            }
            return true
        }
    }

    func finish(_ end: HTTPReply.End, at now: Duration) {
        state.withLock { state in
            guard !state.isOver else { return }
            state.isOver = true
            if state.reply.end != .tooLarge { state.reply.end = end }
            state.reply.ended = now
        }
    }

    /// The reply as it is now.
    func reply(stoppedAt now: Duration, limit: Duration) -> HTTPReply {
        state.withLock { state in
            var reply = state.reply
            if !state.isOver, reply.end != .tooLarge {
                reply.ended = now
                reply.end = state.wantedUntil < limit ? .stopped : .late
            }
            state.isOver = true
            if let parser = state.parser {
                reply.comments = parser.comments
                reply.lastEventID = parser.lastEventID
                reply.hasUnfinishedEvent = parser.isInsideEvent
            }
            return reply
        }
    }
}

extension SSEEvent {
    /// The message in it.
    var message: JSON? { try? JSON(parsing: data) }

    func answers(_ id: JSON) -> Bool {
        guard let message else { return false }
        return message["id"] == id && (message["result"] != nil || message["error"] != nil)
    }
}
