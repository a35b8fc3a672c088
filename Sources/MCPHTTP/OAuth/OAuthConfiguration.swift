package import MCPEngine

/// The authorization server as the near side shows it.
package struct OAuthConfiguration: Sendable {
    package var server: AuthorizationServer
    /// The largest body of a form or a registration, in bytes.
    package var maxForm: Int
    /// The issuer's host, for people.
    package var site: String

    package init(server: AuthorizationServer, maxForm: Int, site: String) {
        self.server = server
        self.maxForm = maxForm
        self.site = site
    }

    /// Without TLS there is no `__Host-`; that is for this machine only.
    var isSecure: Bool { server.identity.issuer.hasPrefix("https:") }
}
