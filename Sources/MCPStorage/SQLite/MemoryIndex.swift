import GRDB
import MCPEngine

/// How memories are written to the full-text index, and how they are asked for there.
///
/// Every word is indexed with its owner's mark in front, `12xkelp`: an owner's words are words of their own, so that
/// nobody else's memories can match, be counted, or cost time. Tags are indexed as words, and whole, as `12y` and their
/// bytes in hex. The index keeps no text: what was indexed must be given again, the same, to take it out.
struct MemoryIndex {
    let owner: Int64

    /// Columns: label, tags, content, marks. A word in the label or a tag counts for four in the content.
    static let rank = "bm25(memory_index, 4, 4, 1, 0)"

    func add(_ number: Int64, label: String?, tags: [String], content: String, in db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO memory_index (rowid, label, tags, content, marks) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: arguments(number, label, tags, content))
    }

    func remove(_ number: Int64, label: String?, tags: [String], content: String, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO memory_index (memory_index, rowid, label, tags, content, marks)
                VALUES ('delete', ?, ?, ?, ?, ?)
                """
        ).execute(arguments: arguments(number, label, tags, content))
    }

    private func arguments(_ number: Int64, _ label: String?, _ tags: [String], _ content: String) -> StatementArguments
    {
        [
            number, marked(label ?? ""), marked(tags.joined(separator: "\n")), marked(content),
            tags.map(mark).joined(separator: " "),
        ]
    }

    private func marked(_ text: String) -> String {
        let prefix = " \(owner)x"
        var marked = ""
        marked.reserveCapacity(text.utf8.count * 3 / 2)
        for word in SearchWords(text) {
            marked += prefix
            marked += text[word.range]
        }
        return marked
    }

    /// The word that stands for a whole tag.
    private func mark(_ tag: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let hex = tag.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "\(owner)y" + String(decoding: hex, as: UTF8.self)
    }

    /// A term as an FTS5 phrase. Words hold letters, marks and digits only, so that there is nothing to escape.
    func phrase(_ term: SearchQuery.Term, open: Bool = false) -> String {
        "\"" + term.words.map { "\(owner)x\($0)" }.joined(separator: " ") + "\"" + (open ? "*" : "")
    }

    /// All the tags as FTS5 phrases; nil when there are none.
    func phrase(tags: [String]) -> String? {
        tags.isEmpty ? nil : tags.map { "\"\(mark($0))\"" }.joined(separator: " AND ")
    }
}
