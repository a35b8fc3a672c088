package import FoundationEssentials
import GRDB
package import MCPEngine

extension SQLiteStore: UserStore {
    package func insert(_ user: UserRecord) async throws {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO user (id, name, folded, rounds, salt, hash, created, disabled)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    user.id, Data(text: user.name), Data(text: user.name.lowercased()), user.password.rounds,
                    Data(user.password.salt), Data(user.password.hash), user.created.milliseconds,
                    user.disabled?.milliseconds,
                ])
        }
    }

    package func user(named name: String) async throws -> UserRecord? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM user WHERE folded = ?", arguments: [Data(text: name.lowercased())]
            ).map(UserRecord.init(row:))
        }
    }

    package func users() async throws -> [UserRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM user ORDER BY created, number").map(UserRecord.init(row:))
        }
    }

    package func setPassword(_ password: PasswordHash, of name: String) async throws -> Bool {
        try await change(
            name, endingSignIns: true, "rounds = ?, salt = ?, hash = ?",
            [password.rounds, Data(password.salt), Data(password.hash)])
    }

    package func setDisabled(_ date: Date?, of name: String) async throws -> Bool {
        try await change(name, endingSignIns: date != nil, "disabled = ?", [date?.milliseconds])
    }

    private func change(
        _ name: String, endingSignIns: Bool, _ columns: String, _ values: StatementArguments
    ) async throws -> Bool {
        let folded = Data(text: name.lowercased())
        return try await write { db in
            try db.execute(sql: "UPDATE user SET \(columns) WHERE folded = ?", arguments: values + [folded])
            guard db.changesCount > 0 else { return false }
            if endingSignIns {
                try db.execute(
                    sql: "DELETE FROM sign_in WHERE user = (SELECT id FROM user WHERE folded = ?)", arguments: [folded])
            }
            return true
        }
    }
}

extension SQLiteStore: SignInStore {
    package func insert(_ signIn: SignInRecord, perUser: Int) async throws {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO sign_in (hash, user, created, expires) VALUES (?, ?, ?, ?)",
                arguments: [
                    Data(signIn.hash), signIn.user, signIn.created.milliseconds, signIn.expires.milliseconds,
                ])
            try db.execute(
                sql: """
                    DELETE FROM sign_in WHERE hash IN (
                        SELECT hash FROM sign_in WHERE user = ? ORDER BY created DESC, hash LIMIT -1 OFFSET ?)
                    """,
                arguments: [signIn.user, max(1, perUser)])
        }
    }

    package func user(signedInBy hash: [UInt8], at date: Date) async throws -> UserRecord? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT user.* FROM sign_in JOIN user ON user.id = sign_in.user
                    WHERE sign_in.hash = ? AND sign_in.expires > ? AND user.disabled IS NULL
                    """,
                arguments: [Data(hash), date.milliseconds]
            ).map(UserRecord.init(row:))
        }
    }

    package func endSignIn(_ hash: [UInt8]) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM sign_in WHERE hash = ?", arguments: [Data(hash)])
        }
    }
}

extension UserRecord {
    init(row: Row) {
        self.init(
            id: row["id"], name: (row["name"] as Data).text,
            password: PasswordHash(
                rounds: row["rounds"], salt: Array(row["salt"] as Data), hash: Array(row["hash"] as Data)),
            created: Date(milliseconds: row["created"]),
            disabled: (row["disabled"] as Int64?).map(Date.init(milliseconds:)))
    }
}
