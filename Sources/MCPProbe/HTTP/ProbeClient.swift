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
    /// Without telling beforehand how long the body is.
    var isChunked = false
}

/// Sends requests and never waits for ever: each has a limit of its own, and all have one together. It throws nothing;
/// whatever a server does is an observation.
final class ProbeClient: Sendable {
    private let client: HTTPClient
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    /// When the whole probe must be over, from its start.
    private let limit: Duration
    private let authorities: String?
    /// What is asked of certificates.
    let tls: TLSConfiguration

    /// - Parameters:
    ///   - authorities: A PEM file with authorities that are trusted as well.
    ///   - connections: At once.
    init(limit: Duration, authorities: String? = nil, connections: Int = 64) {
        (self.limit, self.authorities) = (limit, authorities)
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorities { tls.additionalTrustRoots = [.file(authorities)] }
        self.tls = tls
        began = clock.now
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.tlsConfiguration = tls
        configuration.timeout.connect = .seconds(6)
        configuration.connectionPool = HTTPClient.Configuration.ConnectionPool(
            // Below what servers keep: a connection that they close just as it is used would look like a lost answer.
            idleTimeout: .seconds(1), concurrentHTTP1ConnectionsPerHostSoftLimit: connections)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Whether certificates can be read from a file.
    static func canTrust(_ path: String) -> Bool { (try? NIOSSLCertificate.fromPEMFile(path).isEmpty) == false }

    func shutdown() async { try? await client.shutdown() }

    /// Another with the same rules that waits for its one connection. Its time begins anew.
    func onOneConnection() -> ProbeClient {
        ProbeClient(limit: min(.seconds(20), max(limit - now, .zero)), authorities: authorities, connections: 1)
    }

    /// Since the start of the probe.
    var now: Duration { clock.now - began }

    var isOutOfTime: Bool { now >= limit }

    /// Waits, unless the probe is over before.
    func pause(_ time: Duration) async {
        guard time > .zero else { return }
        try? await clock.sleep(for: min(time, max(limit - now, .zero)), tolerance: .zero)
    }

    /// - Parameter begun: Fires when the head of the response is there, or is not going to be.
    func send(
        _ question: HTTPQuestion, within time: Duration, for interest: HTTPRecording.Interest = .whole,
        begun: Signal? = nil
    ) async -> HTTPReply {
        let sent = now
        let until = min(sent + time, limit)
        let recording = HTTPRecording(sent: sent, until: until, for: interest, begun: begun)
        defer { begun?.fire() }
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
        if let body = question.body {
            request.body = question.isChunked ? .bytes(body, length: .unknown) : .bytes(body)
        }
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
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: self = .tls(Self.reason(error))
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

    /// What the library found, without where in itself.
    private static func reason(_ error: any Error) -> String {
        let text = "\(error)"
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return Excerpt.of(text) }
        let name = text[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return "the handshake failed: " + name.split(separator: "_").joined(separator: " ").lowercased()
    }
}
