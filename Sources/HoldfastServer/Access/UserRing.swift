import FoundationEssentials
package import MCPEngine

/// What an operator does with people who sign in.
package struct UserRing: Sendable {
    private let store: any UserStore & GrantStore

    package init(store: any UserStore & GrantStore) { self.store = store }

    /// - Throws: ``SettingsError`` for a name that cannot be one, before anybody is asked for a password.
    package static func check(_ name: String) throws {
        guard name.wholeMatch(of: /[A-Za-z0-9._@+-]{1,64}/) != nil else {
            throw SettingsError(
                "name: \(SettingsError.quoted(name)) cannot name a user; give 1 to 64 letters, digits or . _ @ + -")
        }
    }

    /// - Throws: ``StartFailure`` for a name that is taken, ``SettingsError`` for a password that cannot be one.
    package func create(_ name: String, password: String) async throws {
        try Self.check(name)
        let user = UserRecord(
            id: RandomText.lowercase(25), name: name, password: try Self.hash(password), created: Date())
        do {
            try await store.insert(user)
        } catch let error as StoreError where error.kind == .conflict {
            throw StartFailure("name: there is a user \(SettingsError.quoted(name)) already; choose another name")
        }
    }

    package func reset(_ name: String, password: String) async throws {
        try await found(name, try await store.setPassword(try Self.hash(password), of: name))
    }

    package func setDisabled(_ isDisabled: Bool, _ name: String) async throws {
        try await found(name, try await store.setDisabled(isDisabled ? Date() : nil, of: name))
    }

    /// Ends everything that applications can do in the user's name; returns how many connections those were.
    package func disconnect(_ name: String) async throws -> Int {
        guard let user = try await store.user(named: name) else { throw Self.unknown(name) }
        let live = try await store.grants(of: user.id).filter { $0.machine.phase != .ended }
        for grant in live { _ = try await store.change(grant.id) { $0.revoke(GrantMachine.Lifetimes(), at: Date()) } }
        return live.count
    }

    /// - Throws: ``StartFailure`` when there is nobody of that name.
    package func requireUser(_ name: String) async throws {
        guard try await store.user(named: name) != nil else { throw Self.unknown(name) }
    }

    /// A heading and a line for each user, oldest first.
    package func table() async throws -> String {
        var rows = [["NAME", "CREATED", "CONNECTIONS", "STATE"]]
        for user in try await store.users() {
            let live = try await store.grants(of: user.id).count { $0.machine.phase == .active }
            rows.append([
                user.name, user.created.formatted(.iso8601), "\(live)",
                user.disabled.map { "disabled \($0.formatted(.iso8601))" } ?? "active",
            ])
        }
        return TextTable.text(rows)
    }

    private func found(_ name: String, _ isThere: Bool) async throws {
        guard isThere else { throw Self.unknown(name) }
    }

    private static func unknown(_ name: String) -> StartFailure {
        StartFailure("name: there is no user \(SettingsError.quoted(name)); see 'holdfast users list'")
    }

    private static func hash(_ password: String) throws -> PasswordHash {
        let length = password.utf8.count
        guard length >= PasswordHash.shortest, length <= PasswordHash.longest else {
            throw SettingsError(
                "password: it has \(length) bytes; give \(PasswordHash.shortest) to \(PasswordHash.longest)")
        }
        return try PasswordHash(of: password, salt: RandomBytes.make(16))
    }
}
