import FoundationEssentials
import Logging
import MCPProtocol
import ServiceLifecycle

/// A session's other doors (GET and DELETE), its end, and the end of all of them.
extension Gateway {
    // MARK: GET

    func listen(_ call: Call) async -> Reply {
        if let refused = refusedByVersion(call, "GET") { return refused }
        guard isReady else { return unavailable("shutting_down", nil) }
        guard configuration.sessions, call.headers.sessionID != nil else {
            return Reply(.notAllowed(allow: "POST, DELETE, OPTIONS"), method: "GET", outcome: "rejected")
        }
        switch await resolveStream(call) {
        case .failure(let refused): return refused.reply
        case .success(let stream):
            var reply = Reply(.stream(stream), method: "GET", outcome: "streamed")
            reply.session = stream.session
            return reply
        }
    }

    /// A revision without GET and DELETE has 405 for them, except for a client known to name it by mistake (E-10).
    private func refusedByVersion(_ call: Call, _ verb: String) -> Reply? {
        let tolerance = configuration.quirks.tolerance(userAgent: call.userAgent)
        switch Classifier.classifyBodiless(headers: call.headers, tolerance: tolerance) {
        case .handshake(let inbound):
            if !inbound.toleranceUsed.isEmpty { metrics.quirkUsed(Quirk.Allowance.contradictoryVersions.rawValue) }
            return nil
        case .rejected(let rejection) where rejection.status != 405:
            let bytes = Wire.error(rejection.error, id: nil, era: rejection.era)
            return Reply(
                .message(bytes, status: rejection.status), method: verb, outcome: "rejected", era: rejection.era)
        case .rejected, .perRequest:
            return Reply(.notAllowed(allow: "POST"), method: verb, outcome: "rejected", era: .perRequest)
        }
    }

    private struct RefusedReply: Error { var reply: Reply }

    private func resolveStream(_ call: Call) async -> Result<ReplyStream, RefusedReply> {
        let session: Session
        switch await streamOwner(call) {
        case .failure(let refused): return .failure(refused)
        case .success(let found): session = found
        }
        var stream = StreamID.listening
        var after: Int?
        if let last = call.headers.lastEventID {
            guard let event = EventID(last) else {
                return refused(400, "Last-Event-ID is not an event id of this server")
            }
            if event.epoch == session.epoch {
                (stream, after) = (event.stream, event.position)
            } else if event.stream != .listening {
                return refused(400, "The stream of Last-Event-ID is no longer kept; send the request again")
            }
        }
        guard admitListener(call.principal) else {
            metrics.refused("too_many_streams")
            return refused(429, "Too many open streams for this principal; close one", retryAfter: 1)
        }
        func release() { unlisten(session.owner) }
        switch session.attach(to: stream) {
        case .read(let log, let reader):
            if call.headers.lastEventID != nil { metrics.resumed() }
            return .success(
                ReplyStream(
                    log: log, kind: .listening, version: session.version, session: session, stream: stream,
                    reader: reader, after: after.map { min($0, log.lastPosition) } ?? log.readPosition,
                    outcome: { "ended" }))
        case .unknownStream:
            release()
            return refused(400, "The stream of Last-Event-ID is no longer kept; send the request again")
        case .refuse:
            release()
            switch session.cause {
            case .delete, .idle: return .failure(RefusedReply(reply: sessionNotFound(nil)))
            // It made room for another between being found and being read.
            case .eviction: return .failure(RefusedReply(reply: unavailable("no_room", nil)))
            case .shutdown, nil: return .failure(RefusedReply(reply: unavailable("shutting_down", nil)))
            }
        }
    }

    /// A stream may be resumed while its session drains, so an ending session is found here where a POST would not.
    private func streamOwner(_ call: Call) async -> Result<Session, RefusedReply> {
        switch await find(call.headers.sessionID ?? "", call) {
        case .live(let session): return .success(session)
        case .ended, .unknown:
            metrics.refused("unknown_session")
            return .failure(RefusedReply(reply: sessionNotFound(nil)))
        case .noRoom: return .failure(RefusedReply(reply: unavailable("no_room", nil)))
        }
    }

    private func refused(_ status: Int, _ message: String, retryAfter: Int? = nil) -> Result<ReplyStream, RefusedReply>
    {
        var reply = refuse(.invalidRequest(message), status: status, nil)
        reply.retryAfter = retryAfter
        return .failure(RefusedReply(reply: reply))
    }

    // MARK: DELETE

    func end(_ call: Call) async -> Reply {
        guard configuration.sessions else {
            return Reply(.notAllowed(allow: "POST, OPTIONS"), method: "DELETE", outcome: "rejected")
        }
        if let refused = refusedByVersion(call, "DELETE") { return refused }
        guard let id = call.headers.sessionID, !id.isEmpty else {
            return refuse(.invalidRequest("DELETE needs the Mcp-Session-Id of the session to end"), status: 400, nil)
        }
        switch await find(id, call) {
        case .unknown:
            metrics.refused("unknown_session")
            return sessionNotFound(nil)
        case .ended: break
        case .live(let session):
            _ = session.drain(.delete)
            await forget(session.key)
            return Reply(.ended, method: "DELETE", outcome: "result", session: session)
        case .noRoom: await forget(SessionDirectory.key(of: id))
        }
        return Reply(.ended, method: "DELETE", outcome: "result")
    }

    func forget(_ key: SessionKey) async {
        do {
            try await metrics.timingStore("session_end") { try await store.end(key, at: time.date) }
        } catch {
            logger.error("session.not_stored", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Drains

    func sessionDraining(_ session: Session, _ account: DrainAccount) {
        if account.cause == .idle { logger.info("session.expired", metadata: ["session": "\(session.mark)"]) }
        logger.log(level: Self.level(of: account), "session.drain_started", metadata: Self.metadata(session, account))
        guard account.inFlight > 0, account.cause != .shutdown else { return }
        _ = deadlines.schedule(after: configuration.limits.drainGrace) { session.expire(Self.sessionEnded) }
    }

    /// A shutdown suspends thousands of idle sessions; only those that were owed something are news.
    private static func level(of account: DrainAccount) -> Logger.Level {
        account.cause.endsSession || account.inFlight > 0 ? .info : .debug
    }

    private static func metadata(_ session: Session, _ account: DrainAccount) -> Logger.Metadata {
        [
            "session": "\(session.mark)", "cause": "\(account.cause.rawValue)",
            "in_flight": .stringConvertible(account.inFlight),
        ]
    }

    private static let sessionEnded = RPCError.internalError(
        "The session ended before this request finished, and its time to finish is over")
    private static let serverStopped = RPCError.internalError(
        "The server stopped before this request finished; send it again")

    func sessionRestored(_ session: Session) {
        metrics.restored()
        logger.info(
            "session.restored", metadata: ["session": "\(session.mark)", "version": "\(session.version.rawValue)"])
        for uri in session.subscriptions {
            guard let upstream = catalog.current.owner(ofResource: uri), upstream.watchesResources else { continue }
            _ = host.start { _ in try? await upstream.watch(uri, for: .session(session.key), of: session.owner) }
        }
    }

    func sessionClosed(_ session: Session, _ account: DrainAccount) {
        metrics.drained(account)
        for upstream in catalog.upstreams { upstream.sessionEnded(session.key) }
        var metadata = Self.metadata(session, account)
        metadata["delivered"] = .stringConvertible(account.delivered)
        metadata["failed"] = .stringConvertible(account.failed)
        metadata["milliseconds"] = .stringConvertible((time.now - account.started).milliseconds)
        logger.log(level: Self.level(of: account), "session.drain_completed", metadata: metadata)
    }

    // MARK: Housekeeping

    /// Ends sessions idle for too long, tells the store what is alive, and has it forget what is not.
    package func sweep() async {
        let limits = configuration.limits
        let date = time.date
        for session in directory.live {
            guard session.drain(.idle, ifIdleFor: limits.idleExpiry) != nil else { continue }
            await forget(session.key)
        }
        await saveSeen()
        // A shutdown may be about to tell the store of sessions that seem idle there until it has.
        guard isReady else { return }
        do {
            let gone = try await metrics.timingStore("session_sweep") {
                try await store.sweep(
                    idleSince: date.addingTimeInterval(-limits.idleExpiry.seconds),
                    endedBefore: date.addingTimeInterval(-limits.tombstone.seconds), keep: limits.storedSessions)
            }
            if gone > 0 { logger.debug("sessions.swept", metadata: ["count": "\(gone)"]) }
        } catch {
            logger.error("sessions.not_swept", metadata: ["error": "\(error)"])
        }
    }

    private func saveSeen() async {
        let date = time.date
        var seen: [SessionKey: Date] = [:]
        for session in directory.live {
            if let last = session.takeUnsavedSeen(date: date) { seen[session.key] = last }
        }
        guard !seen.isEmpty else { return }
        do {
            let batch = seen
            try await metrics.timingStore("session_touch") { try await store.touch(batch) }
        } catch {
            logger.error("sessions.not_stored", metadata: ["error": "\(error)"])
        }
    }

    private func sweepRegularly() async {
        let interval = min(.seconds(60), max(.milliseconds(250), configuration.limits.idleExpiry / 8))
        while !Task.isCancelled {
            do { try await time.sleep(for: interval) } catch { return }
            await sweep()
        }
    }

    // MARK: Shutdown

    /// Refuses new work, lets what runs finish within the grace, answers the rest with an error. Sessions live on in
    /// the store.
    package func shutdown() async {
        ledger.close()
        let sessions = directory.live
        logger.info(
            "server.draining",
            metadata: [
                "in_flight": .stringConvertible(ledger.count), "sessions": .stringConvertible(sessions.count),
            ])
        listens.endAll()
        await saveSeen()
        for session in sessions {
            _ = session.drain(.shutdown)
        }
        await either {
            await self.ledger.waitUntilEmpty()
        } or: {
            try? await self.time.sleep(for: self.configuration.limits.shutdownGrace)
        }
        await tasks.stop()
        for session in directory.live { session.expire(Self.serverStopped) }
        for exchange in ledger.exchanges { exchange.fail(Self.serverStopped, as: .expired) }
        logger.info("server.drained")
    }

    /// Runs everything that outlives a request. Must shut down after the HTTP server, whose replies it feeds.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.host.run() }
            group.addTask {
                // What the store takes its time for holds up nobody's call.
                await self.tasks.sweep()
                await self.tasks.run()
            }
            group.addTask { await self.deadlines.run() }
            group.addTask { await self.sweepRegularly() }
            try? await gracefulShutdown()
            self.host.stop()
            group.cancelAll()
        }
    }
}

/// The gateway as a service: first in the list, so that it stops last.
package struct GatewayService: Service {
    private let gateway: Gateway
    package init(_ gateway: Gateway) { self.gateway = gateway }
    package func run() async { await gateway.run() }
}

/// The drain as a service: last in the list, so that it comes first when the server is told to stop.
package struct DrainService: Service {
    private let gateway: Gateway
    package init(_ gateway: Gateway) { self.gateway = gateway }
    package func run() async throws {
        try await gracefulShutdown()
        await gateway.shutdown()
    }
}
