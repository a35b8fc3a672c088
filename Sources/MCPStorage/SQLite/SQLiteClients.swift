package import FoundationEssentials
import GRDB
package import MCPEngine
import MCPProtocol

extension SQLiteStore: ClientStore {
    package func insert(_ client: OAuthClient, keep: Int) async throws -> Bool {
        try await write { db in
            let isNew =
                try Row.fetchOne(db, sql: "SELECT 1 FROM oauth_client WHERE id = ?", arguments: [client.id]) == nil
            if isNew, try !Self.makeRoom(for: client.kind, keep: keep, in: db) { return false }
            // Only a document takes the place of another copy of itself.
            try db.execute(
                sql: """
                    INSERT INTO oauth_client (
                        id, kind, name, redirect_uris, authentication, secret_hash, jwks, jwks_uri, refreshes, created, expires, used,
                        fresh_until)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    \(client.kind == .document ? Self.replacing : "")
                    """,
                arguments: [
                    client.id, client.kind.rawValue, client.name.map { Data(text: $0) },
                    StoredList.data(of: client.redirectURIs), client.authentication.rawValue,
                    client.secretHash.map { Data($0) }, client.keys?.held.map { Data($0.bytes) }, client.keys?.place,
                    client.refreshes, client.created.milliseconds,
                    client.expires?.milliseconds, client.isUsed, client.freshUntil?.milliseconds,
                ])
            guard db.changesCount > 0 else {
                throw StoreError(.conflict, "a client of this id exists already")
            }
            return true
        }
    }

    package func client(_ id: String) async throws -> OAuthClient? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM oauth_client WHERE id = ?", arguments: [id])
                .flatMap(OAuthClient.init(row:))
        }
    }

    package func clients(_ kind: OAuthClient.Kind) async throws -> [OAuthClient] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM oauth_client WHERE kind = ? ORDER BY created, id", arguments: [kind.rawValue]
            ).compactMap(OAuthClient.init(row:))
        }
    }

    package func use(_ id: String, until date: Date) async throws {
        try await write { db in
            try db.execute(
                sql: "UPDATE oauth_client SET used = 1, expires = max(expires, ?) WHERE id = ?",
                arguments: [date.milliseconds, id])
        }
    }

    package func removeClient(_ id: String) async throws -> Bool {
        try await write { db in
            try db.execute(sql: "DELETE FROM oauth_client WHERE id = ?", arguments: [id])
            return db.changesCount > 0
        }
    }

    package func spend(_ mark: [UInt8], until date: Date, at now: Date, keep: Int) async throws -> Bool {
        try await write { db in
            try db.execute(sql: "DELETE FROM oauth_mark WHERE expires <= ?", arguments: [now.milliseconds])
            guard try (Int.fetchOne(db, sql: "SELECT count(*) FROM oauth_mark") ?? 0) < keep else {
                throw StoreError(.unavailable, "too many assertions are remembered")
            }
            try db.execute(
                sql: "INSERT OR IGNORE INTO oauth_mark (mark, expires) VALUES (?, ?)",
                arguments: [Data(mark), date.milliseconds])
            return db.changesCount > 0
        }
    }

    private static let replacing = """
        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, redirect_uris = excluded.redirect_uris, authentication = excluded.authentication,
            jwks = excluded.jwks, jwks_uri = excluded.jwks_uri,
            refreshes = excluded.refreshes, expires = excluded.expires, used = excluded.used,
            fresh_until = excluded.fresh_until
        WHERE kind = 'document'
        """

    private static func makeRoom(for kind: OAuthClient.Kind, keep: Int, in db: Database) throws -> Bool {
        let count =
            try Int.fetchOne(db, sql: "SELECT count(*) FROM oauth_client WHERE kind = ?", arguments: [kind.rawValue])
            ?? 0
        let surplus = count + 1 - keep
        guard surplus > 0 else { return true }
        let unused = try String.fetchAll(
            db,
            sql: """
                SELECT id FROM oauth_client WHERE kind = ? AND NOT used
                ORDER BY coalesce(expires, 9223372036854775807), created LIMIT ?
                """,
            arguments: [kind.rawValue, surplus])
        guard unused.count == surplus else { return false }
        for id in unused { try db.execute(sql: "DELETE FROM oauth_client WHERE id = ?", arguments: [id]) }
        return true
    }
}

extension OAuthClient {
    /// Nil for a kind or a way that only a newer program could have written: such a client is unknown.
    fileprivate init?(row: Row) {
        guard let kind = Kind(rawValue: row["kind"]), let way = Authentication(rawValue: row["authentication"]) else {
            return nil
        }
        self.init(
            id: row["id"], kind: kind, name: (row["name"] as Data?)?.text,
            redirectURIs: StoredList.texts(in: row["redirect_uris"]), authentication: way,
            secretHash: (row["secret_hash"] as Data?).map { Array($0) },
            keys: ClientKeys(held: row["jwks"], place: row["jwks_uri"]), refreshes: row["refreshes"],
            created: Date(milliseconds: row["created"]),
            expires: (row["expires"] as Int64?).map(Date.init(milliseconds:)), isUsed: row["used"],
            freshUntil: (row["fresh_until"] as Int64?).map(Date.init(milliseconds:)))
    }
}

extension ClientKeys {
    fileprivate init?(held: Data?, place: String?) {
        if let place {
            self = .at(place)
        } else if let held, let set = try? JSON(parsing: Array(held)) {
            self = .held(set)
        } else {
            return nil
        }
    }

    fileprivate var held: JSON? { if case .held(let set) = self { set } else { nil } }
    fileprivate var place: String? { if case .at(let url) = self { url } else { nil } }
}

/// Several texts in one column: a JSON array.
enum StoredList {
    static func data(of texts: [String]) -> Data { Data(JSON(texts.map { JSON($0) }).bytes) }

    static func texts(in data: Data) -> [String] {
        (try? JSON(parsing: Array(data)))?.elements?.compactMap(\.string) ?? []
    }
}
