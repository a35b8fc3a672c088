import FoundationEssentials
package import MCPEngine
import MCPProtocol

extension StoreContract where Store == any SessionStore {
    package static let sessions: [StoreContract<any SessionStore>] = [
        StoreContract("a record is found again as it was") { store in
            let full = SessionRecord(
                key: SessionKey(hex: "full"), owner: "key:ab\u{0}c", version: .v2025_06_18,
                clientInfo: ["version": "1.0", "name": "é\u{0}"], capabilities: ["roots": [:]], logLevel: .warning,
                subscriptions: ["file:///b", "file:///a\"\u{0}é"], created: .at(0.125), lastSeen: .at(1.5),
                ended: .at(2))
            try await store.insert(full)
            try await store.insert(session("plain"))
            try same(await store.find(full.key), full)
            try same(await store.find(SessionKey(hex: "plain")), session("plain"))
            try same(await store.find(SessionKey(hex: "other")), nil)
        },
        StoreContract("a key is taken once") { store in
            try await store.insert(session("a"))
            try await conflict { try await store.insert(session("a", seen: 9)) }
            try same(await store.find(SessionKey(hex: "a"))?.lastSeen, .at(0))
        },
        StoreContract("the first end wins, and leaves a tombstone") { store in
            try await store.insert(session("a"))
            try await store.end(SessionKey(hex: "a"), at: .at(5))
            try await store.end(SessionKey(hex: "a"), at: .at(3))
            try await store.end(SessionKey(hex: "unknown"), at: .at(3))
            try same(await store.find(SessionKey(hex: "a"))?.ended, .at(5))
            try same(await store.find(SessionKey(hex: "unknown")), nil)
            try await conflict { try await store.insert(session("a")) }
        },
        StoreContract("being seen moves forward only") { store in
            try await store.insert(session("a", seen: 10))
            try await store.insert(session("b", seen: 10))
            try await store.touch([
                SessionKey(hex: "a"): .at(12), SessionKey(hex: "b"): .at(8), SessionKey(hex: "unknown"): .at(20),
            ])
            try await store.touch([:])
            try same(await store.find(SessionKey(hex: "a"))?.lastSeen, .at(12))
            try same(await store.find(SessionKey(hex: "b"))?.lastSeen, .at(10))
            try same(await store.find(SessionKey(hex: "unknown")), nil)
        },
        StoreContract("the log level is kept") { store in
            try await store.insert(session("a"))
            try await store.setLogLevel(.debug, of: SessionKey(hex: "a"))
            try await store.setLogLevel(.critical, of: SessionKey(hex: "a"))
            try await store.setLogLevel(.critical, of: SessionKey(hex: "unknown"))
            try same(await store.find(SessionKey(hex: "a"))?.logLevel, .critical)
        },
        StoreContract("subscriptions are kept as they were set last") { store in
            try await store.insert(session("a"))
            try await store.insert(session("b"))
            // Two spellings of one word are two URIs.
            let uris = ["note://cre\u{300}me", "note://cr\u{E8}me", "note://1"]
            try await store.setSubscriptions(["note://old"], of: SessionKey(hex: "a"))
            try await store.setSubscriptions(uris, of: SessionKey(hex: "a"))
            try await store.setSubscriptions(uris, of: SessionKey(hex: "unknown"))
            let kept = try await store.find(SessionKey(hex: "a"))?.subscriptions ?? []
            try same(kept.map { Array($0.utf8) }, uris.map { Array($0.utf8) })
            try same(await store.find(SessionKey(hex: "b"))?.subscriptions, [])
            try same(await store.find(SessionKey(hex: "unknown")), nil)
            try await store.setSubscriptions([], of: SessionKey(hex: "a"))
            try same(await store.find(SessionKey(hex: "a"))?.subscriptions, [])
        },
        StoreContract("a sweep takes idle sessions and old tombstones, at their bounds") { store in
            try await store.insert(session("idle", seen: 9))
            try await store.insert(session("live", seen: 10))
            try await store.insert(session("old", seen: 0, ended: 19))
            try await store.insert(session("young", seen: 0, ended: 20))
            try same(await store.sweep(idleSince: .at(10), endedBefore: .at(20), keep: 100), 2)
            try same(await kept(["idle", "live", "old", "young"], in: store), ["live", "young"])
        },
        StoreContract("a sweep takes the least recently seen of what is too many") { store in
            for (seen, name) in ["c", "a", "d", "b"].enumerated() {
                try await store.insert(session(name, seen: Double(seen), ended: name == "a" ? 50 : nil))
            }
            try same(await store.sweep(idleSince: .at(0), endedBefore: .at(0), keep: 4), 0)
            try same(await store.sweep(idleSince: .at(0), endedBefore: .at(0), keep: 2), 2)
            try same(await kept(["a", "b", "c", "d"], in: store), ["b", "d"])
            try same(await store.sweep(idleSince: .at(0), endedBefore: .at(0), keep: 0), 2)
        },
        StoreContract("many tasks insert and touch at once") { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await store.insert(session("s\(number)"))
                        try await store.touch([SessionKey(hex: "s\(number)"): .at(Double(number) + 1)])
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<40 {
                try same(await store.find(SessionKey(hex: "s\(number)"))?.lastSeen, .at(Double(number) + 1))
            }
        },
    ]
}

private func session(_ name: String, seen: Double = 0, ended: Double? = nil) -> SessionRecord {
    SessionRecord(
        key: SessionKey(hex: name), owner: "local", version: .v2025_11_25, created: .at(0), lastSeen: .at(seen),
        ended: ended.map(Date.at))
}

private func kept(_ names: [String], in store: any SessionStore) async throws -> [String] {
    var kept: [String] = []
    for name in names where try await store.find(SessionKey(hex: name)) != nil { kept.append(name) }
    return kept
}
