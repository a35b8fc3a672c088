package import FoundationEssentials

/// People who can sign in. No call assumes that it is the only writer. Dates keep at least milliseconds.
package protocol UserStore: Sendable {
    /// Throws ``StoreError/Kind/conflict`` when the id is taken, or the name in any case.
    func insert(_ user: UserRecord) async throws
    /// Whatever the case of the name.
    func user(named name: String) async throws -> UserRecord?
    /// All, oldest first.
    func users() async throws -> [UserRecord]
    /// Also ends the user's sign-ins. False when there is no such user.
    func setPassword(_ password: PasswordHash, of name: String) async throws -> Bool
    /// - Parameter date: Since when it is disabled, which also ends its sign-ins; nil to enable it again.
    func setDisabled(_ date: Date?, of name: String) async throws -> Bool
}

/// Browsers in which people have signed in.
package protocol SignInStore: Sendable {
    /// Of one user no more than `perUser` stay; the oldest go first.
    func insert(_ signIn: SignInRecord, perUser: Int) async throws
    /// Whose it is; nil when it is unknown, and when the user is disabled.
    func user(signedInBy hash: [UInt8], at date: Date) async throws -> UserRecord?
    func endSignIn(_ hash: [UInt8]) async throws
}

/// Programs that ask people for access.
package protocol ClientStore: Sendable {
    /// Keeps a new client, or a document in the place of an earlier copy of it. Of its kind no more than `keep` stay:
    /// those that nobody has used make room, the one that expires first before the others. False when there is none.
    /// Throws ``StoreError/Kind/conflict`` when the id is taken.
    func insert(_ client: OAuthClient, keep: Int) async throws -> Bool
    func client(_ id: String) async throws -> OAuthClient?
    /// Oldest first.
    func clients(_ kind: OAuthClient.Kind) async throws -> [OAuthClient]
    /// Somebody has connected with it: it is kept at least until then.
    func use(_ id: String, until date: Date) async throws
    func removeClient(_ id: String) async throws -> Bool
    /// Remembers that something was used, until `date`. False when it was before. What ended before `now` makes room.
    /// Throws ``StoreError/Kind/unavailable`` when `keep` are remembered already.
    func spend(_ mark: [UInt8], until date: Date, at now: Date, keep: Int) async throws -> Bool
}

/// A grant, and whether its user may use it.
package struct GrantStanding: Equatable, Sendable {
    package var grant: GrantRecord
    package var user: UserRecord

    package init(grant: GrantRecord, user: UserRecord) {
        self.grant = grant
        self.user = user
    }
}

/// A grant that an event has happened to.
package struct GrantChange<Effect: Sendable>: Sendable {
    /// As it is now.
    package var grant: GrantRecord
    package var effect: Effect

    package init(grant: GrantRecord, effect: Effect) {
        self.grant = grant
        self.effect = effect
    }
}

/// What people have agreed to, and what came of it.
package protocol GrantStore: Sendable {
    /// Keeps a new grant. Of one user no more than `perUser` stay; those least lately renewed go first.
    func insert(_ grant: GrantRecord, perUser: Int) async throws
    func standing(of grant: String) async throws -> GrantStanding?
    /// Lets `event` happen to the grant's machine, with nothing happening to it in between. `event` may be called more
    /// than once; only the last call counts. Nil when there is no such grant.
    func change<Effect: Sendable>(
        _ grant: String, _ event: @escaping @Sendable (inout GrantMachine) -> Effect
    ) async throws -> GrantChange<Effect>?
    /// Newest first.
    func grants(of user: String) async throws -> [GrantRecord]
    /// Forgets grants, sign-ins, clients and marks that have expired; returns how many those were.
    func sweepAuthorization(expiredBy date: Date) async throws -> Int
}

package typealias AuthorizationStore = UserStore & SignInStore & ClientStore & GrantStore
