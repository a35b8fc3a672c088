import Hummingbird
import MCPEngine
import MCPProtocol
import NIOCore

/// Writes one log to one connection as server-sent events, until the log ends or the connection does.
struct StreamBody: Sendable {
    let stream: ReplyStream
    let admission: Admission
    let readmission: Readmission
    let timed: TimedWriter
    let configuration: HTTPConfiguration
    let gateway: Gateway
    let connections: Connections

    /// Returns how it ended: the outcome for the log line and the metrics.
    func write(to writer: inout any ResponseBodyWriter) async throws -> String {
        let watch = connections.watch(timed.channel) { [stream] event in
            // After its POST a client may close its side and still read the answer. With a GET it has nothing else to
            // say, and in the per-request era closing is what says that the answer is not wanted.
            if event == .closed || stream.kind == .listening || stream.whenClosed != nil {
                stream.log.dismiss(stream.reader)
            }
        }
        defer { connections.unwatch(watch) }
        let expiry = expiry()
        defer { if let expiry { gateway.deadlines.cancel(expiry) } }
        try await begin(&writer)
        let outcome = try await events(to: &writer)
        try await timed.finish(&writer)
        return outcome
    }

    /// What only listens ends with its token, so that the client comes back with a fresh one; an answer that is under
    /// way is still delivered.
    private func expiry() -> Deadlines.Token? {
        isListening ? gateway.whenExpired(admission) { expire() } : nil
    }

    private var isListening: Bool { stream.kind == .listening || stream.kind == .subscription }

    private func expire() {
        if let conclude = stream.conclude { conclude() } else { stream.log.dismiss(stream.reader) }
    }

    /// Something at once, so that no proxy holds the headers back.
    private func begin(_ writer: inout any ResponseBodyWriter) async throws {
        if case .answers = stream.kind, stream.version.sendsPrimingEvent, let id = stream.eventID(at: 0) {
            try await send(SSEEncoder.priming(id, retry: stream.log.pause), to: &writer)
        } else {
            try await send(SSEEncoder.comment("stream open"), to: &writer)
        }
    }

    private func events(to writer: inout any ResponseBodyWriter) async throws -> String {
        var position = stream.after
        var isFirst = true
        var readmission = readmission
        while true {
            if isListening, await readmission.falls() { expire() }
            let read = await stream.log.next(
                for: stream.reader, after: position, within: configuration.keepAlive, deadlines: gateway.deadlines,
                canPause: stream.canPause)
            switch read {
            case .event(let event):
                position = event.position
                try await send(SSEEncoder.event(event.payload, id: stream.eventID(at: position)), to: &writer)
            case .quiet:
                try await send(SSEEncoder.comment("keep-alive"), to: &writer)
            case .gap(let oldest):
                // A resume gets what is left, the answer above all. A live reader of a kept stream that fell behind is
                // cut off and may resume; without a session there is nothing to resume, so it skips what is gone.
                guard isFirst || stream.session == nil else { return try await cut() }
                try await send(SSEEncoder.comment("some events are no longer kept"), to: &writer)
                position = oldest - 1
            case .end:
                if !gateway.isReady, stream.kind == .listening {
                    // Spread, so that a restart is not followed by everybody at once.
                    try await send(SSEEncoder.retry(milliseconds: .random(in: 500...3000)), to: &writer)
                }
                return stream.outcome()
            case .dismissed:
                if stream.canPause, let pause = stream.log.takePause() {
                    try await send(SSEEncoder.retry(milliseconds: pause.milliseconds), to: &writer)
                    return "paused"
                }
                return timed.channel.isActive ? "replaced" : "hangup"
            }
            isFirst = false
        }
    }

    private func cut() async throws -> String {
        try await timed.channel.close().get()
        return "too_slow"
    }

    private func send(_ buffer: ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
        try await timed.write(buffer, to: &writer)
    }
}
