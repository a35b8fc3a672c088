import NIOCore

/// Stands nearest to the socket. When the server stops, a connection without a request is closed at once, and what its
/// client has not read yet would be lost with it: the answer is given, but still in our buffers. So the end waits until
/// all that was written has left.
final class LastWordsHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: TimeAmount
    private var isStopping = false

    /// - Parameter limit: How long a client that does not read is waited for.
    init(limit: TimeAmount) {
        self.limit = limit
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { isStopping = true }
        context.fireUserInboundEventTriggered(event)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isStopping, mode == .all else {
            context.close(mode: mode, promise: promise)
            return
        }
        isStopping = false
        let box = NIOLoopBound(context, eventLoop: context.eventLoop)
        let givenUp = context.eventLoop.scheduleTask(in: limit) { box.value.close(mode: mode, promise: nil) }
        // Writes leave in their order: this one after all others.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            givenUp.cancel()
            box.value.close(mode: mode, promise: promise)
        }
    }
}
