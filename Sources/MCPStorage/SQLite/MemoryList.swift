import FoundationEssentials
import GRDB
import MCPEngine

/// The statement for one page of an owner's newest versions. It walks an index from its end and stops at the limit; a
/// label's beginning is looked at on the way, in the index too.
struct MemoryList {
    private(set) var sql: String
    private(set) var arguments: StatementArguments

    init(_ filter: MemoryFilter, limit: Int, after: MemoryPosition?, excerpt: Int, owner: Int64) {
        arguments = [MemoryPreview.bytes(for: excerpt), owner]
        sql = "SELECT \(MemoryPreview.columns) FROM "
        let place: String
        if let tag = filter.tag {
            place = "memory_tag"
            sql += "memory_tag CROSS JOIN memory ON number = memory WHERE memory_tag.owner = ? AND tag = ?"
            arguments += [Data(text: tag)]
        } else {
            place = "memory"
            let index = filter.priority == nil ? "memory_newest" : "memory_newest_priority"
            sql += "memory INDEXED BY \(index) WHERE owner = ? AND newest"
        }
        if let priority = filter.priority {
            sql += " AND priority = ?"
            arguments += [priority.rawValue]
        }
        if let prefix = filter.labelPrefix.map({ Data(text: $0) }), !prefix.isEmpty {
            sql += " AND substr(\(place).label, 1, ?) = ?"
            arguments += [prefix.count, prefix]
        }
        if let after {
            sql += " AND (\(place).created, \(place).id) < (?, ?)"
            arguments += [after.created.milliseconds, after.id]
        }
        sql += " ORDER BY \(place).created DESC, \(place).id DESC LIMIT ?"
        arguments += [limit]
    }
}
