import Crypto
import MCPEngine
import MCPHTTP

extension MCPServer {
    /// Who may call a server over HTTP.
    public struct Access: Sendable {
        enum Rule: Sendable {
            case local
            case anyone
            case bearer(@Sendable (String) -> Principal?)
        }

        let rule: Rule

        /// Everyone on this machine. On an address that others can reach the server does not start.
        public static let local = Access(rule: .local)

        /// Everyone who can reach the server.
        public static let anyone = Access(rule: .anyone)

        /// Who sends `Authorization: Bearer` with one of these keys.
        /// - Parameter keys: By the name of whom each belongs to, which becomes their ``Principal/id``.
        public static func keys(_ keys: [String: String]) -> Access {
            let entries = keys.map { (hash: hash($0.value), principal: Principal(id: "key:\($0.key)", name: $0.key)) }
            return bearer { token in
                let hash = Self.hash(token)
                // All of them, so that the time does not tell which one was nearly right.
                return entries.reduce(nil) { constantTimeEquals($1.hash, hash) ? $1.principal : $0 }
            }
        }

        /// Who sends a token that `verify` knows. It is asked on every request and must not block; compare secrets in
        /// constant time.
        public static func bearer(_ verify: @escaping @Sendable (_ token: String) -> Principal?) -> Access {
            Access(rule: .bearer(verify))
        }

        private static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
    }
}

/// Why a server does not start.
public struct ServeError: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
}

extension MCPServer.Access {
    func onHost(_ host: String) throws -> Access {
        switch rule {
        case .bearer(let verify): return .bearer(verify)
        case .anyone: return .open(.anonymous)
        case .local:
            guard Loopback.contains(host) else {
                throw ServeError(
                    description:
                        "\(host) can be reached from other machines: give access: .keys or .bearer, or .anyone to "
                        + "admit everyone")
            }
            return .open(.local)
        }
    }
}

/// The addresses that only this machine can reach.
enum Loopback {
    static func contains(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil && !$0.hasPrefix("+") }
    }
}
