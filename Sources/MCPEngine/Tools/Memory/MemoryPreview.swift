package import FoundationEssentials

/// A memory as lists and search results show it: with an excerpt in place of its content.
package struct MemoryPreview: Equatable, Sendable {
    package var id: String
    package var label: String?
    package var version: Int
    package var tags: [String]
    package var priority: MemoryPriority
    package var created: Date
    package var excerpt: Excerpt
    /// UTF-8 bytes of all the content.
    package var bytes: Int

    package init(
        id: String, label: String?, version: Int, tags: [String], priority: MemoryPriority, created: Date,
        excerpt: Excerpt, bytes: Int
    ) {
        self.id = id
        self.label = label
        self.version = version
        self.tags = tags
        self.priority = priority
        self.created = created
        self.excerpt = excerpt
        self.bytes = bytes
    }

    package init(_ record: MemoryRecord, excerpt: Excerpt) {
        self.init(
            id: record.id, label: record.label, version: record.version, tags: record.tags, priority: record.priority,
            created: record.created, excerpt: excerpt, bytes: record.content.utf8.count)
    }

    /// Whether the excerpt is all there is.
    package var isWhole: Bool { excerpt.text.utf8.count == bytes }
    package var position: MemoryPosition { MemoryPosition(created: created, id: id) }
}
