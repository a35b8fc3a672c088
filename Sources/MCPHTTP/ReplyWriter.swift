import HTTPTypes
import Hummingbird
import MCPEngine
import MCPProtocol
import NIOCore

/// Turns a reply into an HTTP response. It only reads: nothing that happens to a connection reaches the work behind it.
struct ReplyWriter: Sendable {
    let configuration: HTTPConfiguration
    let gateway: Gateway
    let connections: Connections
    let onRequest: @Sendable (RequestLine) -> Void

    func response(to visit: Visit, admission: Admission, reply: Reply) async -> Response {
        var fields = HTTPFields()
        fields.reserveCapacity(8)
        if let session = reply.session { fields[.mcpSessionID] = session.id }
        if let seconds = reply.retryAfter { fields[.retryAfter] = String(seconds) }
        if let challenge = reply.challenge { fields[.wwwAuthenticate] = challenge }
        let log = Log(visit: visit, admission: admission, reply: reply, gateway: gateway, onRequest: onRequest)
        switch reply.content {
        case .accepted:
            log(202, reply.outcome, "none")
            return Response(status: .accepted, headers: fields)
        case .ended:
            log(200, reply.outcome, "none")
            return Response(status: .ok, headers: fields)
        case .notAllowed(let allow):
            fields[.allow] = allow
            log(405, reply.outcome, "none")
            let message = "This endpoint takes \(allow) here; a GET stream needs the Mcp-Session-Id of a session"
            return json(
                visit, Wire.error(.invalidRequest(message), id: nil, era: .handshake), .methodNotAllowed, &fields)
        case .message(let bytes, let status):
            let accepts = Accepts(visit.headers.value(.accept))
            if accepts.onlySSE, status == 200 {
                log(status, reply.outcome, "sse")
                return sse(visit, single: bytes, fields)
            }
            log(status, reply.outcome, "json")
            return json(visit, bytes, HTTPResponse.Status(code: status), &fields)
        case .stream(let stream):
            return await respond(to: visit, stream, &fields, log)
        }
    }

    /// How a request is accounted for when it is over.
    private struct Log: Sendable {
        let visit: Visit
        let admission: Admission
        let reply: Reply
        let gateway: Gateway
        let onRequest: @Sendable (RequestLine) -> Void

        func callAsFunction(_ status: Int, _ outcome: String, _ mode: String) {
            visit.finished(
                status: status, era: reply.era, method: reply.method, outcome: outcome, mode: mode,
                principal: admission.principal, session: reply.session, gateway: gateway, onRequest: onRequest)
        }
    }

    private func json(
        _ visit: Visit, _ bytes: [UInt8], _ status: HTTPResponse.Status, _ fields: inout HTTPFields
    ) -> Response {
        fields[.contentType] = "application/json"
        fields[.cacheControl] = "no-store"
        // Added later it would cost a copy of all of them.
        fields[.contentLength] = String(bytes.count)
        let buffer = ByteBuffer(bytes: bytes)
        guard bytes.count > TimedWriter.piece else {
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: buffer))
        }
        // In pieces, so that a client which does not take them is noticed.
        let timed = timed(visit)
        return Response(
            status: status, headers: fields,
            body: ResponseBody(contentLength: bytes.count) { writer in
                var rest = buffer
                while let piece = rest.readSlice(length: min(TimedWriter.piece, rest.readableBytes)),
                    piece.readableBytes > 0
                {
                    try await timed.write(piece, to: &writer)
                }
                try await timed.finish(&writer)
            })
    }

    // MARK: JSON, if the answers come first and soon

    private func respond(
        to visit: Visit, _ stream: ReplyStream, _ fields: inout HTTPFields, _ log: Log
    ) async -> Response {
        guard case .answers(let isBatch) = stream.kind else { return sse(visit, stream, fields, log) }
        let accepts = Accepts(visit.headers.value(.accept))
        guard !accepts.onlySSE, let answers = await answers(of: stream, visit, patient: !accepts.sse, batch: isBatch)
        else {
            return sse(visit, stream, fields, log)
        }
        guard !isBatch else {
            log(200, stream.outcome(), "json")
            var writer = JSONWriter()
            writer.beginArray()
            for answer in answers { writer.raw(answer.payload) }
            writer.endArray()
            return json(visit, writer.bytes, .ok, &fields)
        }
        let status = answers.first?.status ?? 200
        log(status, stream.outcome(), "json")
        return json(visit, answers.first?.payload ?? [], HTTPResponse.Status(code: status), &fields)
    }

    /// All answers, if nothing else comes before them within the wait. A client that takes only JSON waits for them
    /// however long they take (every call has a time limit), and misses what comes before.
    private func answers(
        of stream: ReplyStream, _ visit: Visit, patient: Bool, batch isBatch: Bool
    ) async -> [EventLog.Event]? {
        // Who is not heard of again is not waited for where that means something (H-86).
        var watch: Connections.Watch?
        if let whenClosed = stream.whenClosed {
            watch = connections.watch(visit.context.channel) { [log = stream.log, reader = stream.reader] _ in
                whenClosed()
                log.dismiss(reader)
            }
        }
        defer { if let watch { connections.unwatch(watch) } }
        var answers: [EventLog.Event] = []
        var position = stream.after
        while true {
            let read = await stream.log.next(
                for: stream.reader, after: position, within: patient ? nil : configuration.jsonWait,
                deadlines: gateway.deadlines, canPause: !patient && stream.canPause)
            switch read {
            case .event(let event):
                position = event.position
                if event.isAnswer { answers.append(event) } else if !patient { return nil }
                // One request has one answer, and nothing after it.
                if event.isAnswer, !isBatch { return answers }
            case .gap(let oldest): position = oldest - 1
            case .end: return answers
            case .quiet, .dismissed: return nil
            }
        }
    }

    // MARK: SSE

    private func sse(_ visit: Visit, single bytes: [UInt8], _ fields: HTTPFields) -> Response {
        let timed = timed(visit)
        return Response(
            eventStream: ResponseBody { writer in
                try await timed.write(SSEEncoder.event(bytes, id: nil), to: &writer)
                try await timed.finish(&writer)
            }, headers: fields)
    }

    private func timed(_ visit: Visit) -> TimedWriter {
        TimedWriter(channel: visit.context.channel, limit: configuration.writeTimeout, deadlines: gateway.deadlines)
    }

    private func sse(_ visit: Visit, _ stream: ReplyStream, _ fields: HTTPFields, _ log: Log) -> Response {
        let stream = gateway.streamBegan(stream)
        let lease = StreamLease { [gateway] outcome in
            gateway.streamEnded(stream)
            if outcome == "hangup" { gateway.metrics.hangup() }
            log(200, outcome, "sse")
        }
        let body = StreamBody(
            stream: stream, admission: log.admission, readmission: Readmission(visit, configuration),
            timed: timed(visit), configuration: configuration, gateway: gateway, connections: connections)
        return Response(
            eventStream: ResponseBody { writer in
                // An error here is a connection that broke; the lease knows without being told.
                defer { lease.end(outcome: "hangup") }
                lease.end(outcome: try await body.write(to: &writer))
            }, headers: fields)
    }
}

/// What the client says it can read. Missing, `*/*` and anything unknown mean JSON: nobody gets a 406 (R9).
struct Accepts: Equatable {
    var sse = false
    var json = false

    init(_ header: String?) {
        var rest = (header ?? "*/*")[...]
        while !rest.isEmpty {
            let end = rest.utf8.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
            let type = MediaType(rest[..<end])
            rest = Substring(rest.utf8[end...].dropFirst())
            if type.names("text/event-stream") || type.names("text/*") { sse = true }
            if type.names("application/json") || type.names("application/*") || type.names("*/*") { json = true }
        }
    }

    var onlySSE: Bool { sse && !json }
}
