package import Hummingbird

/// Paths of ours that are neither the MCP endpoint's nor an operator's. The `Host` was checked; the `Origin` was not, and
/// nobody was asked who they are.
package protocol PublicRoutes: Sendable {
    /// Nil when the path is none of these.
    func respond(to request: Request) async throws -> Response?
}
