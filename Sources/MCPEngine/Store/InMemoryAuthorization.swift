package import FoundationEssentials

/// What the authorization server keeps, for as long as the process lives.
struct InMemoryAuthorization {
    var users: [UserRecord] = []
    var signIns: [[UInt8]: SignInRecord] = [:]
    var clients: [String: OAuthClient] = [:]
    var grants: [String: GrantRecord] = [:]
    var spent: [[UInt8]: Date] = [:]

    fileprivate func place(of name: String) -> Int? {
        let name = name.lowercased()
        return users.firstIndex { $0.name.lowercased() == name }
    }

    fileprivate mutating func endSignIns(of user: String) {
        signIns = signIns.filter { $0.value.user != user }
    }
}

extension InMemoryStore: UserStore, SignInStore {
    package func insert(_ user: UserRecord) throws {
        try withAuthorization { kept in
            guard kept.place(of: user.name) == nil, !kept.users.contains(where: { $0.id == user.id }) else {
                throw StoreError(.conflict, "a user of this name or id exists already")
            }
            let place = kept.users.firstIndex { $0.created > user.created } ?? kept.users.endIndex
            kept.users.insert(user, at: place)
        }
    }

    package func user(named name: String) -> UserRecord? {
        withAuthorization { kept in kept.place(of: name).map { kept.users[$0] } }
    }

    package func users() -> [UserRecord] {
        withAuthorization { $0.users }
    }

    package func setPassword(_ password: PasswordHash, of name: String) -> Bool {
        withAuthorization { kept in
            guard let place = kept.place(of: name) else { return false }
            kept.users[place].password = password
            kept.endSignIns(of: kept.users[place].id)
            return true
        }
    }

    package func setDisabled(_ date: Date?, of name: String) -> Bool {
        withAuthorization { kept in
            guard let place = kept.place(of: name) else { return false }
            kept.users[place].disabled = date
            if date != nil { kept.endSignIns(of: kept.users[place].id) }
            return true
        }
    }

    package func insert(_ signIn: SignInRecord, perUser: Int) {
        withAuthorization { kept in
            kept.signIns[signIn.hash] = signIn
            let own = kept.signIns.values.filter { $0.user == signIn.user }.sorted { $0.created > $1.created }
            for old in own.dropFirst(max(1, perUser)) { kept.signIns[old.hash] = nil }
        }
    }

    package func user(signedInBy hash: [UInt8], at date: Date) -> UserRecord? {
        withAuthorization { kept in
            guard let signIn = kept.signIns[hash], date < signIn.expires else { return nil }
            return kept.users.first { $0.id == signIn.user && $0.disabled == nil }
        }
    }

    package func endSignIn(_ hash: [UInt8]) {
        withAuthorization { $0.signIns[hash] = nil }
    }
}

extension InMemoryStore: ClientStore, GrantStore {
    package func insert(_ client: OAuthClient, keep: Int) throws -> Bool {
        try withAuthorization { kept in
            if let known = kept.clients[client.id] {
                guard known.kind == .document, client.kind == .document else {
                    throw StoreError(.conflict, "a client of this id exists already")
                }
            } else {
                let others = kept.clients.values.filter { $0.kind == client.kind }
                let surplus = others.count + 1 - keep
                let unused = others.filter { !$0.isUsed }.sorted {
                    ($0.expires ?? .distantFuture, $0.created) < ($1.expires ?? .distantFuture, $1.created)
                }
                guard surplus <= unused.count else { return false }
                for old in unused.prefix(max(0, surplus)) { kept.clients[old.id] = nil }
            }
            kept.clients[client.id] = client
            return true
        }
    }

    package func client(_ id: String) -> OAuthClient? {
        withAuthorization { $0.clients[id] }
    }

    package func clients(_ kind: OAuthClient.Kind) -> [OAuthClient] {
        withAuthorization { $0.clients.values.filter { $0.kind == kind }.sorted { $0.created < $1.created } }
    }

    package func use(_ id: String, until date: Date) {
        withAuthorization { kept in
            kept.clients[id]?.isUsed = true
            if let expires = kept.clients[id]?.expires, expires < date { kept.clients[id]?.expires = date }
        }
    }

    package func removeClient(_ id: String) -> Bool {
        withAuthorization { $0.clients.removeValue(forKey: id) != nil }
    }

    package func spend(_ mark: [UInt8], until date: Date, at now: Date, keep: Int) throws -> Bool {
        try withAuthorization { kept in
            kept.spent = kept.spent.filter { now < $0.value }
            guard kept.spent[mark] == nil else { return false }
            guard kept.spent.count < keep else { throw StoreError(.unavailable, "too many assertions are remembered") }
            kept.spent[mark] = date
            return true
        }
    }

    package func insert(_ grant: GrantRecord, perUser: Int) throws {
        try withAuthorization { kept in
            guard kept.grants[grant.id] == nil else { throw StoreError(.conflict, "a grant of this id exists already") }
            let own = kept.grants.values.filter { $0.machine.terms.user == grant.machine.terms.user }
                .sorted { $0.machine.turned > $1.machine.turned }
            for old in own.dropFirst(max(0, perUser - 1)) { kept.grants[old.id] = nil }
            kept.grants[grant.id] = grant
        }
    }

    package func standing(of grant: String) -> GrantStanding? {
        withAuthorization { kept in
            guard let grant = kept.grants[grant],
                let user = kept.users.first(where: { $0.id == grant.machine.terms.user })
            else { return nil }
            return GrantStanding(grant: grant, user: user)
        }
    }

    package func change<Effect: Sendable>(
        _ grant: String, _ event: @escaping @Sendable (inout GrantMachine) -> Effect
    ) -> GrantChange<Effect>? {
        withAuthorization { kept in
            guard var record = kept.grants[grant] else { return nil }
            let effect = event(&record.machine)
            kept.grants[grant] = record
            return GrantChange(grant: record, effect: effect)
        }
    }

    package func grants(of user: String) -> [GrantRecord] {
        withAuthorization {
            $0.grants.values.filter { $0.machine.terms.user == user }.sorted { $0.created > $1.created }
        }
    }

    package func sweepAuthorization(expiredBy date: Date) -> Int {
        withAuthorization { kept in
            let before = kept.grants.count + kept.signIns.count + kept.clients.count + kept.spent.count
            kept.spent = kept.spent.filter { date < $0.value }
            kept.grants = kept.grants.filter { date < $0.value.machine.expires }
            kept.signIns = kept.signIns.filter { date < $0.value.expires }
            kept.clients = kept.clients.filter { _, client in client.expires.map { date < $0 } ?? true }
            return before - kept.grants.count - kept.signIns.count - kept.clients.count - kept.spent.count
        }
    }
}
