import FoundationEssentials
package import MCPEngine

/// What an operator does with keys.
package struct KeyRing: Sendable {
    private let store: any CredentialStore

    package init(store: any CredentialStore) {
        self.store = store
    }

    /// - Throws: ``SettingsError`` for a name that cannot be one, ``StartFailure`` for one that is taken.
    package func create(_ name: String) async throws -> APIKey {
        guard name.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil else {
            throw SettingsError(
                "name: \(SettingsError.quoted(name)) cannot name a key; give 1 to 64 letters, digits, points, dashes or "
                    + "underscores")
        }
        let key = APIKey.mint()
        do {
            try await store.insert(key.record(name: name, created: Date()))
        } catch let error as StoreError where error.kind == .conflict {
            throw StartFailure(
                "name: there is a key \(SettingsError.quoted(name)) already; revoke it or choose another name")
        }
        return key
    }

    package func revoke(_ name: String) async throws {
        guard try await store.revoke(name: name, at: Date()) else {
            throw StartFailure("name: there is no key \(SettingsError.quoted(name)) in force; see 'holdfast keys list'")
        }
    }

    /// A heading and a line for each key, oldest first.
    package func table() async throws -> String {
        let rows = try await store.keys().map { key in
            [
                key.name, key.id, Self.written(key.created),
                key.revoked.map { "revoked \(Self.written($0))" } ?? "active",
            ]
        }
        return TextTable.text([["NAME", "ID", "CREATED", "STATE"]] + rows)
    }

    private static func written(_ date: Date) -> String { date.formatted(.iso8601) }
}
