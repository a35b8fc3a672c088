package import MCPProtocol

/// Anything that can answer: Swift tools in this process, a child process, a remote server.
package protocol Upstream: Sendable {
    /// A configured name, unique among upstreams; a metric label and a part of messages to people.
    var name: String { get }

    /// What it offers now. Called when it is added and after every ``UpstreamObserver/offerChanged(of:)``.
    func offer() async throws -> Offer

    /// Runs a tool and returns the result object's bytes, in the shape of `exchange.version`.
    ///
    /// Throws ``RPCError`` for a protocol error, ``ToolError`` for a failure the model should read, and
    /// `CancellationError` when its task was cancelled.
    func callTool(_ name: String, params: JSON, on exchange: Exchange) async throws -> [UInt8]
}

/// What one upstream has to offer, in the order in which it should be shown.
package struct Offer: Equatable, Sendable {
    package var tools: [Tool]
    package init(tools: [Tool]) { self.tools = tools }
}

/// A tool's failure in words meant for the model: it becomes a result with `isError`.
public struct ToolError: Error, Sendable {
    public var message: String
    public init(_ message: String) { self.message = message }
}
