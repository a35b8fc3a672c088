import GRDB
import MCPEngine

/// The tables, as a list of steps that only grows. A step that was released is never changed.
enum Schema {
    static func migrate(_ pool: DatabasePool, path: String) throws {
        let migrator = migrator
        guard try !pool.read(migrator.hasBeenSuperseded) else {
            throw StoreError(
                .unavailable, "\(path) was written by a newer version: use that version, or another data directory")
        }
        try migrator.migrate(pool)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: sessions") { try $0.execute(sql: sessions) }
        migrator.registerMigration("2: keys") { try $0.execute(sql: keys) }
        migrator.registerMigration("3: memories") { try $0.execute(sql: memories) }
        migrator.registerMigration("4: subscriptions") { try $0.execute(sql: subscriptions) }
        migrator.registerMigration("5: sealing keys") { try $0.execute(sql: sealingKeys) }
        migrator.registerMigration("6: tasks") { try $0.execute(sql: tasks) }
        migrator.registerMigration("7: upstream offers") { try $0.execute(sql: upstreamOffers) }
        migrator.registerMigration("8: authorization") { try $0.execute(sql: authorization) }
        return migrator
    }

    // Dates are milliseconds since 1970; free text is a BLOB of UTF-8.

    private static let sessions = """
        CREATE TABLE session (
            key TEXT PRIMARY KEY,
            owner BLOB NOT NULL,
            version TEXT NOT NULL,
            client_info BLOB,
            capabilities BLOB,
            log_level TEXT,
            created INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            ended INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX session_last_seen ON session (last_seen);
        CREATE INDEX session_ended ON session (ended) WHERE ended IS NOT NULL;
        """

    /// A JSON array of URIs.
    private static let subscriptions = "ALTER TABLE session ADD COLUMN subscriptions BLOB"

    private static let keys = """
        CREATE TABLE api_key (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name BLOB NOT NULL,
            hash BLOB NOT NULL,
            created INTEGER NOT NULL,
            revoked INTEGER
        );
        CREATE UNIQUE INDEX api_key_name ON api_key (name) WHERE revoked IS NULL;
        """

    private static let sealingKeys = """
        CREATE TABLE sealing_key (
            id BLOB PRIMARY KEY,
            secret BLOB NOT NULL,
            created INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    /// `lists` is JSON.
    private static let upstreamOffers = """
        CREATE TABLE upstream_offer (
            upstream TEXT PRIMARY KEY,
            fingerprint TEXT NOT NULL,
            era TEXT NOT NULL,
            lists TEXT NOT NULL
        );
        """

    /// `folded` is the name in lower case; `redirect_uris` and `scopes` are JSON arrays; `access` is binary.
    private static let authorization = """
        CREATE TABLE user (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name BLOB NOT NULL,
            folded BLOB NOT NULL UNIQUE,
            rounds INTEGER NOT NULL,
            salt BLOB NOT NULL,
            hash BLOB NOT NULL,
            created INTEGER NOT NULL,
            disabled INTEGER
        );
        CREATE TABLE sign_in (
            hash BLOB PRIMARY KEY,
            user TEXT NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX sign_in_user ON sign_in (user, created);
        CREATE INDEX sign_in_expires ON sign_in (expires);
        CREATE TABLE oauth_client (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            name BLOB,
            redirect_uris BLOB NOT NULL,
            authentication TEXT NOT NULL,
            secret_hash BLOB,
            jwks BLOB,
            jwks_uri TEXT,
            refreshes INTEGER NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER,
            used INTEGER NOT NULL,
            fresh_until INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX oauth_client_room ON oauth_client (kind, used, expires, created);
        CREATE INDEX oauth_client_expires ON oauth_client (expires) WHERE expires IS NOT NULL;
        CREATE TABLE oauth_mark (
            mark BLOB PRIMARY KEY,
            expires INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX oauth_mark_expires ON oauth_mark (expires);
        CREATE TABLE oauth_grant (
            id TEXT PRIMARY KEY,
            user TEXT NOT NULL,
            client TEXT NOT NULL,
            client_name BLOB,
            redirect_uri TEXT NOT NULL,
            challenge TEXT NOT NULL,
            resource TEXT NOT NULL,
            scopes BLOB NOT NULL,
            refreshes INTEGER NOT NULL,
            key BLOB NOT NULL,
            created INTEGER NOT NULL,
            phase TEXT NOT NULL,
            ended TEXT,
            generation INTEGER NOT NULL,
            hash BLOB NOT NULL,
            turned INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            access BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX oauth_grant_user ON oauth_grant (user, turned);
        CREATE INDEX oauth_grant_expires ON oauth_grant (expires);
        """

    /// `process` is the name of a ``LifeSign``.
    private static let tasks = """
        CREATE TABLE task (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            owner BLOB NOT NULL,
            process TEXT NOT NULL,
            tool BLOB NOT NULL,
            created INTEGER NOT NULL,
            ttl INTEGER,
            expires INTEGER,
            poll_interval INTEGER,
            revision INTEGER NOT NULL,
            status TEXT NOT NULL,
            status_message BLOB,
            updated INTEGER NOT NULL,
            questions BLOB,
            result BLOB,
            error BLOB
        );
        CREATE INDEX task_owner ON task (owner);
        CREATE INDEX task_expires ON task (expires) WHERE expires IS NOT NULL;
        CREATE INDEX task_process ON task (process) WHERE status IN ('working', 'input_required');
        """

    /// The counts of an owner are kept by triggers, so that reading them costs nothing and they cannot drift.
    /// `memory_tag` and `memory_index` hold the newest versions only.
    private static let memories = """
        CREATE TABLE memory_owner (
            number INTEGER PRIMARY KEY,
            name BLOB NOT NULL UNIQUE,
            versions INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            always INTEGER NOT NULL DEFAULT 0,
            important INTEGER NOT NULL DEFAULT 0,
            reference INTEGER NOT NULL DEFAULT 0,
            handover BLOB,
            handover_left INTEGER
        );
        CREATE TABLE memory (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            owner INTEGER NOT NULL REFERENCES memory_owner,
            label BLOB,
            version INTEGER NOT NULL,
            newest INTEGER NOT NULL,
            tags BLOB NOT NULL,
            priority TEXT NOT NULL,
            created INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            content BLOB NOT NULL
        );
        CREATE UNIQUE INDEX memory_label ON memory (owner, label, version) WHERE label IS NOT NULL;
        CREATE INDEX memory_newest ON memory (owner, created, id, label) WHERE newest;
        CREATE INDEX memory_newest_priority ON memory (owner, priority, created, id, label) WHERE newest;
        CREATE TABLE memory_tag (
            owner INTEGER NOT NULL,
            tag BLOB NOT NULL,
            created INTEGER NOT NULL,
            id TEXT NOT NULL,
            memory INTEGER NOT NULL,
            label BLOB,
            PRIMARY KEY (owner, tag, created, id)
        ) WITHOUT ROWID;
        CREATE VIRTUAL TABLE memory_index USING fts5(
            label, tags, content, marks, content = '',
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        );

        CREATE TRIGGER memory_added AFTER INSERT ON memory BEGIN
            UPDATE memory_owner SET
                versions = versions + 1,
                bytes = bytes + NEW.bytes,
                always = always + (NEW.newest AND NEW.priority = 'always'),
                important = important + (NEW.newest AND NEW.priority = 'important'),
                reference = reference + (NEW.newest AND NEW.priority = 'reference')
            WHERE number = NEW.owner;
        END;
        CREATE TRIGGER memory_removed AFTER DELETE ON memory BEGIN
            UPDATE memory_owner SET
                versions = versions - 1,
                bytes = bytes - OLD.bytes,
                always = always - (OLD.newest AND OLD.priority = 'always'),
                important = important - (OLD.newest AND OLD.priority = 'important'),
                reference = reference - (OLD.newest AND OLD.priority = 'reference')
            WHERE number = OLD.owner;
        END;
        CREATE TRIGGER memory_moved AFTER UPDATE OF newest ON memory BEGIN
            UPDATE memory_owner SET
                always = always + (NEW.newest - OLD.newest) * (NEW.priority = 'always'),
                important = important + (NEW.newest - OLD.newest) * (NEW.priority = 'important'),
                reference = reference + (NEW.newest - OLD.newest) * (NEW.priority = 'reference')
            WHERE number = NEW.owner;
        END;
        """
}
