import FoundationEssentials
import MCPEngine
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How processes on one data directory tell who of them still runs: each holds the lock of a file of its own, and the
/// system lets go of it when the process ends, however it ends. No clock has a part in it.
final class LifeSign: Sendable {
    private struct Held: Sendable {
        var name: String
        var descriptor: Int32
    }

    private let directory: String
    private let held = Mutex<Held?>(nil)

    /// - Parameter directory: Made with the first sign.
    init(directory: String) {
        self.directory = directory
    }

    deinit { withdraw() }

    /// This process's sign, given when it is first asked for.
    func name() throws -> String {
        if let name = held.withLock({ $0?.name }) { return name }
        let given = try give()
        let kept = held.withLock { held in
            if held == nil { held = given }
            return held ?? given
        }
        if kept.name != given.name { takeBack(given) }
        return kept.name
    }

    func withdraw() {
        let given = held.withLock { held in
            defer { held = nil }
            return held
        }
        if let given { takeBack(given) }
    }

    private func takeBack(_ sign: Held) {
        unlink(path(sign.name))
        close(sign.descriptor)
    }

    /// Whether the process that gave the sign still runs. When that cannot be told, it does.
    func isGiven(_ name: String) -> Bool {
        if held.withLock({ $0?.name == name }) { return true }
        let descriptor = open(path(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno != ENOENT }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
        unlink(path(name))
        return false
    }

    private func path(_ name: String) -> String { directory + "/" + name }

    private func give() throws -> Held {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw failure(errno) }
        for left in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where !left.hasPrefix(".") {
            _ = isGiven(left)
        }
        let name = RandomText.lowercase(25)
        // It appears under its name when it is locked already: whoever finds it unlocked knows what that means.
        let unfinished = path("." + name)
        let descriptor = open(unfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(unfinished, path(name)) == 0 else {
            let reason = errno
            unlink(unfinished)
            close(descriptor)
            throw failure(reason)
        }
        return Held(name: name, descriptor: descriptor)
    }

    private func failure(_ code: Int32) -> StoreError {
        StoreError(
            .unavailable,
            "\(directory) cannot be used (\(String(cString: strerror(code)))): the data directory must be writable")
    }
}
