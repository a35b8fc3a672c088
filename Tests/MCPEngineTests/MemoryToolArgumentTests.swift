import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@Suite struct MemoryToolArgumentTests {
    private let store = InMemoryStore()
    private var tools: MemoryToolCaller { MemoryToolCaller(store) }

    static let faults: [(String, JSON, String)] = [
        ("memory_store", [:], "`content` is missing: give the text to remember."),
        ("memory_store", ["content": " \n"], "`content` is missing: give the text to remember."),
        ("memory_store", ["content": ["a"]], "`content` must be a string, and was an array."),
        ("memory_store", ["content": "x", "label": true], "`label` must be a string, and was a boolean."),
        ("memory_store", ["content": "x", "label": "a\nb"], "`label` must be one line without control characters."),
        ("memory_store", ["content": "x", "tags": 3], "`tags` must be an array of strings, and held the number 3."),
        ("memory_store", ["content": "x", "tags": [["a"]]], "`tags` must be an array of strings, and held an array."),
        ("memory_store", ["content": "x", "tags": [nil]], "`tags` must be an array of strings, and held null."),
        (
            "memory_store", ["content": "x", "priority": "high"],
            "`priority` must be one of always, important, reference."
        ),
        ("memory_search", ["query": ["a": 1]], "`query` must be a string, and was an object."),
        ("memory_search", ["query": "x", "limit": 0], "`limit` must be 1 to 50, and was 0."),
        ("memory_search", ["query": "x", "limit": "51"], "`limit` must be 1 to 50, and was 51."),
        (
            "memory_search", ["query": "x", "limit": 1.5],
            "`limit` must be a whole number, and was a number that is not whole."
        ),
        ("memory_search", ["query": "x", "limit": "many"], "`limit` must be a whole number, and was a string."),
        ("memory_get", [:], "Give the `id` or the `label` of a memory."),
        ("memory_get", ["id": "a", "label": "b"], "Give either `id` or `label`, not both."),
        ("memory_get", ["id": "a", "version": 1], "`version` goes with `label`: an `id` is one version already."),
        ("memory_get", ["id": "a", "offset": -1], "`offset` must be 0 or more, and was -1."),
        ("memory_list", ["limit": 201], "`limit` must be 1 to 200, and was 201."),
        ("memory_list", ["after": "12"], "`after` must be the `next` of an earlier memory_list, unchanged."),
        ("memory_forget", ["id": "a", "confirm": "yes"], "`confirm` must be true or false, and was a string."),
        ("memory_forget", ["confirm": true], "Give the `id` or the `label` of a memory."),
        ("memory_handover", ["text": [:]], "`text` must be a string, and was an object."),
    ]

    @Test(arguments: faults)
    func aBadArgumentIsToldWithWhatWouldBeRight(_ name: String, _ arguments: JSON, _ words: String) async throws {
        #expect(try await tools.failure(name, arguments) == words)
        #expect(store.statistics(owner: "ann").versions == 0)
    }

    @Test func whatClientsSendLooselyIsUnderstood() async throws {
        let stored = try await tools.structured(
            "memory_store",
            ["content": 42, "label": 7, "tags": "one", "priority": "ALWAYS", "unknown": ["x": 1]])
        #expect(stored["label"] == "7")
        #expect(stored["tags"] == ["one"])
        #expect(stored["priority"] == "always")
        #expect(try await tools.structured("memory_get", ["label": "7", "id": "", "version": nil])["content"] == "42")
        #expect(try await tools.structured("memory_search", ["query": nil, "tags": nil])["memories"]?.count == 1)
        #expect(try await tools.structured("memory_search", ["query": "42", "limit": 2.0])["memories"]?.count == 1)
        let forgotten = try await tools.structured("memory_forget", ["label": "7", "confirm": "true"])
        #expect(forgotten["forgotten"] == 1)
    }

    @Test func whatIsTooLargeIsRefusedWithTheLimit() async throws {
        let content = String(repeating: "é", count: 1 << 19)
        _ = try await tools.structured("memory_store", ["content": JSON(content)])
        #expect(
            try await tools.failure("memory_store", ["content": JSON(content + "x")])
                == "`content` may have 1048576 bytes, and had 1048577: store it in parts.")
        let label = String(repeating: "l", count: 200)
        _ = try await tools.structured("memory_store", ["content": "x", "label": JSON(label)])
        #expect(
            try await tools.failure("memory_store", ["content": "x", "label": JSON(label + "l")])
                == "`label` may have 200 characters, and had 201.")
        let tags = (0..<33).map { JSON("\($0)") }
        _ = try await tools.structured("memory_store", ["content": "x", "tags": JSON(Array(tags.dropLast()))])
        #expect(
            try await tools.failure("memory_store", ["content": "x", "tags": JSON(tags)])
                == "`tags` may hold 32 tags, and held 33.")
        #expect(
            try await tools.failure("memory_store", ["content": "x", "tags": [JSON(String(label.prefix(65)))]])
                == "`tags` may have 64 characters, and had 65.")
        let query = String(repeating: "q", count: 4_000)
        _ = try await tools.structured("memory_search", ["query": JSON(query)])
        #expect(
            try await tools.failure("memory_search", ["query": JSON(query + "q")])
                == "`query` may have 4000 characters: give the words that matter.")
    }

    @Test func anOwnerCannotKeepMoreThanTheLimit() async throws {
        var limits = MemoryLimits()
        limits.versions = 2
        let tools = MemoryToolCaller(store, limits: limits)
        _ = try await tools.structured("memory_store", ["content": "x", "label": "l"])
        _ = try await tools.structured("memory_store", ["content": "y", "label": "l"])
        #expect(
            try await tools.failure("memory_store", ["content": "z"])
                == "All 2 memories that may be kept are in use: forget some with memory_forget first.")
        _ = try await tools.structured("memory_store", ["content": "z"], as: "bob")
        _ = try await tools.structured("memory_forget", ["label": "l", "version": 1, "confirm": true])
        _ = try await tools.structured("memory_store", ["content": "z"])
    }

    @Test func idsAreNeverRepeatedAndSafeInAddresses() async throws {
        var ids: Set<String> = []
        for _ in 0..<100 {
            let id = try await tools.structured("memory_store", ["content": "x"])["id"]?.string ?? ""
            #expect(id.wholeMatch(of: /m_[0-9a-z]{25}/) != nil)
            ids.insert(id)
        }
        #expect(ids.count == 100)
    }
}
