import FoundationEssentials
import GRDB
import MCPEngine

/// One owner's memories, within one transaction: keeps the table, the tags and the index in step.
struct MemoryLedger {
    let db: Database
    let index: MemoryIndex

    /// Nil for an owner who never stored anything.
    init?(of owner: String, in db: Database) throws {
        let statement = try db.cachedStatement(sql: "SELECT number FROM memory_owner WHERE name = ?")
        guard let number = try Int64.fetchOne(statement, arguments: [Data(text: owner)]) else { return nil }
        self.db = db
        index = MemoryIndex(owner: number)
    }

    init(making owner: String, in db: Database) throws {
        if let ledger = try MemoryLedger(of: owner, in: db) {
            self = ledger
            return
        }
        try db.execute(sql: "INSERT INTO memory_owner (name) VALUES (?)", arguments: [Data(text: owner)])
        self.db = db
        index = MemoryIndex(owner: db.lastInsertedRowID)
    }

    func add(_ record: MemoryRecord) throws -> MemoryRecord {
        var record = record
        if let label = record.label, let last = try newest(.label(label, version: nil)) {
            record.version = (last["version"] as Int) + 1
            try hide(last)
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO memory (id, owner, label, version, newest, tags, priority, created, bytes, content)
                VALUES (?, ?, ?, ?, TRUE, ?, ?, ?, ?, coalesce(?, x''))
                """
        ).execute(arguments: [
            record.id, index.owner, record.label.map { Data(text: $0) }, record.version, record.storedTags,
            record.priority.rawValue, record.created.milliseconds, record.content.utf8.count,
            Data(text: record.content),
        ])
        try show(db.lastInsertedRowID, record)
        return record
    }

    /// The row of the one version, or of a label's newest.
    func newest(_ reference: MemoryReference) throws -> Row? {
        let (condition, arguments) = condition(reference)
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM memory WHERE \(condition) ORDER BY version DESC LIMIT 1")
        return try Row.fetchOne(statement, arguments: arguments)
    }

    func measure(_ reference: MemoryReference) throws -> (versions: Int, bytes: Int) {
        let (condition, arguments) = condition(reference)
        let row = try Row.fetchOne(
            db, sql: "SELECT count(*) AS versions, coalesce(sum(bytes), 0) AS bytes FROM memory WHERE \(condition)",
            arguments: arguments)
        return (row?["versions"] ?? 0, row?["bytes"] ?? 0)
    }

    func remove(_ reference: MemoryReference) throws -> Int {
        guard let last = try newest(reference) else { return 0 }
        let wasNewest: Bool = last["newest"]
        if wasNewest { try hide(last) }
        let (condition, arguments) = condition(reference)
        try db.execute(sql: "DELETE FROM memory WHERE \(condition)", arguments: arguments)
        let gone = db.changesCount
        if wasNewest, let label = last["label"] as Data?,
            let before = try newest(.label(label.text, version: nil))
        {
            try db.execute(
                sql: "UPDATE memory SET newest = TRUE WHERE number = ?", arguments: [before["number"] as Int64])
            try show(before["number"], MemoryRecord(row: before, owner: ""))
        }
        return gone
    }

    /// Lets searches and lists find the version that has become its label's newest.
    private func show(_ number: Int64, _ record: MemoryRecord) throws {
        try index.add(number, label: record.label, tags: record.tags, content: record.content, in: db)
        for tag in record.tags {
            try db.cachedStatement(
                sql:
                    "INSERT OR IGNORE INTO memory_tag (owner, tag, created, id, label, memory) VALUES (?,?,?,?,?,?)"
            ).execute(arguments: [
                index.owner, Data(text: tag), record.created.milliseconds, record.id,
                record.label.map { Data(text: $0) }, number,
            ])
        }
    }

    /// The opposite: it is no longer the newest, or about to go.
    private func hide(_ row: Row) throws {
        let number: Int64 = row["number"]
        let record = try MemoryRecord(row: row, owner: "")
        try index.remove(number, label: record.label, tags: record.tags, content: record.content, in: db)
        for tag in record.tags {
            try db.cachedStatement(sql: "DELETE FROM memory_tag WHERE owner = ? AND tag = ? AND created = ? AND id = ?")
                .execute(arguments: [index.owner, Data(text: tag), record.created.milliseconds, record.id])
        }
        try db.cachedStatement(sql: "UPDATE memory SET newest = FALSE WHERE number = ?").execute(arguments: [number])
    }

    private func condition(_ reference: MemoryReference) -> (sql: String, arguments: StatementArguments) {
        switch reference {
        case .id(let id): ("owner = ? AND id = ?", [index.owner, id])
        case .label(let label, nil): ("owner = ? AND label = ?", [index.owner, Data(text: label)])
        case .label(let label, let version?):
            ("owner = ? AND label = ? AND version = ?", [index.owner, Data(text: label), version])
        }
    }
}
