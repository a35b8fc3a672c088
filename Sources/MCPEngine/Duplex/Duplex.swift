package import MCPProtocol
import Synchronization

/// One client on one channel that carries messages both ways: standard input and output, memory, or an event stream
/// with its POSTs.
///
/// Whatever is said to the client goes through one outbox, in the order in which it was said. The session that
/// `initialize` begins is the channel's own: its id never leaves the server, and it ends with the channel.
package final class Duplex: Sendable {
    package enum Receipt: Sendable {
        /// Understood. What there is to say about it goes through the outbox.
        case taken
        /// Not a message: an error that belongs to no request.
        case unreadable([UInt8])
        /// Whoever sent it may not do that; with the `WWW-Authenticate` header that says what it takes.
        case forbidden([UInt8], challenge: String)
    }

    /// How a message was dealt with, for a log line and the metrics.
    package struct Report: Sendable {
        package var era: Era
        package var method: String
        package var outcome: String
        package var session: Session?
        /// False when it was no message; see ``Receipt/unreadable(_:)``.
        package var isReadable = true
        package var isForbidden = false

        package init(era: Era, method: String, outcome: String, session: Session? = nil) {
            self.era = era
            self.method = method
            self.outcome = outcome
            self.session = session
        }
    }

    private struct Open {
        /// Nil for a batch, and for the session's listening stream.
        var id: RequestID?
        var stream: ReplyStream
        var interest = Interest()

        /// Its end is the client's to say, so nothing is owed when the client can say no more.
        var isListening: Bool { stream.kind == .listening || stream.kind == .subscription }
    }

    private enum Phase { case open, ending, gone }

    private struct State {
        var phase = Phase.open
        var session: Session?
        var open: [Int: Open] = [:]
        var nextNumber = 0
        var whenQuiet: [CheckedContinuation<Void, Never>] = []
    }

    package let outbox: Outbox
    private let gateway: Gateway
    private let principal: Principal
    private let userAgent: String?
    private let state = Mutex(State())

    /// - Parameter buffer: How many bytes may wait to be written before those who have something to say wait too.
    package init(gateway: Gateway, principal: Principal, userAgent: String? = nil, buffer: Int) {
        self.gateway = gateway
        self.principal = principal
        self.userAgent = userAgent
        outbox = Outbox(limit: buffer)
    }

    package var session: Session? { state.withLock { $0.session } }

    // MARK: In

    /// Deals with one message. Returns as soon as what follows from it is under way; `report` is called once, when that
    /// is over.
    /// - Parameter admission: Of who sent it, where each message comes with a credential of its own.
    package func receive(
        _ bytes: [UInt8], _ admission: Admission? = nil, report: @escaping @Sendable (Report) -> Void
    ) async -> Receipt {
        let envelope = Envelope(bytes, limits: JSON.Limits(depth: gateway.configuration.limits.jsonDepth))
        if let id = envelope.cancels, cancel(id) {
            report(Report(era: .handshake, method: Method.cancelled, outcome: "accepted", session: session))
            return .taken
        }
        var call = Call(
            verb: .post, admission: admission ?? Admission(principal), headers: RequestHeaders(),
            userAgent: userAgent, body: bytes)
        call.comesWithHeaders = false
        if !envelope.hasClaim, !envelope.isInitialize { call.headers.sessionID = session?.id }
        let reply = await gateway.handle(call)
        var done = Report(era: reply.era, method: reply.method, outcome: reply.outcome, session: reply.session)
        switch reply.content {
        case .message(let answer, 403):
            done.isForbidden = true
            report(done)
            return .forbidden(answer, challenge: reply.challenge ?? "")
        case .message(let answer, let status):
            done.isReadable = envelope.isOneWay || envelope.id != nil || status < 400
            report(done)
            if envelope.isOneWay { return .taken }
            guard done.isReadable else { return .unreadable(answer) }
            outbox.post(answer)
            if envelope.isInitialize, let session = reply.session { await begin(session) }
        case .stream(let stream):
            deliver(stream, answering: envelope.id) { [done] outcome in
                var done = done
                done.outcome = outcome
                report(done)
            }
        case .accepted, .ended, .notAllowed: report(done)
        }
        return .taken
    }

    /// Another `initialize` ends the session of the first, as if it had been deleted.
    private func begin(_ session: Session) async {
        let ended = state.withLock { state -> Session? in
            guard state.phase == .open else { return session }
            defer { state.session = session }
            return state.session
        }
        if let ended { await gateway.end(ended) }
        guard ended !== session, case .read(let log, let reader) = session.attach(to: .listening) else { return }
        let stream = ReplyStream(
            log: log, kind: .listening, version: session.version, session: session, stream: .listening,
            reader: reader, after: log.readPosition, outcome: { "ended" })
        deliver(stream, answering: nil) { _ in session.detach(reader, from: .listening) }
    }

    /// Whether `id` was a request of this channel, and the only one of that id. From now on nothing is said about it.
    private func cancel(_ id: RequestID) -> Bool {
        let meant = state.withLock { $0.open.values.filter { $0.id == id } }
        guard meant.count == 1 else { return !meant.isEmpty }
        give(up: meant[0])
        return true
    }

    private func give(up open: Open) {
        open.interest.lose()
        gateway.settle(open.stream.log, .requestCancelled, as: .cancelled)
        open.stream.log.dismiss(open.stream.reader)
    }

    // MARK: Out

    private func deliver(
        _ stream: ReplyStream, answering id: RequestID?, onEnd: @escaping @Sendable (_ outcome: String) -> Void
    ) {
        let open = Open(id: id, stream: stream)
        let (number, isGone) = state.withLock { state in
            state.nextNumber += 1
            state.open[state.nextNumber] = open
            return (state.nextNumber, state.phase == .gone)
        }
        if isGone { give(up: open) }
        let finish = { @Sendable [self] in
            stream.whenClosed?()
            onEnd(stream.outcome())
            close(number)
        }
        let started = gateway.host.start { [self] _ in
            await forward(open)
            finish()
        }
        if !started { finish() }
    }

    private func forward(_ open: Open) async {
        let stream = open.stream
        var position = stream.after
        var answers: [[UInt8]] = []
        while true {
            switch await stream.log.next(for: stream.reader, after: position) {
            case .event(let event):
                position = event.position
                if event.isAnswer, stream.kind == .answers(batch: true) {
                    answers.append(event.payload)
                } else if await !send(event.payload, open) {
                    return
                }
            case .gap(let oldest): position = oldest - 1
            case .quiet: break
            case .end:
                if !answers.isEmpty { _ = await send(Self.array(answers), open) }
                return
            case .dismissed: return
            }
        }
    }

    private func send(_ payload: [UInt8], _ open: Open) async -> Bool {
        if open.interest.isLost { return true }
        return await outbox.send(payload, for: open.interest)
    }

    private static func array(_ answers: [[UInt8]]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for answer in answers { writer.raw(answer) }
        writer.endArray()
        return writer.bytes
    }

    private func close(_ number: Int) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.open[number] = nil
            guard state.open.isEmpty else { return [] }
            defer { state.whenQuiet = [] }
            return state.whenQuiet
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: The end

    /// Nothing more will come in. Drains: what is in flight may finish within the grace that a deleted session has,
    /// what does not gets an error. Returns when everything is in the outbox, which is finished then.
    package func end() async {
        let session = state.withLock { state in
            if state.phase == .open { state.phase = .ending }
            return state.session
        }
        if let session { await gateway.end(session) }
        for open in state.withLock({ Array($0.open.values) }) where open.isListening {
            open.stream.log.dismiss(open.stream.reader)
        }
        let timer = gateway.deadlines.schedule(after: gateway.configuration.limits.drainGrace) { [self] in
            cutGraceShort()
        }
        await untilQuiet()
        gateway.deadlines.cancel(timer)
        outbox.finish()
    }

    /// If ``end()`` waits, what it waits for gets its error now.
    package func cutGraceShort() {
        let late = state.withLock { $0.phase == .ending ? Array($0.open.values) : [] }
        for open in late { gateway.settle(open.stream.log, Self.ended, as: .expired) }
    }

    private static let ended = RPCError.internalError(
        "The channel ended before this request finished, and its time to finish is over")

    /// The client is gone, and can never come back to this channel: what it is owed is cancelled.
    package func abandon() {
        let (open, session, before) = state.withLock { state in
            defer { state.phase = .gone }
            return (Array(state.open.values), state.session, state.phase)
        }
        guard before != .gone else { return }
        outbox.close()
        for open in open { give(up: open) }
        guard before == .open, let session else { return }
        let started = gateway.host.start { [gateway] _ in await gateway.end(session) }
        if !started { _ = session.drain(.delete) }
    }

    private func untilQuiet() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                if state.open.isEmpty { return true }
                state.whenQuiet.append(continuation)
                return false
            }
            if isQuiet { continuation.resume() }
        }
    }
}
