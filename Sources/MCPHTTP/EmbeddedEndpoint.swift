package import Hummingbird
package import Logging
package import MCPEngine
package import NIOCore

/// The MCP endpoint as a part of somebody else's Hummingbird application, which has routed a request here.
package struct EmbeddedEndpoint: Sendable {
    private let endpoint: Endpoint
    private let connections = Connections()

    package init(configuration: HTTPConfiguration, gateway: Gateway, logger: Logger) {
        endpoint = Endpoint(configuration, gateway, connections, metricsText: { "" }, logger: logger)
    }

    /// - Parameter channel: The connection that the request came on.
    package func respond(to request: Request, channel: any Channel) async throws -> Response {
        if connections.adopt(ObjectIdentifier(channel)) {
            try await channel.eventLoop.submit { [connections] in
                try channel.pipeline.syncOperations.addHandler(CloseWatchHandler(connections))
            }.get()
        }
        return try await endpoint.respond(
            Visit(request: request, context: MCPContext(channel: channel)), isEndpoint: true)
    }
}

/// Reports the end of a connection whose pipeline is not ours.
private final class CloseWatchHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let connections: Connections

    init(_ connections: Connections) {
        self.connections = connections
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // It may have ended in the meantime.
        if !context.channel.isActive { connections.happened(.closed, to: ObjectIdentifier(context.channel)) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connections.happened(.closed, to: ObjectIdentifier(context.channel))
    }

    func channelInactive(context: ChannelHandlerContext) {
        connections.happened(.closed, to: ObjectIdentifier(context.channel))
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            connections.happened(.inputClosed, to: ObjectIdentifier(context.channel))
        }
        context.fireUserInboundEventTriggered(event)
    }
}
