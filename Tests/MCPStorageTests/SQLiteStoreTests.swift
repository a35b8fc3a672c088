import FoundationEssentials
import GRDB
import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPStorage

@Suite struct SQLiteStoreTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/data" }
    private var database: String { path + "/holdfast.sqlite" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func everythingSurvivesAReopening() async throws {
        let session = SessionRecord(
            key: SessionKey(hex: "ab"), owner: "ann", version: .v2025_11_25, clientInfo: ["name": "c"],
            subscriptions: ["file:///a"], created: .at(0), lastSeen: .at(1))
        let key = APIKey.mint().record(name: "ci", created: .at(0))
        do {
            let store = try await SQLiteStore.open(directory: path)
            try await store.insert(session)
            try await store.insert(key)
            try await store.keep("m1", "kelp", label: "l", tags: ["t"], at: 1)
            try await store.leaveHandover("note", owner: "ann", at: .at(2))
            try store.close()
        }
        let store = try await SQLiteStore.open(directory: path)
        #expect(try await store.find(session.key) == session)
        #expect(try await store.keys() == [key])
        #expect(try await store.found("kelp", tags: ["t"]) == ["m1"])
        #expect(try await store.keep("m2", "rock", label: "l").version == 2)
        #expect(try await store.handover(owner: "ann")?.text == "note")
    }

    @Test func whatIsWrittenMovesFromTheLogIntoTheFileWithoutAWriterDoingIt() async throws {
        let store = try await SQLiteStore.open(directory: path)
        let file = URL(fileURLWithPath: database)
        func size() throws -> Int { try Data(contentsOf: file).count }
        let before = try size()
        for number in 0..<200 { try await store.keep("m\(number)", "kelp on rock \(number)") }
        store.checkpoints.wait()
        #expect(try size() > before)
        try store.close()
    }

    @Test func twoStoresOnOneFileSeeEachOthersWrites() async throws {
        let (server, command) = try (SQLiteStore(directory: path), SQLiteStore(directory: path))
        let directory = APIKeyDirectory(store: server)
        let key = APIKey.mint()
        try await command.insert(key.record(name: "ci", created: .at(0)))
        try await directory.refresh()
        #expect(directory.principal(for: key.text)?.name == "ci")
        _ = try await command.revoke(name: "ci", at: .at(1))
        try await directory.refresh()
        #expect(directory.principal(for: key.text) == nil)

        let versions = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<30 {
                let store = number % 2 == 0 ? server : command
                group.addTask { try await store.keep("m\(number)", "text", label: "l").version }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(versions.sorted() == Array(1...30))
        #expect(try await server.statistics(owner: "ann") == command.statistics(owner: "ann"))
    }

    @Test func manyMayOpenANewDirectoryAtOnce() async throws {
        let path = path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let store = try await SQLiteStore.open(directory: path)
                    try await store.keep("m\(number)", "text", at: Double(number))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await SQLiteStore.open(directory: path).ids().count == 8)
    }

    @Test func whatItMakesIsForItsOwnerOnly() async throws {
        let store = try SQLiteStore(directory: path)
        try await store.keep("m1", "text")
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(path) == 0o700)
        for file in [database, database + "-wal", database + "-shm"] { #expect(try mode(file) == 0o600) }
        #expect(store.path == database)
    }

    @Test func filesThatOthersCouldReadAreTakenFromThem() async throws {
        let files = [database, database + "-wal", database + "-shm"]
        // Open, so that all three files are there.
        let store = try SQLiteStore(directory: path)
        try await store.keep("m1", "kelp", owner: "ann", at: 1)
        for file in files {
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        }
        let other = try SQLiteStore(directory: path)
        for file in files {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file)")
        }
        #expect(try await other.found("kelp") == ["m1"])
    }

    @Test func aFileFromANewerVersionIsRefused() async throws {
        let store = try SQLiteStore(directory: path)
        try await store.pool.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99: later')")
        }
        try store.close()
        #expect(
            failure(path)
                == "\(database) was written by a newer version: use that version, or another data directory")
    }

    @Test func aFileFromBeforeSubscriptionsIsBroughtUpToDate() async throws {
        let key = SessionKey(hex: "ab")
        let store = try SQLiteStore(directory: path)
        try await store.insert(
            SessionRecord(key: key, owner: "ann", version: .v2025_11_25, created: .at(0), lastSeen: .at(0)))
        try await store.pool.write { db in
            try db.execute(sql: "ALTER TABLE session DROP COLUMN subscriptions")
            try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '4: subscriptions'")
        }
        try store.close()
        let updated = try SQLiteStore(directory: path)
        #expect(try await updated.find(key)?.subscriptions == [])
        try await updated.setSubscriptions(["file:///a"], of: key)
        #expect(try await updated.find(key)?.subscriptions == ["file:///a"])
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let nonsense = Data(String(repeating: "this is not a database ", count: 500).utf8)
        try nonsense.write(to: URL(filePath: database))
        #expect(
            failure(path)
                == "\(database) is damaged or not a database: put a good copy in its place, or move it away"
        )
        #expect(try Data(contentsOf: URL(filePath: database)) == nonsense)
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() throws {
        try Data().write(to: URL(filePath: path))
        #expect(failure(path) == "\(path) is not a directory: give a directory as the data directory")
        #expect(
            failure(path + "/below")
                == "the data directory \(path)/below cannot be made: give one whose parent can be written to")
        #expect(failure("/proc/none")?.hasPrefix("the data directory /proc/none cannot be made") == true)
    }

    @Test func aDatabaseThatCannotBeOpenedIsNamed() throws {
        try FileManager.default.createDirectory(atPath: database, withIntermediateDirectories: true)
        #expect(
            failure(path)
                == "\(database) cannot be opened (Is a directory): the data directory and its files must be writable"
        )
    }

    @Test func aSessionOfAVersionThatIsNotSpokenHereIsUnknown() async throws {
        let store = try SQLiteStore(directory: path)
        let key = SessionKey(hex: "ab")
        try await store.insert(
            SessionRecord(key: key, owner: "ann", version: .v2025_11_25, created: .at(0), lastSeen: .at(0)))
        try await store.pool.write { try $0.execute(sql: "UPDATE session SET version = '2031-01-01'") }
        #expect(try await store.find(key) == nil)
    }

    @Test func marksOnLettersDoNotMatterToASearch() async throws {
        let store = try SQLiteStore(directory: path)
        try await store.keep("m1", "Crème brûlée in İstanbul", at: 1)
        try await store.keep("m2", "cre\u{300}me हिन्दी", at: 2)
        #expect(try await store.found("creme") == ["m2", "m1"])
        #expect(try await store.found("BRÛLÉE istanbul") == ["m1"])
        #expect(try await store.found("हिन्दी") == ["m2"])
    }

    @Test func theIndexKeepsNothingOfWhatIsForgotten() async throws {
        let store = try SQLiteStore(directory: path)
        for round in 0..<20 {
            try await store.keep(
                "m\(round)", "text \(round) naïve 東京 🎉", label: "l", tags: ["t", "ü x"], at: Double(round))
        }
        #expect(try await store.forget(.label("l", version: nil), owner: "ann") == 20)
        let left = try await store.pool.write { db in
            // Fails when an entry was taken out with other words than it was put in with.
            try db.execute(sql: "INSERT INTO memory_index (memory_index) VALUES ('integrity-check')")
            try db.execute(sql: "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, memory_index, row)")
            return try Int.fetchOne(db, sql: "SELECT count(*) + (SELECT count(*) FROM memory_tag) FROM temp.words")
        }
        #expect(left == 0)
    }

    private func failure(_ path: String) -> String? {
        do {
            _ = try SQLiteStore(directory: path)
            return nil
        } catch let error as StoreError {
            return error.kind == .unavailable ? error.description : "another kind"
        } catch {
            return "another error: \(error)"
        }
    }
}
