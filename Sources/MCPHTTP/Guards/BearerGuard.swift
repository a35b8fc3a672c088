import HTTPTypes
import MCPEngine

/// Finds out who calls. Every request is asked anew; a session is never a credential (H-09).
struct BearerGuard: Sendable {
    enum Verdict: Equatable {
        case admitted(Admission)
        case refused(Refusal)
        /// No key; an issuer may know the token.
        case undecided(token: String)
    }

    /// Why nobody was let in, and how that is said.
    enum Refusal: Equatable {
        /// Nothing was presented, or something that is no bearer token: 401 without an error (RFC 6750, 3.1).
        case nothing
        /// 400.
        case malformed
        /// 401.
        case badToken(TokenRefusal)
        /// 503.
        case outage(TokenOutage)
    }

    let access: Access

    /// Everything that can be told at once.
    func check(_ headers: HTTPFields) -> Verdict {
        if let principal = access.principal() { return .admitted(Admission(principal)) }
        guard let header = headers.value(.authorization) else {
            return access.admitsVisitors ? .admitted(.visitor) : .refused(.nothing)
        }
        switch Self.credentials(in: header) {
        case .none: return .refused(.nothing)
        case .malformed: return .refused(.malformed)
        case .tooLong:
            return .refused(.badToken(TokenRefusal(.malformed, "the token is longer than \(Self.longest) bytes")))
        case .token(let token):
            if let principal = access.verify(token) { return .admitted(Admission(principal)) }
            guard access.tokens.isEmpty else { return .undecided(token: token) }
            return .refused(.badToken(TokenRefusal(.unknown, "no key of this server is like that")))
        }
    }

    func ask(about token: String) async -> Verdict {
        switch await access.tokens.verify(token) {
        case .admitted(let admission): .admitted(admission)
        case .refused(let refusal): .refused(.badToken(refusal))
        case .unavailable(let outage): .refused(.outage(outage))
        }
    }

    /// Whether who was let in with these would be let in again. While nobody can tell, they are.
    func stillAdmits(_ headers: HTTPFields) async -> Bool {
        var verdict = check(headers)
        if case .undecided(let token) = verdict { verdict = await ask(about: token) }
        switch verdict {
        case .admitted, .refused(.outage): return true
        case .refused, .undecided: return false
        }
    }

    enum Credentials: Equatable {
        case none, malformed, tooLong
        case token(String)
    }

    /// Tokens that list many groups are long.
    static let longest = 16 << 10

    /// The scheme's case and the number of spaces are the client's business (RFC 9110, 11.1). A scheme that we do not
    /// know, and a token that is empty, are the same as none: clients send one when they have nothing to send.
    static func credentials(in header: String) -> Credentials {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let scheme = parts.first, scheme.lowercased() == "bearer", parts.count == 2 else { return .none }
        let token = parts[1].trimmed
        if token.isEmpty { return .none }
        if token.utf8.count > longest { return .tooLong }
        // More than a b64token (RFC 6750, 2.1), because a key from the settings may be any text.
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return .malformed }
        return .token(String(token))
    }
}
