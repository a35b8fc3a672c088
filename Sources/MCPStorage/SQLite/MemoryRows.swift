import FoundationEssentials
import GRDB
import MCPEngine
import MCPProtocol

extension MemoryRecord {
    init(row: Row, owner: String) throws {
        self.init(
            id: row["id"], owner: owner, label: (row["label"] as Data?)?.text, version: row["version"],
            content: (row["content"] as Data).text, tags: Self.tags(row["tags"]),
            priority: Self.priority(row["priority"]),
            created: Date(milliseconds: row["created"]))
    }

    /// A JSON array, as it is kept.
    var storedTags: Data { Data(JSON(tags.map { JSON($0) }).bytes) }

    fileprivate static func tags(_ stored: Data) -> [String] {
        (try? JSON(parsing: Array(stored)))?.elements?.compactMap(\.string) ?? []
    }

    /// A priority that only a newer program knows counts as the least.
    fileprivate static func priority(_ stored: String) -> MemoryPriority {
        MemoryPriority(rawValue: stored) ?? .reference
    }
}

extension MemoryPreview {
    /// What a preview needs of `memory`; takes ``bytes(for:)`` as its argument.
    static let columns =
        """
        number, memory.id, memory.label, version, tags, priority, memory.created, bytes,
        substr(content, 1, ?) AS beginning
        """

    /// How many bytes hold that many characters, and one that is cut.
    static func bytes(for characters: Int) -> Int { 4 * (characters + 1) }

    /// From a row of ``columns``.
    init(row: Row, excerpt: (String) -> Excerpt) throws {
        let bytes: Int = row["bytes"]
        let beginning: Data = row["beginning"]
        self.init(
            id: row["id"], label: (row["label"] as Data?)?.text, version: row["version"],
            tags: MemoryRecord.tags(row["tags"]), priority: MemoryRecord.priority(row["priority"]),
            created: Date(milliseconds: row["created"]),
            excerpt: excerpt(beginning.count < bytes ? beginning.cutText : beginning.text), bytes: bytes)
    }
}

extension Data {
    /// The text of a piece that may end in the middle of a character.
    fileprivate var cutText: String {
        var end = endIndex
        while end > startIndex, self[end - 1] & 0xC0 == 0x80 { end -= 1 }
        if end > startIndex, self[end - 1] >= 0xC0 { end -= 1 }
        return self[..<end].text
    }
}
