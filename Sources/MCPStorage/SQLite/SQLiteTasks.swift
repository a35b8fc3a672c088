package import FoundationEssentials
import GRDB
package import MCPEngine
import MCPProtocol

extension SQLiteStore: TaskStore {
    package func insert(_ task: TaskRecord, perOwner: Int, inAll: Int) async throws -> TaskAdmission {
        let process = try lifeSign.name()
        return try await write { db in
            try Self.sweep(db, expiredBy: task.created)
            guard try (Int.fetchOne(db, sql: "SELECT count(*) FROM task") ?? 0) < inAll else { return .tooMany }
            let owned = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM task WHERE owner = ?", arguments: [Data(text: task.owner)])
            guard (owned ?? 0) < perOwner else { return .tooManyOfOwner }
            try db.execute(
                sql: """
                    INSERT INTO task (id, owner, process, tool, created, ttl, expires, poll_interval, revision, status, updated)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    task.id, Data(text: task.owner), process, Data(text: task.tool), task.created.milliseconds,
                    task.ttl, task.expires?.milliseconds, task.pollInterval, task.revision,
                    task.machine.status.rawValue, task.machine.updated.milliseconds,
                ])
            try Self.save(task, to: db)
            return .kept
        }
    }

    package func find(_ task: TaskReference) async throws -> TaskRecord? {
        try await read { try Self.find(task, in: $0) }
    }

    package func change<Effect: Sendable>(
        _ task: TaskReference, _ event: @escaping @Sendable (inout TaskMachine) -> Effect
    ) async throws -> TaskChange<Effect>? {
        try await write { db in
            guard var record = try Self.find(task, in: db) else { return nil }
            let before = record.machine
            let effect = event(&record.machine)
            if record.machine != before {
                record.revision += 1
                try Self.save(record, to: db)
            }
            return TaskChange(record: record, effect: effect)
        }
    }

    package func revisions(of tasks: [TaskReference]) async throws -> [TaskReference: Int] {
        let wanted = Set(tasks)
        let ids = JSON(wanted.map { JSON($0.id) }).description
        return try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT id, owner, revision FROM task WHERE id IN (SELECT value FROM json_each(?))",
                arguments: [ids])
            let found = rows.map { (TaskReference(row: $0), $0["revision"] as Int) }
            return Dictionary(found.filter { wanted.contains($0.0) }) { first, _ in first }
        }
    }

    package func orphans() async throws -> [TaskReference] {
        let live = "status IN ('working', 'input_required')"
        let processes = try await read { db in
            try String.fetchAll(db, sql: "SELECT DISTINCT process FROM task WHERE \(live)")
        }
        let gone = processes.filter { !lifeSign.isGiven($0) }
        guard !gone.isEmpty else { return [] }
        return try await read { db in
            try gone.flatMap { process in
                try Row.fetchAll(
                    db, sql: "SELECT id, owner FROM task WHERE process = ? AND \(live) ORDER BY number",
                    arguments: [process]
                ).map(TaskReference.init(row:))
            }
        }
    }

    package func sweep(expiredBy date: Date) async throws -> Int {
        let isDue = try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM task WHERE expires <= ?)", arguments: [date.milliseconds])
        }
        // What has nothing to forget need not wait for other writers.
        guard isDue == true else { return 0 }
        return try await write { try Self.sweep($0, expiredBy: date) }
    }

    @discardableResult
    private static func sweep(_ db: Database, expiredBy date: Date) throws -> Int {
        try db.execute(sql: "DELETE FROM task WHERE expires <= ?", arguments: [date.milliseconds])
        return db.changesCount
    }

    private static func find(_ task: TaskReference, in db: Database) throws -> TaskRecord? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM task WHERE id = ? AND owner = ?")
        return try Row.fetchOne(statement, arguments: [task.id, Data(text: task.owner)]).flatMap(TaskRecord.init(row:))
    }

    private static func save(_ task: TaskRecord, to db: Database) throws {
        let machine = task.machine
        try db.cachedStatement(
            sql: """
                UPDATE task SET
                    revision = ?, status = ?, status_message = ?, updated = ?, questions = ?, result = ?, error = ?
                WHERE id = ?
                """
        ).execute(arguments: [
            task.revision, machine.status.rawValue, machine.statusMessage.map { Data(text: $0) },
            machine.updated.milliseconds,
            machine.questions.isEmpty ? nil : Data(StoredTask.bytes(of: machine.questions)),
            StoredTask.result(of: machine.outcome).map { Data($0) },
            StoredTask.error(of: machine.outcome).map { Data($0) }, task.id,
        ])
    }
}

extension TaskReference {
    fileprivate init(row: Row) {
        self.init(id: row["id"], owner: (row["owner"] as Data).text)
    }
}

extension TaskRecord {
    /// Nil for a status or an outcome that only a newer program could have written: such a task is unknown.
    fileprivate init?(row: Row) {
        guard let status = TaskStatus(rawValue: row["status"]) else { return nil }
        func bytes(_ column: String) -> [UInt8]? { (row[column] as Data?).map { Array($0) } }
        guard let outcome = StoredTask.outcome(of: status, result: bytes("result"), error: bytes("error")) else {
            return nil
        }
        self.init(
            id: row["id"], owner: (row["owner"] as Data).text, tool: (row["tool"] as Data).text,
            created: Date(milliseconds: row["created"]), ttl: row["ttl"], pollInterval: row["poll_interval"],
            revision: row["revision"],
            machine: TaskMachine(
                restoring: status, statusMessage: (row["status_message"] as Data?)?.text,
                updated: Date(milliseconds: row["updated"]), questions: StoredTask.questions(bytes("questions")),
                outcome: outcome))
    }
}
