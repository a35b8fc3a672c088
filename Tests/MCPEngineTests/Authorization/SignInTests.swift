import Foundation
import MCPEngine
import MCPTesting
import Testing

@Suite struct SignInTests {
    private let time = ManualTime()
    private let store = InMemoryStore()
    private let signIns: SignIns

    init() async throws {
        var limits = AuthorizationLimits()
        limits.signInAttempts = 3
        limits.signInWindow = .seconds(30)
        signIns = SignIns(store: store, limits: limits, time: time)
        for name in ["ada", "grace"] {
            // Cheap rounds: this is about who gets in, not about what guessing costs.
            let password = try PasswordHash(of: "the password of \(name)", salt: [1], rounds: 2)
            try store.insert(UserRecord(id: "id-\(name)", name: name, password: password, created: time.date))
        }
    }

    private func attempt(_ name: String, _ password: String) async throws -> String {
        switch try await signIns.signIn(name: name, password: password) {
        case .signedIn(let user, let cookie):
            #expect(try await signIns.user(cookie: cookie) == user)
            return "in"
        case .refused: return "refused"
        case .later(let seconds): return "in \(seconds) s"
        }
    }

    @Test(.requirement("S-31")) func guessingSlowsDownOneAccountAndForgivesTheRightPassword() async throws {
        #expect(try await attempt("ada", "wrong") == "refused")
        #expect(try await attempt("ADA", "wrong") == "refused")
        #expect(try await attempt("Ada", "the password of ada") == "in")
        for _ in 0..<3 { #expect(try await attempt("ada", "wrong") == "refused") }
        #expect(try await attempt("ada", "the password of ada") == "in 10 s")
        #expect(try await attempt("grace", "the password of grace") == "in")
        time.advance(by: .seconds(10))
        #expect(try await attempt("ada", "the password of ada") == "in")
    }

    @Test(.requirement("S-31")) func namesThatNobodyHasAreSlowedDownAsWell() async throws {
        for _ in 0..<3 { #expect(try await attempt("nobody", "wrong") == "refused") }
        #expect(try await attempt("nobody", "wrong") == "in 10 s")
    }

    @Test func aSignInEndsInItsTimeAndWhenItIsEnded() async throws {
        guard case .signedIn(_, let one) = try await signIns.signIn(name: "ada", password: "the password of ada"),
            case .signedIn(_, let two) = try await signIns.signIn(name: "ada", password: "the password of ada")
        else {
            Issue.record("nobody got in")
            return
        }
        try await signIns.end(cookie: one)
        #expect(try await signIns.user(cookie: one) == nil)
        #expect(try await signIns.user(cookie: two)?.name == "ada")
        time.advance(by: .seconds(12 * 3600))
        #expect(try await signIns.user(cookie: two) == nil)
        #expect(try await signIns.user(cookie: nil) == nil)
    }

    @Test func passwordsAreKeptAsScrypt() throws {
        let salt = Array("NaCl".utf8)
        let hash = try PasswordHash(of: "password", salt: salt, rounds: 1024)
        #expect(hash.matches("password") && !hash.matches("Password") && !hash.matches(""))
        #expect(try PasswordHash(of: "password", salt: [9], rounds: 1024).hash != hash.hash)
        #expect("\(hash)" == "<password>")
        #expect(!PasswordHash.nobody.matches(""))
    }
}
