import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOTLS

/// A connection without a client on it: to look at how it is secured, or to be dropped at will.
enum BareConnection {
    typealias Examiner = @Sendable ([NIOSSLCertificate], EventLoopPromise<NIOSSLVerificationResult>) -> Void

    private static let limit = TimeAmount.seconds(5)

    /// Connects, and with `https` waits for the end of the handshake.
    /// - Parameter examining: Decides about the certificates in place of the usual rules.
    static func open(
        to target: ProbeTarget, _ tls: TLSConfiguration, examining: Examiner? = nil
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(limit)
        guard target.scheme == "https" else {
            return try await bootstrap.connect(host: target.host, port: target.port).get()
        }
        let context = try NIOSSLContext(configuration: tls)
        let name = ProbeTarget.isAddress(target.host) ? nil : target.host
        let secured = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await bootstrap.channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler =
                        try examining.map {
                            try NIOSSLClientHandler(
                                context: context, serverHostname: name, customVerificationCallback: $0)
                        } ?? NIOSSLClientHandler(context: context, serverHostname: name)
                    try channel.pipeline.syncOperations.addHandlers(handler, HandshakeWatch(secured))
                }
            }.connect(host: target.host, port: target.port).get()
        } catch {
            secured.fail(error)
            throw error
        }
        let watch = channel.eventLoop.scheduleTask(in: limit) { secured.fail(ChannelError.connectTimeout(limit)) }
        defer { watch.cancel() }
        do {
            try await secured.futureResult.get()
        } catch {
            channel.close(promise: nil)
            throw error
        }
        return channel
    }
}

extension ProbeClient {
    /// Sends a request, or the beginning of one, and is gone before an answer can come.
    /// - Parameter missing: How many bytes of the body are announced and not sent.
    /// - Returns: Whether it was sent.
    func hangUp(after question: HTTPQuestion, to target: ProbeTarget, missing: Int = 0) async -> Bool {
        let body = question.body ?? []
        var lines = ["\(question.method.rawValue) \(target.resource) HTTP/1.1", "Host: \(target.authority)"]
        lines += question.headers.map { "\($0.name): \($0.value)" }
        if question.body != nil { lines.append("Content-Length: \(body.count + missing)") }
        do {
            let channel = try await BareConnection.open(to: target, tls)
            let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
            try? await channel.close()
            return true
        } catch {
            return false
        }
    }
}

/// Tells how the handshake went.
private final class HandshakeWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { promise.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
