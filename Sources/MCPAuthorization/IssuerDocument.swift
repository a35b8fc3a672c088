import AsyncHTTPClient
import FoundationEssentials
package import MCPProtocol
import NIOCore
import NIOHTTP1

/// One JSON document of an issuer whom the operator named: nobody else chooses what is fetched here. Bounded in size and
/// time, without redirects.
package struct IssuerDocument: Sendable {
    package struct Limits: Sendable {
        /// In bytes.
        package var size = 256 << 10
        package var time: Duration = .seconds(5)

        package init() {}
    }

    /// Why there is none, in words for the operator.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String
        /// The status, when that was the reason.
        package var status: UInt?

        package init(_ description: String, status: UInt? = nil) {
            self.description = description
            self.status = status
        }
    }

    package let limits: Limits

    package init(limits: Limits) { self.limits = limits }

    package func get(_ url: String) async throws(Failure) -> JSON {
        try await fetch(HTTPClientRequest(url: url))
    }

    /// - Parameter authorization: The value of that header, if the client proves itself there.
    package func post(_ form: [(String, String)], to url: String, authorization: String?) async throws(Failure) -> JSON
    {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(string: FormText.encode(form)))
        return try await fetch(request)
    }

    private func fetch(_ request: HTTPClientRequest) async throws(Failure) -> JSON {
        var request = request
        request.headers.add(name: "Accept", value: "application/json")
        let (url, asked) = (request.url, request)
        do {
            return try await within(limits.time) { [limits] in
                let response = try await Self.client.execute(asked, deadline: .distantFuture)
                guard response.status == .ok else {
                    throw Failure("\(url) answers \(response.status.code)", status: response.status.code)
                }
                let body = try await response.body.collect(upTo: limits.size)
                return try JSON(parsing: Array(buffer: body), limits: JSON.Limits(depth: 32))
            }
        } catch let failure as Failure {
            throw failure
        } catch is NIOTooManyBytesError {
            throw Failure("\(url) is larger than \(limits.size) bytes (oauth-max-document)")
        } catch let error as JSONError {
            throw Failure("\(url) is not JSON: \(error)")
        } catch is TimeBoundExceeded {
            throw Failure("\(url) did not answer within \(limits.time.milliseconds) ms (oauth-fetch-time)")
        } catch {
            throw Failure("\(url) cannot be reached: \(type(of: error)) \(error)")
        }
    }

    /// The connections to issuers, kept alive between requests. They live as long as the process.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool = HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(4))
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(
            eventLoopGroupProvider: .shared(HTTPClient.defaultEventLoopGroup), configuration: configuration)
    }()
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
