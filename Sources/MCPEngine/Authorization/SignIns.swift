import Crypto
import FoundationEssentials

/// Who sits at a browser. What its cookie holds is kept as a hash; nothing else of it is known here.
package struct SignIns: Sendable {
    package enum Outcome: Sendable {
        /// What the browser's cookie is to hold from now on.
        case signedIn(UserRecord, cookie: String)
        /// A wrong name, a wrong password or a disabled user: nobody learns which.
        case refused
        /// Too many attempts for this account, or on the whole; in seconds.
        case later(Int)
    }

    private let store: any AuthorizationStore
    private let limits: AuthorizationLimits
    private let time: any TimeSource
    private let checker: PasswordChecker
    private let attempts: SharedRate

    package init(store: any AuthorizationStore, limits: AuthorizationLimits, time: any TimeSource) {
        self.store = store
        self.limits = limits
        self.time = time
        checker = PasswordChecker(waiting: limits.passwordsWaiting)
        attempts = SharedRate(RateMachine(burst: limits.signInAttempts, per: limits.signInWindow), time: time)
    }

    /// - Throws: ``StoreError``.
    package func signIn(name: String, password: String) async throws -> Outcome {
        let account = String(name.lowercased().prefix(128))
        // The same for names that nobody has.
        if let seconds = attempts.attempt(account) { return .later(seconds) }
        let user = try await store.user(named: name)
        guard let matches = await checker.matches(password, user?.password ?? .nobody) else { return .later(2) }
        guard matches, let user, user.disabled == nil else { return .refused }
        attempts.forgive(account)
        let cookie = RandomText.lowercase(50)
        let now = time.date
        try await store.insert(
            SignInRecord(hash: Self.hash(cookie), user: user.id, created: now, expires: now + limits.signIn.seconds),
            perUser: limits.signInsPerUser)
        return .signedIn(user, cookie: cookie)
    }

    /// - Throws: ``StoreError``.
    package func user(cookie: String?) async throws -> UserRecord? {
        guard let cookie else { return nil }
        return try await store.user(signedInBy: Self.hash(cookie), at: time.date)
    }

    /// - Throws: ``StoreError``.
    package func end(cookie: String?) async throws {
        if let cookie { try await store.endSignIn(Self.hash(cookie)) }
    }

    private static func hash(_ cookie: String) -> [UInt8] { Array(SHA256.hash(data: Array(cookie.utf8))) }
}
