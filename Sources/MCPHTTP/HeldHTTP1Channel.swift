import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1, with every connection held until it is closed, whether anybody serves it or not. One that is accepted while
/// the server stops listening comes to nobody, and what NIO then frees without having been used ends the process
/// (apple/swift-nio#2813).
struct HeldHTTP1Channel: ServerChildChannel {
    private let http: HTTP1Channel

    init(_ http: HTTP1Channel) {
        self.http = http
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http.setup(channel: channel, logger: logger).map { value in
            channel.closeFuture.whenComplete { _ in withExtendedLifetime(value) {} }
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await http.handle(value: value, logger: logger)
    }
}
