import FoundationEssentials
import MCPEngine
import MCPTesting
import Testing

@Suite struct APIKeyTests {
    @Test func aMintedKeyIsReadBackAndUnlikeAnyOther() throws {
        let keys = (0..<50).map { _ in APIKey.mint() }
        for key in keys {
            #expect(key.text.wholeMatch(of: /hf_[0-9a-z]{10}_[0-9a-z]{50}/) != nil)
            #expect(APIKey(parsing: key.text) == key)
            #expect(key.hash.count == 32)
        }
        #expect(Set(keys.map(\.id)).count == 50)
        #expect(Set(keys.map(\.secret)).count == 50)
    }

    @Test func theHashIsOfTheSecretPart() throws {
        let secret = String(repeating: "a", count: 50)
        let key = try #require(APIKey(parsing: "hf_abcdefgh_\(secret)"))
        // printf 'a%.0s' {1..50} | sha256sum
        let hex = key.hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == "160b4e433e384e05e537dc59b467f7cb2403f0214db15c5db58862a3f1156d2e")
        #expect(key.record(name: "ci", created: .at(1)).hash == key.hash)
    }

    @Test(arguments: [
        "", "hf", "hf__", "hf_abcdefgh", "hf_abcdefgh_", "xx_abcdefgh_", "HF_abcdefgh_", "hf_abcdefg_", "hf_ABCDEFGH_",
        "hf_abc-efgh_", "hf_abcdefgh__", "hf_a_bcdefgh_", " hf_abcdefgh_", "hf_é́bcdefgh_",
    ])
    func whatIsNotAKeyIsNotRead(_ beginning: String) {
        #expect(APIKey(parsing: beginning) == nil)
        #expect(APIKey(parsing: beginning + String(repeating: "a", count: 39)) == nil)
        if beginning != "hf_abcdefgh_" {
            #expect(APIKey(parsing: beginning + String(repeating: "a", count: 50)) == nil)
        }
        #expect(APIKey(parsing: "hf_abcdefgh_" + String(repeating: "a", count: 200)) == nil)
    }

    @Test func bytesAreEqualOrNot() {
        #expect(constantTimeEquals([], []))
        #expect(constantTimeEquals([1, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2], [1, 3]))
        #expect(!constantTimeEquals([0, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2], [1, 2, 3]))
    }
}

@Suite struct APIKeyDirectoryTests {
    private let store = InMemoryStore()
    private let key = APIKey.mint()

    @Test func aStoredKeyIsItsPrincipalFromTheNextRefreshOn() async throws {
        let directory = APIKeyDirectory(store: store)
        try store.insert(key.record(name: "ci", created: .at(0)))
        #expect(directory.principal(for: key.text) == nil)
        #expect(directory.isEmpty)
        try await directory.refresh()
        #expect(directory.principal(for: key.text) == Principal(id: "key:\(key.id)", name: "ci"))
        #expect(!directory.isEmpty)
    }

    @Test func aKeyThatIsRevokedStopsWorking() async throws {
        let directory = APIKeyDirectory(store: store)
        try store.insert(key.record(name: "ci", created: .at(0)))
        try await directory.refresh()
        #expect(store.revoke(name: "ci", at: .at(1)))
        try await directory.refresh()
        #expect(directory.principal(for: key.text) == nil)
        #expect(directory.isEmpty)
    }

    @Test func aWrongSecretAnUnknownIdAndNonsenseAreNobody() async throws {
        let directory = APIKeyDirectory(store: store, settingsKey: "open sesame")
        try store.insert(key.record(name: "ci", created: .at(0)))
        try await directory.refresh()
        let other = APIKey.mint()
        #expect(directory.principal(for: "hf_\(key.id)_\(other.secret)") == nil)
        #expect(directory.principal(for: "hf_\(other.id)_\(key.secret)") == nil)
        #expect(directory.principal(for: key.text.uppercased()) == nil)
        #expect(directory.principal(for: "Bearer \(key.text)") == nil)
        #expect(directory.principal(for: "") == nil)
        #expect(directory.principal(for: "open sesame ") == nil)
        #expect(directory.principal(for: String(repeating: "x", count: 100_000)) == nil)
    }

    @Test func theKeyFromTheSettingsWorksAtOnceAndKeepsItsPrincipal() {
        let directory = APIKeyDirectory(store: store, settingsKey: "open sesame")
        // printf 'open sesame' | sha256sum
        #expect(directory.principal(for: "open sesame") == Principal(id: "key:41ef4bb0b236", name: "settings"))
        #expect(!directory.isEmpty)
        #expect(directory.principal(for: key.text) == nil)
    }

    @Test func whenTheStoreFailsWhatWasKnownStaysInForce() async throws {
        struct Broken: CredentialStore {
            func insert(_ key: APIKeyRecord) throws {}
            func revoke(name: String, at date: Date) -> Bool { false }
            func keys() throws -> [APIKeyRecord] { throw StoreError(.unavailable, "gone") }
        }
        let directory = APIKeyDirectory(store: Broken(), settingsKey: "open sesame")
        await #expect(throws: StoreError.self) { try await directory.refresh() }
        #expect(directory.principal(for: "open sesame") != nil)
    }
}
