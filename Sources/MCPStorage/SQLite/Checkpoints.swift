import GRDB
import Synchronization

/// Moves what was committed from the log into the database file, on a connection of its own: it waits for the disk
/// several times, and nobody who writes should wait with it.
final class Checkpoints: Sendable {
    /// Pages in the log at which a writer does it itself, so that the log stays bounded (32 MiB). It rarely has much left
    /// to move.
    static let bound = 8_000

    private let connection: DatabaseQueue
    private let writes = Atomic(0)
    private let isRunning = Atomic(false)

    init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "holdfast.checkpoints"
        connection = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// To be called after every transaction that wrote.
    func wrote() {
        guard writes.add(1, ordering: .relaxed).newValue % 32 == 0,
            !isRunning.exchange(true, ordering: .acquiring)
        else { return }
        connection.asyncWriteWithoutTransaction { db in
            // What cannot be moved now is moved the next time.
            _ = try? db.checkpoint(.passive)
            self.isRunning.store(false, ordering: .releasing)
        }
    }

    /// Returns when what was begun is done.
    func wait() { connection.writeWithoutTransaction { _ in } }

    func close() throws { try connection.close() }
}
