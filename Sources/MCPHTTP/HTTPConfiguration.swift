import MCPEngine

/// How the near side behaves; the program's settings fill it in.
package struct HTTPConfiguration: Sendable {
    package var host = "127.0.0.1"
    package var port = 8080
    package var path = "/mcp"
    /// The transport of 2024-11-05; nil when it is not offered.
    package var twoEndpoints: TwoEndpoints?
    package var origins = OriginGuard(allowed: [])
    package var hosts = HostGuard.any
    package var access = Access.open(.local)
    /// Paths beside the endpoint's that anyone may ask for, from any web page: what OAuth publishes.
    package var publicRoutes: [any PublicRoutes] = []
    package var maxBody = 4 << 20
    package var maxHeaderBytes = 64 << 10
    package var maxConnections = 8192
    /// How long a POST waits for its answer before its reply becomes a stream.
    package var jsonWait: Duration = .seconds(1)
    /// Between comments on a stream that has nothing to say.
    package var keepAlive: Duration = .seconds(15)
    /// How long a client may refuse to take what is written to it.
    package var writeTimeout: Duration = .seconds(60)
    package var idleConnectionTimeout: Duration = .seconds(120)
    /// Told of every request when it is over; must not block. Nil for a line to the logger.
    package var onRequest: (@Sendable (RequestLine) -> Void)?

    package init() {}

    func isEndpoint(_ path: String) -> Bool { Self.path(path, names: self.path) }

    /// A trailing slash is served in place: some clients do not follow redirects (R26).
    static func path(_ path: String, names wanted: String) -> Bool {
        path == wanted || (path.hasSuffix("/") && path.dropLast() == wanted)
    }
}

/// Where the transport of 2024-11-05 is found: one path for its stream, one for the client's messages.
package struct TwoEndpoints: Sendable {
    package var stream: String
    package var messages: String
    /// What stands before the paths in the eyes of clients, when a proxy adds it.
    package var prefix: String

    package init(stream: String, messages: String, prefix: String = "") {
        self.stream = stream
        self.messages = messages
        self.prefix = prefix
    }
}
