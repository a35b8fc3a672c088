import FoundationEssentials
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

@Suite struct RequestStateTests {
    private let store = InMemoryStore()
    private let ann = Principal(id: "key:ann", name: "ann")
    private let params: JSON = ["name": "book", "arguments": ["to": "Kiel", "seats": 2]]
    private let state = RequestState(
        answers: ["when": ["action": "accept", "content": ["day": "1.50"]]], asked: ["who"])

    private func sealer(_ change: (inout RequestStateSealer.Limits) -> Void = { _ in }) -> RequestStateSealer {
        var limits = RequestStateSealer.Limits()
        change(&limits)
        return RequestStateSealer(store: store, limits: limits)
    }

    private func binding(
        _ principal: Principal? = nil, method: String = "tools/call", params: JSON? = nil
    ) -> RequestStateBinding {
        RequestStateBinding(principal: principal ?? ann, method: method, params: params ?? self.params)
    }

    private func fault(
        _ text: String, _ binding: RequestStateBinding? = nil, at seconds: Double = 1, sealer: RequestStateSealer? = nil
    ) async throws -> RequestStateFault? {
        do {
            _ = try await (sealer ?? self.sealer()).open(text, for: binding ?? self.binding(), at: .at(seconds))
            return nil
        } catch let fault as RequestStateFault {
            return fault
        }
    }

    @Test func whatWasSealedIsOpenedForTheSameRequest() async throws {
        let text = try await sealer().seal(state, for: binding(), at: .at(0))
        #expect(try await sealer().open(text, for: binding(), at: .at(1)) == state)
        #expect(
            text.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == 0x2D || $0 == 0x5F || $0 > 0x40
            })
    }

    @Test func aRetryMayWriteItsParamsAnewAndCarriesMoreThanTheFirstRound() async throws {
        let text = try await sealer().seal(state, for: binding(), at: .at(0))
        let retry = try JSON(
            parsing: Array(
                #"""
                {"requestState": "x", "arguments": {"seats": 2.0, "to": "\u004biel"}, "inputResponses": {"who": {}},
                 "_meta": {"progressToken": 7}, "name": "book"}
                """#.utf8))
        #expect(try await sealer().open(text, for: binding(params: retry), at: .at(1)) == state)
    }

    @Test(
        arguments: [
            ["name": "book", "arguments": ["to": "Kiel", "seats": 3]],
            ["name": "book", "arguments": ["to": "Kiel", "seats": "2"]],
            ["name": "book", "arguments": ["to": "Kiel", "seats": [2]]],
            ["name": "book", "arguments": ["to": "Kiel", "seats": 2, "more": nil]],
            ["name": "book", "arguments": ["to": "Kiel"], "seats": 2],
            ["name": "book", "arguments": ["toKiel": "", "seats": 2]],
            ["name": "sell", "arguments": ["to": "Kiel", "seats": 2]],
            ["name": "book"], [:],
        ] as [JSON])
    func otherParamsDoNotOpenIt(params: JSON) async throws {
        let text = try await sealer().seal(state, for: binding(), at: .at(0))
        #expect(try await fault(text, binding(params: params)) == .foreign)
    }

    @Test func nestedParamsWithTheNamesOfTheProtocolsOwnCount() async throws {
        let text = try await sealer().seal(
            state, for: binding(params: ["arguments": ["_meta": 1]]), at: .at(0))
        #expect(try await fault(text, binding(params: ["arguments": ["_meta": 2]])) == .foreign)
        #expect(try await fault(text, binding(params: ["arguments": [:]])) == .foreign)
    }

    @Test func nobodyElseAndNoOtherMethodOpensIt() async throws {
        let text = try await sealer().seal(state, for: binding(), at: .at(0))
        let bob = Principal(id: "key:bob", name: "ann")
        #expect(try await fault(text, binding(bob)) == .foreign)
        #expect(try await fault(text, binding(method: "prompts/get")) == .foreign)
        // Neither do two parts that give the same text when they are put together.
        #expect(try await fault(text, binding(Principal(id: "key:annt", name: ""), method: "ools/call")) == .foreign)
    }

    @Test func toAnotherCallerItSaysNoMoreThanDamage() async throws {
        let text = try await sealer().seal(state, for: binding(), at: .at(0))
        let bob = binding(Principal(id: "key:bob", name: "bob"))
        var damaged = Array(text.utf8)
        damaged[40] = damaged[40] == 0x41 ? 0x42 : 0x41
        let (foreign, broken) = try await (fault(text, bob), fault(String(decoding: damaged, as: UTF8.self), bob))
        #expect(foreign == broken)
        // Not even when it has expired.
        #expect(try await fault(text, bob, at: 99_999) == .foreign)
    }

    @Test func everyBitThatIsChangedIsNoticed() async throws {
        let sealer = sealer()
        let text = try await sealer.seal(state, for: binding(), at: .at(0))
        for index in text.utf8.indices {
            for bit in 0..<8 {
                var bytes = Array(text.utf8)
                bytes[text.utf8.distance(from: text.utf8.startIndex, to: index)] ^= 1 << bit
                let changed = String(decoding: bytes, as: UTF8.self)
                #expect(try await fault(changed, sealer: sealer) != nil, "\(changed)")
            }
        }
        for cut in 0..<text.utf8.count {
            #expect(try await fault(String(text.prefix(cut)), sealer: sealer) != nil)
        }
        for added in ["A", "=", "AAAA", " ", "\n"] { #expect(try await fault(text + added, sealer: sealer) != nil) }
    }

    @Test func itExpires() async throws {
        let text = try await sealer { $0.lifetime = .seconds(60) }.seal(state, for: binding(), at: .at(0))
        #expect(try await fault(text, at: 59.999) == nil)
        #expect(try await fault(text, at: 60) == .expired)
    }

    @Test func whatIsTooLargeIsNeitherMadeNorRead() async throws {
        let small = sealer { $0.bytes = 1_000 }
        func state(_ count: Int) -> RequestState {
            RequestState(answers: ["k": JSON(String(repeating: "x", count: count))])
        }
        await #expect(throws: RequestStateFault.tooLarge(limit: 1_000)) {
            _ = try await small.seal(state(1_000), for: binding(), at: .at(0))
        }
        for count in 600..<700 {
            guard let text = try? await small.seal(state(count), for: binding(), at: .at(0)) else { continue }
            #expect(text.utf8.count <= 1_000)
        }
        let large = try await sealer().seal(state(1_000), for: binding(), at: .at(0))
        #expect(try await fault(large, sealer: small) == .malformed)
    }

    @Test func everyFaultIsInvalidParamsOfRequestState() {
        for fault in [RequestStateFault.malformed, .foreign, .expired] {
            #expect(fault.error.code == -32602)
            #expect(fault.error.message.hasPrefix("requestState "))
        }
        #expect(RequestStateFault.tooLarge(limit: 9).error.code == -32602)
    }

    @Test func onlyWhatWasAskedIsTaken() {
        var state = RequestState(answers: ["when": "now"], asked: ["who", "why"])
        state.take(["who": ["action": "accept"], "when": "never", "other": 1])
        #expect(state == RequestState(answers: ["when": "now", "who": ["action": "accept"]], asked: ["why"]))
        state.take(nil)
        #expect(state.asked == ["why"])
    }

    // MARK: Keys

    @Test func aRestartOpensWhatWasSealedBeforeIt() async throws {
        let text = try await sealer().seal(state, for: binding(), at: .at(0))
        #expect(try await RequestStateSealer(store: store).open(text, for: binding(), at: .at(1)) == state)
        #expect(store.sealingKeys().count == 1)
        #expect(try await fault(text, sealer: RequestStateSealer(store: InMemoryStore())) == .expired)
    }

    @Test func keysAreReplacedWhenTheyAreOldAndKeptWhileTheyAreNeeded() async throws {
        let sealer = sealer {
            $0.keyRotation = .seconds(1_000)
            $0.lifetime = .seconds(500)
        }
        func seal(_ seconds: Double) async throws -> String {
            try await sealer.seal(state, for: binding(), at: .at(seconds))
        }
        let first = try await seal(0)
        let late = try await seal(999)
        #expect(store.sealingKeys().count == 1)
        let second = try await seal(1_000)
        #expect(store.sealingKeys().count == 2)
        // Sealed with the first key just before it was replaced.
        #expect(try await fault(late, at: 1_498, sealer: sealer) == nil)
        #expect(try await fault(first, at: 1_498, sealer: sealer) == .expired)
        #expect(try await fault(second, at: 1_499, sealer: sealer) == nil)
        _ = try await seal(2_000)
        #expect(store.sealingKeys().map(\.created) == [.at(2_000), .at(1_000)])
    }

    @Test func aProcessFollowsTheKeyThatAnotherHasMade() async throws {
        let (one, other) = (
            SealingKeyRing(store: store, lifetime: .seconds(9)), SealingKeyRing(store: store, lifetime: .seconds(9))
        )
        let old = try await one.current(at: .at(0))
        #expect(try await other.current(at: .at(0)) == old)
        let month = 30 * 86_400.0
        #expect(try await one.current(at: .at(month - 1)) == old)
        let new = try await other.current(at: .at(month))
        #expect(new != old)
        #expect(try await one.key(new.id, at: .at(month)) == new)
        #expect(try await one.current(at: .at(month + 60)) == new)
    }

    @Test func aKeyDoesNotShowItsSecret() {
        let key = SealingKey(id: [1], secret: [222, 222], created: .at(0))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!"\(key) \(String(reflecting: key)) \(dumped)".contains("222"))
        #expect(SealingKey.mint(at: .at(0)).secret != SealingKey.mint(at: .at(0)).secret)
    }
}
