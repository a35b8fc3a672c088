import FoundationEssentials
import MCPEngine

extension StoreContract where Store == any MemoryStore {
    static let searches: [StoreContract<any MemoryStore>] = [
        StoreContract("words are found in content, label and tags, whatever their case") { store in
            try await store.keep("m1", "The Kelp holds fast", at: 1)
            try await store.keep("m2", "nothing", label: "sea/kelp-forest", at: 2)
            try await store.keep("m3", "nothing", tags: ["KELP"], at: 3)
            try await store.keep("m4", "kelpie", at: 4)
            try same(Set(await store.found("kelp holds")), ["m1", "m2", "m3"])
            try same(await store.found("HOLDS kelp").first, "m1")
            try same(await store.found("forest"), ["m2"])
            try same(await store.found("absent"), [])
            try same(await store.found("kelp", owner: "nobody"), [])
            try same(await store.found("kelp", limit: 0), [])
        },
        StoreContract("every word comes before some words, some before none") { store in
            try await store.keep("m1", "red green blue", at: 1)
            try await store.keep("m2", "red only, and again red red red", at: 2)
            try await store.keep("m3", "green and red", at: 3)
            try await store.keep("m4", "yellow", at: 4)
            let found = try await store.found("red green blue")
            try same(found.first, "m1")
            try same(Set(found), ["m1", "m2", "m3"])
            try same(found.last, "m2")
            try same(await store.found("red green blue", limit: 1), ["m1"])
        },
        StoreContract("a word in the label or a tag weighs more than one in the content") { store in
            for number in 0..<8 { try await store.keep("n\(number)", "padding without it \(number)") }
            try await store.keep("m1", "about the harbour and its walls", label: "boats", at: 1)
            try await store.keep("m2", "nothing of that but other words", label: "harbour", at: 2)
            try await store.keep("m3", "about the harbour and its walls", label: "ships", at: 3)
            try await store.keep("m4", "nothing of that but other words", tags: ["harbour"], at: 4)
            try same(Set(await store.found("harbour", limit: 2)), ["m2", "m4"])
            try same(Set(await store.found("harbour")), ["m1", "m2", "m3", "m4"])
        },
        StoreContract("more of a word is better; of equals the newest comes first") { store in
            for number in 0..<8 { try await store.keep("n\(number)", "padding without it \(number)") }
            try await store.keep("m1", "kelp kelp kelp rock", at: 1)
            try await store.keep("m2", "kelp sand weed rock", at: 2)
            try await store.keep("m3", "kelp sand weed rock", at: 3)
            try same(await store.found("kelp"), ["m1", "m3", "m2"])
        },
        StoreContract("every tag must be there, exactly") { store in
            try await store.keep("m1", "kelp", tags: ["a", "b"], at: 1)
            try await store.keep("m2", "kelp", tags: ["a"], at: 2)
            try await store.keep("m3", "kelp", tags: ["a b"], at: 3)
            try await store.keep("m4", "rock", tags: ["b", "a"], at: 4)
            try same(await store.found("kelp", tags: ["a"]), ["m2", "m1"])
            try same(await store.found("kelp", tags: ["a", "b"]), ["m1"])
            try same(await store.found("kelp", tags: ["a b"]), ["m3"])
            try same(await store.found("kelp", tags: ["A"]), [])
            try same(await store.found("", tags: ["b"]), ["m4", "m1"])
            try same(await store.found("kelp", tags: ["\" OR *"]), [])
            try same(await store.found("rock kelp", tags: ["b"]), ["m4", "m1"])
        },
        StoreContract("only the newest version is found") { store in
            try await store.keep("m1", "kelp", label: "l", tags: ["t"], at: 1)
            try await store.keep("m2", "rock", label: "l", at: 2)
            try same(await store.found("kelp"), [])
            try same(await store.found("", tags: ["t"]), [])
            try same(await store.found("rock"), ["m2"])
            try same(await store.found("l"), ["m2"])
        },
        StoreContract("a query without words lists the newest") { store in
            for number in 1...3 { try await store.keep("m\(number)", "text", at: Double(number)) }
            for query in ["", "   ", "\u{0}", "\"", "* ( ) - : ^ + { } ; --", "🎉", "\u{202E}"] {
                try same(await store.found(query, limit: 2), ["m3", "m2"], query)
            }
        },
        StoreContract("the beginning of the last word is enough") { store in
            try await store.keep("m1", "the holdfast of a kelp")
            try same(await store.found("kelp hold"), ["m1"])
            try same(await store.found("holdf"), ["m1"])
            try same(await store.found("oldfast"), [])
        },
        StoreContract("text without spaces is found by its parts") { store in
            try await store.keep("m1", "東京都の天気は晴れです", at: 1)
            try await store.keep("m2", "京都へ行く iPhone15を買う", at: 2)
            try same(await store.found("天気"), ["m1"])
            try same(await store.found("京都"), ["m2", "m1"])
            try same(await store.found("東京都").first, "m1")
            try same(await store.found("iphone15"), ["m2"])
            try same(await store.found("買"), ["m2"])
            try same(await store.found("気天"), [])
        },
        StoreContract("nothing in a query is syntax") { store in
            try await store.keep("m1", "alpha beta", label: "label", tags: ["tag"], at: 1)
            try await store.keep("m2", "gamma NEAR or and not", at: 2)
            let queries: [(String, [String])] = [
                ("\" OR *", ["m2"]), ("NEAR(", ["m2"]), ("NEAR(alpha beta, 1)", ["m1", "m2"]), ("alpha\"beta", ["m1"]),
                ("content:alpha", ["m1"]), ("label : alpha", ["m1"]), ("{label tags}: alpha", ["m1"]),
                ("-alpha", ["m1"]),
                ("alpha AND nothing", ["m1", "m2"]), ("al*", []), ("^alpha", ["m1"]), ("alpha + beta", ["m1"]),
                ("'; DROP TABLE memory; --", []), ("alpha\u{0}beta", ["m1"]), ("1x alpha", ["m1"]), ("1xalpha", []),
                ("🎉 alpha", ["m1"]), ("%", ["m2", "m1"]), ("alpha NOT beta", ["m1", "m2"]), ("1y746167", []),
                ("tag\\", ["m1"]), ("\u{FEFF}beta\u{200B}", ["m1"]), ("e\u{0301}\u{0301}\u{0301}", []),
            ]
            for (query, expected) in queries {
                try same(Set(await store.found(query)), Set(expected), query)
            }
        },
        StoreContract("a long query or content does no harm") { store in
            let words = (0..<2000).map { "word\($0)" }.joined(separator: " ")
            try await store.keep("m1", words)
            try await store.keep("m2", String(repeating: "x", count: 300_000))
            try same(await store.found(words), ["m1"])
            try same(await store.found(String(repeating: "x", count: 10_000)), ["m2"])
            try same(await store.found(String(repeating: "\"", count: 10_000)).count, 2)
            try same(await store.found(String(repeating: "東", count: 10_000)), [])
            try same(await store.forget(.id("m2"), owner: "ann"), 1)
            try same(await store.found(String(repeating: "x", count: 10_000)), [])
        },
        StoreContract("the excerpt shows the match") { store in
            let filler = String(repeating: "sand é ", count: 200)
            try await store.keep("m1", filler + "needle " + filler)
            let preview = try await store.search("needle", tags: [], limit: 1, excerpt: 100, owner: "ann").first
            try same(preview?.excerpt.text.unicodeScalars.count, 100)
            try same(preview?.excerpt.text.contains("needle"), true)
            try same(preview?.excerpt.start, filler.unicodeScalars.count - 25)
            try same(preview?.bytes, 2 * filler.utf8.count + 7)
        },
        StoreContract("many matches are ranked among the newest") { store in
            for number in 0..<700 { try await store.keep("m\(number)", "common number\(number)", at: Double(number)) }
            try await store.keep("mx", "common common", label: "common", at: 700)
            try same(await store.found("common", limit: 1), ["mx"])
            try same(await store.found("common number3"), ["m3"] + (await store.found("common number3").dropFirst()))
            try same(await store.found("common", limit: 50).count, 50)
        },
    ]

    static let isolation: [StoreContract<any MemoryStore>] = [
        StoreContract("for anyone but its owner a memory does not exist") { store in
            try await store.keep("m1", "kelp", label: "l", tags: ["t"], priority: .always)
            try await store.leaveHandover("note", owner: "ann", at: .at(1))
            for owner in ["bob", "an", "anna", "ANN", "ann\u{0}", "%", "1x"] {
                try same(await store.get(.id("m1"), owner: owner), nil)
                try same(await store.get(.label("l", version: nil), owner: owner), nil)
                try same(await store.get(.label("l", version: 1), owner: owner), nil)
                try same(await store.found("kelp", owner: owner), [])
                try same(await store.found("", tags: ["t"], owner: owner), [])
                try same(await store.found("", owner: owner), [])
                try same(await store.ids(owner: owner), [])
                try same(await store.ids(MemoryFilter(tag: "t"), owner: owner), [])
                try same(await store.ids(MemoryFilter(labelPrefix: "l", priority: .always), owner: owner), [])
                try same(await store.covered(by: .id("m1"), excerpt: 9, owner: owner).versions, 0)
                try same(await store.covered(by: .label("l", version: nil), excerpt: 9, owner: owner).newest, nil)
                try same(await store.forget(.id("m1"), owner: owner), 0)
                try same(await store.forget(.label("l", version: nil), owner: owner), 0)
                try same(await store.statistics(owner: owner).versions, 0)
                try same(await store.handover(owner: owner)?.text, nil)
            }
            try same(await store.get(.id("m1"), owner: "ann")?.content, "kelp")
        },
        StoreContract("an owner of something else reaches no memory of another's") { store in
            try await store.keep("ann1", "kelp", label: "l", tags: ["t"], priority: .always)
            try await store.keep("bob1", "moss", owner: "bob")
            try same(await store.get(.id("ann1"), owner: "bob"), nil)
            try same(await store.get(.label("l", version: 1), owner: "bob"), nil)
            try same(await store.covered(by: .id("ann1"), excerpt: 9, owner: "bob").versions, 0)
            try same(await store.ids(owner: "bob"), ["bob1"])
            try same(await store.ids(MemoryFilter(tag: "t"), owner: "bob"), [])
            try same(await store.ids(MemoryFilter(labelPrefix: "l", priority: .always), owner: "bob"), [])
            try same(await store.found("", owner: "bob"), ["bob1"])
            try same(await store.forget(.id("ann1"), owner: "bob"), 0)
            try same(await store.get(.id("ann1"), owner: "ann")?.content, "kelp")
        },
        StoreContract("owners with the same labels and words do not meet") { store in
            for owner in ["ann", "bob", "cid"] {
                for number in 1...3 {
                    try await store.keep(
                        "\(owner)\(number)", "kelp \(owner)s", label: "l", tags: ["t"], owner: owner, at: Double(number)
                    )
                }
                try await store.leaveHandover(owner, owner: owner, at: .at(1))
            }
            try same(await store.get(.label("l", version: nil), owner: "bob")?.id, "bob3")
            try same(await store.get(.label("l", version: nil), owner: "bob")?.version, 3)
            try same(await store.found("kelp", owner: "bob"), ["bob3"])
            try same(await store.found("kelp anns", owner: "bob"), ["bob3"])
            try same(await store.found("anns", owner: "bob"), [])
            try same(await store.ids(MemoryFilter(tag: "t"), owner: "cid"), ["cid3"])
            try same(await store.forget(.label("l", version: nil), owner: "ann"), 3)
            try same(await store.found("kelp", owner: "bob"), ["bob3"])
            try same(await store.statistics(owner: "cid").versions, 3)
            try same(await store.handover(owner: "bob")?.text, "bob")
        },
    ]
}
