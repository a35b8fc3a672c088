import FoundationEssentials
import MCPProtocol

/// A client's own description, fetched from the URL that is its id (OAuth Client ID Metadata Document).
package struct ClientDocument: Sendable {
    package var body: [UInt8]
    /// How long its host says that it stays good; nil when it does not.
    package var maxAge: Duration?

    package init(body: [UInt8], maxAge: Duration? = nil) {
        self.body = body
        self.maxAge = maxAge
    }

    /// - Throws: ``ClientDocumentFault`` when it is not that of `url`.
    func metadata(of url: String) throws(ClientDocumentFault) -> ClientMetadata {
        let json: JSON
        do {
            json = try JSON(parsing: body, limits: JSON.Limits(depth: 16))
        } catch {
            throw ClientDocumentFault("what is there is not JSON")
        }
        guard json["client_id"]?.string == url else {
            throw ClientDocumentFault("its client_id is not the URL it was fetched from")
        }
        guard json["client_secret"] == nil else {
            throw ClientDocumentFault("it holds a client_secret, for all to see")
        }
        do throws(OAuthError) {
            let metadata = try ClientMetadata(json)
            guard metadata.authentication == .none || metadata.authentication == .privateKey else {
                throw OAuthError(.invalidClientMetadata, "A public document cannot go with a secret")
            }
            return metadata
        } catch {
            throw ClientDocumentFault(error.description)
        }
    }

    /// Whether a client's id is the URL of a document: `https`, with a path, and nothing that could be read in two ways
    /// (A-40).
    /// - Parameter allowsLoopback: Also `http` to this machine, for tests.
    package static func isURL(_ id: String, allowsLoopback: Bool) -> Bool {
        guard (1...1024).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }),
            let parts = URLComponents(string: id), let host = parts.percentEncodedHost, isPlain(host),
            parts.user == nil,
            parts.password == nil, parts.fragment == nil, !id.contains("#"), parts.percentEncodedPath.count > 1,
            !parts.percentEncodedPath.split(separator: "/").contains(where: { isDots($0) })
        else { return false }
        if parts.scheme == "https" { return true }
        return allowsLoopback && parts.scheme == "http" && RedirectURI.loopback.contains(host)
    }

    /// The name that is judged must be the name that is connected to, so it is written in one way only.
    private static func isPlain(_ host: String) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || ".-:[]".utf8.contains(byte)
            }
    }

    /// `.` and `..`, however they are written.
    private static func isDots(_ segment: Substring) -> Bool {
        let plain = segment.lowercased().replacing("%2e", with: ".")
        return plain == "." || plain == ".."
    }
}

/// Why there is no document.
package struct ClientDocumentFault: Error, Equatable, Sendable {
    /// For whoever writes or runs the client, as it ends a sentence.
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// Where documents come from. What it is given was chosen by whoever sent the request: it must not be led to places that
/// only this machine can reach (S-50).
package protocol ClientDocumentSource: Sendable {
    /// - Parameter url: As ``ClientDocument/isURL(_:allowsLoopback:)`` wants it.
    func fetch(_ url: String) async throws(ClientDocumentFault) -> ClientDocument
}
