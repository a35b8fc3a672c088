import Dispatch
import FoundationEssentials
import GRDB
import MCPEngine

/// Sessions, keys, memories and tasks in one SQLite file. Several processes may have it open at once.
///
/// Every change is one short transaction that takes the write lock at its start; reads see a snapshot and wait for
/// nobody.
package struct SQLiteStore: Sendable {
    package let path: String
    let pool: DatabasePool
    let checkpoints: Checkpoints
    let lifeSign: LifeSign

    /// Opens the database in `directory`, which is made if it is missing, and brings its schema up to date.
    /// - Throws: ``StoreError`` in one line that names the path and what would be right.
    package static func open(directory: String) async throws -> SQLiteStore {
        try await withCheckedThrowingContinuation { continuation in
            // Opening waits for disks and locks: not on a thread that tasks share.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try SQLiteStore(directory: directory) })
            }
        }
    }

    /// As ``open(directory:)``, on the calling thread.
    package init(directory: String) throws {
        let directory = try DataDirectory(directory)
        path = directory.database
        lifeSign = LifeSign(directory: directory.path + "/running")
        do {
            pool = try directory.exclusively {
                let pool = try DatabasePool(path: directory.database, configuration: Self.configuration)
                try Schema.migrate(pool, path: directory.database)
                return pool
            }
            checkpoints = try Checkpoints(path: directory.database)
        } catch {
            throw Self.storeError(error, path: directory.database)
        }
    }

    /// Waits for what is under way. Later calls throw.
    package func close() throws {
        do {
            try checkpoints.close()
            try pool.close()
            lifeSign.withdraw()
        } catch { throw Self.storeError(error, path: path) }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "holdfast"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { db in
            // Survives the death of the process; only a power cut may cost the last commits. GRDB's choice as well,
            // stated.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Checkpoints.bound)")
        }
        return configuration
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do { return try await pool.read(body) } catch { throw Self.storeError(error, path: path) }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            let value = try await pool.write(body)
            checkpoints.wrote()
            return value
        } catch { throw Self.storeError(error, path: path) }
    }

    private static func storeError(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT:
            // The message names a table and a column, never a value.
            return StoreError(.conflict, "already kept: \(error.message ?? "constraint failed")")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            return StoreError(
                .unavailable,
                "\(path) is damaged or not a database: put a good copy in its place, or move it away")
        case .SQLITE_FULL:
            return StoreError(.unavailable, "\(path) cannot grow: the disk is full")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return StoreError(
                .unavailable, "\(path) cannot be written: the data directory and its files must be writable")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return StoreError(.unavailable, "\(path) is held by another process: try again")
        default:
            return StoreError(
                .unavailable,
                "\(path) failed: \(error.message ?? "no reason given") (\(error.extendedResultCode.rawValue))")
        }
    }
}
