import FoundationEssentials
import MCPEngine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The directory that the database lies in: made when it is missing, for its owner's eyes only.
struct DataDirectory {
    let path: String

    var database: String { path + "/holdfast.sqlite" }

    init(_ path: String) throws {
        self.path = path
        try makeDirectory()
        try makeDatabaseFile()
    }

    private func makeDirectory() throws {
        var isDirectory = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
            guard isDirectory else {
                throw StoreError(.unavailable, "\(path) is not a directory: give a directory as the data directory")
            }
            return
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(
                .unavailable, "the data directory \(path) cannot be made: give one whose parent can be written to")
        }
    }

    /// SQLite would make the file readable for everyone; the files that it puts beside it take over this one's mode.
    private func makeDatabaseFile() throws {
        let descriptor = open(database, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .unavailable,
                "\(database) cannot be opened (\(Self.reason(errno))): the data directory and its files must be writable"
            )
        }
        close(descriptor)
        for path in [database, database + "-wal", database + "-shm"] { try keepPrivate(path) }
    }

    /// A file that was made by hand, or copied, may be readable for others; it holds what nobody else may read.
    private func keepPrivate(_ path: String) throws {
        var status = stat()
        // The two beside the database are not always there.
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return }
        guard chmod(path, 0o600) == 0 || errno == ENOENT else {
            throw StoreError(
                .unavailable,
                "others may read \(path), and that cannot be changed (\(Self.reason(errno))): "
                    + "give it to this user, or take their rights away with chmod 600")
        }
    }

    /// Runs `body` while no other process does so on this directory.
    func exclusively<T>(_ body: () throws -> T) throws -> T {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            let reason = Self.reason(errno)
            if descriptor >= 0 { close(descriptor) }
            throw StoreError(
                .unavailable, "the data directory \(path) cannot be locked (\(reason)): it must be readable")
        }
        // Closing it lets go of the lock.
        defer { close(descriptor) }
        return try body()
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
