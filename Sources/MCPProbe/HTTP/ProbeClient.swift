import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One request, as it is to be sent.
struct HTTPQuestion: Sendable {
    var method: HTTPMethod
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]?
}

/// Sends requests and never waits for ever: each has a limit of its own, and all have one together. It throws nothing;
/// whatever a server does is an observation.
final class ProbeClient: Sendable {
    private let client: HTTPClient
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    /// When the whole probe must be over, from its start.
    private let limit: Duration

    init(limit: Duration) {
        self.limit = limit
        began = clock.now
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(6)
        configuration.connectionPool = HTTPClient.Configuration.ConnectionPool(
            // Below what servers keep: a connection that they close just as it is used would look like a lost answer.
            idleTimeout: .seconds(1), concurrentHTTP1ConnectionsPerHostSoftLimit: 64)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async { try? await client.shutdown() }

    /// Since the start of the probe.
    var now: Duration { clock.now - began }

    var isOutOfTime: Bool { now >= limit }

    /// Waits, unless the probe is over before.
    func pause(_ time: Duration) async {
        guard time > .zero else { return }
        try? await clock.sleep(for: min(time, max(limit - now, .zero)), tolerance: .zero)
    }

    func send(
        _ question: HTTPQuestion, within time: Duration, for interest: HTTPRecording.Interest = .whole
    ) async -> HTTPReply {
        let sent = now
        let until = min(sent + time, limit)
        let recording = HTTPRecording(sent: sent, until: until, for: interest)
        await withTaskGroup { group in
            group.addTask { await self.read(question, into: recording) }
            group.addTask { await self.watch(recording) }
            await group.next()
            group.cancelAll()
        }
        return recording.reply(stoppedAt: now, limit: until)
    }

    private func watch(_ recording: HTTPRecording) async {
        while true {
            let rest = recording.wantedUntil - now
            guard rest > .zero else { return }
            // What is wanted can become less meanwhile.
            do { try await clock.sleep(for: min(rest, .milliseconds(25))) } catch { return }
        }
    }

    private func read(_ question: HTTPQuestion, into recording: HTTPRecording) async {
        var request = HTTPClientRequest(url: question.url)
        request.method = question.method
        for (name, value) in question.headers { request.headers.add(name: name, value: value) }
        if let body = question.body { request.body = .bytes(body) }
        do {
            let response = try await client.execute(request, deadline: .now() + .hours(1))
            recording.began(Int(response.status.code), response.headers, at: now)
            for try await part in response.body {
                if !recording.add(part.readableBytesView, at: now) { break }
            }
            if !Task.isCancelled { recording.finish(.complete, at: now) }
        } catch {
            if !Task.isCancelled { recording.finish(.broken(HTTPReply.Trouble(error)), at: now) }
        }
    }
}

extension HTTPReply.Trouble {
    init(_ error: any Error) {
        switch error {
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: self = .tls(Excerpt.of("\(error)"))
        case is HTTPParserError: self = .notHTTP(Excerpt.of("\(error)"))
        case let error as HTTPClientError where error == .connectTimeout: self = .unreachable("no connection in time")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            self = .closed("the connection was closed before the response was whole")
        case let error as HTTPClientError where error == .tlsHandshakeTimeout: self = .tls("no handshake in time")
        case let error as HTTPClientError: self = .closed(error.shortDescription)
        case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
            self = .closed("the connection was reset")
        default: self = .unreachable(Excerpt.of("\(error)"))
        }
    }
}
