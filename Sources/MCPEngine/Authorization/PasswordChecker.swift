import Dispatch
import Synchronization

/// Checks passwords one after the other, on a thread of its own: each check takes a while and much memory, which is
/// what makes guessing dear.
package final class PasswordChecker: Sendable {
    private let queue = DispatchQueue(label: "holdfast.passwords")
    private let waiting = Mutex(0)
    private let most: Int

    package init(waiting most: Int) { self.most = most }

    /// Nil when too many wait already.
    func matches(_ password: String, _ hash: PasswordHash) async -> Bool? {
        let isAdmitted = waiting.withLock { waiting in
            guard waiting < most else { return false }
            waiting += 1
            return true
        }
        guard isAdmitted else { return nil }
        defer { waiting.withLock { $0 -= 1 } }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: hash.matches(password)) }
        }
    }
}
