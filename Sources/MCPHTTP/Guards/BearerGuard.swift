import HTTPTypes
import MCPEngine

/// Finds out who calls. Every request is asked anew; a session is never a credential (H-09).
struct BearerGuard: Sendable {
    enum Verdict {
        case admitted(Principal)
        /// The `WWW-Authenticate` value that says what is missing (RFC 6750, 3).
        case refused(challenge: String)
    }

    let access: Access

    func check(_ headers: HTTPFields) -> Verdict {
        if let principal = access.principal() { return .admitted(principal) }
        guard let header = headers.value(.authorization) else { return .refused(challenge: Self.realm) }
        guard let token = Self.token(in: header) else {
            return .refused(challenge: Self.realm + #", error="invalid_request""#)
        }
        guard let principal = access.verify(token) else {
            return .refused(challenge: Self.realm + #", error="invalid_token""#)
        }
        return .admitted(principal)
    }

    private static let realm = #"Bearer realm="holdfast""#

    /// The scheme's case and the number of spaces are the client's business (RFC 9110, 11.1).
    static func token(in header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].trimmed
        guard !token.isEmpty, token.utf8.count <= 4096, !token.contains(" ") else { return nil }
        return String(token)
    }
}
