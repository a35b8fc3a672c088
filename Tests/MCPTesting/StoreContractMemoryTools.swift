import FoundationEssentials
package import MCPEngine
import MCPProtocol

extension StoreContract where Store == any MemoryStore {
    /// What the memory tools do, on any store.
    package static let tools: [StoreContract<any MemoryStore>] = [
        StoreContract("what is stored can be read by id, and by label with its versions") { store in
            let tools = MemoryToolCaller(store)
            let first = try await tools.structured("memory_store", ["content": "one", "label": " l "])
            let second = try await tools.structured(
                "memory_store", ["content": "two", "label": "l", "tags": ["a", " b ", "a", ""], "priority": "always"])
            try same(first["version"]?.integer, 1)
            try same(second["version"]?.integer, 2)
            try same(second["tags"], ["a", "b"])
            try same(second["priority"], "always")
            try same(first["priority"], "reference")
            try same(first["id"]?.string?.utf8.count, 27)
            try same(try await tools.structured("memory_get", ["label": "l"])["content"], "two")
            try same(try await tools.structured("memory_get", ["label": "l", "version": "1"])["content"], "one")
            let id = first["id"] ?? nil
            let read = try await tools.call("memory_get", ["id": id, "label": nil, "version": nil])
            try same(read.structured?["content"], "one")
            try same(read.text.hasSuffix("\n\none"), true, "the text \(read.text)")
            try same(read.structured?["created"], "2027-01-15T08:00:00Z")
            try same(read.structured?["nextOffset"], nil)
        },
        StoreContract("a long memory is read in pages that make it whole") { store in
            var limits = MemoryLimits()
            limits.resultCharacters = 20_000
            let tools = MemoryToolCaller(store, limits: limits)
            for content in [
                String(repeating: "abc é🎉\u{1}\"\n", count: 5_000), String(repeating: "\u{0}", count: 9_000),
            ] {
                let id = try await tools.structured("memory_store", ["content": JSON(content)])["id"] ?? nil
                var (whole, offset, pages) = ("", Int64(0), 0)
                while true {
                    let page = try await tools.structured("memory_get", ["id": id, "offset": JSON(offset)])
                    whole += page["content"]?.string ?? ""
                    pages += 1
                    try same(page["characters"]?.integer, Int64(content.unicodeScalars.count))
                    guard let next = page["nextOffset"]?.integer else { break }
                    offset = next
                }
                try same(whole == content, true, "the pages together")
                try same(pages > 1, true, "more than one page")
            }
        },
        StoreContract("what is not there is a failure that says how to find it") { store in
            let tools = MemoryToolCaller(store)
            _ = try await tools.structured("memory_store", ["content": "abc", "label": "l"])
            try same(
                await tools.failure("memory_get", ["id": "m_x"]),
                "The memory with id \"m_x\" is not stored. Find it with memory_search or memory_list.")
            try same(
                await tools.failure("memory_get", ["label": "l", "version": 2]),
                "Version 2 of the memory with label \"l\" is not stored. Find it with memory_search or memory_list.")
            try same(
                await tools.failure("memory_get", ["label": "l", "offset": 3]),
                "`offset` 3 is behind the end: the content has 3 characters.")
        },
        StoreContract("a search gives previews with ids") { store in
            let tools = MemoryToolCaller(store)
            let long = String(repeating: "sand ", count: 400) + "needle " + String(repeating: "sand ", count: 400)
            let id = try await tools.structured("memory_store", ["content": JSON(long), "label": "hay"])["id"]
            _ = try await tools.structured("memory_store", ["content": "short needle", "tags": ["t"]])
            let found = try await tools.call("memory_search", ["query": "needle"])
            try same(found.structured?["memories"]?.count, 2)
            let preview = found.structured?["memories"]?.elements?.first { $0["id"] == id }
            try same(preview?["preview"]?.string?.contains("needle"), true)
            try same(preview?["preview"]?.string?.unicodeScalars.count, 500)
            try same(preview?["whole"], false)
            try same(found.text.contains(id?.string ?? "-"), true)
            try same(found.text.contains("memory_get"), true)
            let tagged = try await tools.structured("memory_search", ["query": "needle", "tags": ["t"], "limit": "5"])
            try same(tagged["memories"]?.count, 1)
            try same(
                try await tools.structured("memory_search", ["query": "needle", "limit": 1])["memories"]?.count, 1)
            let none = try await tools.call("memory_search", ["query": "absent"])
            try same(none.structured, ["memories": [], "omitted": 0])
            try same(none.text, "Nothing found. Try fewer or other words, or memory_list.")
        },
        StoreContract("a search result stays short, and says what it left out") { store in
            var limits = MemoryLimits()
            limits.resultCharacters = 20_000
            let tools = MemoryToolCaller(store, limits: limits)
            for number in 0..<30 {
                try await store.keep("m\(number)", "kelp " + String(repeating: "\u{1}", count: 600), at: Double(number))
            }
            let found = try await tools.call("memory_search", ["query": "kelp", "limit": 30])
            let shown = Int64(found.structured?["memories"]?.count ?? 0)
            try same(shown > 0 && shown < 30, true)
            try same(found.structured?["omitted"]?.integer, 30 - shown)
            try same(found.text.contains("\(30 - shown) more left out"), true)
        },
        StoreContract("pages of a list cover everything, however little fits") { store in
            var limits = MemoryLimits()
            limits.resultCharacters = 20_000
            let tools = MemoryToolCaller(store, limits: limits)
            for number in 0..<60 {
                let content = String(repeating: number % 2 == 0 ? "\u{1}" : "x", count: 300)
                try await store.keep("m\(number)", content, label: "l\(number)", tags: ["t"], at: Double(number / 7))
            }
            for arguments in [["limit": 7], ["tag": "t"], ["label_prefix": "l", "priority": "reference"]] as [JSON] {
                var (seen, after) = ([String](), JSON?.none)
                repeat {
                    let members = (arguments.members ?? []).map { ($0.name, $0.value) } + [("after", after ?? nil)]
                    let page = try await tools.structured("memory_list", .object(members))
                    seen += (page["memories"]?.elements ?? []).compactMap { $0["id"]?.string }
                    after = page["next"]
                } while after != nil
                try same(seen, await store.ids())
            }
            try same(try await tools.structured("memory_list", ["tag": "absent"]), ["memories": []])
            try same(
                await tools.failure("memory_list", ["after": "m1"]),
                "`after` must be the `next` of an earlier memory_list, unchanged.")
        },
        StoreContract("nothing is forgotten without confirm, and with it once") { store in
            let tools = MemoryToolCaller(store)
            for number in 1...3 {
                _ = try await tools.structured("memory_store", ["content": "text \(number)", "label": "l"])
            }
            for unconfirmed in [["label": "l"], ["label": "l", "confirm": false], ["label": "l", "confirm": nil]]
                as [JSON]
            {
                let asked = try await tools.call("memory_forget", unconfirmed)
                try same(asked.structured, ["forgotten": 0, "covered": 3, "confirmed": false])
                try same(asked.text.hasPrefix("Nothing deleted. This would go: 3 versions, 18 bytes in all."), true)
                try same(asked.text.contains("text 3"), true)
            }
            try same(await store.statistics(owner: "ann").versions, 3)
            let one: JSON = ["label": "l", "version": 1, "confirm": true]
            try same(
                try await tools.structured("memory_forget", one), ["forgotten": 1, "covered": 1, "confirmed": true])
            let all: JSON = ["label": "l", "confirm": true]
            try same(
                try await tools.structured("memory_forget", all), ["forgotten": 2, "covered": 2, "confirmed": true])
            let again = try await tools.call("memory_forget", all)
            try same(again.structured, ["forgotten": 0, "covered": 0, "confirmed": true])
            try same(again.text, "The memory with label \"l\" is not stored: there is nothing to delete.")
            try same(await store.statistics(owner: "ann").versions, 0)
        },
        StoreContract("a hand-over note is read by the next conversation") { store in
            let tools = MemoryToolCaller(store)
            try same(try await tools.structured("memory_handover"), ["left": false])
            try same(try await tools.structured("memory_handover", ["text": "open: the tests"]), ["left": true])
            let read = try await tools.call("memory_handover", ["text": nil])
            try same(
                read.structured, ["left": false, "text": "open: the tests", "created": "2027-01-15T08:00:00Z"])
            try same(read.text, "Left 2027-01-15T08:00:00Z:\n\nopen: the tests")
            try same(try await tools.structured("memory_handover", as: "bob"), ["left": false])
            let longest = String(repeating: "é", count: 40_000)
            _ = try await tools.structured("memory_handover", ["text": JSON(longest)])
            try same(try await tools.structured("memory_handover")["text"]?.string == longest, true)
            let refused = try await tools.failure("memory_handover", ["text": JSON(longest + "é")])
            try same(refused.contains("may have 40000 characters, and had 40001"), true)
        },
        StoreContract("the status counts") { store in
            let tools = MemoryToolCaller(store)
            let none = try await tools.structured("memory_status")
            try same(none["versions"], 0)
            try same(none["newest"], nil)
            _ = try await tools.structured("memory_store", ["content": "é", "label": "l", "priority": "always"])
            _ = try await tools.structured("memory_store", ["content": "é", "label": "l", "priority": "important"])
            _ = try await tools.structured("memory_handover", ["text": "x"])
            try same(
                try await tools.structured("memory_status"),
                [
                    "memories": 1, "versions": 2, "bytes": 4, "always": 0, "important": 1, "reference": 0,
                    "newest": "2027-01-15T08:00:01Z", "handover": "2027-01-15T08:00:02Z", "maximum": 1_000_000,
                ])
        },
        StoreContract("each caller has memories of its own") { store in
            let tools = MemoryToolCaller(store)
            let id = try await tools.structured("memory_store", ["content": "kelp", "label": "l"])["id"] ?? nil
            try same(try await tools.call("memory_get", ["id": id], as: "bob").isError, true)
            try same(try await tools.structured("memory_search", ["query": "kelp"], as: "bob")["memories"], [])
            try same(try await tools.structured("memory_list", as: "bob")["memories"], [])
            let forget: JSON = ["id": id, "confirm": true]
            try same(try await tools.structured("memory_forget", forget, as: "bob")["forgotten"], 0)
            try same(
                try await tools.structured("memory_store", ["content": "x", "label": "l"], as: "bob")["version"], 1)
            try same(try await tools.structured("memory_status", as: "cid")["memories"], 0)
            try same(try await tools.structured("memory_get", ["id": id])["content"], "kelp")
        },
    ]
}
