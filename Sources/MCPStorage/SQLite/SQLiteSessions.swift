package import FoundationEssentials
import GRDB
package import MCPEngine
package import MCPProtocol

extension SQLiteStore: SessionStore {
    package func insert(_ record: SessionRecord) async throws {
        try await write { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO session
                        (key, owner, version, client_info, capabilities, log_level, subscriptions, created, last_seen,
                        ended)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                record.key.hex, Data(text: record.owner), record.version.rawValue,
                record.clientInfo.map { Data($0.bytes) }, record.capabilities.map { Data($0.bytes) },
                record.logLevel?.rawValue, Self.stored(record.subscriptions), record.created.milliseconds,
                record.lastSeen.milliseconds,
                record.ended?.milliseconds,
            ])
        }
    }

    package func find(_ key: SessionKey) async throws -> SessionRecord? {
        try await read { db in
            let statement = try db.cachedStatement(sql: "SELECT * FROM session WHERE key = ?")
            return try Row.fetchOne(statement, arguments: [key.hex]).flatMap(SessionRecord.init(row:))
        }
    }

    package func end(_ key: SessionKey, at date: Date) async throws {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE session SET ended = ? WHERE key = ? AND ended IS NULL")
                .execute(arguments: [date.milliseconds, key.hex])
        }
    }

    package func touch(_ seen: [SessionKey: Date]) async throws {
        guard !seen.isEmpty else { return }
        try await write { db in
            let statement = try db.cachedStatement(
                sql: "UPDATE session SET last_seen = ?1 WHERE key = ?2 AND last_seen < ?1")
            for (key, date) in seen {
                try statement.execute(arguments: [date.milliseconds, key.hex])
            }
        }
    }

    package func setLogLevel(_ level: LogLevel, of key: SessionKey) async throws {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE session SET log_level = ? WHERE key = ?")
                .execute(arguments: [level.rawValue, key.hex])
        }
    }

    package func setSubscriptions(_ uris: [String], of key: SessionKey) async throws {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE session SET subscriptions = ? WHERE key = ?")
                .execute(arguments: [Self.stored(uris), key.hex])
        }
    }

    /// A JSON array of strings; NULL when there are none, as for almost every session.
    private static func stored(_ subscriptions: [String]) -> Data? {
        subscriptions.isEmpty ? nil : Data(JSON(subscriptions.map { JSON($0) }).bytes)
    }

    package func sweep(idleSince: Date, endedBefore: Date, keep: Int) async throws -> Int {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM session WHERE ended IS NULL AND last_seen < ?", arguments: [idleSince.milliseconds])
            var gone = db.changesCount
            try db.execute(
                sql: "DELETE FROM session WHERE ended IS NOT NULL AND ended < ?", arguments: [endedBefore.milliseconds])
            gone += db.changesCount
            let surplus = try (Int.fetchOne(db, sql: "SELECT count(*) FROM session") ?? 0) - max(0, keep)
            if surplus > 0 {
                try db.execute(
                    sql: "DELETE FROM session WHERE key IN (SELECT key FROM session ORDER BY last_seen LIMIT ?)",
                    arguments: [surplus])
                gone += db.changesCount
            }
            return gone
        }
    }
}

extension SessionRecord {
    /// Nil for a version or an unreadable value that only a newer program could have written: such a session is
    /// unknown.
    fileprivate init?(row: Row) {
        guard let version = ProtocolVersion(rawValue: row["version"]) else { return nil }
        func json(_ column: String) -> JSON? {
            (row[column] as Data?).flatMap { try? JSON(parsing: Array($0)) }
        }
        self.init(
            key: SessionKey(hex: row["key"]), owner: (row["owner"] as Data).text, version: version,
            clientInfo: json("client_info"), capabilities: json("capabilities"),
            logLevel: (row["log_level"] as String?).flatMap(LogLevel.init(rawValue:)),
            subscriptions: json("subscriptions")?.elements?.compactMap(\.string) ?? [],
            created: Date(milliseconds: row["created"]), lastSeen: Date(milliseconds: row["last_seen"]),
            ended: (row["ended"] as Int64?).map(Date.init(milliseconds:)))
    }
}
