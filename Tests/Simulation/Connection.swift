import MCPEngine
import MCPProtocol
import Synchronization

/// One HTTP exchange over a simulated network. It reads replies as the HTTP server does: JSON if the answer is first and
/// soon, else an event stream; and like a socket it can go away at any moment.
final class Connection: Sendable {
    enum Outcome: Sendable {
        /// Nobody listens at the address.
        case refused
        case accepted
        case ended
        case notAllowed
        case message(JSON, status: Int, session: String?)
        /// An event stream that came to its end.
        case stream
        /// The reader was told that another one has taken over, or to come back later.
        case dismissed(paused: Bool)
        /// The reader fell behind what is kept, and was cut off.
        case tooSlow
        /// One of the two is gone.
        case broken
    }

    struct Event: Sendable {
        var message: JSON
        var isAnswer: Bool
        var position: Int
        /// What to resume with; nil where that cannot be.
        var id: String?
    }

    private struct State {
        var isCut = false
        var stream: ReplyStream?
        /// Headers of an event stream have gone out.
        var streams = false
    }

    private let run: Run
    private let ticket: Ticket?
    private let state = Mutex(State())
    /// The one that it reached.
    let process: ServerProcess?

    /// - Parameter ticket: Of the request that it carries, if that is followed.
    init(_ run: Run, for ticket: Ticket? = nil) {
        self.run = run
        self.ticket = ticket
        process = run.process
        ticket?.process = process?.number
    }

    private var isCut: Bool { state.withLock { $0.isCut } }

    /// One of the two sides goes away.
    func cut(byServer: Bool = false) {
        let (stream, streams) = state.withLock { state in
            defer { state.isCut = true }
            return (state.isCut ? nil : state.stream, state.streams)
        }
        run.witness.reach(byServer ? "connection cut by a server" : "connection cut by a client")
        guard let stream, streams || stream.whenClosed != nil else { return }
        if !streams { stream.whenClosed?() }
        stream.log.dismiss(stream.reader)
    }

    /// - Parameter limit: After that the client hangs up.
    func send(
        _ call: Call, hangUpAfter limit: Duration? = nil, _ receive: @Sendable (Event) async -> Void = { _ in }
    ) async -> Outcome {
        guard let process, process.accepts else { return .refused }
        let number = process.add(self)
        let timer = limit.map { run.time.call(after: $0) { [self] in cut() } }
        defer {
            if let timer { run.time.cancel(timer) }
            process.remove(number)
        }
        await run.network()
        if isCut { return .broken }
        let reply = await handle(call, process)
        await run.network()
        if let session = reply.session { run.witness.reach("session \(session.phase)") }
        let outcome: Outcome
        switch reply.content {
        case .accepted: outcome = .accepted
        case .ended: outcome = .ended
        case .notAllowed: outcome = .notAllowed
        case .message(let bytes, let status): outcome = message(bytes, status, reply.session?.id)
        case .stream(let stream): outcome = await read(stream, process, receive)
        }
        return isCut ? .broken : outcome
    }

    private func handle(_ call: Call, _ process: ServerProcess) async -> Reply {
        ticket?.moment = process.moment(for: ticket?.session)
        let reply = await process.gateway.handle(call)
        process.decided(ticket)
        if reply.session != nil { use(process) }
        return reply
    }

    private func use(_ process: ServerProcess) {
        if let session = ticket?.session { process.uses(session) }
    }

    private func message(_ bytes: [UInt8], _ status: Int, _ session: String?) -> Outcome {
        run.witness.reach("status \(status)")
        guard let json = try? JSON(parsing: bytes) else {
            run.witness.object("a body that is not JSON, with status \(status)")
            return .broken
        }
        return .message(json, status: status, session: session)
    }

    // MARK: As the HTTP server reads

    private func read(
        _ stream: ReplyStream, _ process: ServerProcess, _ receive: @Sendable (Event) async -> Void
    ) async -> Outcome {
        let isGone = state.withLock { state in
            state.stream = stream
            return state.isCut
        }
        guard case .answers = stream.kind else { return await events(stream, process, receive) }
        if isGone {
            stream.whenClosed?()
            return .broken
        }
        let read = await stream.log.next(
            for: stream.reader, after: stream.after, within: Plan.jsonWait, deadlines: process.gateway.deadlines,
            canPause: stream.canPause)
        run.witness.reach("read before a stream: \(read.name)")
        if case .event(let event) = read, event.isAnswer {
            check(event, stream)
            return message(event.payload, event.status, stream.session?.id)
        }
        if case .end = read {
            // Only where the client has left is there no answer.
            run.witness.expect(isCut, "a 200 with nothing in it")
            return .broken
        }
        return await events(stream, process, receive)
    }

    private func events(
        _ begun: ReplyStream, _ process: ServerProcess, _ receive: @Sendable (Event) async -> Void
    ) async -> Outcome {
        let stream = process.gateway.streamBegan(begun)
        defer {
            process.gateway.streamEnded(stream)
            if stream.session != nil { use(process) }
        }
        let isGone = state.withLock { state in
            (state.stream, state.streams) = (stream, true)
            return state.isCut
        }
        if isGone { return .broken }
        var (position, isFirst) = (stream.after, true)
        while true {
            let read = await stream.log.next(
                for: stream.reader, after: position, within: Plan.keepAlive, deadlines: process.gateway.deadlines,
                canPause: stream.canPause)
            run.witness.reach("read: \(read.name)")
            if isCut { return .broken }
            switch read {
            case .event(let event):
                check(event, stream)
                run.witness.expect(event.position > position, "an event came twice, or out of order")
                position = event.position
                guard let json = try? JSON(parsing: event.payload) else {
                    run.witness.object("an event that is not JSON")
                    continue
                }
                let id = stream.eventID(at: position)?.description
                await receive(Event(message: json, isAnswer: event.isAnswer, position: position, id: id))
                await run.network()
                if isCut { return .broken }
            case .quiet: break
            case .gap(let oldest):
                guard isFirst || stream.session == nil else { return .tooSlow }
                position = oldest - 1
            case .end: return .stream
            case .dismissed: return .dismissed(paused: stream.canPause && stream.log.takePause() != nil)
            }
            isFirst = false
        }
    }

    private func check(_ event: EventLog.Event, _ stream: ReplyStream) {
        let limits = run.plan.limits.stream
        run.witness.expect(
            stream.log.byteCount <= max(limits.bytes, event.payload.count), "a log of \(stream.log.byteCount) bytes")
        if event.isAnswer, stream.kind == .answers(batch: false) {
            run.witness.expect(stream.log.isFinished, "a log goes on after its answer")
            run.witness.expect(stream.log.lastPosition == event.position, "something was written after the answer")
        }
    }
}

extension EventLog.Read {
    var name: String {
        switch self {
        case .event: "event"
        case .end: "end"
        case .quiet: "quiet"
        case .gap: "gap"
        case .dismissed: "dismissed"
        }
    }
}
