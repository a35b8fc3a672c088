import FoundationEssentials
import Synchronization

/// Knows the access tokens of the authorization server in this process. What it read is good for a second: so a
/// revocation counts within that, in every process on the same store.
package final class GrantVerifier: TokenVerifier {
    private struct Entry {
        var standing: GrantStanding
        var read: Duration
    }

    private let store: any GrantStore
    /// Which tokens are for us: canonical URIs of our endpoints.
    private let resources: Set<String>
    private let time: any TimeSource
    private let entries = Mutex<[String: Entry]>([:])

    package static let freshness: Duration = .seconds(1)
    private static let most = 10_000

    package init(store: any GrantStore, resources: [String], time: any TimeSource = SystemTime()) {
        self.store = store
        self.resources = Set(resources)
        self.time = time
    }

    package func verify(_ token: String) async -> TokenVerdict {
        guard let secret = GrantSecret(parsing: token), secret.kind == .access else {
            return .refused(TokenRefusal(.unknown, "not a token of this server"))
        }
        do {
            let (standing, isFresh) = try await standing(of: secret.grant)
            let verdict = verdict(on: secret, standing)
            // A token that is newer than what was read: its client has just got it.
            if case .refused = verdict, !isFresh {
                return self.verdict(on: secret, try await read(secret.grant))
            }
            return verdict
        } catch {
            return .unavailable(TokenOutage("the data directory cannot be read: \(error)"))
        }
    }

    private func verdict(on secret: GrantSecret, _ standing: GrantStanding?) -> TokenVerdict {
        guard let standing else { return .refused(TokenRefusal(.revoked, "its grant is gone")) }
        let machine = standing.grant.machine
        guard let expires = machine.expiry(of: secret) else {
            return .refused(TokenRefusal(.revoked, "it was revoked, or newer ones took its place"))
        }
        guard time.date < expires else { return .refused(TokenRefusal(.expired, "the client should refresh it")) }
        guard standing.user.disabled == nil else { return .refused(TokenRefusal(.revoked, "its user is disabled")) }
        guard resources.contains(machine.terms.resource) else {
            return .refused(TokenRefusal(.wrongAudience, "it is for \(machine.terms.resource)"))
        }
        return .admitted(
            Admission(standing.user.principal, scopes: ScopeSet(machine.terms.scopes), expires: expires))
    }

    private func standing(of grant: String) async throws -> (GrantStanding?, isFresh: Bool) {
        let now = time.now
        if let entry = entries.withLock({ $0[grant] }), now - entry.read < Self.freshness {
            return (entry.standing, false)
        }
        return (try await read(grant), true)
    }

    private func read(_ grant: String) async throws -> GrantStanding? {
        let now = time.now
        let standing = try await store.standing(of: grant)
        entries.withLock { entries in
            if entries.count >= Self.most { entries = entries.filter { now - $0.value.read < Self.freshness } }
            // All of them fresh: then this one is read again next time.
            entries[grant] = entries.count < Self.most ? standing.map { Entry(standing: $0, read: now) } : nil
        }
        return standing
    }
}
