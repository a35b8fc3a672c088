package import FoundationEssentials
import GRDB
package import MCPEngine

/// The secrets lie here as they are: the file is for its owner's eyes only.
extension SQLiteStore: SealingKeyStore {
    package func sealingKeys() async throws -> [SealingKey] {
        try await read(Self.sealingKeys)
    }

    package func rotate(
        to key: SealingKey, unlessNewerThan current: Date, forgetting superseded: Date
    ) async throws -> [SealingKey] {
        // One transaction, which holds the write lock from its start: of two processes the second sees the first's key.
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO sealing_key (id, secret, created) SELECT ?, ?, ?
                    WHERE NOT EXISTS (SELECT 1 FROM sealing_key WHERE created > ?)
                    """,
                arguments: [Data(key.id), Data(key.secret), key.created.milliseconds, current.milliseconds])
            try db.execute(
                sql: """
                    DELETE FROM sealing_key
                    WHERE created < (SELECT max(created) FROM sealing_key WHERE created <= ?)
                    """,
                arguments: [superseded.milliseconds])
            return try Self.sealingKeys(db)
        }
    }

    private static func sealingKeys(_ db: Database) throws -> [SealingKey] {
        try Row.fetchAll(db, sql: "SELECT * FROM sealing_key ORDER BY created DESC, id DESC").map { row in
            SealingKey(
                id: Array(row["id"] as Data), secret: Array(row["secret"] as Data),
                created: Date(milliseconds: row["created"]))
        }
    }
}
