package import FoundationEssentials

/// Where a remote server is, and what it is sent beside the protocol's own.
package struct RemoteServer: Sendable {
    package let url: URL
    /// Sent with everything. Nothing of a client's request is ever among it (B-104).
    package let headers: [(name: String, value: String)]
    package let credentials: UpstreamCredentials?
    package let limits: RemoteLimits

    /// - Parameter requiresTLS: Refuses `http:`.
    package init(
        url text: String, headers: [(name: String, value: String)] = [], credentials: UpstreamCredentials? = nil,
        requiresTLS: Bool = false, limits: RemoteLimits = RemoteLimits()
    ) throws(RemoteServerError) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host(), !host.isEmpty
        else { throw RemoteServerError("is not an absolute URL") }
        guard scheme == "https" || scheme == "http" else {
            throw RemoteServerError("must begin with https: or http:")
        }
        guard scheme == "https" || !requiresTLS else {
            throw RemoteServerError("must begin with https:, because TLS is required")
        }
        guard url.user() == nil, url.password() == nil else {
            throw RemoteServerError("must not contain a user or a password; give credentials instead")
        }
        guard url.fragment() == nil else { throw RemoteServerError("must not have a fragment") }
        for (name, value) in headers {
            guard HeaderText.isName(name) else { throw RemoteServerError("has a header with a bad name: \(name)") }
            guard HeaderText.isValue(value) else {
                throw RemoteServerError("has a header with characters that none may have: \(name)")
            }
            guard !HeaderText.isOurs(name) else {
                throw RemoteServerError("must not be given a header that is set here: \(name)")
            }
        }
        self.url = url
        self.headers = headers
        self.credentials = credentials
        self.limits = limits
    }

    /// For people: the address may have a secret behind its path.
    var origin: String { Origin(url)?.description ?? "the server" }
}

/// What is wrong with it, as the end of a sentence that begins with the server's address or name.
package struct RemoteServerError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Bounds on what one remote server may use.
package struct RemoteLimits: Sendable {
    /// For a connection.
    package var connect: Duration = .seconds(10)
    /// From a request to the first byte of its response.
    package var firstByte: Duration = .seconds(600)
    /// Between two pieces of a response.
    package var idle: Duration = .seconds(300)
    /// For the answer to the first message.
    package var probe: Duration = .seconds(10)
    /// For a session to be ended.
    package var close: Duration = .seconds(5)
    /// The most bytes of a message.
    package var message = 64 << 20
    /// Responses that are open at once; a connection carries one at a time.
    package var connections = 512
    /// How often in a row a stream that brought nothing new is taken up again.
    package var resumes = 64
    /// Before the stream of what belongs to no request is opened again; longer and longer when that fails.
    package var reopen: Duration = .seconds(1)

    package init() {}
}

/// Scheme, host and port of a URL (RFC 6454).
struct Origin: Hashable, CustomStringConvertible {
    private let scheme: String
    private let host: String
    private let port: Int

    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let host = url.host()?.lowercased(), !host.isEmpty else {
            return nil
        }
        self.scheme = scheme
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    var description: String { "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
