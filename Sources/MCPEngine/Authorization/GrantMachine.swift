package import FoundationEssentials

/// One person's consent to one client: a code, then tokens, each pair in the place of the one before, until it ends.
///
/// Whatever was given out can be told from what was not, though only the newest is kept, as a hash: what comes later is
/// made from what came before. So a code or a refresh token that comes again is known for what it is, and ends all.
package struct GrantMachine: Equatable, Sendable {
    package enum Phase: String, Sendable {
        /// A code is out. → active, ended
        case offered
        /// Tokens are out. → ended
        case active
        /// Terminal: nothing comes of it any more.
        case ended
    }

    package enum End: String, Sendable {
        case expired
        /// The person, or the operator.
        case revoked
        /// The client has given its token back (RFC 7009).
        case returned
        /// A code came again, or a refresh token whose successor was used: somebody else may have it.
        case reused
    }

    package struct AccessToken: Equatable, Sendable {
        package var hash: [UInt8]
        package var expires: Date

        package init(hash: [UInt8], expires: Date) {
            self.hash = hash
            self.expires = expires
        }
    }

    /// How long things last.
    package struct Lifetimes: Equatable, Sendable {
        package var access: Duration = .seconds(8 * 3600)
        /// From one renewal to the next.
        package var refresh: Duration = .seconds(90 * 86_400)
        /// In which a refresh token that was used gets the same answer again: the first may have been lost.
        package var grace: Duration = .seconds(60)
        /// How long a grant that has ended is remembered, for the person to see.
        package var ended: Duration = .seconds(7 * 86_400)

        package init() {}
    }

    package let id: String
    package let terms: GrantTerms
    /// 32 random bytes, of this grant only; secrets are made with it.
    package let key: [UInt8]
    package private(set) var phase: Phase
    package private(set) var end: End?
    /// How often tokens were given out.
    package private(set) var generation: Int
    /// Of the newest code or refresh token.
    package private(set) var hash: [UInt8]
    /// When that was made.
    package private(set) var turned: Date
    /// When the grant is over unless something happens; then when it is forgotten.
    package private(set) var expires: Date
    /// Oldest first.
    package private(set) var access: [AccessToken]

    /// So many access tokens are good at once; the oldest makes room. A client that refreshes early needs two.
    static let accessTokens = 4
    /// How far back a refresh token is known again. What is older is unknown, which opens nothing either.
    static let longestChain = 4096

    /// - Parameter code: Of generation 0.
    package init(_ terms: GrantTerms, key: [UInt8], code: GrantSecret, expires: Date, at now: Date) {
        id = code.grant
        self.terms = terms
        self.key = key
        phase = .offered
        generation = 0
        hash = code.hash
        turned = now
        self.expires = expires
        access = []
    }

    /// As it was kept.
    package init(
        restoring id: String, terms: GrantTerms, key: [UInt8], phase: Phase, end: End?, generation: Int, hash: [UInt8],
        turned: Date, expires: Date, access: [AccessToken]
    ) {
        self.id = id
        self.terms = terms
        self.key = key
        self.phase = phase
        self.end = end
        self.generation = generation
        self.hash = hash
        self.turned = turned
        self.expires = expires
        self.access = access
    }

    // MARK: Events

    package mutating func redeem(_ code: CodePresentation, _ lifetimes: Lifetimes, at now: Date) -> GrantAnswer {
        switch standing(of: code.code) {
        case .unknown: return .refused(.unknown)
        case .superseded where phase != .ended:
            settle(.reused, lifetimes, at: now)
            return .refused(.reused)
        case .newest, .superseded: break
        }
        guard phase == .offered else { return .refused(.ended) }
        guard code.client == terms.client else { return .refused(.otherClient) }
        guard now < expires else {
            settle(.expired, lifetimes, at: now)
            return .refused(.expired)
        }
        // Who left it out of the first request need not have it in the second (OAuth 2.1, 4.1.3).
        if let redirect = code.redirectURI, redirect != terms.redirectURI { return .refused(.otherRedirect) }
        guard terms.isAnswered(by: code.verifier) else { return .refused(.wrongVerifier) }
        return .issued(issue(after: code.code, lifetimes, at: now))
    }

    package mutating func refresh(
        _ token: GrantSecret, client: String, _ lifetimes: Lifetimes, at now: Date
    ) -> GrantAnswer {
        let standing = standing(of: token)
        guard standing != .unknown else { return .refused(.unknown) }
        guard phase == .active else { return .refused(.ended) }
        guard client == terms.client else { return .refused(.otherClient) }
        guard now < expires else {
            settle(.expired, lifetimes, at: now)
            return .refused(.expired)
        }
        if standing == .newest { return .issued(issue(after: token, lifetimes, at: now)) }
        if token.generation == generation - 1, now < turned + lifetimes.grace.seconds {
            return issuedAgain(after: token, at: now).map(GrantAnswer.issued) ?? .refused(.ended)
        }
        settle(.reused, lifetimes, at: now)
        return .refused(.reused)
    }

    /// A client gives a token back. False when that is none of this grant.
    package mutating func giveBack(_ token: GrantSecret, _ lifetimes: Lifetimes, at now: Date) -> Bool {
        guard token.kind == .refresh else {
            let before = access.count
            access.removeAll { constantTimeEquals($0.hash, token.hash) }
            return access.count < before
        }
        guard standing(of: token) != .unknown else { return false }
        settle(.returned, lifetimes, at: now)
        return true
    }

    package mutating func revoke(_ lifetimes: Lifetimes, at now: Date) {
        settle(.revoked, lifetimes, at: now)
    }

    // MARK: Questions

    /// When the access token ends; nil when it is none of this grant, or no longer.
    package func expiry(of token: GrantSecret) -> Date? {
        guard phase == .active, token.kind == .access else { return nil }
        let hash = token.hash
        return access.first { constantTimeEquals($0.hash, hash) }?.expires
    }

    // MARK: -

    private enum Standing { case newest, superseded, unknown }

    /// What is of this grant leads to the newest hash in as many steps as there were generations since.
    private func standing(of presented: GrantSecret) -> Standing {
        let steps = generation - presented.generation
        guard presented.kind == (presented.generation == 0 ? .code : .refresh), (0...Self.longestChain).contains(steps)
        else { return .unknown }
        let last = (0..<steps).reduce(presented) { secret, _ in secret.successor(.refresh, key: key) }
        guard constantTimeEquals(last.hash, hash) else { return .unknown }
        return steps == 0 ? .newest : .superseded
    }

    private mutating func issue(after secret: GrantSecret, _ lifetimes: Lifetimes, at now: Date) -> GrantIssue {
        let issue = GrantIssue(
            access: secret.successor(.access, key: key), expires: now + lifetimes.access.seconds,
            refresh: secret.successor(.refresh, key: key), terms: terms)
        phase = .active
        generation += 1
        hash = issue.refresh.hash
        turned = now
        expires = terms.refreshes ? now + lifetimes.refresh.seconds : issue.expires
        access = access.filter { now < $0.expires }.suffix(Self.accessTokens - 1)
        access.append(AccessToken(hash: issue.access.hash, expires: issue.expires))
        return issue
    }

    /// Nil when the client has given the access token back meanwhile.
    private func issuedAgain(after secret: GrantSecret, at now: Date) -> GrantIssue? {
        let token = secret.successor(.access, key: key)
        guard let expires = expiry(of: token), now < expires else { return nil }
        return GrantIssue(
            access: token, expires: expires, refresh: secret.successor(.refresh, key: key), terms: terms, isAgain: true)
    }

    /// The only way into the end.
    private mutating func settle(_ end: End, _ lifetimes: Lifetimes, at now: Date) {
        guard phase != .ended else { return }
        phase = .ended
        self.end = end
        access = []
        turned = now
        expires = now + lifetimes.ended.seconds
    }
}
