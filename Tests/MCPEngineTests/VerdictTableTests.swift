import Crypto
import FoundationEssentials
import MCPEngine
import MCPTesting
import Testing

@Suite struct VerdictTableTests {
    private let alice = Admission(Principal(id: "a", name: "alice"), scopes: ScopeSet(["mcp:read"]))
    private let date = Date(timeIntervalSince1970: 1_000_000)

    private func key(_ text: String) -> SHA256Digest { SHA256.hash(data: Data(text.utf8)) }

    private func table(entries: Int = 10, lifetime: Duration = .seconds(2), asking: Int = 10) -> VerdictTable {
        var limits = VerdictTable.Limits()
        (limits.entries, limits.lifetime, limits.asking) = (entries, lifetime, asking)
        return VerdictTable(limits: limits)
    }

    @Test func aVerdictHoldsForItsTimeAndNotLonger() {
        var table = table()
        #expect(table.begin(key("t"), at: .zero, date) == .ask)
        #expect(table.begin(key("t"), at: .zero, date) == .wait)
        table.end(key("t"), .admitted(alice), at: .seconds(1))
        #expect(table.begin(key("t"), at: .milliseconds(2_999), date) == .known(alice))
        #expect(table.begin(key("t"), at: .seconds(3), date) == .ask)
    }

    @Test func aRefusalIsRememberedAsWellAndAnOutageIsNot() {
        var table = table()
        let refusal = TokenRefusal(.expired, "x")
        _ = table.begin(key("bad"), at: .zero, date)
        table.end(key("bad"), .refused(refusal), at: .zero)
        #expect(table.begin(key("bad"), at: .seconds(1), date) == .refused(refusal))
        _ = table.begin(key("who knows"), at: .zero, date)
        table.end(key("who knows"), .unavailable(TokenOutage("x")), at: .zero)
        #expect(table.begin(key("who knows"), at: .zero, date) == .ask)
        table.end(key("who knows"), nil, at: .zero)
        #expect(table.begin(key("who knows"), at: .zero, date) == .ask)
    }

    @Test func whatHasExpiredIsNotKnownHoweverFreshItIs() {
        var table = table()
        var brief = alice
        brief.expires = date
        _ = table.begin(key("t"), at: .zero, date.addingTimeInterval(-1))
        table.end(key("t"), .admitted(brief), at: .zero)
        #expect(table.begin(key("t"), at: .zero, date.addingTimeInterval(-1)) == .known(brief))
        #expect(table.begin(key("t"), at: .zero, date) == .ask)
    }

    @Test func itIsBoundedAndGuessesPushNoGoodTokenOut() {
        var table = table(entries: 3, asking: 2)
        _ = table.begin(key("good"), at: .zero, date)
        table.end(key("good"), .admitted(alice), at: .zero)
        for guess in 0..<100 {
            #expect(table.begin(key("guess \(guess)"), at: .zero, date) == .ask)
            table.end(key("guess \(guess)"), .refused(TokenRefusal(.unknown, "x")), at: .zero)
        }
        #expect(table.count == 4)
        #expect(table.begin(key("good"), at: .zero, date) == .known(alice))
        for more in 0..<10 {
            _ = table.begin(key("more \(more)"), at: .zero, date)
            table.end(key("more \(more)"), .admitted(alice), at: .zero)
        }
        #expect(table.count == 6)
        #expect(table.begin(key("good"), at: .zero, date) == .ask, "the oldest makes room")
    }

    @Test func onlySoManyAreAskedAboutAtOnce() {
        var table = table(asking: 2)
        #expect(table.begin(key("1"), at: .zero, date) == .ask)
        #expect(table.begin(key("2"), at: .zero, date) == .ask)
        #expect(table.begin(key("3"), at: .zero, date) == .full)
        #expect(table.begin(key("1"), at: .zero, date) == .wait)
        table.end(key("1"), nil, at: .zero)
        #expect(table.begin(key("3"), at: .zero, date) == .ask)
    }

    @Test func everythingCanBeForgotten() {
        var table = table()
        _ = table.begin(key("t"), at: .zero, date)
        table.end(key("t"), .admitted(alice), at: .zero)
        table.forgetAll()
        #expect(table.count == 0)
        #expect(table.begin(key("t"), at: .zero, date) == .ask)
    }
}

@Suite struct VerdictCacheTests {
    private static let admission = Admission(Principal(id: "a", name: "a"))

    private final class Counting: TokenVerifier {
        let asked = Tally()
        let gate = Gate()
        let verdict: TokenVerdict

        init(_ verdict: TokenVerdict = .admitted(VerdictCacheTests.admission)) { self.verdict = verdict }

        func verify(_ token: String) async -> TokenVerdict {
            asked.raise()
            await gate.pass()
            return verdict
        }
    }

    @Test func manyWhoBringTheSameTokenAtOnceMakeOneQuestion() async {
        let verifier = Counting()
        let cache = VerdictCache(verifier, time: ManualTime())
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { if case .admitted(Self.admission) = await cache.verify("t") { true } else { false } }
            }
            verifier.gate.open()
            for await admitted in group { #expect(admitted) }
        }
        #expect(verifier.asked.count == 1)
        _ = await cache.verify("another")
        #expect(verifier.asked.count == 2)
    }

    @Test func aTokenIsAskedAboutAgainWhenItsTimeIsOver() async {
        let (verifier, time) = (Counting(), ManualTime())
        verifier.gate.open()
        let cache = VerdictCache(verifier, time: time)
        _ = await cache.verify("t")
        time.advance(by: .milliseconds(1_999))
        _ = await cache.verify("t")
        #expect(verifier.asked.count == 1)
        time.advance(by: .milliseconds(1))
        _ = await cache.verify("t")
        #expect(verifier.asked.count == 2)
    }

    @Test func whoWaitsForSomebodyThatWasCalledOffAsksThemselves() async {
        let verifier = Counting()
        let cache = VerdictCache(verifier, time: ManualTime())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await cache.verify("t") }
            await verifier.gate.arrivals()
            // This one waits for the first, or comes too late and asks again: both must end.
            group.addTask { _ = await cache.verify("t") }
            group.cancelAll()
        }
        let before = verifier.asked.count
        verifier.gate.open()
        _ = await cache.verify("t")
        #expect(verifier.asked.count == before + 1, "nothing that was called off is remembered")
    }
}

@Suite struct TokenVerifiersTests {
    private struct Fixed: TokenVerifier {
        let verdict: TokenVerdict
        func verify(_ token: String) async -> TokenVerdict { verdict }
    }

    private func word(_ verdicts: TokenVerdict...) async -> String {
        switch await TokenVerifiers(verdicts.map { Fixed(verdict: $0) }).verify("t") {
        case .admitted: "admitted"
        case .refused(let refusal): refusal.reason.rawValue
        case .unavailable: "unavailable"
        }
    }

    @Test(.requirement("A-07")) func theFirstThatKnowsTheTokenDecides() async {
        let admitted = TokenVerdict.admitted(Admission(Principal(id: "a", name: "a")))
        let unknown = TokenVerdict.refused(TokenRefusal(.unknown, "x"))
        let expired = TokenVerdict.refused(TokenRefusal(.expired, "x"))
        let down = TokenVerdict.unavailable(TokenOutage("x"))
        #expect(await word() == "unknown")
        #expect(await word(unknown, admitted) == "admitted")
        #expect(await word(expired, admitted) == "expired")
        #expect(await word(down, admitted) == "admitted")
        #expect(await word(down, unknown) == "unavailable")
        #expect(await word(unknown, down) == "unavailable")
        #expect(await word(down, expired) == "expired")
    }
}
