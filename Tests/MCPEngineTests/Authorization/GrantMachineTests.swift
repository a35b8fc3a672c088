import Foundation
import MCPEngine
import MCPTesting
import Testing

@Suite struct GrantMachineTests {
    private let lifetimes = GrantMachine.Lifetimes()
    private var machine = Grants.machine()

    private mutating func redeemed(at now: Double = 1) throws -> GrantIssue {
        try Grants.issue(machine.redeem(Grants.presentation(), lifetimes, at: .at(now)))
    }

    private mutating func refreshed(_ token: GrantSecret, at now: Double) -> GrantAnswer {
        machine.refresh(token, client: "client", lifetimes, at: .at(now))
    }

    @Test(.requirement("A-24")) mutating func aCodeGivesTokensOnce() throws {
        let issue = try redeemed()
        #expect(machine.phase == .active && machine.generation == 1)
        #expect(issue.access.kind == .access && issue.refresh.kind == .refresh)
        #expect(machine.expiry(of: issue.access) == .at(1 + 8 * 3600))
        #expect(machine.expiry(of: issue.refresh) == nil)
    }

    @Test(.requirement("A-24", "O-7")) mutating func aCodeThatComesAgainEndsAllThatCameOfIt() throws {
        let issue = try redeemed()
        #expect(machine.redeem(Grants.presentation(), lifetimes, at: .at(2)) == .refused(.reused))
        #expect(machine.phase == .ended && machine.end == .reused)
        #expect(machine.expiry(of: issue.access) == nil)
        #expect(refreshed(issue.refresh, at: 3) == .refused(.ended))
        #expect(machine.redeem(Grants.presentation(), lifetimes, at: .at(4)) == .refused(.ended))
    }

    @Test(.requirement("A-24", "O-7")) mutating func aCodeIsBoundToWhatItWasGivenFor() throws {
        var other = Grants.presentation()
        other.verifier = String(repeating: "w", count: 43)
        #expect(machine.redeem(other, lifetimes, at: .at(1)) == .refused(.wrongVerifier))
        other = Grants.presentation()
        other.redirectURI = "https://a.example/other"
        #expect(machine.redeem(other, lifetimes, at: .at(1)) == .refused(.otherRedirect))
        other = Grants.presentation()
        other.client = "another"
        #expect(machine.redeem(other, lifetimes, at: .at(1)) == .refused(.otherClient))
        other = Grants.presentation()
        other.code.secret[0] ^= 1
        #expect(machine.redeem(other, lifetimes, at: .at(1)) == .refused(.unknown))
        // None of these has cost the client its code.
        #expect(machine.phase == .offered)
        _ = try redeemed()
    }

    @Test(.requirement("O-7")) mutating func aCodeExpires() {
        #expect(machine.redeem(Grants.presentation(), lifetimes, at: .at(60)) == .refused(.expired))
        #expect(machine.end == .expired)
    }

    @Test(.requirement("A-25", "O-12")) mutating func aRefreshTokenGivesTheSameAnswerWithinTheGrace() throws {
        let first = try redeemed()
        let second = try Grants.issue(refreshed(first.refresh, at: 100))
        #expect(second.refresh != first.refresh && second.access != first.access && !second.isAgain)
        var again = try Grants.issue(refreshed(first.refresh, at: 159.9))
        #expect(again.isAgain)
        again.isAgain = false
        #expect(again == second)
        #expect(machine.generation == 2)
        // The access token before it works on.
        #expect(machine.expiry(of: first.access) != nil && machine.expiry(of: second.access) != nil)
    }

    @Test(.requirement("A-25", "O-12")) mutating func aRefreshTokenThatComesAfterTheGraceEndsTheFamily() throws {
        let first = try redeemed()
        let second = try Grants.issue(refreshed(first.refresh, at: 100))
        #expect(refreshed(first.refresh, at: 160) == .refused(.reused))
        #expect(machine.end == .reused)
        #expect(refreshed(second.refresh, at: 161) == .refused(.ended))
        #expect(machine.expiry(of: second.access) == nil)
    }

    @Test mutating func aTokenFromLongAgoIsKnownForWhatItIs() throws {
        let first = try redeemed()
        var token = first.refresh
        for number in 1...50 { token = try Grants.issue(refreshed(token, at: Double(number))).refresh }
        #expect(refreshed(first.refresh, at: 51) == .refused(.reused))
    }

    @Test mutating func whatWasNeverGivenOutChangesNothing() throws {
        let first = try redeemed()
        let before = machine
        var forged = first.refresh
        forged.secret[31] ^= 1
        #expect(refreshed(forged, at: 2) == .refused(.unknown))
        forged = first.refresh
        forged.generation = 0
        #expect(refreshed(forged, at: 2) == .refused(.unknown))
        forged = first.refresh
        forged.generation = 2
        #expect(refreshed(forged, at: 2) == .refused(.unknown))
        let isOurs = machine.giveBack(
            GrantSecret(.access, of: "g", generation: 1, secret: first.refresh.secret), lifetimes, at: .at(2))
        #expect(!isOurs)
        #expect(machine == before)
    }

    @Test mutating func anotherClientGetsNothingAndHarmsNothing() throws {
        let first = try redeemed()
        #expect(machine.refresh(first.refresh, client: "another", lifetimes, at: .at(2)) == .refused(.otherClient))
        #expect(machine.phase == .active)
    }

    @Test mutating func aConnectionThatIsNotRenewedEnds() throws {
        let first = try redeemed()
        let late = 1 + 90 * 86_400.0
        #expect(refreshed(first.refresh, at: late) == .refused(.expired))
        #expect(machine.end == .expired)
    }

    @Test mutating func onlySoManyAccessTokensAreGoodAtOnce() throws {
        let first = try redeemed()
        var token = first.refresh
        var issues = [first]
        for number in 1...6 {
            let issue = try Grants.issue(refreshed(token, at: Double(number)))
            token = issue.refresh
            issues.append(issue)
        }
        #expect(issues.map { machine.expiry(of: $0.access) != nil } == [false, false, false, true, true, true, true])
    }

    @Test mutating func aRefreshTokenGivenBackEndsAllAndAnAccessTokenOnlyItself() throws {
        let first = try redeemed()
        let wasOurs = machine.giveBack(first.access, lifetimes, at: .at(2))
        #expect(wasOurs)
        #expect(machine.phase == .active && machine.expiry(of: first.access) == nil)
        let second = try Grants.issue(refreshed(first.refresh, at: 3))
        let wasOursToo = machine.giveBack(second.refresh, lifetimes, at: .at(4))
        #expect(wasOursToo)
        #expect(machine.end == .returned && machine.expiry(of: second.access) == nil)
    }

    @Test func aSecretIsReadAsItIsWrittenAndShowsNothing() throws {
        let secret = GrantSecret(.refresh, of: "abcdefgh12", generation: 12, secret: (0..<32).map { $0 &* 9 })
        #expect(GrantSecret(parsing: secret.text) == secret)
        #expect(!"\(secret)".contains("09") && !String(reflecting: secret).contains("09"))
        for broken in [
            "", "hfr_abcdefgh12_12_", secret.text + "0", secret.text.uppercased(), "hfx" + secret.text.dropFirst(3),
        ] { #expect(GrantSecret(parsing: broken) == nil) }
    }
}

enum Grants {
    static let verifier = String(repeating: "v", count: 43)
    static let code = GrantSecret(.code, of: "grantgrant", generation: 0, secret: Array(0..<32))

    static func machine(refreshes: Bool = true) -> GrantMachine {
        let terms = GrantTerms(
            user: "user", client: "client", redirectURI: "https://a.example/cb",
            challenge: PKCE.challenge(for: verifier), resource: "https://mcp.example/mcp", scopes: ["mcp:call"],
            refreshes: refreshes)
        return GrantMachine(
            terms, key: Array(repeating: 7, count: 32), code: code, expires: .at(60), at: .at(0))
    }

    static func presentation() -> CodePresentation {
        CodePresentation(code: code, client: "client", redirectURI: "https://a.example/cb", verifier: verifier)
    }

    static func issue(_ answer: GrantAnswer) throws -> GrantIssue {
        guard case .issued(let issue) = answer else { throw Unexpected(answer: answer) }
        return issue
    }

    struct Unexpected: Error { var answer: GrantAnswer }
}
