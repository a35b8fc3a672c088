import FoundationEssentials
package import MCPEngine

extension MemoryStore {
    /// Stores with what a test does not care about filled in. The id says which owner it belongs to.
    @discardableResult
    package func keep(
        _ id: String, _ content: String, label: String? = nil, tags: [String] = [],
        priority: MemoryPriority = .reference, owner: String = "ann", at seconds: Double = 0
    ) async throws -> MemoryRecord {
        try await store(
            id: id, owner: owner, label: label, content: content, tags: tags, priority: priority, at: .at(seconds))
    }

    package func ids(
        _ filter: MemoryFilter = MemoryFilter(), limit: Int = 1000, after: MemoryPosition? = nil, owner: String = "ann"
    ) async throws -> [String] {
        try await list(filter, limit: limit, after: after, excerpt: 10, owner: owner).map(\.id)
    }

    package func found(
        _ query: String, tags: [String] = [], limit: Int = 10, owner: String = "ann"
    ) async throws -> [String] {
        try await search(query, tags: tags, limit: limit, excerpt: 100, owner: owner).map(\.id)
    }
}

extension StoreContract where Store == any MemoryStore {
    package static let memories: [StoreContract<any MemoryStore>] = versions + lists + searches + isolation

    private static let versions: [StoreContract<any MemoryStore>] = [
        StoreContract("a memory is found again as it was") { store in
            let stored = try await store.keep(
                "m1", "naïve\u{0}text\n日本 🎉", label: "a/b", tags: ["x y", "ü\u{0}", "z"], priority: .always, at: 1.125)
            let expected = MemoryRecord(
                id: "m1", owner: "ann", label: "a/b", version: 1, content: "naïve\u{0}text\n日本 🎉",
                tags: ["x y", "ü\u{0}", "z"], priority: .always, created: .at(1.125))
            try same(stored, expected)
            try same(await store.get(.id("m1"), owner: "ann"), expected)
            try same(await store.get(.label("a/b", version: nil), owner: "ann"), expected)
            try same(await store.get(.label("a/B", version: nil), owner: "ann"), nil)
            try same(await store.get(.id("m2"), owner: "ann"), nil)
        },
        StoreContract("an id is taken once, whoever has it") { store in
            try await store.keep("m1", "one")
            try await conflict { try await store.keep("m1", "two") }
            try await conflict { try await store.keep("m1", "two", owner: "bob") }
            try same(await store.statistics(owner: "ann").versions, 1)
            try same(await store.statistics(owner: "bob").versions, 0)
            try same(await store.get(.id("m1"), owner: "ann")?.content, "one")
        },
        StoreContract("storing under a label adds a version and keeps the others") { store in
            try same(await store.keep("m1", "one", label: "l").version, 1)
            try same(await store.keep("m2", "two", label: "l").version, 2)
            try same(await store.keep("m3", "none").version, 1)
            try same(await store.keep("m4", "none").version, 1)
            try same(await store.get(.label("l", version: nil), owner: "ann")?.id, "m2")
            try same(await store.get(.label("l", version: 1), owner: "ann")?.content, "one")
            try same(await store.get(.id("m1"), owner: "ann")?.version, 1)
            try same(await store.get(.label("l", version: 3), owner: "ann"), nil)
            try same(await store.get(.label("l", version: -1), owner: "ann"), nil)
        },
        StoreContract("versions stored at once are distinct and consecutive") { store in
            let versions = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<40 {
                    group.addTask { try await store.keep("m\(number)", "text \(number)", label: "l").version }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try same(versions.sorted(), Array(1...40))
            try same(await store.ids().count, 1)
            try same(await store.found("text").count, 1)
        },
        StoreContract("what is forgotten is gone: by id, by version, by label") { store in
            for number in 1...4 { try await store.keep("m\(number)", "word\(number)", label: "l", at: Double(number)) }
            try await store.keep("other", "word", label: "l2")
            try same(await store.forget(.label("l", version: 2), owner: "ann"), 1)
            try same(await store.get(.id("m2"), owner: "ann"), nil)
            try same(await store.forget(.label("l", version: 2), owner: "ann"), 0)
            try same(await store.forget(.id("m1"), owner: "ann"), 1)
            try same(await store.covered(by: .label("l", version: nil), excerpt: 3, owner: "ann").versions, 2)
            try same(await store.forget(.label("l", version: nil), owner: "ann"), 2)
            try same(await store.forget(.label("l", version: nil), owner: "ann"), 0)
            try same(await store.found("word4 word3 word1"), [])
            try same(await store.ids(), ["other"])
            try same(await store.statistics(owner: "ann").versions, 1)
        },
        StoreContract("when the newest version is forgotten, the one before is found again") { store in
            try await store.keep("m1", "kelp", label: "l", tags: ["old"], at: 1)
            try await store.keep("m2", "rock", label: "l", tags: ["new"], at: 2)
            try same(await store.found("kelp"), [])
            try same(await store.ids(MemoryFilter(tag: "old")), [])
            try same(await store.forget(.id("m2"), owner: "ann"), 1)
            try same(await store.found("kelp"), ["m1"])
            try same(await store.found("rock"), [])
            try same(await store.ids(MemoryFilter(tag: "old")), ["m1"])
            try same(await store.ids(MemoryFilter(tag: "new")), [])
            try same(await store.get(.label("l", version: nil), owner: "ann")?.id, "m1")
            try same(await store.keep("m3", "sand", label: "l", at: 3).version, 2)
        },
        StoreContract("coverage tells what would go") { store in
            try await store.keep("m1", "12345", label: "l", at: 1)
            try await store.keep("m2", "ééé", label: "l", tags: ["t"], at: 2)
            let all = try await store.covered(by: .label("l", version: nil), excerpt: 2, owner: "ann")
            try same([all.versions, all.bytes], [2, 11])
            try same(all.newest?.id, "m2")
            try same(all.newest?.excerpt, Excerpt(text: "éé", start: 0))
            let one = try await store.covered(by: .id("m1"), excerpt: 9, owner: "ann")
            try same([one.versions, one.bytes], [1, 5])
            try same(one.newest?.isWhole, true)
            let none = try await store.covered(by: .label("l", version: 7), excerpt: 9, owner: "ann")
            try same(none, MemoryCoverage(versions: 0, bytes: 0, newest: nil))
        },
        StoreContract("statistics count what is there") { store in
            let none = MemoryStatistics(memories: 0, versions: 0, bytes: 0, byPriority: [:], newest: nil)
            try same(await store.statistics(owner: "ann"), none)
            try await store.keep("m1", "12345", label: "l", priority: .always, at: 1)
            try await store.keep("m2", "é", label: "l", priority: .important, at: 2)
            try await store.keep("m3", "1", priority: .important, at: 3)
            try await store.keep("m4", "x", owner: "bob", at: 4)
            var expected = MemoryStatistics(
                memories: 2, versions: 3, bytes: 8, byPriority: [.important: 2], newest: .at(3))
            try same(await store.statistics(owner: "ann"), expected)
            _ = try await store.forget(.id("m2"), owner: "ann")
            expected = MemoryStatistics(
                memories: 2, versions: 2, bytes: 6, byPriority: [.always: 1, .important: 1], newest: .at(3))
            try same(await store.statistics(owner: "ann"), expected)
            _ = try await store.forget(.id("m1"), owner: "ann")
            _ = try await store.forget(.id("m3"), owner: "ann")
            try same(await store.statistics(owner: "ann"), none)
        },
        StoreContract("a hand-over note is kept until the next") { store in
            try same(await store.handover(owner: "ann")?.text, nil)
            try await store.leaveHandover("first\u{0}", owner: "ann", at: .at(1))
            try await store.leaveHandover("second\u{0}é", owner: "ann", at: .at(2.5))
            let note = try await store.handover(owner: "ann")
            try same(note?.text, "second\u{0}é")
            try same(note?.left, .at(2.5))
            try same(await store.ids(), [])
            try same(await store.statistics(owner: "ann").versions, 0)
        },
    ]
}
