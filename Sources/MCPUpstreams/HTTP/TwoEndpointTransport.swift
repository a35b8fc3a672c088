package import Logging
package import MCPEngine

/// HTTP+SSE of 2024-11-05: everything of the server's comes on one stream, and names where to send (H-20).
package struct TwoEndpointTransport: UpstreamTransport {
    package let hasStreamPerRequest = false
    package var probeTime: Duration { client.server.limits.probe }
    private let client: RemoteClient

    package init(_ server: RemoteServer) {
        client = RemoteClient(server)
    }

    /// Returns when the server has said where to send. Throws ``LinkFailure/Kind/status(_:)`` or
    /// ``LinkFailure/Kind/malformed`` when it does not speak this.
    package func open(
        on host: SessionHost, _ receiver: LinkReceiver, logger: Logger
    ) async throws(LinkFailure) -> any UpstreamLink {
        let link = TwoEndpointLink(client, try HTTPTarget(client.server.url), host, receiver, logger)
        try await link.open()
        return link
    }
}
