package import Logging
package import MCPEngine

/// Streamable HTTP to a remote server, of either era.
package struct HTTPTransport: UpstreamTransport {
    package let hasStreamPerRequest = true
    package var probeTime: Duration { client.server.limits.probe }
    private let client: RemoteClient

    package init(_ server: RemoteServer) {
        client = RemoteClient(server)
    }

    /// Servers from before Streamable HTTP are spoken to in their own way, at the same URL.
    package var fallback: (any UpstreamTransport)? { TwoEndpointTransport(client.server) }

    package func open(
        on host: SessionHost, _ receiver: LinkReceiver, logger: Logger
    ) async throws(LinkFailure) -> any UpstreamLink {
        // A token that cannot be read is found out here.
        _ = try client.headers()
        return HTTPLink(client, try HTTPTarget(client.server.url), host, receiver, logger)
    }
}
