package import FoundationEssentials
import GRDB
package import MCPEngine

extension SQLiteStore: GrantStore {
    package func insert(_ grant: GrantRecord, perUser: Int) async throws {
        let terms = grant.machine.terms
        try await write { db in
            try db.execute(
                sql: """
                    DELETE FROM oauth_grant WHERE id IN (
                        SELECT id FROM oauth_grant WHERE user = ? ORDER BY turned DESC LIMIT -1 OFFSET ?)
                    """,
                arguments: [terms.user, max(0, perUser - 1)])
            try db.execute(
                sql: """
                    INSERT INTO oauth_grant (
                        id, user, client, client_name, redirect_uri, challenge, resource, scopes, refreshes, key,
                        created, phase, generation, hash, turned, expires, access)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    grant.id, terms.user, terms.client, grant.clientName.map { Data(text: $0) }, terms.redirectURI,
                    terms.challenge, terms.resource, StoredList.data(of: terms.scopes), terms.refreshes,
                    Data(grant.machine.key), grant.created.milliseconds, "", 0, Data(), 0, 0, Data(),
                ])
            try Self.save(grant.machine, to: db)
        }
    }

    package func standing(of grant: String) async throws -> GrantStanding? {
        try await read { db in
            guard let grant = try Self.grant(grant, in: db),
                let user = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT * FROM user WHERE id = ?"), arguments: [grant.machine.terms.user])
            else { return nil }
            return GrantStanding(grant: grant, user: UserRecord(row: user))
        }
    }

    package func change<Effect: Sendable>(
        _ grant: String, _ event: @escaping @Sendable (inout GrantMachine) -> Effect
    ) async throws -> GrantChange<Effect>? {
        try await write { db in
            guard var record = try Self.grant(grant, in: db) else { return nil }
            let before = record.machine
            let effect = event(&record.machine)
            if record.machine != before { try Self.save(record.machine, to: db) }
            return GrantChange(grant: record, effect: effect)
        }
    }

    package func grants(of user: String) async throws -> [GrantRecord] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM oauth_grant WHERE user = ? ORDER BY created DESC, id", arguments: [user]
            ).compactMap(GrantRecord.init(row:))
        }
    }

    package func sweepAuthorization(expiredBy date: Date) async throws -> Int {
        let tables = ["oauth_grant", "sign_in", "oauth_client", "oauth_mark"]
        let isDue = try await read { db in
            try tables.contains { table in
                try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE expires <= ?)",
                    arguments: [date.milliseconds]) == true
            }
        }
        // What has nothing to forget need not wait for other writers.
        guard isDue else { return 0 }
        return try await write { db in
            try tables.reduce(0) { count, table in
                try db.execute(sql: "DELETE FROM \(table) WHERE expires <= ?", arguments: [date.milliseconds])
                return count + db.changesCount
            }
        }
    }

    private static func grant(_ id: String, in db: Database) throws -> GrantRecord? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM oauth_grant WHERE id = ?"), arguments: [id])
            .flatMap(GrantRecord.init(row:))
    }

    private static func save(_ machine: GrantMachine, to db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE oauth_grant SET
                    phase = ?, ended = ?, generation = ?, hash = ?, turned = ?, expires = ?, access = ?
                WHERE id = ?
                """
        ).execute(arguments: [
            machine.phase.rawValue, machine.end?.rawValue, machine.generation, Data(machine.hash),
            machine.turned.milliseconds, machine.expires.milliseconds, StoredAccess.data(of: machine.access),
            machine.id,
        ])
    }
}

extension GrantRecord {
    /// Nil for a phase that only a newer program could have written: such a grant is unknown.
    fileprivate init?(row: Row) {
        guard let phase = GrantMachine.Phase(rawValue: row["phase"]) else { return nil }
        let terms = GrantTerms(
            user: row["user"], client: row["client"], redirectURI: row["redirect_uri"], challenge: row["challenge"],
            resource: row["resource"], scopes: StoredList.texts(in: row["scopes"]), refreshes: row["refreshes"])
        let machine = GrantMachine(
            restoring: row["id"], terms: terms, key: Array(row["key"] as Data), phase: phase,
            end: (row["ended"] as String?).flatMap(GrantMachine.End.init(rawValue:)), generation: row["generation"],
            hash: Array(row["hash"] as Data), turned: Date(milliseconds: row["turned"]),
            expires: Date(milliseconds: row["expires"]), access: StoredAccess.tokens(in: row["access"]))
        self.init(
            clientName: (row["client_name"] as Data?)?.text, created: Date(milliseconds: row["created"]),
            machine: machine)
    }
}

/// Access tokens in one column: of each 8 bytes of when it ends, in milliseconds and big-endian, and 32 of its hash.
private enum StoredAccess {
    static func data(of tokens: [GrantMachine.AccessToken]) -> Data {
        tokens.reduce(into: Data()) { data, token in
            withUnsafeBytes(of: token.expires.milliseconds.bigEndian) { data.append(contentsOf: $0) }
            data.append(contentsOf: token.hash)
        }
    }

    static func tokens(in data: Data) -> [GrantMachine.AccessToken] {
        let bytes = Array(data)
        return stride(from: 0, to: bytes.count - 39, by: 40).map { start in
            let expires = bytes[start..<start + 8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            return GrantMachine.AccessToken(
                hash: Array(bytes[start + 8..<start + 40]), expires: Date(milliseconds: expires))
        }
    }
}
