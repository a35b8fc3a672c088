import AsyncHTTPClient
import FoundationEssentials
package import MCPEngine
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Fetches clients' documents from the public internet, and from nowhere else: names are resolved once, every address is
/// judged, and the connection goes to the one that was judged (S-50).
package final class DocumentFetcher: ClientDocumentSource {
    package struct Limits: Sendable {
        package var bytes = 16 << 10
        package var time: Duration = .seconds(5)
        /// At once.
        package var fetches = 16
        /// Only for tests: documents on this machine, over `http`, or over `https` with any certificate.
        package var allowsLoopback = false

        package init() {}
    }

    private let limits: Limits
    private let lookup = HostLookup()
    private let running = Mutex(0)

    package init(limits: Limits = Limits()) { self.limits = limits }

    package func fetch(_ url: String) async throws(ClientDocumentFault) -> ClientDocument {
        let isAdmitted = running.withLock { running in
            guard running < limits.fetches else { return false }
            running += 1
            return true
        }
        guard isAdmitted else { throw ClientDocumentFault("too many are being fetched just now") }
        // Counted until it has really ended: a lookup cannot be cut short.
        defer { running.withLock { $0 -= 1 } }
        let late = ClientDocumentFault("its host took longer than \(limits.time.seconds) s")
        return try await ((try? within(limits.time) { await self.result(of: url) }) ?? .failure(late)).get()
    }

    private func result(of url: String) async -> Result<ClientDocument, ClientDocumentFault> {
        do throws(ClientDocumentFault) {
            guard let host = URLComponents(string: url)?.host else { throw ClientDocumentFault("it is no URL") }
            return .success(try await fetch(url, from: host, at: try await address(of: host)))
        } catch {
            return .failure(error)
        }
    }

    private func address(of host: String) async throws(ClientDocumentFault) -> IPAddress {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let addresses = await lookup.addresses(of: bare)
        guard let first = addresses.first(where: \.isIPv4) ?? addresses.first else {
            throw ClientDocumentFault("its host has no address")
        }
        let isFit = addresses.allSatisfy { $0.isPublic || (limits.allowsLoopback && $0.isLoopback) }
        // No word on which address it was: that is nobody's business outside.
        guard isFit else { throw ClientDocumentFault("its host is not on the public internet") }
        return first
    }

    private func fetch(
        _ url: String, from host: String, at address: IPAddress
    ) async throws(ClientDocumentFault) -> ClientDocument {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.dnsOverride = [host: address.description]
        configuration.timeout.connect = .nanoseconds(Int64(limits.time.seconds * 1e9))
        configuration.httpVersion = .http1Only
        if limits.allowsLoopback, address.isLoopback {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            configuration.tlsConfiguration = tls
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let document = try await get(url, client)
            try? await client.shutdown()
            return try document.get()
        } catch let fault as ClientDocumentFault {
            throw fault
        } catch {
            try? await client.shutdown()
            throw ClientDocumentFault("its host cannot be reached")
        }
    }

    private func get(_ url: String, _ client: HTTPClient) async throws -> Result<ClientDocument, ClientDocumentFault> {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: "holdfast")
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(limits.time.seconds * 1e9)))
        guard response.status == .ok else {
            return .failure(ClientDocumentFault("its host answered \(response.status.code)"))
        }
        var body: [UInt8] = []
        for try await part in response.body {
            guard body.count + part.readableBytes <= limits.bytes else {
                return .failure(ClientDocumentFault("it is larger than \(limits.bytes) bytes"))
            }
            body.append(contentsOf: part.readableBytesView)
        }
        return .success(
            ClientDocument(body: body, maxAge: Self.maxAge(response.headers[canonicalForm: "cache-control"])))
    }

    private static func maxAge(_ directives: [Substring]) -> Duration? {
        for directive in directives {
            let parts = directive.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "max-age", let seconds = Int(parts[1]) {
                return .seconds(min(max(0, seconds), 31_536_000))
            }
        }
        return nil
    }
}
