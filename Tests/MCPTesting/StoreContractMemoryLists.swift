import FoundationEssentials
import MCPEngine

extension StoreContract where Store == any MemoryStore {
    static let lists: [StoreContract<any MemoryStore>] = [
        StoreContract("a list holds the newest versions, newest first") { store in
            try await store.keep("m3", "c", label: "l", at: 1)
            try await store.keep("m1", "a", at: 3)
            try await store.keep("m2", "b", at: 2)
            try await store.keep("m4", "d", label: "l", at: 2)
            try same(await store.ids(), ["m1", "m4", "m2"])
            try same(await store.ids(limit: 2), ["m1", "m4"])
            try same(await store.ids(limit: 0), [])
            try same(await store.ids(owner: "nobody"), [])
        },
        StoreContract("filters hold together: tag, beginning of the label, priority") { store in
            try await store.keep("m1", "a", label: "a/1", tags: ["x", "y"], priority: .always, at: 1)
            try await store.keep("m2", "b", label: "a/2", tags: ["x"], at: 2)
            try await store.keep("m3", "c", label: "b/1", tags: ["x"], priority: .always, at: 3)
            try await store.keep("m4", "d", tags: ["y"], at: 4)
            try same(await store.ids(MemoryFilter(tag: "x")), ["m3", "m2", "m1"])
            try same(await store.ids(MemoryFilter(tag: "X")), [])
            try same(await store.ids(MemoryFilter(labelPrefix: "a/")), ["m2", "m1"])
            try same(await store.ids(MemoryFilter(tag: "y", labelPrefix: "a/")), ["m1"])
            try same(await store.ids(MemoryFilter(priority: .always)), ["m3", "m1"])
            try same(await store.ids(MemoryFilter(tag: "x", labelPrefix: "b", priority: .always)), ["m3"])
            try same(await store.ids(MemoryFilter(tag: "x", labelPrefix: "b", priority: .important)), [])
            try same(await store.ids(MemoryFilter(labelPrefix: "a/", priority: .reference)), ["m2"])
        },
        StoreContract("a label's beginning is text, with its case") { store in
            for (number, label) in ["100%", "100x", "a_b", "axb", "Case", "case", "日本語", "日本", "[a-z]"].enumerated() {
                try await store.keep("m\(number)", "text", label: label, at: Double(number))
            }
            try same(await store.ids(MemoryFilter(labelPrefix: "100%")), ["m0"])
            try same(await store.ids(MemoryFilter(labelPrefix: "%")), [])
            try same(await store.ids(MemoryFilter(labelPrefix: "a_")), ["m2"])
            try same(await store.ids(MemoryFilter(labelPrefix: "C")), ["m4"])
            try same(await store.ids(MemoryFilter(labelPrefix: "日本")), ["m7", "m6"])
            try same(await store.ids(MemoryFilter(labelPrefix: "[a-z]")), ["m8"])
            try same(await store.ids(MemoryFilter(labelPrefix: "case and more")), [])
        },
        StoreContract("pages cover everything exactly once, also where dates are equal") { store in
            for number in 0..<57 {
                let tags = number % 2 == 0 ? ["even"] : []
                let label = number % 3 == 0 ? "third/\(number)" : nil
                try await store.keep("m\(number)", "text", label: label, tags: tags, at: Double(number / 10))
            }
            let filters = [
                MemoryFilter(), MemoryFilter(tag: "even"), MemoryFilter(labelPrefix: "third/"),
                MemoryFilter(priority: .reference), MemoryFilter(tag: "even", labelPrefix: "third/"),
            ]
            for filter in filters {
                var (seen, after) = ([String](), MemoryPosition?.none)
                while true {
                    let page = try await store.list(filter, limit: 4, after: after, excerpt: 0, owner: "ann")
                    seen += page.map(\.id)
                    after = page.last?.position
                    if page.count < 4 { break }
                }
                try same(seen, await store.ids(filter), "\(filter)")
                try same(Set(seen).count, seen.count)
            }
            try same(await store.ids().count, 57)
            try same(await store.ids(MemoryFilter(tag: "even", labelPrefix: "third/")).count, 10)
        },
        StoreContract("a place in the list outlives its memory") { store in
            for number in 1...4 { try await store.keep("m\(number)", "text", at: Double(number)) }
            let place = MemoryPosition(created: .at(3), id: "m3")
            _ = try await store.forget(.id("m3"), owner: "ann")
            try same(await store.ids(after: place), ["m2", "m1"])
        },
        StoreContract("an excerpt is no longer than asked for") { store in
            try await store.keep("m1", "🎉🎉🎉🎉")
            for (length, text) in [0: "", 1: "🎉", 3: "🎉🎉🎉", 4: "🎉🎉🎉🎉", 9: "🎉🎉🎉🎉"] {
                let preview = try await store.list(MemoryFilter(), limit: 1, after: nil, excerpt: length, owner: "ann")
                    .first
                try same(preview?.excerpt, Excerpt(text: text, start: 0))
                try same(preview?.isWhole, length >= 4)
                try same(preview?.bytes, 16)
            }
        },
    ]
}
