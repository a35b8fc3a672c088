import MCPAuthorization
import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@Suite struct IssuerMachineTests {
    private static let metadata: IssuerMetadata? = try? IssuerMetadata(
        ["issuer": "https://a.example", "jwks_uri": "https://a.example/k"], of: "https://a.example")

    private static func keys(_ names: String...) async throws -> PublicKeys {
        try await PublicKeys(["keys": JSON(names.map { TestKey.published($0) })])
    }

    private static let known = (id: Optional("known"), algorithm: "ES256")
    private static let other = (id: Optional("other"), algorithm: "ES256")

    private func machine(age: Duration = .seconds(600), longest: Duration = .seconds(3_600)) -> IssuerMachine {
        var limits = IssuerMachine.Limits()
        (limits.age, limits.pause, limits.longest) = (age, .seconds(10), longest)
        return IssuerMachine(limits: limits)
    }

    private func fetched(at now: Duration = .zero) async throws -> IssuerMachine {
        var machine = machine()
        #expect(machine.begin(at: now) == true)
        machine.succeeded(try #require(Self.metadata), try await Self.keys("known"), at: now)
        return machine
    }

    @Test func theFirstFetchIsDueAtOnceAndThereIsOneAtATime() {
        var machine = machine()
        #expect(machine.nextFetch(at: .zero) == .zero)
        #expect(machine.consult(for: Self.known, since: .zero, at: .zero).word == "wait")
        #expect(machine.begin(at: .zero) == true)
        #expect(machine.phase == .fetching)
        #expect(machine.begin(at: .seconds(60)) == false)
        #expect(machine.consult(for: Self.known, since: .zero, at: .zero).word == "wait")
    }

    @Test func aKnownKeyIsUsedWithoutAsking() async throws {
        var machine = try await fetched()
        #expect(machine.consult(for: Self.known, since: .seconds(300), at: .seconds(300)).word == "use")
        #expect(machine.consult(for: nil, since: .seconds(300), at: .seconds(300)).word == "use")
        #expect(machine.nextFetch(at: .seconds(300)) == .seconds(300), "nobody has asked for more")
        #expect(machine.begin(at: .milliseconds(599_999)) == false)
        #expect(machine.begin(at: .seconds(600)) == true)
    }

    @Test func anUnknownKeyMakesOneFetchAndThenNoneForAWhile() async throws {
        var machine = try await fetched()
        #expect(machine.consult(for: Self.other, since: .seconds(20), at: .seconds(20)).word == "wait")
        #expect(machine.nextFetch(at: .seconds(20)) == .zero)
        #expect(machine.begin(at: .seconds(20)) == true)
        machine.succeeded(try #require(Self.metadata), try await Self.keys("known"), at: .seconds(21))
        #expect(machine.consult(for: Self.other, since: .seconds(20), at: .seconds(21)).word == "unknown key")
        // Nobody knows whether the issuer has made it since.
        #expect(machine.consult(for: Self.other, since: .seconds(22), at: .seconds(22)).word == "unavailable for 8")
        #expect(machine.nextFetch(at: .seconds(22)) == .seconds(8), "it was asked for")
        #expect(machine.begin(at: .seconds(29)) == false)
        #expect(machine.begin(at: .seconds(30)) == true)
    }

    @Test func aKeyOfTheSameNameForAnotherAlgorithmIsAnotherKey() async throws {
        var machine = try await fetched()
        #expect(machine.consult(for: ("known", "RS256"), since: .seconds(20), at: .seconds(20)).word == "wait")
    }

    @Test func whileTheIssuerIsAwayWhatIsKnownIsUsedAndNothingIsCalledBad() async throws {
        var machine = try await fetched()
        #expect(machine.begin(at: .seconds(600)) == true)
        #expect(machine.failed("down") == true)
        #expect(machine.phase == .idle)
        #expect(machine.consult(for: Self.known, since: .seconds(601), at: .seconds(601)).word == "use")
        #expect(machine.consult(for: Self.other, since: .seconds(599), at: .seconds(601)).word == "unavailable for 9")
        #expect(machine.nextFetch(at: .seconds(601)) == .seconds(9), "it is tried again soon")
        #expect(machine.begin(at: .seconds(610)) == true)
        #expect(machine.failed("down") == false, "no news")
        #expect(machine.begin(at: .seconds(620)) == true)
        #expect(machine.failed("still down") == true)
    }

    @Test func theLastGoodCopyIsNotUsedForEver() async throws {
        var machine = try await fetched()
        #expect(machine.begin(at: .seconds(3_590)) == true)
        #expect(machine.failed("down") == true)
        #expect(machine.consult(for: Self.known, since: .seconds(3_599), at: .seconds(3_599)).word == "use")
        #expect(machine.consult(for: Self.known, since: .seconds(3_599), at: .milliseconds(3_600_000)).word == "wait")
        #expect(machine.begin(at: .seconds(3_600)) == true)
        #expect(machine.failed("down") == false)
        #expect(
            machine.consult(for: Self.known, since: .seconds(3_600), at: .seconds(3_601)).word == "unavailable for 9")
    }

    @Test func aStoppedMachineFetchesNothingAndKeepsNobodyWaiting() async throws {
        var machine = try await fetched()
        machine.stop()
        #expect(machine.begin(at: .seconds(9_999)) == false)
        #expect(machine.consult(for: Self.known, since: .zero, at: .seconds(1)).word == "use")
        #expect(machine.consult(for: Self.other, since: .seconds(50), at: .seconds(50)).word == "unavailable for 5")
    }
}

extension IssuerMachine.Advice {
    /// What it advises, in a word.
    fileprivate var word: String {
        switch self {
        case .use: "use"
        case .unknownKey: "unknown key"
        case .wait: "wait"
        case .unavailable(let outage): "unavailable for \(outage.retryAfter)"
        }
    }
}
