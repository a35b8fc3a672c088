import Crypto
import FoundationEssentials
package import MCPEngine

/// What an operator does with clients that do not make themselves known.
package struct ClientRing: Sendable {
    private let store: any ClientStore

    package init(store: any ClientStore) { self.store = store }

    /// Returns the secret, if the client has one.
    /// - Throws: ``SettingsError`` for what cannot be, ``StartFailure`` for an id that is taken.
    package func add(_ id: String, name: String?, redirectURIs: [String], hasSecret: Bool) async throws -> String? {
        guard id.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil else {
            throw SettingsError(
                "id: \(SettingsError.quoted(id)) cannot name a client; give 1 to 64 letters, digits, points, dashes or "
                    + "underscores")
        }
        for uri in redirectURIs where RedirectURI(uri) == nil {
            throw SettingsError(
                "redirect-uri: \(SettingsError.quoted(uri)) cannot be one; give https, http to localhost, 127.0.0.1 or "
                    + "[::1], or a private scheme followed by a slash, without a fragment, such as "
                    + "https://example.com/callback")
        }
        let secret = hasSecret ? RandomText.lowercase(50) : nil
        let client = OAuthClient(
            id: id, kind: .preregistered, name: name ?? id, redirectURIs: redirectURIs,
            authentication: hasSecret ? .secretPost : .none,
            secretHash: secret.map { Array(SHA256.hash(data: Array($0.utf8))) }, created: Date())
        do {
            _ = try await store.insert(client, keep: .max)
        } catch let error as StoreError where error.kind == .conflict {
            throw StartFailure("id: there is a client \(SettingsError.quoted(id)) already; remove it or choose another")
        }
        return secret
    }

    package func remove(_ id: String) async throws {
        guard try await store.removeClient(id) else {
            throw StartFailure("id: there is no client \(SettingsError.quoted(id)); see 'holdfast clients list'")
        }
    }

    /// A heading and a line for each client: those made known by the operator, then the others.
    package func table() async throws -> String {
        var rows = [["ID", "NAME", "KIND", "SENDS BACK TO"]]
        for kind in [OAuthClient.Kind.preregistered, .document, .registered] {
            for client in try await store.clients(kind) {
                rows.append([
                    client.id, SettingsError.plain(client.name ?? ""), kind.rawValue,
                    client.redirectURIs.joined(separator: " "),
                ])
            }
        }
        return TextTable.text(rows)
    }
}
