import AsyncHTTPClient
import NIOCore

/// The connections to all remote servers, kept alive between requests. They live as long as the process.
enum HTTPConnections {
    static let loops: any EventLoopGroup = HTTPClient.defaultEventLoopGroup

    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        // Those that are allowed are followed by whoever sends the request, which knows its headers.
        configuration.redirectConfiguration = .disallow
        // Longer than any server's own bound, which ``HTTPRoundTrip`` keeps.
        configuration.timeout.connect = .seconds(60)
        configuration.connectionPool = HTTPClient.Configuration.ConnectionPool(
            // Below the five seconds of uvicorn and Node, which would otherwise close connections just as they are used.
            idleTimeout: .seconds(4),
            // How many there may be is decided before.
            concurrentHTTP1ConnectionsPerHostSoftLimit: 65_536)
        // Who waits for an answer is told at once that nobody is there.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .shared(loops), configuration: configuration)
    }()
}
