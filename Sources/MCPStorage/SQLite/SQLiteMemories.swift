package import FoundationEssentials
import GRDB
package import MCPEngine

extension SQLiteStore: MemoryStore {
    package func store(
        id: String, owner: String, label: String?, content: String, tags: [String], priority: MemoryPriority,
        at date: Date
    ) async throws -> MemoryRecord {
        let record = MemoryRecord(
            id: id, owner: owner, label: label, version: 1, content: content, tags: tags, priority: priority,
            created: date.wholeMilliseconds)
        return try await write { db in try MemoryLedger(making: owner, in: db).add(record) }
    }

    package func get(_ reference: MemoryReference, owner: String) async throws -> MemoryRecord? {
        try await read { db in
            try MemoryLedger(of: owner, in: db)?.newest(reference).map { try MemoryRecord(row: $0, owner: owner) }
        }
    }

    package func search(
        _ query: String, tags: [String], limit: Int, excerpt: Int, owner: String
    ) async throws -> [MemoryPreview] {
        let query = SearchQuery(query)
        if query.terms.isEmpty, tags.isEmpty {
            return try await list(MemoryFilter(), limit: limit, after: nil, excerpt: excerpt, owner: owner)
        }
        return try await read { db in
            guard limit > 0, let ledger = try MemoryLedger(of: owner, in: db) else { return [] }
            let numbers = try MemorySearch(query, tags: tags, limit: limit, index: ledger.index).run(in: db)
            let statement = try db.cachedStatement(sql: "SELECT \(MemoryPreview.columns) FROM memory WHERE number = ?")
            let bytes = Excerpt.reach + MemoryPreview.bytes(for: excerpt)
            return try numbers.compactMap { number in
                try Row.fetchOne(statement, arguments: [bytes, number]).map {
                    try MemoryPreview(row: $0) { Excerpt(of: $0, around: query, length: excerpt) }
                }
            }
        }
    }

    package func list(
        _ filter: MemoryFilter, limit: Int, after: MemoryPosition?, excerpt: Int, owner: String
    ) async throws -> [MemoryPreview] {
        try await read { db in
            guard limit > 0, let ledger = try MemoryLedger(of: owner, in: db) else { return [] }
            let query = MemoryList(filter, limit: limit, after: after, excerpt: excerpt, owner: ledger.index.owner)
            return try Row.fetchAll(db, sql: query.sql, arguments: query.arguments).map { row in
                try MemoryPreview(row: row) { Excerpt(beginningOf: $0, length: excerpt) }
            }
        }
    }

    package func covered(
        by reference: MemoryReference, excerpt: Int, owner: String
    ) async throws -> MemoryCoverage {
        try await read { db in
            guard let ledger = try MemoryLedger(of: owner, in: db) else {
                return MemoryCoverage(versions: 0, bytes: 0, newest: nil)
            }
            let (versions, bytes) = try ledger.measure(reference)
            let newest = try ledger.newest(reference).map { try MemoryRecord(row: $0, owner: owner) }
            return MemoryCoverage(
                versions: versions, bytes: bytes,
                newest: newest.map {
                    MemoryPreview($0, excerpt: Excerpt(beginningOf: $0.content, length: excerpt))
                })
        }
    }

    package func forget(_ reference: MemoryReference, owner: String) async throws -> Int {
        try await write { db in try MemoryLedger(of: owner, in: db)?.remove(reference) ?? 0 }
    }

    package func statistics(owner: String) async throws -> MemoryStatistics {
        try await read { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM memory_owner WHERE name = ?", arguments: [Data(text: owner)])
            else { return MemoryStatistics(memories: 0, versions: 0, bytes: 0, byPriority: [:], newest: nil) }
            let newest = try Int64.fetchOne(
                db, sql: "SELECT max(created) FROM memory WHERE owner = ? AND newest",
                arguments: [row["number"] as Int64])
            let counts = MemoryPriority.allCases.map { ($0, row[$0.rawValue] as Int) }.filter { $0.1 > 0 }
            return MemoryStatistics(
                memories: counts.reduce(0) { $0 + $1.1 }, versions: row["versions"], bytes: row["bytes"],
                byPriority: Dictionary(uniqueKeysWithValues: counts), newest: newest.map(Date.init(milliseconds:)))
        }
    }

    package func handover(owner: String) async throws -> (text: String, left: Date)? {
        try await read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT handover, handover_left FROM memory_owner WHERE name = ?",
                arguments: [Data(text: owner)])
            guard let row, let left = row["handover_left"] as Int64? else { return nil }
            return ((row["handover"] as Data?)?.text ?? "", Date(milliseconds: left))
        }
    }

    package func leaveHandover(_ text: String, owner: String, at date: Date) async throws {
        try await write { db in
            let ledger = try MemoryLedger(making: owner, in: db)
            try db.execute(
                sql: "UPDATE memory_owner SET handover = ?, handover_left = ? WHERE number = ?",
                arguments: [Data(text: text), date.milliseconds, ledger.index.owner])
        }
    }
}
