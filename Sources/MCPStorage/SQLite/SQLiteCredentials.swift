package import FoundationEssentials
import GRDB
package import MCPEngine

extension SQLiteStore: CredentialStore {
    package func insert(_ key: APIKeyRecord) async throws {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO api_key (id, name, hash, created, revoked) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    key.id, Data(text: key.name), Data(key.hash), key.created.milliseconds, key.revoked?.milliseconds,
                ])
        }
    }

    package func keys() async throws -> [APIKeyRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM api_key ORDER BY created, number").map { row in
                APIKeyRecord(
                    id: row["id"], name: (row["name"] as Data).text, hash: Array(row["hash"] as Data),
                    created: Date(milliseconds: row["created"]),
                    revoked: (row["revoked"] as Int64?).map(Date.init(milliseconds:)))
            }
        }
    }

    package func revoke(name: String, at date: Date) async throws -> Bool {
        try await write { db in
            try db.execute(
                sql: "UPDATE api_key SET revoked = ? WHERE name = ? AND revoked IS NULL",
                arguments: [date.milliseconds, Data(text: name)])
            return db.changesCount > 0
        }
    }
}
